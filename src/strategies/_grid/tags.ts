/** How an order of the grid tells which cell and side it was placed for. */
import { type Cell, type CellSide, cellAt, type GridState } from './state.ts';

export function orderTag(line: number, side: CellSide): string {
  const tags = side === 'buy' ? BUY_TAGS : SELL_TAGS;
  if (!(line >= 0 && line < MOST_TAGS)) return tagOf(line, side);
  while (tags.length <= line) tags.push(tagOf(tags.length, side));
  return tags[line] as string;
}

function tagOf(line: number, side: CellSide): string {
  return `level:${line}:${side}`;
}

/** Those of the first lines, by line: a grid uses the same few again and again. */
const BUY_TAGS: string[] = [];
const SELL_TAGS: string[] = [];
const MOST_TAGS = 512;

/** The cell and side an order was placed for. */
export interface CellOrder {
  readonly cell: Cell;
  readonly side: CellSide;
}

/** What an order was placed for; `null` for orders of another purpose. */
export function cellOfOrder(state: GridState, tag: string): CellOrder | null {
  // No other tag of a grid has a colon there.
  if (tag.charCodeAt(LINE_AT - 1) !== COLON) return null;
  const cell = cellAt(state, lineOf(tag));
  return cell === undefined ? null : { cell, side: tag.charCodeAt(tag.length - 1) === LAST_OF_BUY ? 'buy' : 'sell' };
}

/** Read digit by digit: every fill asks. */
function lineOf(tag: string): number {
  const isBelow = tag.charCodeAt(LINE_AT) === MINUS;
  let line = 0;
  for (let index = isBelow ? LINE_AT + 1 : LINE_AT; ; index += 1) {
    const digit = tag.charCodeAt(index) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return isBelow ? -line : line;
    line = line * 10 + digit;
  }
}

const LINE_AT = 'level:'.length;
const MINUS = '-'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const COLON = ':'.charCodeAt(0);
const LAST_OF_BUY = 'y'.charCodeAt(0);
