/** Bitget's lists of perpetuals, complete: pages of a hundred, newest first, under names of their own, and bills in spans of a month. */

import type { FundingPayment } from '#core/perpetual-ports.ts';
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { ACCOUNT_WEIGHTS } from './_bitget-both-markets.ts';
import { earliest, inSequence, LIST_WEIGHTS, type List, pages } from './_bitget-lists.ts';
import { marketId, readFill, readOrder, readPayment } from './_bitget-perpetual-rows.ts';
import { type Row, row, rows } from './_fields.ts';
import type { Asking } from './_request.ts';

/** Bills are told of no more than thirty days at once. */
const BILL_SPAN_MS = 29 * 86_400_000;
const FUNDING = 'contract_settle_fee';

/** Rows stand under a name of their own, and where there are none there may be nothing at all. */
function listOf(endpoint: string, name: string, accountWeight: number): List {
  return {
    endpoint: `privateMixGetV2Mix${endpoint}`,
    accountWeight,
    rowsIn: (data) => {
      const listed = row(data)[name];
      return listed === null ? [] : rows(listed);
    },
  };
}

const OPEN = listOf('OrderOrdersPending', 'entrustedList', LIST_WEIGHTS.fills);
const OVER = listOf('OrderOrdersHistory', 'entrustedList', LIST_WEIGHTS.fills);
const FILLS = listOf('OrderFills', 'fillList', LIST_WEIGHTS.fills);
const BILLS = listOf('AccountBill', 'bills', ACCOUNT_WEIGHTS.balances);

function about(symbol: string): Readonly<Record<string, string>> {
  return { productType: 'USDT-FUTURES', symbol: marketId(symbol) };
}

/** All open orders of one instrument. */
export async function openOrders(ask: Asking, symbol: string): Promise<readonly VenueOrder[]> {
  const found: VenueOrder[] = [];
  for await (const page of pages(ask, OPEN, about(symbol), 'orderId')) found.push(...page.map((order) => readOrder(order, symbol, 'status')));
  return [...new Map(found.map((order) => [order.venueOrderId, order])).values()];
}

/** An order by our id, looked for among the open ones and then among those that were placed since `from` and are over. */
export async function findInLists(ask: Asking, clientOrderId: string, symbol: string, from: number, now: number): Promise<VenueOrder | null> {
  const open = (await openOrders(ask, symbol)).find((order) => order.clientOrderId === clientOrderId);
  if (open !== undefined) return open;
  for await (const page of pages(ask, OVER, { ...about(symbol), startTime: String(earliest(from, now)) }, 'orderId')) {
    const order = page.find((each) => each['clientOid'] === clientOrderId);
    if (order !== undefined) return readOrder(order, symbol, 'status');
  }
  return null;
}

/** Executions of an account in one instrument from `since` on; `now` is venue time. */
export async function fillsSince(ask: Asking, symbol: string, since: number, now: number): Promise<readonly VenueFill[]> {
  const fills = await readFills(ask, symbol, { startTime: String(earliest(since, now)) });
  return fills.filter(({ at }) => at >= since);
}

/** Executions of one order. */
export function fillsOf(ask: Asking, symbol: string, venueOrderId: string): Promise<readonly VenueFill[]> {
  return readFills(ask, symbol, { orderId: venueOrderId });
}

async function readFills(ask: Asking, symbol: string, which: Readonly<Record<string, string>>): Promise<readonly VenueFill[]> {
  const found: VenueFill[] = [];
  for await (const page of pages(ask, FILLS, { ...about(symbol), ...which }, 'tradeId')) found.push(...page.map((fill) => readFill(fill, symbol)));
  return inSequence(found);
}

/** Own funding settlements from `since` on, as far back as the venue tells of them (ninety days); `now` is venue time. */
export async function fundingSince(ask: Asking, symbol: string, since: number, now: number): Promise<readonly FundingPayment[]> {
  const bills = new Map<string, Row>();
  for (let from = earliest(since, now); from <= now; from += BILL_SPAN_MS) {
    const span = { startTime: String(from), endTime: String(Math.ceil(Math.min(now, from + BILL_SPAN_MS))) };
    for await (const page of pages(ask, BILLS, { ...about(symbol), businessType: FUNDING, ...span }, 'billId'))
      for (const bill of page) bills.set(String(bill['billId']), bill);
  }
  return [...bills.values()]
    .filter((bill) => bill['businessType'] === FUNDING)
    .map((bill) => readPayment(bill, symbol))
    .filter(({ at }) => at >= since)
    .sort((one, other) => one.at - other.at);
}
