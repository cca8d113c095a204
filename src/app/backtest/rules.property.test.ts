/**
 * A user's rules in a backtest do what they do live: over random bars, entries and rules the backtest, which passes over most prices, comes
 * to the executions of a run that is told every single price on the path, at the exchange that is behind the paper venue.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunRules } from '#core/actions/run-actions.ts';
import { type Bars, newBars } from '#core/bars/bars.ts';
import { limit, market } from '#core/engine/engine.fixture.ts';
import { Engine } from '#core/engine/engine.ts';
import { SimulatedExchange } from '#core/simulated-exchange.ts';
import { type Context, defineStrategy, type Strategy } from '#core/strategy.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { type BacktestResult, runBacktest } from './backtest.ts';
import { DRIVEN_ACCOUNT, ExchangeDriver } from './exchange-driver.ts';
import { ExchangeMail } from './exchange-news.ts';

const MINUTE = 60_000;
const RULES = ['opposite', 'takeProfit', 'stopLoss', 'cancelRest', 'placeAgain'] as const;

interface Entry {
  /** Ticks below the price at which it begins; 0 buys at the market. */
  readonly belowTicks: number;
  readonly lots: number;
}

/** Buys at its beginning, and again each time the price has moved so far. */
function buyer(entries: readonly Entry[], stepTicks: number): Strategy {
  const buy = (context: Context, { belowTicks, lots }: Entry): void => {
    if (belowTicks === 0) context.submit(market('buy', lots, 'entry'));
    else context.submit(limit('buy', Math.max(1, context.bidTicks - belowTicks), lots, 'entry'));
  };
  const watch = (context: Context): void => context.watchPrice(context.bidTicks - stepTicks, context.askTicks + stepTicks);
  return defineStrategy({
    name: 'buyer',
    version: 1,
    title: { en: 'Buyer', ru: 'Покупатель' },
    summary: { en: 'Buys.', ru: 'Покупает.' },
    params: {},
    wants: { quotes: false, bars: false },
    rules: RULES,
    plan: () => ({ ok: true, quoteAtoms: 1e13, baseGrains: 0, preview: {} }),
    start(context) {
      const [first] = entries;
      if (first !== undefined) buy(context, first);
      watch(context);
      return { next: 1 };
    },
    on(context, state: { next: number }, event) {
      if (event.type !== 'priceReached') return;
      const entry = entries[state.next];
      if (entry === undefined) return context.watchPrice(0, Number.POSITIVE_INFINITY);
      state.next += 1;
      buy(context, entry);
      watch(context);
    },
  }) as unknown as Strategy;
}

interface Step {
  readonly gap: number;
  readonly move: number;
  readonly up: number;
  readonly down: number;
}

function barsOf(steps: readonly Step[]): Bars {
  const bars = newBars(steps.length, MINUTE);
  let last = 1_000;
  for (const [index, { gap, move, up, down }] of steps.entries()) {
    const open = Math.max(300, last + gap);
    const close = Math.max(300, open + move);
    bars.startAt[index] = (index + 1) * MINUTE;
    bars.openTicks[index] = open;
    bars.closeTicks[index] = close;
    bars.highTicks[index] = Math.max(open, close) + up;
    bars.lowTicks[index] = Math.max(200, Math.min(open, close) - down);
    bars.volumeLots[index] = 1_000_000;
    last = close;
  }
  return bars;
}

/** Every price on the path, one tick after the other, told as it comes. */
function told(setup: BacktestResult['setup'], bars: Bars, half: number) {
  const mail = new ExchangeMail();
  const exchange = new SimulatedExchange({ instruments: [TEST_INSTRUMENT], halfSpreadTicks: half, listener: mail });
  exchange.deposit(DRIVEN_ACCOUNT, TEST_INSTRUMENT.settle, setup.scale.quote(setup.limits.budgetAtoms), 0);
  const fills: (readonly unknown[])[] = [];
  const ids: string[] = [];
  const driver = new ExchangeDriver({
    engine: new Engine(setup),
    exchange,
    mail,
    onStep: (event) => {
      if (event.type !== 'orderFilled') return;
      fills.push([event.fill.side, event.fill.priceTicks, event.fill.sizeLots, event.fill.isMaker]);
      ids.push(event.clientOrderId);
    },
  });
  const moveTo = (ticks: number): void => {
    exchange.movePrice(TEST_INSTRUMENT.symbol, ticks, driver.now);
    driver.sync();
  };
  for (let index = 0; index < bars.length; index += 1) {
    const [open, high, low, close] = [bars.openTicks[index] ?? 0, bars.highTicks[index] ?? 0, bars.lowTicks[index] ?? 0, bars.closeTicks[index] ?? 0];
    const startAt = bars.startAt[index] ?? 0;
    driver.passTo(startAt);
    // Between two bars the price jumps.
    exchange.setQuote(TEST_INSTRUMENT.symbol, open - half, open + half, driver.now);
    driver.sync();
    if (index === 0) driver.tell({ type: 'runStarted', at: driver.now, epoch: 1 });
    const isLowFirst = close >= open || driver.engine.rules?.hasBothExits(low - half, high - half) === true;
    let from = open;
    for (const [third, target] of (isLowFirst ? [low, high, close] : [high, low, close]).entries()) {
      const far = Math.abs(target - from);
      for (let tick = 1; tick <= far; tick += 1) {
        driver.passTo(Math.floor(startAt + ((third + tick / far) * MINUTE) / 3));
        moveTo(from + Math.sign(target - from) * tick);
      }
      driver.passTo(Math.floor(startAt + ((third + 1) * MINUTE) / 3));
      from = target;
    }
  }
  return { fills, ids };
}

const level = fc.constantFrom(null, ...[5_000, 20_000, 50_000].map((millionths) => ({ kind: 'share' as const, millionths })));
const rules: fc.Arbitrary<RunRules> = fc.record({
  opposite: fc.constant(null),
  placeAgainTimes: fc.constantFrom(0, 2),
  cancelRestAfterMs: fc.constantFrom(null, 30_000),
  takeProfit: level,
  stopLoss: level,
  stopType: fc.constantFrom('stopMarket', 'stopLimit', null),
});
const opposite: fc.Arbitrary<RunRules> = rules.map((each) => ({ ...each, takeProfit: null, stopLoss: null, opposite: { kind: 'ticks', ticks: 12 } }));

describe('rules of a user over the same prices', () => {
  it('come to the same executions in a backtest as told of every price', () => {
    let exits = 0;
    const world = fc.record({
      steps: fc.array(
        fc.record({
          gap: fc.constantFrom(0, 0, 0, -40, 25),
          move: fc.integer({ min: -60, max: 60 }),
          up: fc.constantFrom(0, 5, 60),
          down: fc.constantFrom(0, 5, 60),
        }),
        { minLength: 3, maxLength: 25 },
      ),
      entries: fc.array(fc.record({ belowTicks: fc.constantFrom(0, 0, 3, 20), lots: fc.integer({ min: 2_000, max: 40_000 }) }), { minLength: 1, maxLength: 5 }),
      stepTicks: fc.constantFrom(7, 30),
      followed: fc.oneof({ weight: 4, arbitrary: rules }, { weight: 1, arbitrary: opposite }),
      half: fc.constantFrom(0, 2),
    });
    fc.assert(
      fc.property(world, ({ steps, entries, stepTicks, followed, half }) => {
        const isResting = entries.some(({ belowTicks }) => belowTicks > 0);
        const bars = barsOf(isResting ? steps.map((step) => ({ ...step, gap: 0 })) : steps);
        const venue = { halfSpreadTicks: half };
        const result = runBacktest({
          ...{ strategy: buyer(entries, stepTicks), config: {}, instrument: TEST_INSTRUMENT, bars, venue, rules: followed, keepLedger: true },
          limits: { priceCollar: 1 },
        });
        const fills = result.ledger?.fills.map(({ fill: { side, priceTicks, sizeLots, isMaker } }) => [side, priceTicks, sizeLots, isMaker]) ?? [];
        const live = told(result.setup, bars, half);
        // Where anything is there to be had, a part of an order is one that met another of its own run at its price. Who is first there is nobody's rule; for the
        // same reason prices jump only where nothing rests.
        const ids = [result.ledger?.fills.map(({ clientOrderId }) => clientOrderId) ?? [], live.ids];
        fc.pre(ids.every((each) => new Set(each).size === each.length));
        // Which of two executions of one moment came first says nothing.
        expect(fills.map(String).toSorted()).toEqual(live.fills.map(String).toSorted());
        exits += fills.filter(([side]) => side === 'sell').length;
      }),
      { numRuns: 300 },
    );
    expect(exits).toBeGreaterThan(100);
  }, 60_000);
});
