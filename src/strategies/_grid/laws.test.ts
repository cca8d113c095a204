/**
 * Laws of the grid on random prices, fees, partial fills, refusals, lost answers, cancels, pauses and restarts. The
 * run checks after every step: nothing sold that is not held, nothing spent above the budget, one order a line, and
 * grid profit that equals the sum over fills.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import type { FeeAsset } from '#core/risk.ts';
import { GridRun, TEST_PERPETUAL } from '#test/support/grid-run.ts';
import { mischiefBetween, perform } from '#test/support/mischief.ts';

const settings = fc.record({
  levels: fc.integer({ min: 2, max: 12 }),
  spacing: fc.constantFrom('arithmetic', 'geometric'),
  sizing: fc.constantFrom('quote', 'base'),
  size_shape: fc.constantFrom('equal', 'linear', 'geometric'),
  size_ratio: fc.constantFrom('0.5', '1', '2'),
  profit_currency: fc.constantFrom('quote', 'base'),
  investment: fc.integer({ min: 300, max: 5_000 }).map(String),
  trailing_up_limit: fc.constantFrom(null, '150'),
  trailing_down_limit: fc.constantFrom(null, '60'),
  feeAsset: fc.constantFrom<FeeAsset>('received', 'quote', 'other'),
  feeRate: fc.constantFrom('0', '0.00075', '0.001', '0.002'),
  startPrice: fc.integer({ min: 8_500, max: 11_500 }),
  base_investment: fc.constantFrom(null, '3'),
  active_orders: fc.constantFrom(null, null, 2, 3, 5),
  pump_protection_percent: fc.constantFrom(null, null, '3'),
  /** What goes wrong with the first orders. */
  opening: fc.record({
    lots: fc.constantFrom(Number.POSITIVE_INFINITY, 700, 0),
    isHeld: fc.boolean(),
    faults: fc.array(fc.constantFrom('reject' as const, 'loseAnswer' as const), { maxLength: 2 }),
  }),
});

type Settings = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;

const action = fc.oneof(
  { weight: 12, arbitrary: mischiefBetween(7_500, 12_500) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('minute' as const), ticks: fc.integer({ min: 8_000, max: 12_000 }) }) },
);
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

function price(ticks: number): string {
  return (ticks / 100).toFixed(2);
}

/** What kind of grid: its settings beyond those above, and whether it trades a perpetual. */
interface Kind {
  readonly isPerpetual: boolean;
  readonly change: Readonly<Record<string, unknown>>;
}

const BOUNDED: Kind = { isPerpetual: false, change: { lower_price: '90', upper_price: '110' } };
const expanding = { trailing_up_limit: null, trailing_down_limit: null, expand_up_limit: '120', expand_down_limit: '80' };
const perpetual = { ...BOUNDED.change, base_investment: null, profit_currency: null, leverage: 2, margin_mode: 'cross' };

/** Every other kind a grid can be of. */
const KINDS: Readonly<Record<string, Kind>> = {
  expanding: { isPerpetual: false, change: { ...BOUNDED.change, ...expanding } },
  reverse: { isPerpetual: false, change: { ...BOUNDED.change, direction: 'reverse', investment: null, base_investment: '40' } },
  infinite: {
    isPerpetual: false,
    change: {
      range: 'infinite',
      lower_price: '85',
      levels: null,
      step_percent: '2',
      sizing: 'quote',
      size_shape: 'equal',
      trailing_up_limit: null,
      trailing_down_limit: null,
      base_investment: null,
      investment: '5000',
    },
  },
  long: { isPerpetual: true, change: { ...perpetual, direction: 'long' } },
  short: { isPerpetual: true, change: { ...perpetual, direction: 'short' } },
  neutral: { isPerpetual: true, change: { ...perpetual, ...expanding, direction: 'neutral' } },
};

function begin({ feeAsset, feeRate, startPrice, opening, ...config }: Settings, kind: Kind = BOUNDED): GridRun {
  const instrument = { ...(kind.isPerpetual ? TEST_PERPETUAL : {}), makerFeeRate: feeRate, takerFeeRate: feeRate };
  const fees = kind.isPerpetual ? {} : { feeAsset };
  const run = new GridRun({ config: { ...config, ...kind.change }, price: price(startPrice), ...fees, instrument });
  run.matching.liquidityLots = opening.lots;
  run.isHolding = opening.isHeld;
  run.faults.push(...opening.faults);
  return run.start();
}

function act(run: GridRun, each: Action): void {
  if (each.do !== 'minute') return perform(run, each);
  const close = price(each.ticks);
  run.bar(60_000, { open: close, high: close, low: close, close });
}

/** Nothing held back, lost or waiting any more. */
function calmDown(run: GridRun): void {
  run.faults = [];
  run.isHolding = false;
  // Minutes without a rise: pump protection lets go.
  if (run.state.pump !== null) for (let minute = 0; minute < 16; minute += 1) run.bar(60_000, { open: '120', high: '120', low: '120', close: '120' });
  run.matching.liquidityLots = Number.POSITIVE_INFINITY;
  run.flush().reconcile().flush();
  run.pause().resume();
  for (let round = 0; round < 5; round += 1) run.pass(600_000).flush();
}

describe('a grid', () => {
  it('keeps its laws through everything that can happen to its orders, and its tape replays', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(settings, fc.array(action, { minLength: 1, maxLength: 40 }), (chosen, actions) => {
        const run = begin(chosen);
        for (const each of actions) act(run, each);
        calmDown(run);
        expect(run.finished).toBeNull();
        expect(replay(run.setup, run.tape)).toBeNull();
      }),
      { numRuns: 120 },
    );
  });

  it.each(Object.entries(KINDS))('keeps its laws as one that is %s, and its tape replays', { timeout: 120_000 }, (_name, kind) => {
    fc.assert(
      fc.property(settings, fc.array(action, { minLength: 1, maxLength: 30 }), (chosen, actions) => {
        const run = begin(chosen, kind);
        for (const each of actions) act(run, each);
        calmDown(run);
        expect(run.finished).toBeNull();
        expect(replay(run.setup, run.tape)).toBeNull();
      }),
      { numRuns: 30 },
    );
  });

  it('has every cell working again when the price is back inside the range', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(settings, fc.array(action, { minLength: 1, maxLength: 30 }), (chosen, actions) => {
        const run = begin({ ...chosen, trailing_up_limit: null, trailing_down_limit: null, active_orders: null });
        // A price that runs away from a half-done opening may leave too little for all cells; here it waits until that is done.
        calmDown(run);
        for (const each of actions) act(run, each);
        calmDown(run);
        // Once down and up through the whole range: every remainder trades, then the price is back where it began.
        run.price('80').pass(600_000).price('120').pass(600_000).price(price(chosen.startPrice)).pass(600_000);
        const lacking = run.cells.filter((cell) => {
          const order = run.engine.orders.get(cell.buyId ?? '');
          // What a cell holds and what it is buying make up its whole size.
          return cell.openLots + (order === undefined ? 0 : order.sizeLots - order.filledLots) !== cell.lots || (cell.buyId === null && cell.sellId === null);
        });
        expect(
          lacking.map((cell) => `${cell.line} ${cell.failureCode}`),
          run.book.join(', '),
        ).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
