/** Which signals bots act on, and how long a word of a scanner holds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCANNERS } from '#scanners/index.gen.ts';
import { SCANNERS_OF_KIND, SIGNAL_KINDS } from './kinds.ts';
import { FRESH_MS, PAIR_SCANNERS, pairOf, unfitness } from './pair-signal.ts';
import { closedGate, GATE_LIFE_MS, type GateWish, gateUntil, hearScanner, type ScannerSignal } from './scanner-gate.ts';
import { aSignal } from './signal.fixture.ts';
import type { Signal, SignalLeg } from './signal.ts';

const AT = 1_790_000_000_000;
const signal = (parts: Partial<Signal> = {}): Signal => aSignal({ id: 's1', ...parts });
const [SPOT, FUTURES] = signal().legs;
const legs = (bought: Partial<SignalLeg>, sold: Partial<SignalLeg> = {}): Pick<Signal, 'legs'> => ({
  legs: [
    { ...SPOT, ...bought },
    { ...FUTURES, ...sold },
  ],
});
const wish: GateWish = { scanner: 'mexc-spot-futures', minNetPercent: '1', symbol: 'ABC/USDT', perpetualSymbol: 'ABC/USDT:USDT', venue: null };

describe('a signal for a bot', () => {
  it('is a coin bought and the perpetual on it sold, at one venue', () => {
    expect(pairOf(signal())).toEqual({ ok: true, pair: { venue: 'mexc', symbol: 'ABC/USDT', perpetualSymbol: 'ABC/USDT:USDT' } });
  });

  it.each<[string, Partial<Signal>, RegExp]>([
    ['spot at two venues', { strategy: 'cross_venue', ...legs({}, { venue: 'bybit', market: 'spot' }) }, /mexc and bybit, and a bot works on one account/],
    ['funding of two venues', { strategy: 'funding', ...legs({ venue: 'okx', market: 'futures' }) }, /one account/],
    ['a pool', { strategy: 'cex_dex', ...legs({ market: 'dex' }) }, /pool of a decentralised exchange/],
    ['of somebody else than our scanners', { scanner: 'posts' }, /no strategy trades signals of posts/],
    ['two perpetuals', { strategy: 'funding', ...legs({ market: 'futures' }) }, /no strategy trades/],
    ['a coin sold first', { direction: 'reverse', ...legs({ market: 'futures' }, { market: 'spot' }) }, /coins that the bot does not have/],
    ['other units', legs({}, { multiplier: 1_000 }), /different units/],
  ])('is not %s', (_what, parts, reason) => {
    expect(pairOf(signal(parts))).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  it.each<[string, Partial<Signal>, number, RegExp]>([
    ['closed', { state: 'closed', closeReason: 'spread_gone' }, 0, /closed \(spread_gone\)/],
    ['in quarantine', { quarantine: 'implausible' }, 0, /quarantine \(implausible\)/],
    ['of two coins', { identity: { status: 'conflict', evidence: [] } }, 0, /not the same coin/],
    ['blind in one leg', legs({ isStale: true }), 0, /too old/],
    ['not heard of', {}, FRESH_MS + 1, /20 s ago/],
  ])('is unfit when it is %s', (_what, parts, ageMs, reason) => {
    expect(unfitness(signal(parts), AT + ageMs)).toMatch(reason);
  });

  it('is fit until the last moment of its freshness', () => {
    expect(unfitness(signal(), AT + FRESH_MS)).toBeNull();
  });
});

describe('the gate', () => {
  it.each<[string, Partial<Signal>, Partial<GateWish>, number]>([
    ['an open signal', {}, {}, AT + GATE_LIFE_MS],
    ['one exactly at the least net', {}, { minNetPercent: '2.2963' }, AT + GATE_LIFE_MS],
    ['one below it', {}, { minNetPercent: '2.2964' }, 0],
    ['another coin', {}, { symbol: 'XYZ/USDT' }, 0],
    ['another perpetual', {}, { perpetualSymbol: 'ABC/USDC:USDC' }, 0],
    ['another direction', { direction: 'reverse' }, {}, 0],
    ['another scanner', { scanner: 'cross-venue' }, {}, 0],
    ['another venue, with real money', {}, { venue: 'binance' }, 0],
    ['its own venue, with real money', {}, { venue: 'mexc' }, AT + GATE_LIFE_MS],
    ['one in quarantine', { quarantine: 'transfer_closed' }, {}, 0],
  ])('by %s is open until %#', (_what, parts, wished, until) => {
    expect(gateUntil(signal(parts), { ...wish, ...wished }, AT)).toBe(until);
  });

  const said = (parts: Partial<ScannerSignal> = {}): ScannerSignal => ({ id: 's1', version: 2, net_percent: '1', valid_until: AT + 5_000, ...parts });

  it('closes with the newest version, and an older one that comes late does not open it', () => {
    const gate = closedGate();
    hearScanner(gate, said(), '1', AT);
    expect(gate.until).toBe(AT + 5_000);
    hearScanner(gate, said({ version: 4, valid_until: 0 }), '1', AT);
    hearScanner(gate, said({ version: 3 }), '1', AT);
    expect(gate.until).toBe(0);
    hearScanner(gate, said({ id: 's2', version: 1 }), '1', AT);
    expect(gate).toEqual({ id: 's2', version: 1, until: AT + 5_000 });
  });

  it('never holds longer than its life, and never by a net below what is wished', () => {
    const word = fc.record({
      version: fc.integer({ min: 1, max: 9 }),
      net: fc.integer({ min: -5, max: 5 }),
      until: fc.integer({ min: 0, max: 100_000 }),
      at: fc.nat(90_000),
    });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const gate = closedGate();
        for (const { version, net, until, at } of words) {
          const before = gate.version;
          hearScanner(gate, { id: 's', version, net_percent: String(net), valid_until: until }, '1', at);
          if (version < before) continue;
          expect(gate.until).toBeLessThanOrEqual(net < 1 ? 0 : Math.min(until, at + GATE_LIFE_MS));
        }
      }),
    );
  });

  it('every scanner belongs to the kind of signals that it finds', () => {
    const words = { 'spot-futures': 'spot_futures', 'funding-rate': 'funding', 'cross-venue': 'cross_venue', 'cex-dex': 'cex_dex' };
    for (const kind of SIGNAL_KINDS)
      expect(SCANNERS.filter(({ strategy }) => strategy === words[kind]).map(({ name }) => name)).toEqual([...SCANNERS_OF_KIND[kind]]);
    expect(Object.values(SCANNERS_OF_KIND).flat()).toHaveLength(SCANNERS.length);
  });

  it('is asked of every scanner whose signals are spot against perpetuals, and of no other', () => {
    expect(SCANNERS.filter(({ strategy }) => strategy === 'spot_futures').map(({ name }) => name)).toEqual([...PAIR_SCANNERS]);
  });
});
