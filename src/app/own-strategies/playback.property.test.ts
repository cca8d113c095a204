/**
 * The check of a strategy's wishes passes over all bars at which it wished for nothing, and comes to what it comes to when it goes bar
 * by bar, and to what the strategy itself comes to inside the product: whatever the market, the lengths of bars and the wishes. There it is
 * told the same and sees the same as in its rehearsal, where it hears most bars before the engine comes to them.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunRules } from '#core/actions/run-actions.ts';
import { type Bars, newBars } from '#core/bars/bars.ts';
import { restless } from '#core/engine/engine-restless.fixture.ts';
import { readDeclared, readRehearsal } from '#core/sandbox/answers.ts';
import type { RehearsedRun } from '#core/sandbox/port.ts';
import { type BarsWanted, type Context, defineStrategy, type Strategy } from '#core/strategy.ts';
import { BARS_BEGIN_AT } from '#test/support/bars.ts';
import { TEST_INSTRUMENT, TEST_PERPETUAL } from '#test/support/strategy-run.ts';
import { type BacktestOptions, runBacktest } from '../backtest/backtest.ts';
import { adopt, forget, rehearse, remember } from './guest.ts';
import { rehearsed } from './playback.ts';

const MINUTE = 60_000;
const PLAN = { ok: true, quoteAtoms: 100_000_000_000, baseGrains: 0, preview: {} } as const;
const BARS = 1;
const BEFORE = 2;

afterEach(() => {
  for (const key of [BARS, BEFORE]) forget(key);
});

interface Habits {
  /** Bars from one at which it acts to the next, and from one at which it looks around. */
  readonly every: number;
  readonly looksEvery: number;
  readonly failsAt: number;
  readonly wanted: readonly BarsWanted[] | null;
}

/** Sleeps through most bars, and otherwise does whatever the restless one does. What it is told and what it sees goes to `diary`. */
function sleeper({ every, looksEvery, failsAt, wanted }: Habits, diary: unknown[]): Strategy {
  const { on, start, title, summary } = restless;
  return defineStrategy({
    name: 'sleeper',
    version: 1,
    title,
    summary,
    params: {},
    markets: ['spot', 'perpetual'],
    rules: ['cancelRest', 'takeProfit', 'stopLoss'],
    wants: { bars: true, quotes: false },
    ...(wanted === null ? {} : { bars: () => wanted }),
    plan: () => PLAN,
    start: (context, params) => ({ bars: 0, own: start(context, params) }),
    on(context, state, event, params) {
      if (event.type === 'barClosed') state.bars += 1;
      diary.push({ ...event, order: null, ...(state.bars % looksEvery === 0 ? view(context) : { at: context.at }) });
      if (state.bars === failsAt) throw new Error('enough');
      if (event.type !== 'barClosed' || state.bars % every === 0) on(context, state.own, event, params);
    },
  }) as Strategy;
}

function view(context: Context) {
  const { at, bidTicks, askTicks, position, canOpen } = context;
  return { at, bidTicks, askTicks, position: { ...position }, canOpen, base: context.freeBaseGrains(), quote: context.freeQuoteAtoms() };
}

const walk = fc.array(fc.record({ move: fc.integer({ min: -160, max: 160 }), reach: fc.constantFrom(0, 3, 40), missing: fc.constantFrom(0, 0, 0, 0, 0, 7) }), {
  minLength: 60,
  maxLength: 300,
});

function barsOf(steps: readonly { readonly move: number; readonly reach: number; readonly missing: number }[], beginAt: number): Bars {
  const bars = newBars(steps.length, MINUTE);
  let close = 10_000;
  let at = beginAt;
  for (const [index, { move, reach, missing }] of steps.entries()) {
    const open = close;
    at += missing * MINUTE;
    close = Math.max(2_000, open + move);
    bars.startAt[index] = at;
    bars.openTicks[index] = open;
    bars.closeTicks[index] = close;
    bars.highTicks[index] = Math.max(open, close) + reach;
    bars.lowTicks[index] = Math.min(open, close) - reach;
    bars.volumeLots[index] = 500_000;
    at += MINUTE;
  }
  return bars;
}

function doings(options: BacktestOptions) {
  const { tape, setup: _, figures: __, ...result } = runBacktest({ ...options, keepTape: true });
  return { result, commands: tape.flatMap(({ event, commands }) => commands.map((command) => ({ at: event.at, command }))) };
}

const RULES: RunRules = {
  ...{ opposite: null, placeAgainTimes: 0, cancelRestAfterMs: 20_000, stopType: 'stopMarket' },
  ...{ takeProfit: { kind: 'share', millionths: 4_000 }, stopLoss: { kind: 'share', millionths: 6_000 } },
};
const WANTED = fc.constantFrom(
  null,
  [{ intervalMs: MINUTE, warmUp: 5 }],
  [{ intervalMs: 5 * MINUTE, warmUp: 3 }],
  [
    { intervalMs: MINUTE, warmUp: 2 },
    { intervalMs: 3 * MINUTE, warmUp: 2 },
  ],
);

describe('the check of wishes', () => {
  it('comes to the same whether it goes bar by bar or passes over those without wishes', () => {
    let trades = 0;
    let failures = 0;
    const world = fc.record({
      steps: walk,
      habits: fc.record({ wanted: WANTED, every: fc.constantFrom(1, 3, 11), looksEvery: fc.constantFrom(1, 4, 1_000), failsAt: fc.constantFrom(0, 0, 25) }),
      instrument: fc.constantFrom(TEST_INSTRUMENT, TEST_INSTRUMENT, TEST_PERPETUAL),
      offset: fc.integer({ min: 0, max: 4 }),
      halfSpreadTicks: fc.constantFrom(0, 2),
      latencyMs: fc.constantFrom(0, 900, 70_000),
      rules: fc.constantFrom(null, null, RULES),
    });
    fc.assert(
      fc.property(world, ({ steps, habits, instrument, offset, halfSpreadTicks, latencyMs, rules }) => {
        const beginAt = BARS_BEGIN_AT + offset * MINUTE;
        const diary: unknown[] = [];
        const strategy = sleeper(habits, diary);
        const history = barsOf(
          steps.slice(0, 30).map((step) => ({ ...step, missing: 0 })),
          beginAt - 30 * MINUTE,
        );
        const way = {
          config: {},
          instrument,
          bars: barsOf(steps, beginAt),
          history,
          venue: { halfSpreadTicks, latencyMs },
          ...(rules === null ? {} : { rules }),
        };
        const { bars: _, history: __, ...options } = way;
        const declaration = readDeclared(adopt(strategy));
        remember(BARS, way.bars);
        remember(BEFORE, history);
        const rehearsal = readRehearsal(rehearse(JSON.stringify(options), BARS, BEFORE));
        if (!declaration.ok || !rehearsal.ok) throw new Error(JSON.stringify({ declaration, rehearsal }));
        const run: RehearsedRun = {
          reference: 'sleeper',
          declaration: declaration.value,
          planned: { plan: PLAN, bars: habits.wanted ?? [] },
          rehearsal: rehearsal.value,
        };
        const [passing, stepping] = [rehearsed(run), rehearsed(run)];
        const passed = doings({ ...way, strategy: passing.strategy, heard: passing.wishes });
        const stepped = doings({ ...way, strategy: stepping.strategy });
        expect(passed).toEqual(stepped);
        expect([passing.wishes.isSpent, stepping.wishes.isSpent]).toEqual([true, true]);
        const ahead = diary.splice(0);
        if (rehearsal.value.failure === null) {
          expect(passed).toEqual(doings({ ...way, strategy }));
          expect(ahead).toEqual(diary);
        }
        // Where its last orders cannot be taken back before the history ends, the run does not end by itself.
        else if (passed.result.endReason !== '') expect(passed.result.endReason).toContain('enough');
        trades += passed.result.trades.count;
        failures += rehearsal.value.failure === null ? 0 : 1;
      }),
      { numRuns: 200 },
    );
    expect(trades).toBeGreaterThan(100);
    expect(failures).toBeGreaterThan(5);
  }, 60_000);
});
