import { describe, expect, it } from 'vitest';
import { withNewSettings } from '#core/params.ts';
import { FIVE_LINES, fiveLines, GridRun } from '#test/support/grid-run.ts';
import { grid } from '../grid.ts';

const withFee = { instrument: { makerFeeRate: '0.001', takerFeeRate: '0.001' } };

describe('pause and resume', () => {
  it('takes every order off and puts every level back as it was', () => {
    const run = fiveLines().price('89').price('90', 0);
    const before = run.book;
    run.pause();
    expect([run.book, run.isPaused]).toEqual([[], true]);
    expect(run.resume().book).toEqual(before);
    expect(run.notes).toEqual([]);
  });

  it('puts levels back after trading was halted and allowed again', () => {
    const run = fiveLines();
    const before = run.book;
    run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'halted' });
    expect(run.book).toEqual([]);
    run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'active' });
    expect(run.book).toEqual(before);
  });

  it('finishes an opening that a pause interrupted', () => {
    const run = new GridRun({ config: FIVE_LINES, price: '100', instrument: { makerFeeRate: '0', takerFeeRate: '0' } });
    run.matching.liquidityLots = 1_500;
    run.start().pause();
    run.matching.liquidityLots = Number.POSITIVE_INFINITY;
    expect(run.resume().book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });
});

describe('state', () => {
  it('survives a restart at any time', () => {
    const run = fiveLines({}, withFee).price('89').restart().price('90', 300).restart().price('101').restart().price('100');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('is small', () => {
    const run = new GridRun({ config: { ...FIVE_LINES, levels: 20 }, price: '100' }).start();
    expect(JSON.stringify(run.state).length).toBeLessThan(6_500);
  });

  it('says its figures in plain decimals', () => {
    const run = fiveLines().price('89').price('101');
    expect(run.setup.strategy.figures?.(run.state, run.setup.scale)).toEqual({
      phase: 'trading',
      grid_profit: '10',
      grid_profit_base: '0',
      completed_trades: 1,
      lower_price: '80',
      upper_price: '120',
      open_buys: 2,
      open_sells: 2,
      levels_cancelled_by_hand: 0,
      levels_refused: 0,
      refusal: null,
    });
  });
});

describe('a run of before grids were of several kinds', () => {
  it('goes on with its state and its settings of then', () => {
    const [plain, old] = [fiveLines(), fiveLines()];
    const state = old.state as unknown as Record<string, unknown>;
    for (const name of ['size', 'windowLine', 'pool', 'capitalAtoms', 'conditions', 'pump']) delete state[name];
    for (const cell of old.state.cells as unknown as Record<string, unknown>[]) delete cell['isShort'];
    for (const run of [plain, old]) run.restart().price('89').price('121').pause().resume().price('79').price('100');
    expect([old.book, old.state.profitAtoms]).toEqual([plain.book, plain.state.profitAtoms]);
    const settings = ['lower_price', 'upper_price', 'levels', 'spacing', 'sizing', 'order_size', 'investment'] as const;
    const then = Object.fromEntries(settings.map((name) => [name, plain.setup.params[name]]));
    expect(withNewSettings(grid.params, then)).toEqual(plain.setup.params);
  });
});
