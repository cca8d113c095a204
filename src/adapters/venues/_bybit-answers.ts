/** What Bybit's answers about single orders mean, in every category: it says whether a request was taken, and lists tell the rest. */
import type { OutboundOrder, PlaceOutcome, VenueOrder } from '#core/venue-ports.ts';
import { isDone, judgeRefusedCancel, judgeRefusedPlace } from './_bybit-codes.ts';
import { marketId } from './_bybit-connection.ts';
import { listOf, readOrder } from './_bybit-rows.ts';
import type { CancelJudgement } from './_dialect.ts';
import { UnreadableAnswer } from './_fields.ts';
import type { Answered } from './_request.ts';

/** A success only says that the venue took the order; whether it lives is told by the stream and the lists. */
export function judgePlace(answer: Answered, order: OutboundOrder): PlaceOutcome {
  if (!isDone(answer)) return judgeRefusedPlace(answer);
  const result = resultOf(answer.body);
  const venueOrderId: unknown = result?.['orderId'];
  if (result?.['orderLinkId'] !== order.clientOrderId || typeof venueOrderId !== 'string' || !/^[0-9A-Za-z-]{1,64}$/.test(venueOrderId))
    return { outcome: 'unknown', code: 'unreadable_answer', message: 'Bybit answered without the order that was asked for' };
  return { outcome: 'accepted', venueOrderId };
}

/** A success only says that the venue took the request to cancel. */
export function judgeCancel(answer: Answered, clientOrderId: string): CancelJudgement {
  if (!isDone(answer)) return judgeRefusedCancel(answer);
  if (resultOf(answer.body)?.['orderLinkId'] === clientOrderId) return { outcome: 'requested' };
  return { outcome: 'unknown', code: 'unreadable_answer', message: 'Bybit answered about another order' };
}

function resultOf(body: unknown): Readonly<Record<string, unknown>> | null {
  const result: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'result') : null;
  return typeof result === 'object' && result !== null ? (result as Readonly<Record<string, unknown>>) : null;
}

export function isEmptyList(body: unknown): boolean {
  const list = resultOf(body)?.['list'];
  return Array.isArray(list) && list.length === 0;
}

export function readFound(body: unknown, symbol: string): VenueOrder {
  const list = listOf(body);
  // More than one only where a stop and the order it became bear the same name; the newest comes first.
  const [order] = list;
  if (order === undefined || list.some((each) => each['orderLinkId'] !== order['orderLinkId'])) throw new UnreadableAnswer('it does not tell of one order');
  if (order['symbol'] !== marketId(symbol)) throw new UnreadableAnswer(`it tells of ${String(order['symbol'])}`);
  return readOrder(order, symbol);
}
