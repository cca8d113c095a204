/** Grids that are not long on spot: short, neutral and long on a perpetual, and reverse. */
import { describe, expect, it } from 'vitest';
import { FIVE_LINES, fiveLines, GridRun, type GridRunOptions, TEST_PERPETUAL } from '#test/support/grid-run.ts';

const FREE = { makerFeeRate: '0', takerFeeRate: '0' };

function begun(config: Readonly<Record<string, unknown>>, options: Partial<Omit<GridRunOptions, 'config'>> = {}): GridRun {
  return fiveLines(config, { instrument: { ...TEST_PERPETUAL, ...FREE }, ...options });
}

const reducing = (run: GridRun) => run.orders.filter((order) => order.reduceOnly).map((order) => order.tag);

describe('a long grid on a perpetual', () => {
  it('opens a long position, closes it with orders that may only reduce, and earns like on spot', () => {
    const run = begun({ direction: 'long', leverage: 2 });
    expect(run.held).toBe('2');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
    expect(reducing(run)).toEqual(['level:2:sell', 'level:3:sell']);
    run.price('89').price('101');
    expect(run.state.profitAtoms).toBe(1_000_000);
    expect(run.setup.limits.leverage).toBe(2);
  });
});

describe('a short grid', () => {
  it('opens a short position, buys it back line by line below, and sells again above', () => {
    const run = begun({ direction: 'short', leverage: 2 });
    expect(run.held).toBe('-2');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
    expect(reducing(run).toSorted()).toEqual(['level:0:buy', 'level:1:buy']);
    run.price('111').price('99');
    expect(run.state.profitAtoms).toBe(1_000_000);
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
    expect(run.held).toBe('-2');
  });

  it('follows the price down with empty cells, and its upper stop follows too', () => {
    const run = begun({ direction: 'short', trailing_down_limit: '60', stop_upper_price: '130' });
    run.price('69.99');
    // The cell from the top comes with the value it had.
    expect(run.book).toEqual(['sell 1.5 @ 80', 'sell 1 @ 90', 'sell 1 @ 100', 'sell 1 @ 110']);
    expect(run.state.stopUpperTicks).toBe(12_000);
    run.price('120');
    expect(run.finished).toBe('upper stop 120 reached: the position is closed');
    expect(run.held).toBe('0');
  });
});

describe('a neutral grid', () => {
  it('begins without a position, goes short above and long below, and earns on both sides', () => {
    const run = begun({ direction: 'neutral', leverage: 3 });
    expect(run.held).toBe('0');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('111');
    expect([run.held, ...run.book]).toEqual(['-1', 'buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'sell 1 @ 120']);
    expect(reducing(run)).toEqual(['level:2:buy']);
    run.price('89');
    expect([run.held, ...run.book]).toEqual(['1', 'buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('100');
    expect([run.held, run.state.profitAtoms, run.state.completedTrades]).toEqual(['0', 2_000_000, 2]);
  });

  it('takes a gap through all its lines', () => {
    const run = begun({ direction: 'neutral' });
    run.price('125').price('75');
    expect([run.held, ...run.book]).toEqual(['2', 'sell 1 @ 90', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('100');
    expect([run.held, run.state.completedTrades]).toEqual(['0', 4]);
  });

  it('expands on both sides, short above and long below', () => {
    const run = begun({ direction: 'neutral', expand_up_limit: '140', expand_down_limit: '70' });
    run.price('135');
    expect([run.held, ...run.book]).toEqual(['-3', 'buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110', 'buy 1 @ 120']);
    run.price('141');
    expect(run.held).toBe('-4');
    run.price('65').price('100');
    expect([run.held, run.state.completedTrades, run.cells.length]).toEqual(['0', 7, 7]);
  });

  it('ends, and says why, when the exchange has closed its position', () => {
    const run = begun({ direction: 'neutral' }).price('111');
    const fill = {
      tradeId: 'liquidation',
      side: 'buy',
      priceTicks: 11_100,
      sizeLots: 1_000,
      feeGrains: 0,
      feeAtoms: 0,
      otherFeeAtoms: 0,
      isMaker: false,
    } as const;
    run.checkLaws = () => undefined;
    run.tell({ type: 'orderFilled', at: run.at, clientOrderId: 'venue', fill });
    run.cancelAtVenue(run.orderAt('buy', '100').clientOrderId);
    expect(run.finished).toBe('the exchange has closed the position by itself');
    expect(run.orders).toEqual([]);
  });
});

describe('a reverse grid', () => {
  const REVERSE = { ...FIVE_LINES, direction: 'reverse', order_size: undefined, base_investment: '10' };

  it('sells of its coin what its lower cells will buy back, and needs no quote', () => {
    const run = new GridRun({ config: REVERSE, price: '100', instrument: FREE }).start();
    expect(run.setup.limits.budgetAtoms).toBe(0);
    // Above, each cell sells just enough of its 2.696 to buy them again one line lower.
    expect(run.book).toEqual(['buy 2.696 @ 80', 'buy 2.696 @ 90', 'sell 2.451 @ 110', 'sell 2.472 @ 120']);
    expect(run.held).toBe('5.393');
  });

  it('keeps its profit in the coin', () => {
    const run = new GridRun({ config: REVERSE, price: '100' }).start();
    const before = run.engine.state.position.baseGrains;
    for (let round = 0; round < 5; round += 1) run.price('125').price('75').price('100');
    expect(run.state.keptGrains).toBeGreaterThan(0);
    expect(run.engine.state.position.baseGrains).toBeGreaterThan(before);
  });

  it('keeps it in quote where its user wants that', () => {
    const run = new GridRun({ config: { ...REVERSE, profit_currency: 'quote' }, price: '100' }).start();
    run.price('125').price('99');
    expect(run.state.keptGrains).toBe(0);
    expect(run.state.profitAtoms).toBeGreaterThan(0);
  });

  it('waits with everything until its sale at start has traded, and tries again', () => {
    const run = new GridRun({ config: REVERSE, price: '100', instrument: FREE });
    run.matching.liquidityLots = 0;
    run.start();
    expect(run.book).toEqual([]);
    expect(run.notes.at(-1)?.text).toMatch(/^The sale of 4.607 ABC at start did not happen/);
    run.matching.liquidityLots = Number.POSITIVE_INFINITY;
    run.pass(2_000);
    expect(run.book).toHaveLength(4);
  });

  it('leaves no cell behind when the price has fallen between its plan and its start', () => {
    const run = new GridRun({ config: { ...REVERSE, order_size: '2', sizing: 'base', base_investment: '7.6' }, price: '100', instrument: FREE });
    run.price('85').start();
    expect(run.cells.filter((cell) => cell.isAwaiting)).toEqual([]);
    // All four cells are above the price now and would need 8 of the 7.566 lent: the last is smaller, by what nothing is there to pay for.
    expect(run.state.opening).toBeNull();
    run.price('121').price('70').price('121');
    expect(run.book).toEqual(['buy 2 @ 80', 'buy 2 @ 90', 'buy 2 @ 100', 'buy 1.566 @ 110']);
  });
});
