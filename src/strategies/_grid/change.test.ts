/** Changing a grid while it runs: what stays, what goes, what is traded in between, and that nothing is doubled or lost meanwhile. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import { fiveLines, GridRun, TEST_PERPETUAL } from '#test/support/grid-run.ts';
import { mischief, perform } from '#test/support/mischief.ts';

/** With money to grow into. */
const rich = (config: Readonly<Record<string, unknown>> = {}) => fiveLines({ order_size: null, investment: '2000', ...config });
const refusalOf = (run: GridRun, params: Readonly<Record<string, unknown>>) => run.command('change_grid', params).notes.at(-1)?.text ?? '';

describe('stops', () => {
  it('change at once and leave all orders where they are', () => {
    const run = fiveLines();
    const before = [...run.book];
    expect(run.command('change_grid', { stop_lower_price: '75', stop_upper_price: '125' }).book).toEqual(before);
    expect(run.price('74').finished).toContain('lower stop 75 reached');
  });

  it('are taken away by 0', () => {
    const run = fiveLines({ stop_lower_price: '75' }).command('change_grid', { stop_lower_price: '0' });
    expect(run.price('74').finished).toBeNull();
  });

  it('are refused where the bot would end at once', () => {
    expect(refusalOf(fiveLines(), { stop_lower_price: '101' })).toContain('was not carried out: stop_lower_price must be below');
    expect(refusalOf(fiveLines(), {})).toContain('nothing would change');
  });

  it('change of every kind of grid', () => {
    const run = new GridRun({
      config: { lower_price: '80', upper_price: '120', levels: 5, investment: '400', direction: 'neutral', margin_mode: 'cross' },
      price: '100',
      instrument: TEST_PERPETUAL,
    }).start();
    expect(run.command('change_grid', { take_profit_percent: '5' }).notes.at(-1)?.text).toBe('The stops of the grid were changed.');
    expect(refusalOf(run, { levels: 7 })).toContain('only of a bounded long grid of a spot instrument');
  });
});

describe('the range', () => {
  it('grows around the cells that stay, whose orders are not touched', () => {
    // What was set aside for expanding pays for it.
    const run = fiveLines({ expand_up_limit: '140', expand_down_limit: '60' });
    const ids = run.orders.map(({ clientOrderId }) => clientOrderId);
    run.command('change_grid', { lower_price: '60', upper_price: '140', levels: 9, expand_up_limit: '0', expand_down_limit: '0' });
    expect(run.orders.filter(({ clientOrderId }) => ids.includes(clientOrderId))).toHaveLength(4);
    expect(run.book).toEqual(
      ['buy 60', 'buy 70', 'buy 80', 'buy 90', 'sell 110', 'sell 120', 'sell 130', 'sell 140'].map((each) => each.replace(' ', ' 1 @ ')),
    );
    expect(run.notes.at(-1)?.text).toBe('The grid was changed: it reaches from 60 to 140 with 9 lines.');
    // The cells that stay trade on under their old names.
    run.price('89').price('101');
    expect(run.state.completedTrades).toBe(1);
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it('sells at once what the new cells do not need, and keeps what they do', () => {
    const run = fiveLines().command('change_grid', { lower_price: '80', upper_price: '100', levels: 3 });
    // Two cells below the price remain; the two coins that were to be sold above it are sold now.
    expect([run.held, run.book]).toEqual(['0', ['buy 1 @ 80', 'buy 1 @ 90']]);
  });

  it('buys at once what the new cells miss', () => {
    const run = rich({ upper_price: '100', levels: 3 }).command('change_grid', { lower_price: '90', upper_price: '130', levels: 5 });
    expect([run.cells.filter((cell) => cell.sellId !== null).length, run.heldLots > 0]).toEqual([3, true]);
  });

  it('is laid out anew where no line stays', () => {
    const run = fiveLines().command('change_grid', { lower_price: '85', upper_price: '115', levels: 4 });
    expect([run.held, run.book]).toEqual(['2', ['buy 1 @ 85', 'sell 1 @ 105', 'sell 1 @ 115']]);
  });

  it('may follow the price from then on, in the new steps', () => {
    const run = rich().command('change_grid', { lower_price: '60', upper_price: '120', levels: 7, trailing_up_limit: '150' });
    run.price('131');
    expect(run.cells.at(-1)?.sellTicks).toBe(13_000);
  });

  it('is refused where it cannot work, with the remedy', () => {
    expect(refusalOf(fiveLines(), { upper_price: '79' })).toContain('upper_price must be above lower_price 80, got 79');
    expect(refusalOf(fiveLines(), { order_size: '50' })).toMatch(
      /order_size is more than the money of the bot suffices for with these lines; at most [\d.]+ ABC/,
    );
    const waiting = fiveLines({ start_price: '95' });
    expect(refusalOf(waiting, { levels: 4 })).toContain('the grid has not begun');
  });
});

describe('the size', () => {
  it('changes all orders, and may take all funds', () => {
    const run = fiveLines().command('change_grid', { order_size: '0.5' });
    expect([run.held, run.book]).toEqual(['1', ['buy 0.5 @ 80', 'buy 0.5 @ 90', 'sell 0.5 @ 110', 'sell 0.5 @ 120']]);
    const all = fiveLines({ order_size: '1', reserve: '100' }).command('change_grid', { reserve: '0' });
    expect(all.notes.at(-1)?.text).toContain('is not a setting');
    const more = run.command('change_grid', { use_all_funds: true });
    expect(more.cells[0]?.lots).toBeGreaterThanOrEqual(1_000);
  });
});

describe('in between', () => {
  it('counts what trades while orders are withdrawn', () => {
    const run = fiveLines();
    run.isHolding = true;
    run.command('change_grid', { lower_price: '85', upper_price: '115', levels: 4 });
    expect(run.state.change).not.toBeNull();
    // The market falls through a line whose order is being withdrawn.
    run.price('89').flush();
    run.isHolding = false;
    run.flush();
    expect(run.state.change).toBeNull();
    expect(run.cells.map((cell) => cell.lots)).toEqual([1_000, 1_000, 1_000]);
    run.price('116').pass(600_000);
    expect(run.held).toBe('0');
  });

  it('goes on after a restart, a pause and a halt', () => {
    const run = fiveLines();
    run.isHolding = true;
    run.command('change_grid', { lower_price: '85', upper_price: '115', levels: 4 }).restart();
    run.isHolding = false;
    run.flush().pause().resume().pass(600_000);
    expect(run.book).toEqual(['buy 1 @ 85', 'sell 1 @ 105', 'sell 1 @ 115']);
  });

  it('another change waits its turn', () => {
    const run = fiveLines();
    run.isHolding = true;
    run.command('change_grid', { lower_price: '85', upper_price: '115', levels: 4 });
    expect(refusalOf(run, { levels: 6 })).toContain('another change is under way');
  });
});

describe('laws', () => {
  const change = fc.record({
    do: fc.constant('change' as const),
    params: fc.record(
      {
        lower_price: fc.integer({ min: 70, max: 98 }).map(String),
        upper_price: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 102, max: 130 }).map(String) }, fc.constantFrom('0.01', '1000000000000', '102.001')),
        levels: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 2, max: 12 }) }, fc.constant(500)),
        order_size: fc.constantFrom('30', '60', '120', '0.00000001', '1000000000000'),
        use_all_funds: fc.boolean(),
        stop_lower_price: fc.constantFrom('0', '50'),
      },
      { requiredKeys: [] },
    ),
  });

  it('whatever is changed in whatever trouble: the books agree after every step, and the grid stands as asked in the end', { timeout: 120_000 }, () => {
    const seen = { changed: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: mischief }, { weight: 1, arbitrary: change }), { minLength: 2, maxLength: 40 }),
        fc.constantFrom('0', '0.001'),
        fc.constantFrom('equal', 'linear'),
        fc.constantFrom(null, 3),
        (steps, fee, size_shape, active_orders) => {
          const config = { lower_price: '80', upper_price: '120', levels: 5, investment: '2000', size_shape, active_orders };
          const run = new GridRun({ config, price: '100', instrument: { makerFeeRate: fee, takerFeeRate: fee } }).start();
          for (const step of steps) {
            if (step.do === 'change') run.command('change_grid', step.params);
            else perform(run, step);
            if (run.finished !== null) return;
          }
          run.faults = [];
          run.isHolding = false;
          run.matching.liquidityLots = Number.POSITIVE_INFINITY;
          run.flush().reconcile().flush().pause().resume();
          for (let round = 0; round < 5; round += 1) run.pass(600_000).flush();
          expect(run.state.change ?? null).toBeNull();
          const { changed } = run.state;
          if (changed?.levels !== undefined) expect(run.cells.length + 1).toBe(changed.levels);
          const notes = run.notes.map(({ text }) => text);
          seen.changed += notes.filter((text) => text.startsWith('The grid was changed')).length;
          seen.refused += notes.filter((text) => text.startsWith('The command change_grid')).length;
          for (const text of notes) expect(text).not.toMatch(/NaN|undefined|Infinity/);
          expect(replay(run.setup, run.tape)).toBeNull();
        },
      ),
      { numRuns: 200 },
    );
    expect(Math.min(seen.changed, seen.refused), JSON.stringify(seen)).toBeGreaterThan(50);
  });
});
