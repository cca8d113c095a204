/**
 * Bybit's paged lists, complete: open orders in pages of fifty, executions in windows of seven days and pages of a hundred.
 */
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { isTrade, listOf, readFill, readOrder } from './_bybit-rows.ts';
import type { Params } from './_exchange.ts';
import { type Row, row, UnreadableAnswer } from './_fields.ts';
import type { Asking } from './_request.ts';

const DAY_MS = 24 * 3_600_000;
const WINDOW_MS = 7 * DAY_MS;
/** The venue keeps executions for two years. */
const KEPT_MS = 730 * DAY_MS;
/** What a page of a list weighs in the budget of its account. */
export const LIST_WEIGHT = 6;
/** More pages than any list of an account can have: a cursor that leads in a circle must end somewhere. */
const MAX_PAGES = 20_000;

/** What the venue calls a kind of instruments. */
export type Category = 'spot' | 'linear';

export async function openOrders(ask: Asking, category: Category, marketId: string, symbol: string): Promise<readonly VenueOrder[]> {
  const orders = await pages(ask, 'privateGetV5OrderRealtime', { category, symbol: marketId, openOnly: 0, limit: 50 });
  // Asked for one instrument, it lists that one; a row of another would be booked wrongly.
  return [...new Map(orders.map((order) => [String(order['orderId']), readOrder(own(order, marketId), symbol)])).values()];
}

/** Executions of an account in one instrument from `since` on; `now` is venue time. */
export async function fillsSince(ask: Asking, category: Category, marketId: string, symbol: string, since: number, now: number): Promise<readonly VenueFill[]> {
  const found: Row[] = [];
  // Of derivatives the venue's own executions are wanted too, which are of other types.
  const about = { category, symbol: marketId, ...(category === 'spot' ? { execType: 'Trade' } : {}), limit: 100 };
  let from = Math.max(0, Math.floor(since), Math.floor(now - KEPT_MS));
  for (; now - from >= WINDOW_MS; from += WINDOW_MS)
    found.push(...(await pages(ask, 'privateGetV5ExecutionList', { ...about, startTime: from, endTime: from + WINDOW_MS - 1 })));
  // The last window has no end: our idea of the venue's time must not cut off the newest executions.
  found.push(...(await pages(ask, 'privateGetV5ExecutionList', { ...about, startTime: from })));
  return fillsIn(found, marketId, symbol).filter(({ at }) => at >= since);
}

/** Executions of one order. */
export async function fillsOf(ask: Asking, category: Category, marketId: string, symbol: string, venueOrderId: string): Promise<readonly VenueFill[]> {
  const found = await pages(ask, 'privateGetV5ExecutionList', { category, orderId: venueOrderId, limit: 100 });
  return fillsIn(found, marketId, symbol).filter((fill) => fill.venueOrderId === venueOrderId);
}

/** Every row of a list; `accountWeight` is what a page weighs. */
export async function pages(ask: Asking, endpoint: string, params: Params, accountWeight = LIST_WEIGHT): Promise<readonly Row[]> {
  const found: Row[] = [];
  let cursor = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    // The cursor goes back as it came: it is encoded for the query already.
    const body = await ask({ endpoint, params: cursor === '' ? params : { ...params, cursor }, weight: 1, accountWeight });
    const list = listOf(body);
    found.push(...list);
    const next = row(row(body)['result'])['nextPageCursor'];
    if (list.length === 0 || typeof next !== 'string' || next === '' || next === cursor) return found;
    cursor = next;
  }
  throw new UnreadableAnswer('the pages of a list never end');
}

/** The venue lists the newest first and in no certain sequence within a millisecond. */
function fillsIn(executions: readonly Row[], marketId: string, symbol: string): readonly VenueFill[] {
  const fills = executions.filter(isTrade).map((execution) => readFill(own(execution, marketId), symbol));
  return [...new Map(fills.map((fill) => [fill.tradeId, fill])).values()].sort((one, other) => one.at - other.at || compareIds(one.tradeId, other.tradeId));
}

function own(listed: Row, marketId: string): Row {
  if (listed['symbol'] !== marketId) throw new UnreadableAnswer(`a row of ${String(listed['symbol'])} in a list of ${marketId}`);
  return listed;
}

function compareIds(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}
