/** What is remembered of a strategy's live orders and of those that wait to be tried again: plain data, lists of a few elements. */
import { takeOut } from '../engine/order-index.ts';

export interface OrderBoard {
  /** Live orders, one for a key, with the size that was wanted when they were placed. */
  orders: BoardOrder[];
  /** Keys that were refused or ended by the venue, and when to try again. */
  waits: BoardWait[];
  /** Keys whose order the user has cancelled by hand: they rest until the bot is paused and resumed. */
  parked: string[];
  /** No order is placed before this time, because the bot as a whole was refused. */
  holdUntil: number;
  holdFailures: number;
  /** When the retry timer is set for; 0 while it is not. */
  timerAt: number;
}

export interface BoardOrder {
  readonly key: string;
  id: string;
  lots: number;
  isReplacing: boolean;
}

export interface BoardWait {
  readonly key: string;
  readonly failures: number;
  readonly code: string;
  readonly retryAt: number;
}

export function newBoard(): OrderBoard {
  return { orders: [], waits: [], parked: [], holdUntil: 0, holdFailures: 0, timerAt: 0 };
}

/** Makes a board as they are now of one whose orders stand by key, as they did before: a run may go on from such a board. Whoever looks at one begins with it. */
export function adoptBoard(board: OrderBoard): void {
  if (Array.isArray(board.orders)) return;
  board.orders = listed(board.orders as unknown as Record<string, Omit<BoardOrder, 'key'>>);
  board.waits = listed(board.waits as unknown as Record<string, Omit<BoardWait, 'key'>>);
}

function listed<Value extends object>(record: Readonly<Record<string, Value>>): (Value & { readonly key: string })[] {
  return Object.entries(record).map(([key, value]) => ({ key, ...value }));
}

export function isIdle(board: OrderBoard): boolean {
  adoptBoard(board);
  return board.orders.length === 0;
}

/** The live order of a key. */
export function liveOrder(board: OrderBoard, key: string): BoardOrder | undefined {
  adoptBoard(board);
  const { orders } = board;
  for (let index = 0; index < orders.length; index += 1) if (orders[index]?.key === key) return orders[index];
  return undefined;
}

export function waitOf(board: OrderBoard, key: string): BoardWait | undefined {
  adoptBoard(board);
  const { waits } = board;
  for (let index = 0; index < waits.length; index += 1) if (waits[index]?.key === key) return waits[index];
  return undefined;
}

/** Refusals of a key in a row. */
export function failuresOf(board: OrderBoard, key: string): number {
  return waitOf(board, key)?.failures ?? 0;
}

/** Why the oldest of what waits was refused; `null` where nothing waits. */
export function refusalOf(board: OrderBoard): string | null {
  adoptBoard(board);
  return board.waits[0]?.code ?? null;
}

export function setWait(board: OrderBoard, wait: BoardWait): void {
  adoptBoard(board);
  const index = board.waits.findIndex(({ key }) => key === wait.key);
  if (index < 0) board.waits.push(wait);
  else board.waits[index] = wait;
}

/** What was refused of a key is forgotten. */
export function endWait(board: OrderBoard, key: string): void {
  adoptBoard(board);
  if (board.waits.length > 0) board.waits = board.waits.filter((wait) => wait.key !== key);
}

/** Forgets an order that is over. */
export function endOrder(board: OrderBoard, key: string, id: string): void {
  const live = liveOrder(board, key);
  if (live?.id === id) takeOut(board.orders, live);
}
