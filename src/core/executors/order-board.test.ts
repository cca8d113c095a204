/** A board is found as it was, whether it was written with its orders in lists or, as before, by key. */
import { describe, expect, it } from 'vitest';
import { endOrder, endWait, failuresOf, isIdle, liveOrder, newBoard, type OrderBoard, refusalOf, setWait, waitOf } from './order-board.ts';

const FORMER = {
  ...newBoard(),
  orders: { entry: { id: 'a1', lots: 5, isReplacing: false }, 'safety:2': { id: 'a2', lots: 7, isReplacing: true } },
  waits: { exit: { failures: 2, code: 'venue_says_no', retryAt: 9_000 } },
};
const LISTED: OrderBoard = {
  ...newBoard(),
  orders: [
    { key: 'entry', id: 'a1', lots: 5, isReplacing: false },
    { key: 'safety:2', id: 'a2', lots: 7, isReplacing: true },
  ],
  waits: [{ key: 'exit', failures: 2, code: 'venue_says_no', retryAt: 9_000 }],
};
const copy = (board: unknown) => JSON.parse(JSON.stringify(board)) as OrderBoard;

describe.each([
  ['of now', LISTED],
  ['from before', FORMER],
])('a board %s', (_, saved) => {
  it.each([
    ['idle', (board: OrderBoard) => isIdle(board), false],
    ['live order', (board: OrderBoard) => liveOrder(board, 'safety:2'), LISTED.orders[1]],
    ['no live order', (board: OrderBoard) => liveOrder(board, 'exit'), undefined],
    ['wait', (board: OrderBoard) => waitOf(board, 'exit'), LISTED.waits[0]],
    ['failures', (board: OrderBoard) => [failuresOf(board, 'exit'), failuresOf(board, 'entry')], [2, 0]],
    ['refusal', (board: OrderBoard) => refusalOf(board), 'venue_says_no'],
  ] as const)('tells: %s', (_what, ask, told) => {
    expect(ask(copy(saved))).toEqual(told);
  });

  it('forgets an order under its own id alone, and waits', () => {
    const board = copy(saved);
    endOrder(board, 'entry', 'another');
    endOrder(board, 'safety:2', 'a2');
    endWait(board, 'exit');
    expect(board).toEqual({ ...LISTED, orders: [LISTED.orders[0]], waits: [] });
  });

  it('keeps one wait for a key', () => {
    const board = copy(saved);
    const later = { key: 'exit', failures: 3, code: 'venue_says_no', retryAt: 20_000 };
    const other = { key: 'entry', failures: 1, code: 'full', retryAt: 10_000 };
    setWait(board, later);
    setWait(board, other);
    expect(board.waits).toEqual([later, other]);
  });
});
