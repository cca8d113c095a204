/** Rebalancing of several coins: shares restored with each other's money, whatever the exchange does in between. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import type { Instrument } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import type { Strategy } from '#core/strategy.ts';
import { type LegsFault, LegsRun } from '#test/support/legs-run.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { rebalance } from './rebalance.ts';

const strategy = rebalance as unknown as Strategy;
const coin = (base: string, sizeIncrement: string, priceIncrement = '0.01'): Instrument => ({
  ...TEST_INSTRUMENT,
  symbol: `${base}/USDT`,
  base,
  sizeIncrement,
  minSize: sizeIncrement,
  priceIncrement,
});
const LEGS = ['first', 'DEF/USDT', 'GHI/USDT'] as const;
const MARKETS = [coin('ABC', '0.001'), coin('DEF', '0.1', '0.001'), coin('GHI', '0.00001')];
const COINS = [
  { symbol: 'DEF/USDT', target_percent: '30' },
  { symbol: 'GHI/USDT', target_percent: '20' },
];

/** 40 % of ABC, 30 % of DEF, 20 % of GHI, at 100, 2 and 5000; 10 % are quote. */
function begun(config: Readonly<Record<string, unknown>> = {}): LegsRun {
  const prices = ['100', '2', '5000'];
  const markets = MARKETS.map((instrument, index) => ({ instrument, bid: prices[index] ?? '', ask: prices[index] ?? '' }));
  return new LegsRun(strategy, { config: { investment: '10000', target_percent: '40', coins: COINS, ...config }, markets }).start();
}

/** Shares of the three coins at the run's own prices, in per cent. */
function shares(run: LegsRun): readonly number[] {
  const worth = LEGS.map((name) => {
    const { terms, state } = run.engine.legs.of(name);
    return Number(terms.scale.price(state.bidTicks)) * Number(run.held(name));
  });
  const quote = run.engine.legs.all.reduce(
    (sum, { terms, state }) => sum.plus(terms.scale.quote(terms.limits.budgetAtoms + (state.movedAtoms ?? 0) + state.position.quoteAtoms)),
    decimal('0'),
  );
  const total = worth.reduce((sum, each) => sum + each, 0) + quote.toNumber();
  return worth.map((each) => (100 * each) / total);
}

function near(run: LegsRun, within = 0.7): void {
  for (const [index, share] of shares(run).entries()) expect(Math.abs(share - ([40, 30, 20][index] ?? 0)), `share ${index} is ${share}`).toBeLessThan(within);
}

describe('several coins', () => {
  it('are bought by their shares at start', () => {
    const run = begun();
    near(run);
    run.checkBooks();
  });

  it('are let be within the band, and brought back from beyond it with the money of those sold', () => {
    const run = begun().quote('GHI/USDT', '6000', '6000').pass(60_000);
    // 24 of 104: 23.1 per cent are within five points of 20.
    expect(shares(run)[2]).toBeGreaterThan(22.5);
    run.quote('GHI/USDT', '9000', '9000').pass(60_000);
    near(run);
    run.checkBooks();
    // What GHI brought has bought ABC and DEF, whose budgets could not have paid for it.
    expect(run.engine.legs.of('GHI/USDT').state.movedAtoms).toBeLessThan(0);
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it('are brought back at scheduled times alone where that is wished, and by command at any', () => {
    const run = begun({ when: 'schedule', schedule_every: 'hour' }).quote('GHI/USDT', '9000', '9000').pass(60_000);
    expect(shares(run)[2]).toBeGreaterThan(29);
    run.pass(3_600_000);
    near(run);
    run.quote('first', '101', '101').command('rebalance_now');
    near(run);
  });

  it('are sold together in a panic, and kept and told in a plain stop', () => {
    const run = begun().stop('toQuote');
    expect(run.finished).toBe('test');
    for (const leg of LEGS)
      expect(Number(run.held(leg)) * Number(run.engine.legs.of(leg).terms.scale.price(run.engine.legs.of(leg).state.bidTicks))).toBeLessThan(5);
    expect(begun().stop('keep').notes.at(-1)?.text).toMatch(/^The run ends holding .* ABC in ABC\/USDT, .* DEF in DEF\/USDT, .* GHI in GHI\/USDT\.$/);
  });

  it('are refused where their shares leave nothing for fees, or their steps are too small to trade', () => {
    expect(() => begun({ target_percent: '60' })).toThrow('take 110 % with the first coin');
    expect(() => begun({ investment: '50' })).toThrow('less than the venue takes');
  });

  it('leave settings with one coin as they were', () => {
    expect(strategy.otherLegs?.({ coins: [] } as never, 'ABC/USDT')).toEqual([]);
    expect(strategy.otherLegs?.({} as never, 'ABC/USDT')).toEqual([]);
  });
});

describe('quote moved between coins', () => {
  it('is never more than is free, loses no more than an atom, and never comes from margin', () => {
    const { engine } = begun();
    const { legs } = engine;
    const [abc, def] = [legs.of('first'), legs.of('DEF/USDT')];
    const before = abc.freeQuoteAtoms();
    legs.moveQuote(abc, def, Number.MAX_SAFE_INTEGER);
    expect([abc.freeQuoteAtoms() >= 0, abc.freeQuoteAtoms() < 100]).toEqual([true, true]);
    expect(decimal(def.terms.scale.quote(def.state.movedAtoms ?? 0)).toNumber()).toBeLessThanOrEqual(Number(abc.terms.scale.quote(before)) + 4_000);
    expect(() => legs.moveQuote(abc, abc, 1)).toThrow('cannot be moved');
    expect(() => legs.moveQuote(abc, def, -1)).toThrow('cannot be moved');
  });
});

describe('laws', () => {
  const action = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('move' as const), leg: fc.constantFrom(...LEGS), factor: fc.double({ min: 0.6, max: 1.6, noNaN: true }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('thin' as const), leg: fc.constantFrom(...LEGS), lots: fc.integer({ min: 0, max: 50_000 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('fault' as const), fault: fc.constantFrom<LegsFault>('none', 'reject', 'loseAnswer', 'neverArrives') }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 90_000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('reconcile' as const, 'restart' as const, 'command' as const) }) },
  );
  type Action = typeof action extends fc.Arbitrary<infer Kind> ? Kind : never;

  function act(run: LegsRun, each: Action): void {
    if (each.do === 'move' || each.do === 'thin') {
      const { terms, state } = run.engine.legs.of(each.leg);
      const ticks = each.do === 'move' ? Math.max(100, Math.round(state.bidTicks * each.factor)) : state.bidTicks;
      const price = terms.scale.price(ticks);
      run.quote(each.leg, price, price, each.do === 'thin' ? each.lots : Number.POSITIVE_INFINITY);
    } else if (each.do === 'fault') run.faults.push(each.fault);
    else if (each.do === 'pass') run.pass(each.ms);
    else if (each.do === 'reconcile') run.reconcile();
    else if (each.do === 'restart') run.restart();
    else run.command('rebalance_now');
  }

  it('whatever happens: no coin is sold that is not there, no quote is spent twice, and the shares come back within their band', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const run = begun();
        for (const each of actions) {
          act(run, each);
          const free = run.engine.legs.all.map((leg) => [leg.freeBaseGrains(), leg.freeQuoteAtoms()]);
          expect(Math.min(...free.flat()), JSON.stringify(free)).toBeGreaterThanOrEqual(0);
        }
        run.faults = [];
        run.reconcile();
        for (let round = 0; round < 6; round += 1) {
          for (const leg of LEGS) {
            const { terms, state } = run.engine.legs.of(leg);
            run.quote(leg, terms.scale.price(state.bidTicks), terms.scale.price(state.askTicks));
          }
          run.pass(31_000);
        }
        run.checkBooks();
        near(run, 5.01);
        expect(replay(run.setup, run.tape)).toBeNull();
      }),
      { numRuns: 150 },
    );
  });
});
