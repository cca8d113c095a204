/** Grids without an upper end, that expand, that keep few orders at the exchange, and that end or hold back as a whole. */
import { describe, expect, it } from 'vitest';
import { GridRun, type GridRunOptions, TEST_PERPETUAL } from '#test/support/grid-run.ts';

const FIVE = { lower_price: '80', upper_price: '120', levels: 5, sizing: 'base', order_size: '1' };
const FREE = { makerFeeRate: '0', takerFeeRate: '0' };
/** Lines at 64, 80, 100, 125, 156.25, … */
const INFINITE = { range: 'infinite', lower_price: '64', step_percent: '25', order_size: '1000' };

function begun(config: Readonly<Record<string, unknown>>, options: Partial<Omit<GridRunOptions, 'config'>> = {}): GridRun {
  return new GridRun({ config, price: '100', instrument: FREE, ...options }).start();
}

describe('an infinite grid', () => {
  it('buys the coin for all lines above at once: the value held is the order size over the step, at every line', () => {
    const run = begun(INFINITE);
    // 1000 at each line and a step of 25 %: 5000 are held.
    expect(Number(run.held) * 100).toBeCloseTo(5000, -1);
    run.price('125.01');
    expect(Number(run.held) * 125).toBeCloseTo(5000, -1);
    run.price('1000');
    expect(Number(run.held) * 931.32).toBeGreaterThan(4950);
    expect(Number(run.held) * 931.32).toBeLessThan(5050);
  });

  it('sells on without end, through a gap of many lines, and buys all the way back', () => {
    const run = begun(INFINITE);
    const before = run.cells.length;
    run.price('60000').price('60001');
    expect(run.cells.length).toBeGreaterThan(before);
    expect(run.state.completedTrades).toBe(28);
    const top = run.state.profitAtoms;
    run.price('64').price('1000');
    expect(run.state.profitAtoms).toBeGreaterThan(top);
  });

  it('keeps the coin where another line would sell less than the venue takes, and says so once', () => {
    const run = begun({ ...INFINITE, order_size: '40' }, { instrument: { ...FREE, minSize: '0.001', sizeIncrement: '0.001' } });
    run.price('500000').price('900000').price('64').price('900000');
    expect(run.notes.filter(({ text }) => text.startsWith('The grid goes no higher'))).toHaveLength(1);
    expect(Number(run.held)).toBeGreaterThan(0);
  });

  it('goes on after a restart in the middle as if nothing had been', () => {
    const [plain, restarted] = [begun(INFINITE), begun(INFINITE)];
    plain.price('300').price('150').price('700').price('90');
    restarted.price('300').restart().price('150').restart().price('700').restart().price('90');
    expect(restarted.book).toEqual(plain.book);
    expect(restarted.state.profitAtoms).toBe(plain.state.profitAtoms);
  });
});

describe('expanding', () => {
  it('adds a cell beyond the end and keeps the others, with money set aside from the start', () => {
    const run = begun({ ...FIVE, expand_up_limit: '140', expand_down_limit: '70' });
    run.price('130');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110', 'buy 1 @ 120']);
    run.price('500');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110', 'buy 1 @ 120', 'buy 1 @ 130']);
    run.price('60');
    expect([run.held, run.cells.length]).toEqual(['7', 7]);
    expect(run.price('139').book).toEqual(['buy 1 @ 70', 'buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110', 'buy 1 @ 120', 'sell 1 @ 140']);
  });
});

describe('few orders at the exchange', () => {
  const MANY = { lower_price: '50', upper_price: '150', levels: 101, order_size: '20', active_orders: 8 };

  it('has those nearest to the price there, and moves them along with it', () => {
    const run = begun(MANY);
    expect(run.book).toHaveLength(8);
    expect(run.book[0]).toMatch(/^buy .* @ 96$/);
    expect(run.book.at(-1)).toMatch(/^sell .* @ 104$/);
    run.price('103.5');
    expect(run.book).toHaveLength(8);
    const prices = run.orders.map(({ priceTicks }) => priceTicks);
    expect(Math.min(...prices)).toBeGreaterThan(9_800);
    expect(run.orders.some(({ side, priceTicks }) => side === 'sell' && priceTicks === 10_400)).toBe(true);
    expect(run.orders.some(({ side, priceTicks }) => side === 'buy' && priceTicks === 10_200)).toBe(true);
  });

  it('trades every line of a gap through the whole grid, as one with all its orders does', () => {
    const wide = { ...MANY, lower_price: '70', upper_price: '130', levels: 31 };
    const few = begun(wide);
    const all = begun({ ...wide, active_orders: undefined });
    for (const price of ['129.5', '70.5', '100.5', '80.5', '120.5']) {
      // What is placed behind the price trades with the next step.
      for (let round = 0; round < 10; round += 1) few.price(price);
      all.price(price);
      expect(few.state.completedTrades, price).toBe(all.state.completedTrades);
      expect(few.held, price).toBe(all.held);
    }
    expect(few.book).toHaveLength(8);
  });

  it('works with two orders', () => {
    const run = begun({ ...FIVE, active_orders: 2 });
    expect(run.book).toEqual(['buy 1 @ 90', 'sell 1 @ 110']);
    run.price('89.99');
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100']);
    run.price('111').price('111');
    expect(run.book).toEqual(['buy 1 @ 100', 'sell 1 @ 120']);
  });

  it('does not count a withdrawn order as cancelled by hand', () => {
    const run = begun({ ...FIVE, active_orders: 2 })
      .price('89')
      .price('111')
      .price('111');
    expect(run.notes.some(({ text }) => text.includes('by hand'))).toBe(false);
    expect(run.cells.some((cell) => cell.isParked)).toBe(false);
  });
});

describe('the result of the whole grid', () => {
  it('ends the run with everything sold when it has lost so much of its capital', () => {
    const run = begun({ ...FIVE, order_size: undefined, investment: '1000', stop_loss_percent: '10' });
    run.price('85');
    expect(run.finished).toBeNull();
    run.price('70');
    expect(run.finished).toMatch(/^stop loss of the bot: 1\d\.\d\d % of its capital are lost$/);
    expect(run.held).toBe('0');
  });

  it('ends the run when it has earned so much, the fee of the last sale included', () => {
    const run = begun({ ...FIVE, order_size: undefined, investment: '1000', take_profit_percent: '5' }, { instrument: {} });
    for (let round = 0; round < 50 && run.finished === null; round += 1) run.price('111').price('99');
    expect(run.finished).toMatch(/^take profit of the bot: 5\.\d\d % of its capital are earned$/);
    expect(run.held.startsWith('0')).toBe(true);
    expect(run.engine.state.position.realisedAtoms).toBeGreaterThan(run.setup.limits.budgetAtoms * 0.0499);
  });
});

describe('starting on conditions', () => {
  it('waits for the close of a bar at which they hold', () => {
    const run = begun({ ...FIVE, start_conditions: [{ left: 'close', is: 'below', right: '95' }], timeframe: '5m' });
    const bar = (close: string, isHistory = false) => run.bar(300_000, { open: close, high: close, low: close, close }, isHistory);
    bar('90', true);
    bar('100');
    expect(run.book).toEqual([]);
    run.price('94');
    bar('94');
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
  });
});

describe('pump protection', () => {
  const PUMP = { ...FIVE, pump_protection_percent: '8', pump_protection_minutes: 2, trailing_up_limit: '200' };
  const minute = (run: GridRun, low: string, close: string) => run.bar(60_000, { open: low, high: close, low, close });

  it('withdraws sales and does not follow while the price has risen too fast, and goes on when it is calm', () => {
    const run = begun(PUMP);
    minute(run, '100', '100');
    run.price('109');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90']);
    expect(run.notes.at(-1)?.text).toBe('The price has risen by 8 % within 2 minutes: sales are held back.');
    run.price('131').restart();
    expect(run.state.trailUpTicks).toBe(13_000);
    expect(run.cells[0]?.line).toBe(0);
    minute(run, '109', '131');
    minute(run, '129', '131');
    expect(run.state.pump?.isOn).toBe(true);
    minute(run, '130', '131');
    expect(run.state.pump?.isOn).toBe(false);
    run.price('131');
    expect(run.state.completedTrades).toBe(2);
    expect(run.cells.at(-1)?.sellTicks).toBe(13_000);
  });

  it('lets a slow rise be', () => {
    const run = begun(PUMP);
    minute(run, '100', '100');
    for (const price of ['102', '105', '108', '111']) {
      run.price(price);
      minute(run, String(Number(price) - 3), price);
    }
    expect(run.state.pump?.isOn).toBe(false);
    expect(run.state.completedTrades).toBe(1);
  });

  it('asks for minutes only where it is wanted', () => {
    const bars = (config: Readonly<Record<string, unknown>>) => {
      const run = begun(config);
      return run.setup.strategy.bars?.(run.setup.params);
    };
    expect(bars(FIVE)).toEqual([]);
    expect(bars(PUMP)).toEqual([{ intervalMs: 60_000, warmUp: 2 }]);
  });
});

describe('a bot as a whole without a position', () => {
  it('ends at the fill with which it has earned enough', () => {
    const config = { lower_price: '80', upper_price: '120', levels: 5, investment: '1000', direction: 'neutral', take_profit_percent: '1' };
    const run = new GridRun({ config, price: '100', instrument: { ...TEST_PERPETUAL, ...FREE } }).start();
    run.price('110.5').price('100');
    expect(run.finished).toMatch(/^take profit of the bot: [1-9]\.\d\d % of its capital are earned$/);
    expect([run.held, run.book]).toEqual(['0', []]);
  });
});

describe('expanding before the trade at start is done', () => {
  it('waits for it', () => {
    const run = new GridRun({ config: { ...FIVE, expand_up_limit: '200' }, price: '100', instrument: FREE });
    run.faults.push('reject');
    run.start();
    run.price('135');
    expect(run.book).toEqual([]);
    run.pass(2_000).price('135.01').price('135.02');
    expect(run.cells.length).toBe(5);
    expect(run.book).toHaveLength(5);
  });
});
