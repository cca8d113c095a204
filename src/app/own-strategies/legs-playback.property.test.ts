/**
 * A strategy of several instruments that is rehearsed and then played back comes to what it comes to inside the product, and is told and
 * sees the same: whatever the markets, the lengths of bars and what it asks of which instrument.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunRules } from '#core/actions/run-actions.ts';
import { type Bars, newBars } from '#core/bars/bars.ts';
import { limit, market } from '#core/engine/engine.fixture.ts';
import type { Instrument } from '#core/instrument.ts';
import { readDeclared, readRehearsal } from '#core/sandbox/answers.ts';
import { type BarsWanted, type Context, defineStrategy, type LegWish, type Strategy } from '#core/strategy.ts';
import { BARS_BEGIN_AT } from '#test/support/bars.ts';
import { TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { type LegsBacktestOptions, runLegsBacktest } from '../backtest/legs/legs-backtest.ts';
import { adopt, forget, rehearse, remember } from './guest.ts';
import { rehearsed } from './playback.ts';

const MINUTE = 60_000;
const NEED = { quoteAtoms: 2_000_000_000, baseGrains: 0 } as const;
const OTHER: Instrument = { ...TEST_INSTRUMENT, symbol: 'XYZ/USDT', base: 'XYZ' };
const WISHES: readonly LegWish[] = [
  { name: 'coin', symbol: OTHER.symbol, kind: 'spot' },
  { name: 'short', symbol: TEST_PERPETUAL.symbol, kind: 'perpetual' },
];
const PLAN = { ok: true, ...NEED, otherLegs: WISHES.map(() => NEED), preview: {} } as const;
const KEYS = [1, 2, 3, 4, 5, 6];

afterEach(() => {
  for (const key of KEYS) forget(key);
});

interface State {
  seed: number;
  ids: string[];
}

function draw(state: State, below: number): number {
  state.seed = (state.seed * 48_271) % 2_147_483_647;
  return state.seed % below;
}

/** Asks something of any of its instruments. */
function act(context: Context, state: State): void {
  const leg = context.legs[draw(state, context.legs.length)];
  if (leg === undefined) throw new Error('there are three');
  const choice = draw(state, 12);
  const away = draw(state, 300) - 60;
  const side = draw(state, 2) === 0 ? 'buy' : 'sell';
  const lots = 5 + draw(state, 300);
  if (choice < 3) state.ids.push(leg.submit(limit(side, Math.max(1, side === 'buy' ? leg.bidTicks - away : leg.askTicks + away), lots, 'any')));
  else if (choice < 5) state.ids.push(context.leg(leg.name).submit(market(side, lots, 'any')));
  else if (choice === 5) context.cancel(state.ids[draw(state, Math.max(1, state.ids.length))] ?? '');
  else if (choice === 6) leg.watchPrice(leg.bidTicks - draw(state, 200), draw(state, 2) === 0 ? Number.POSITIVE_INFINITY : leg.askTicks + draw(state, 200));
  else if (choice === 7) context.setTimer(`t${draw(state, 3)}`, context.at + draw(state, 400_000));
  else if (choice === 8) context.watchSpread(draw(state, 3) === 0 ? null : { long: 'first', short: 'short', above: 1.01, below: 0.99 });
  else if (choice === 9) context.moveQuote('first', 'coin', draw(state, 10_000_000));
  else if (choice === 10) context.moveQuote('coin', 'first', draw(state, 10_000_000) + 0.5);
  else context.watchPrice(context.bidTicks - draw(state, 200), Number.POSITIVE_INFINITY);
  state.ids = state.ids.slice(-20);
}

function view({ at, legs, canOpen, isTrading }: Context) {
  const seen = legs.map((leg) => {
    const { name, bidTicks, askTicks, position, isOpen, feeAsset } = leg;
    return { name, bidTicks, askTicks, position: { ...position }, isOpen, feeAsset, base: leg.freeBaseGrains(), quote: leg.freeQuoteAtoms() };
  });
  return { at, canOpen, isTrading, seen };
}

function roamer(wanted: readonly BarsWanted[] | null, seed: number, wantsQuotes: boolean, diary: unknown[]): Strategy {
  return defineStrategy({
    name: 'roamer',
    version: 1,
    title: { en: 'Roamer', ru: 'Бродяга' },
    summary: { en: 'Asks something of any instrument.', ru: 'Просит что-нибудь по любому инструменту.' },
    params: {},
    wants: { bars: true, quotes: wantsQuotes },
    otherLegs: () => WISHES,
    ...(wanted === null ? {} : { bars: () => wanted }),
    plan: () => PLAN,
    start: (): State => ({ seed, ids: [] }),
    on(context, state: State, event) {
      diary.push({ ...event, order: null, ...view(context) });
      const isDenied = event.type === 'orderClosed' && event.order.state === 'denied';
      if (!isDenied && (event.type !== 'barClosed' || draw(state, 3) === 0)) act(context, state);
    },
  }) as unknown as Strategy;
}

const walk = fc.array(fc.record({ move: fc.integer({ min: -120, max: 120 }), reach: fc.constantFrom(0, 3, 40), missing: fc.constantFrom(0, 0, 0, 0, 2) }), {
  minLength: 30,
  maxLength: 80,
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

function doings(options: LegsBacktestOptions) {
  const { tape, setup: _, figures: __, legs, ...rest } = runLegsBacktest({ ...options, keepTape: true });
  const result = { ...rest, legs: legs.map(({ ledger, held, profit }) => ({ ledger, held, profit })) };
  return { result, commands: tape.flatMap(({ event, commands }) => commands.map((command) => ({ at: event.at, command }))) };
}

const RULES: RunRules = {
  ...{ opposite: null, placeAgainTimes: 0, cancelRestAfterMs: 20_000, stopType: 'stopMarket' },
  ...{ takeProfit: { kind: 'share', millionths: 4_000 }, stopLoss: { kind: 'share', millionths: 6_000 } },
};
const WANTED = fc.constantFrom(
  null,
  [{ intervalMs: MINUTE, warmUp: 5 }],
  [
    { intervalMs: MINUTE, warmUp: 2 },
    { intervalMs: 5 * MINUTE, warmUp: 2 },
  ],
);

describe('the check of wishes for several instruments', () => {
  it('comes to the same as the strategy inside the product', () => {
    let trades = 0;
    const world = fc.record({
      walks: fc.tuple(walk, walk, walk),
      wanted: WANTED,
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      wantsQuotes: fc.boolean(),
      halfSpreadTicks: fc.constantFrom(0, 2),
      rules: fc.constantFrom(null, RULES),
    });
    fc.assert(
      fc.property(world, ({ walks, wanted, seed, wantsQuotes, halfSpreadTicks, rules }) => {
        const diary: unknown[] = [];
        const strategy = roamer(wanted, seed, wantsQuotes, diary);
        const before = walks.map((steps) =>
          barsOf(
            steps.slice(0, 20).map((step) => ({ ...step, missing: 0 })),
            BARS_BEGIN_AT - 20 * MINUTE,
          ),
        );
        const instruments = [TEST_INSTRUMENT, OTHER, TEST_PERPETUAL];
        const histories = walks.map((steps, index) => ({
          instrument: instruments[index] ?? OTHER,
          bars: barsOf(steps, BARS_BEGIN_AT),
          ...(before[index] === undefined ? {} : { history: before[index] }),
        }));
        const [first, ...others] = histories;
        if (first === undefined) throw new Error('there are three');
        for (const [index, { bars, history }] of histories.entries()) {
          remember(index + 1, bars);
          if (history !== undefined) remember(index + 4, history);
        }
        const declaration = readDeclared(adopt(strategy));
        const legs = others.map(({ instrument }, index) => ({ instrument, bars: index + 2, history: index + 5 }));
        const followed = rules === null ? {} : { rules };
        const rehearsal = readRehearsal(
          rehearse(JSON.stringify({ config: {}, instrument: first.instrument, venue: { halfSpreadTicks }, legs, ...followed }), 1, 4),
        );
        if (!declaration.ok || !rehearsal.ok) throw new Error(JSON.stringify({ declaration, rehearsal }));
        const planned = { plan: PLAN, bars: wanted ?? [], otherLegs: WISHES };
        const run = rehearsed({ reference: 'roamer', declaration: declaration.value, planned, rehearsal: rehearsal.value });
        const way = { config: {}, first, others: new Map(others.map((each) => [each.instrument.symbol, each])), halfSpreadTicks, ...followed };
        const played = doings({ ...way, strategy: run.strategy });
        expect(run.wishes.isSpent).toBe(true);
        const inside = diary.splice(0);
        expect(played).toEqual(doings({ ...way, strategy }));
        expect(inside).toEqual(diary);
        trades += played.result.trades.count;
      }),
      { numRuns: 100 },
    );
    expect(trades).toBeGreaterThan(100);
  }, 60_000);
});
