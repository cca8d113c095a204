/** Spot-futures arbitrage that enters only while a scanner has a signal for its pair. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import { GATE_LIFE_MS } from '#core/signals/scanner-gate.ts';
import type { Strategy } from '#core/strategy.ts';
import { LegsRun, TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import type { ArbitrageState } from './_pair-state.ts';
import { spotFuturesArbitrage } from './spot-futures-arbitrage.ts';

const strategy = spotFuturesArbitrage as unknown as Strategy;

function begun(config: Readonly<Record<string, unknown>> = {}): LegsRun {
  return new LegsRun(strategy, {
    config: { investment: '1550', entry_percent: '0.5', start_signal: 'mexc-spot-futures', start_signal_min_percent: '0.4', ...config },
    markets: [
      { instrument: TEST_INSTRUMENT, bid: '100', ask: '100.02' },
      { instrument: TEST_PERPETUAL, bid: '100', ask: '100.01' },
    ],
  }).start();
}

const stateOf = (run: LegsRun) => run.engine.state.strategy as ArbitrageState;
const said = (run: LegsRun, version = 1, parts: Readonly<Record<string, unknown>> = {}): LegsRun =>
  run.command('scanner_signal', { id: 's1', version, net_percent: '0.6', valid_until: run.now + GATE_LIFE_MS, ...parts });
const wide = (run: LegsRun): LegsRun => run.quote('perpetual', '101', '101.01');
const isFlat = (run: LegsRun): boolean => run.held('spot') === '0' && run.held('perpetual') === '0';

describe('a bot that waits for a scanner', () => {
  it('does not enter by the spread alone', () => {
    const run = wide(begun());
    expect([isFlat(run), stateOf(run).stage, run.engine.legs.isSpreadReached()]).toEqual([true, 'waiting', false]);
  });

  it('enters when the signal opens and the spread is there, whichever comes first', () => {
    expect(stateOf(said(wide(begun()))).stage).toBe('holding');
    const run = wide(said(begun()));
    expect(stateOf(run).stage).toBe('holding');
    expect(run.notes.map(({ text }) => text)).toContain('Signal s1 of mexc-spot-futures is open with 0.6 % net: entries are allowed.');
    run.checkBooks();
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it.each<[string, (run: LegsRun) => LegsRun]>([
    ['has closed', (run) => said(said(run), 2, { valid_until: 0 })],
    ['was not heard of for its life', (run) => said(run).pass(GATE_LIFE_MS)],
    ['leaves less than wished', (run) => said(said(run), 2, { net_percent: '0.39' })],
    ['came too late', (run) => said(run, 1, { valid_until: run.now })],
    ['was overtaken by its own close', (run) => said(said(said(run, 2), 4, { valid_until: 0 }), 3)],
  ])('does not enter by a signal that %s', (_what, hear) => {
    const run = wide(hear(begun()));
    expect([isFlat(run), stateOf(run).stage]).toEqual([true, 'waiting']);
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it('holds a signal no longer than its life, whatever the sender says', () => {
    expect(isFlat(wide(said(begun(), 1, { valid_until: 8_000_000_000_000_000 }).pass(GATE_LIFE_MS)))).toBe(true);
  });

  it('leaves without any signal', () => {
    const run = said(wide(said(begun())), 2, { valid_until: 0 });
    run.quotes({ spot: ['100.9', '100.92'], perpetual: ['100.88', '100.89'] });
    expect([run.held('perpetual'), stateOf(run).stage, stateOf(run).rounds]).toEqual(['0', 'waiting', 1]);
    expect(wide(run).held('perpetual')).toBe('0');
    run.checkBooks();
  });

  it('is not made to leave by a word of the scanner', () => {
    const run = said(wide(said(begun())), 2, { valid_until: 0 });
    expect(stateOf(run).stage).toBe('holding');
  });

  it('ends a part-way entry where it stands when the signal ends, covered', () => {
    const run = said(begun({ first_leg: 'perpetual' })).quote('perpetual', '101', '101.01', 300);
    expect([run.held('perpetual'), stateOf(run).stage]).toEqual(['-3', 'entering']);
    said(run, 2, { valid_until: 0 }).quote('perpetual', '101.1', '101.11', 300).pass(5_000);
    run.quote('perpetual', '101.2', '101.21', 300).pass(5_000);
    expect([run.held('perpetual'), stateOf(run).stage, Math.abs(run.delta) < 0.01]).toEqual(['-3', 'holding', true]);
    run.checkBooks();
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it('takes a resting entry off the book when nobody speaks any more', () => {
    const run = said(begun({ first_leg: 'perpetual', first_leg_order: 'make' })).quote('perpetual', '100.99', '101');
    expect(stateOf(run).pair.resting).toBe('short');
    // Ten milliseconds passed with the quote; the next look at what rests would come later.
    run.pass(GATE_LIFE_MS - 10 + 5);
    expect([stateOf(run).pair.resting, stateOf(run).stage, isFlat(run)]).toEqual([null, 'waiting', true]);
    // What lifts the offer now finds nothing.
    expect(isFlat(run.quote('perpetual', '101.5', '101.51'))).toBe(true);
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it('keeps its signal over a restart, and no longer', () => {
    expect(stateOf(wide(said(begun()).restart())).stage).toBe('holding');
    expect(isFlat(wide(said(begun()).pass(GATE_LIFE_MS).restart()))).toBe(true);
  });

  it('never opens anything outside the life of a signal', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('say' as const), version: fc.integer({ min: 1, max: 6 }), life: fc.nat(GATE_LIFE_MS) }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(30_000) }),
      fc.record({ kind: fc.constant('quote' as const), spread: fc.integer({ min: -50, max: 150 }), lots: fc.integer({ min: 50, max: 2_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), fc.constantFrom('take', 'make'), (steps, how) => {
        const run = begun({ first_leg_order: how, first_leg: 'perpetual' });
        for (const each of steps) {
          const held = Number(run.held('perpetual'));
          const wasOpen = stateOf(run).gate.until > run.now;
          if (each.kind === 'say') said(run, each.version, { valid_until: run.now + each.life });
          else if (each.kind === 'pass') run.pass(each.ms);
          else run.quote('perpetual', (100 + each.spread / 100).toFixed(2), (100.01 + each.spread / 100).toFixed(2), each.lots);
          if (!wasOpen && stateOf(run).gate.until <= run.now) expect(Number(run.held('perpetual'))).toBeGreaterThanOrEqual(held);
        }
        run.checkBooks();
        expect(replay(run.setup, run.tape)).toBeNull();
      }),
      { numRuns: 60 },
    );
  });
});

describe('a bot that waits for none', () => {
  it('is let in by the spread, and no signal changes that', () => {
    expect(stateOf(wide(begun({ start_signal: null }))).stage).toBe('holding');
    expect(stateOf(wide(said(begun({ start_signal: null }), 1, { valid_until: 0 }))).stage).toBe('holding');
  });

  it('takes over a state of before', () => {
    const run = wide(begun({ start_signal: null }));
    Reflect.deleteProperty(stateOf(run), 'gate');
    run.restart().quotes({ spot: ['100.9', '100.92'], perpetual: ['100.88', '100.89'] });
    expect(run.held('perpetual')).toBe('0');
  });
});
