/**
 * Compares the venue's truth with our books: every order, execution and coin. What differs is named; nothing is
 * forgiven, and only what is still in doubt by its own deadline may wait.
 */
import { parseClientOrderId } from '#core/client-order-id.ts';
import { type Decimal, type DecimalString, decimal, plain } from '#core/money.ts';
import type { TrueFill, TrueOrder } from '../venues/_truth.ts';

/** An order and an execution as the public API shows them. */
export interface BookOrder {
  readonly client_order_id: string;
  readonly exchange_order_id: string | null;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly price: string | null;
  readonly quantity: string;
  readonly status: 'pending' | 'open' | 'partially_filled' | 'filled' | 'cancelled' | 'rejected' | 'expired';
  readonly filled_quantity: string;
  readonly reason_code: string | null;
}

export interface BookFill {
  readonly trade_id: string;
  readonly symbol: string;
  readonly quantity: string;
  readonly price: string;
}

export interface Sides {
  readonly venueOrders: readonly TrueOrder[];
  readonly venueFills: readonly TrueFill[];
  readonly bookOrders: readonly BookOrder[];
  readonly bookFills: readonly BookFill[];
}

/** Statuses of the books that agree with each status of the venue. */
const AGREEING: Readonly<Record<TrueOrder['status'], readonly BookOrder['status'][]>> = {
  open: ['open', 'partially_filled'],
  partiallyFilled: ['open', 'partially_filled'],
  filled: ['filled'],
  cancelled: ['cancelled'],
  expired: ['expired', 'cancelled'],
} as Readonly<Record<TrueOrder['status'], readonly BookOrder['status'][]>>;

/** Why an order may be over without having reached the venue, other than by its refusal. */
const NEVER_SENT: ReadonlySet<string> = new Set(['cancelled_before_sent', 'not_sent_in_time']);

/** Every difference, in words; empty when books and truth agree. */
export function differences(sides: Sides): string[] {
  const ours = sides.venueOrders.filter((order) => parseClientOrderId(order.clientOrderId) !== null);
  return [...orderDifferences(ours, sides.bookOrders), ...fillDifferences(sides.venueFills, sides.bookFills), ...doubles(ours)];
}

/** Orders whose outcome the books do not know yet. */
export function inDoubt(orders: readonly BookOrder[]): readonly BookOrder[] {
  return orders.filter((order) => order.status === 'pending');
}

function orderDifferences(venueOrders: readonly TrueOrder[], bookOrders: readonly BookOrder[]): string[] {
  const found: string[] = [];
  const books = new Map(bookOrders.map((order) => [order.client_order_id, order]));
  const truth = new Map(venueOrders.map((order) => [order.clientOrderId, order]));
  for (const order of venueOrders) {
    const book = books.get(order.clientOrderId);
    if (book === undefined) found.push(`lost: ${order.clientOrderId} was accepted by the venue and is not in the books`);
    else if (!(AGREEING[order.status] ?? []).includes(book.status))
      found.push(`${order.clientOrderId} is ${order.status} at the venue and ${book.status} in the books`);
    else if (!decimal(order.filledSize).eq(book.filled_quantity))
      found.push(`${order.clientOrderId} has ${order.filledSize} filled at the venue and ${book.filled_quantity} in the books`);
  }
  for (const order of bookOrders) {
    const isUnsent = NEVER_SENT.has(order.reason_code ?? '');
    if (isUnsent && truth.has(order.client_order_id))
      found.push(`${order.client_order_id} was never sent, as it stands in the books, and the venue accepted it`);
    if (order.status !== 'rejected' && !isUnsent && !truth.has(order.client_order_id))
      found.push(`${order.client_order_id} is ${order.status} in the books and the venue never accepted it`);
  }
  return found;
}

function fillDifferences(venueFills: readonly TrueFill[], bookFills: readonly BookFill[]): string[] {
  const key = (symbol: string, tradeId: string) => `${symbol} ${tradeId}`;
  const books = new Map(bookFills.map((fill) => [key(fill.symbol, fill.trade_id), fill]));
  const truth = new Set(venueFills.map((fill) => key(fill.symbol, fill.tradeId)));
  const found: string[] = [];
  for (const fill of venueFills) {
    const book = books.get(key(fill.symbol, fill.tradeId));
    if (book === undefined) found.push(`lost: execution ${fill.tradeId} of ${fill.symbol} is not in the books`);
    else if (!decimal(fill.size).eq(book.quantity) || !decimal(fill.price).eq(book.price))
      found.push(`execution ${fill.tradeId} of ${fill.symbol} differs: ${fill.size}@${fill.price}, books ${book.quantity}@${book.price}`);
  }
  if (books.size !== bookFills.length) found.push(`doubled: ${bookFills.length - books.size} executions stand twice in the books`);
  for (const fill of bookFills)
    if (!truth.has(key(fill.symbol, fill.trade_id))) found.push(`execution ${fill.trade_id} of ${fill.symbol} is in the books and never happened`);
  return found;
}

/** A grid has one order a level: two open ones of the same bot, side and price are one intent placed twice. */
function doubles(venueOrders: readonly TrueOrder[]): string[] {
  const seen = new Map<string, string>();
  const found: string[] = [];
  for (const order of venueOrders) {
    if (order.status !== 'open' && order.status !== 'partiallyFilled') continue;
    const parsed = parseClientOrderId(order.clientOrderId);
    const key = `${parsed?.kind}:${parsed?.number} ${order.symbol} ${order.side} ${order.price}`;
    const other = seen.get(key);
    if (other !== undefined) found.push(`doubled: ${other} and ${order.clientOrderId} rest for the same level (${order.side} at ${order.price})`);
    seen.set(key, order.clientOrderId);
  }
  return found;
}

/** The most quote the bot of a symbol ever had at stake, from the venue's own record: spent net of sales after each execution. */
export function peakStake(symbol: string, { venueOrders, venueFills }: Pick<Sides, 'venueOrders' | 'venueFills'>): DecimalString {
  const ours = new Set(
    venueOrders.filter((order) => order.symbol === symbol && parseClientOrderId(order.clientOrderId) !== null).map((order) => order.venueOrderId),
  );
  let spent: Decimal = decimal('0');
  let peak: Decimal = decimal('0');
  for (const fill of venueFills) {
    if (fill.symbol !== symbol || !ours.has(fill.venueOrderId)) continue;
    const value = decimal(fill.price).times(fill.size);
    spent = fill.side === 'buy' ? spent.plus(value) : spent.minus(value);
    if (spent.gt(peak)) peak = spent;
  }
  return plain(peak);
}
