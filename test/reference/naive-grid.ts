/**
 * A grid, naively: between each two neighbouring lines a cell that buys its size at the lower line and sells the whole lots it has at the
 * upper one, over and over. At the start the cells from the line next to the price upwards are loaded with one purchase; no line ever holds two orders.
 */
import { Decimal } from 'decimal.js';
import { down, type NaiveBar, NaiveMarket, type NaiveTerms, up } from './naive-market.ts';

export interface NaiveGrid {
  /** Lines in ticks, ascending. */
  readonly lines: readonly number[];
  /** What each cell buys. */
  readonly sizes: readonly string[];
  readonly investment: string;
}

interface Cell {
  readonly low: number;
  readonly high: number;
  readonly size: Decimal;
  held: Decimal;
  order: 'buy' | 'sell' | null;
}

export function naiveGrid(terms: NaiveTerms, grid: NaiveGrid, bars: readonly NaiveBar[]): NaiveMarket {
  const market = new NaiveMarket(terms, grid.investment);
  const cells = grid.sizes.map(
    (size, index): Cell => ({
      low: grid.lines[index] ?? 0,
      high: grid.lines[index + 1] ?? 0,
      size: new Decimal(size),
      held: new Decimal(0),
      order: null,
    }),
  );
  let at = bars[0]?.open ?? 0;
  open(market, cells, grid.lines, at);
  for (const { open: begin, high, low, close } of bars) {
    // A jump: what it has passed trades at its own price, like everything on the way.
    for (const target of [begin, ...(close >= begin ? [low, high] : [high, low]), close]) {
      while (tradeNext(market, cells, at, target));
      at = target;
    }
  }
  return market;
}

/** The next order between two prices trades; `false` when there is none. */
function tradeNext(market: NaiveMarket, cells: readonly Cell[], from: number, to: number): boolean {
  const isDown = to <= from;
  const reached = cells.filter(({ order, low, high }) => (isDown ? order === 'buy' && low >= to : order === 'sell' && high <= to));
  const [next] = reached.toSorted((one, other) => (isDown ? other.low - one.low : one.high - other.high));
  if (next === undefined) return false;
  if (isDown) next.held = next.held.plus(market.buy(next.size, market.price(next.low)));
  else {
    const size = down(next.held, market.lot);
    market.sell(size, market.price(next.high));
    next.held = next.held.minus(size);
  }
  next.order = null;
  const index = cells.indexOf(next);
  for (const cell of [index, index - 1, index + 1]) place(market, cells, cell);
  return true;
}

/** Sells where there is something to sell, buys otherwise, unless another order stands on that line. */
function place(market: NaiveMarket, cells: readonly Cell[], index: number): void {
  const cell = cells[index];
  if (cell === undefined || cell.order !== null) return;
  if (market.takes(down(cell.held, market.lot), market.price(cell.high))) {
    if (cells[index + 1]?.order !== 'buy') cell.order = 'sell';
  } else if (cells[index - 1]?.order !== 'sell') cell.order = 'buy';
}

/** One purchase at the price loads the upper cells; what rounding leaves goes to the highest. */
function open(market: NaiveMarket, cells: readonly Cell[], lines: readonly number[], at: number): void {
  const distances = lines.map((line) => Math.abs(line - at));
  const first = distances.indexOf(Math.min(...distances));
  const loaded = cells.slice(first);
  const wanted = loaded.reduce((sum, { size }) => sum.plus(size), new Decimal(0));
  let size = up(wanted, market.lot);
  while (size.minus(up(size.times(market.fee), market.leastCoin)).lt(wanted)) size = size.plus(market.lot);
  if (loaded.length > 0) {
    let rest = market.buy(size, market.price(at)).minus(wanted);
    for (const cell of loaded) cell.held = cell.size;
    const highest = cells.at(-1);
    if (highest !== undefined) highest.held = highest.held.plus(rest);
    rest = new Decimal(0);
  }
  const byDistance = [...cells.keys()].toSorted((one, other) => distanceOf(cells[one], at) - distanceOf(cells[other], at) || one - other);
  for (const index of byDistance) place(market, cells, index);
}

function distanceOf(cell: Cell | undefined, at: number): number {
  return cell === undefined ? 0 : Math.abs(cell.low + cell.high - 2 * at);
}
