/** One grid run, with the laws of the grid checked after every step beside those of every strategy. */
import { expect } from 'vitest';
import { wholeLots } from '#core/executors/amounts.ts';
import type { Cell, GridState } from '#strategies/_grid/state.ts';
import { grid } from '#strategies/grid.ts';
import { StrategyRun, type StrategyRunOptions } from './strategy-run.ts';

export { TEST_INSTRUMENT, TEST_PERPETUAL } from './strategy-run.ts';
export type GridRunOptions = StrategyRunOptions;

/** Five lines at 80, 90, 100, 110, 120; each cell trades 1 ABC. */
export const FIVE_LINES = { lower_price: '80', upper_price: '120', levels: 5, sizing: 'base', order_size: '1' };

/** A grid of five lines that has begun at 100, without fees unless a test wants some. */
export function fiveLines(config: Readonly<Record<string, unknown>> = {}, options: Partial<Omit<GridRunOptions, 'config'>> = {}): GridRun {
  return new GridRun({ config: { ...FIVE_LINES, ...config }, price: '100', instrument: { makerFeeRate: '0', takerFeeRate: '0' }, ...options }).start();
}

export class GridRun extends StrategyRun {
  constructor(options: GridRunOptions) {
    super(grid, options);
  }

  get state(): GridState {
    return this.engine.state.strategy as GridState;
  }

  get cells(): readonly Cell[] {
    return this.state.cells;
  }

  override checkLaws(): void {
    super.checkLaws();
    const { engine } = this;
    const lines = this.orders.filter((order) => order.tag.startsWith('level:')).map((order) => order.priceTicks);
    const cap = Number(this.setup.params['active_orders'] ?? (this.setup.params['range'] === 'infinite' ? 100 : Number.POSITIVE_INFINITY));
    expect(this.orders.filter((order) => order.tag !== 'exit').length, 'orders at the venue').toBeLessThanOrEqual(cap);
    expect(new Set(lines).size, `one order a line: ${this.book.join(', ')}`).toBe(lines.length);
    if (engine.state.strategy !== null && (engine.state.phase === 'running' || engine.state.phase === 'paused')) this.#checkBooks();
  }

  #checkBooks(): void {
    const { state, engine, setup } = this;
    const { position } = engine.state;
    const sum = (of: (cell: Cell) => number) => state.cells.reduce((total, cell) => total + of(cell), 0);
    const sign = (cell: Cell) => (cell.isShort ? -1 : 1);
    const openingSign = state.opening?.side === 'sell' && setup.scale.isPerpetual ? -1 : 1;
    const pending = openingSign * (state.opening?.gotGrains ?? 0);
    const held = sum((cell) => sign(cell) * cell.heldGrains) + state.keptGrains + (state.pool?.grains ?? 0) + pending;
    if (state.cells.length > 0 && setup.scale.isPerpetual) expect(held, 'position of all cells').toBe(position.baseGrains);
    else if (state.cells.length > 0) expect(held, 'base of all cells').toBeLessThanOrEqual(position.baseGrains);
    for (const cell of state.cells) {
      expect(cell.heldGrains).toBeGreaterThanOrEqual(0);
      expect(cell.openLots).toBeGreaterThanOrEqual(0);
      expect(cell.openLots).toBeLessThanOrEqual(cell.lots);
      // Beyond its size a cell holds nothing but the dust of the opening.
      expect(wholeLots(cell.heldGrains), `base of cell ${cell.line}`).toBeLessThanOrEqual(cell.openLots + 3);
    }
    if (state.cells.length === 0 || setup.lentGrains > 0) return;
    const flow = position.quoteAtoms - this.otherFeeAtoms;
    const invested = sum((cell) => sign(cell) * cell.costAtoms) + (state.pool?.costAtoms ?? 0) + openingSign * (state.opening?.paidAtoms ?? 0);
    expect(state.profitAtoms - invested + state.trendAtoms, 'profit adds up to the fills').toBe(flow);
  }
}
