/**
 * Laws of changing a grid of every kind, in any sequence of changes, prices, partial fills, refusals, lost answers, cancels, pauses and
 * restarts. The run checks after every step that coins, money and orders add up and that no line has two orders.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import { type ParamsOf, parseParams } from '#core/params.ts';
import { GridRun, TEST_PERPETUAL } from '#test/support/grid-run.ts';
import { mischief, perform } from '#test/support/mischief.ts';
import { grid } from '../grid.ts';
import { MAX_LINES } from './range-params.ts';
import type { Cell } from './state.ts';

const prices = (min: number, max: number) => fc.integer({ min, max }).map(String);
/** Now and then something that cannot work. */
const mostly = <Value>(arbitrary: fc.Arbitrary<Value>, ...wild: readonly Value[]) =>
  fc.oneof({ weight: 14, arbitrary }, { weight: 1, arbitrary: fc.constantFrom(...wild) });

const common = {
  order_size: mostly(fc.constantFrom('30', '60', '120'), '0.00000001', '1000000000000'),
  use_all_funds: fc.boolean(),
  stop_lower_price: fc.constantFrom('0', '50'),
  take_profit_percent: fc.constantFrom('0', '900'),
};

const bounded = fc.record(
  {
    ...common,
    lower_price: prices(70, 98),
    upper_price: mostly(prices(102, 130), '0.01', '1000000000000', '102.001'),
    levels: mostly(fc.integer({ min: 2, max: 12 }), MAX_LINES),
    expand_up_limit: fc.constantFrom('0', '140'),
    expand_down_limit: fc.constantFrom('0', '60'),
  },
  { requiredKeys: [] },
);
const infinite = fc.record(
  {
    ...common,
    order_size: mostly(fc.constantFrom('10', '20', '40'), '500'),
    lower_price: prices(60, 98),
    step_percent: mostly(fc.constantFrom('1', '2', '3', '5'), '0.01'),
  },
  { requiredKeys: [] },
);

interface Kind {
  readonly isPerpetual: boolean;
  readonly params: fc.Arbitrary<Readonly<Record<string, unknown>>>;
  readonly config: Readonly<Record<string, unknown>>;
  /** Fewer where each has many levels. */
  readonly numRuns?: number;
}

const RANGE = { lower_price: '80', upper_price: '120', levels: 5 };
const LENT = { ...RANGE, direction: 'reverse', base_investment: '20' };
const MARGIN = { ...RANGE, investment: '1500', leverage: 2, margin_mode: 'cross' };

const KINDS: Readonly<Record<string, Kind>> = {
  long: { isPerpetual: false, params: bounded, config: { ...RANGE, investment: '2000' } },
  'long of a given size': { isPerpetual: false, params: bounded, config: { ...RANGE, order_size: '60' } },
  trailing: { isPerpetual: false, params: bounded, config: { ...RANGE, investment: '2000', trailing_up_limit: '150', trailing_down_limit: '55' } },
  expanding: { isPerpetual: false, params: bounded, config: { ...RANGE, investment: '3000', expand_up_limit: '140', expand_down_limit: '60' } },
  infinite: { isPerpetual: false, params: infinite, config: { range: 'infinite', lower_price: '85', step_percent: '2', investment: '5000' }, numRuns: 8 },
  reverse: { isPerpetual: false, params: bounded, config: LENT },
  'long on a perpetual': { isPerpetual: true, params: bounded, config: { ...MARGIN, direction: 'long' } },
  short: { isPerpetual: true, params: bounded, config: { ...MARGIN, direction: 'short' } },
  neutral: { isPerpetual: true, params: bounded, config: { ...MARGIN, direction: 'neutral', expand_up_limit: '140', expand_down_limit: '60' } },
};

/** The settings of the bot as a later start would find them. */
function settingsOf(run: GridRun): ParamsOf<typeof grid.params> {
  const parsed = parseParams(grid.params, { ...run.setup.params, ...run.kept });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

/** Nothing held back, lost or waiting any more. */
function calmDown(run: GridRun): void {
  run.faults = [];
  run.isHolding = false;
  run.matching.liquidityLots = Number.POSITIVE_INFINITY;
  run.flush().reconcile().flush().pause().resume();
  for (let round = 0; round < 5; round += 1) run.pass(600_000).flush();
}

describe.each(Object.entries(KINDS))('a grid that is %s', (_name, { isPerpetual, params, config, numRuns = 25 }) => {
  const step = fc.oneof({ weight: 3, arbitrary: mischief }, { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const), params }) });
  const instrumentOf = (fee: string) => ({ ...(isPerpetual ? TEST_PERPETUAL : {}), makerFeeRate: fee, takerFeeRate: fee });

  it('stands as asked in the end, whatever is changed in whatever trouble, and keeps what it was asked for', { timeout: 120_000 }, () => {
    let changes = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 40 }), fc.constantFrom('0', '0.001'), fc.constantFrom(null, 3), (steps, fee, active_orders) => {
        const run = new GridRun({ config: { ...config, active_orders }, price: '100', instrument: instrumentOf(fee) }).start();
        for (const each of steps) {
          const { size, change } = run.state;
          if (each.do === 'change') run.command('change_grid', each.params);
          else perform(run, each);
          const isGrown = each.do === 'change' && change == null && (run.state.change?.size ?? run.state.size) > size;
          if (isGrown) expect(each.params['order_size'] !== undefined || each.params['use_all_funds'] === true, 'orders grow only where asked').toBe(true);
          expect(run.finished).toBeNull();
        }
        calmDown(run);
        expect(run.finished).toBeNull();
        expect(run.state.change ?? null).toBeNull();
        expect(run.state.opening, 'the trade in between is done').toBeNull();
        const notes = run.notes.map(({ text }) => text);
        changes += notes.filter((text) => text.startsWith('The grid was changed')).length;
        for (const text of notes) expect(text).not.toMatch(/NaN|undefined|Infinity/);
        // Two orders on one line would trade with each other: the one that was first there goes first.
        const taken = new Set(run.orders.map(({ priceTicks }) => priceTicks));
        const isWaiting = ({ buyTicks, sellTicks }: Cell): boolean => taken.has(buyTicks) || taken.has(sellTicks);
        const hasNone = ({ buyId, sellId, failures, lots }: Cell): boolean => buyId === null && sellId === null && failures === 0 && lots > 0;
        const idle = active_orders === null ? run.cells.filter((cell) => hasNone(cell) && !isWaiting(cell)) : [];
        expect(
          idle.map(({ line, lots, openLots, heldGrains }) => ({ line, lots, openLots, heldGrains })),
          run.book.join(', '),
        ).toEqual([]);
        expect(replay(run.setup, run.tape)).toBeNull();
      }),
      { numRuns },
    );
    expect(changes).toBeGreaterThan(0);
  });

  it('keeps settings with which a new start at the same price lays the same lines', { timeout: 120_000 }, () => {
    let starts = 0;
    fc.assert(
      fc.property(fc.array(params, { minLength: 1, maxLength: 4 }), fc.integer({ min: 85, max: 115 }), (changes, price) => {
        const run = new GridRun({ config, price: '100', instrument: instrumentOf('0.001') }).start().price(String(price));
        for (const each of changes) run.command('change_grid', each).pass(600_000);
        for (const { text } of run.notes) expect(text, 'what was promised can be paid').not.toMatch(/budget_exceeded|holding_exceeded/);
        if (Object.keys(run.kept).length === 0) return;
        starts += 1;
        const again = new GridRun({ config: settingsOf(run), price: String(price), instrument: instrumentOf('0.001') }).start();
        const linesOf = ({ cells }: GridRun): readonly number[] => cells.map(({ buyTicks }) => buyTicks);
        // How far up lines without an end were laid follows from the price of that time.
        const reach = settingsOf(run).range === 'infinite' ? Math.min(again.cells.length, run.cells.length) : undefined;
        expect(linesOf(again).slice(0, reach)).toEqual(linesOf(run).slice(0, reach));
        expect([again.state.stopLowerTicks, again.state.stopUpperTicks]).toEqual([run.state.stopLowerTicks, run.state.stopUpperTicks]);
      }),
      { numRuns },
    );
    expect(starts).toBeGreaterThan(0);
  });
});
