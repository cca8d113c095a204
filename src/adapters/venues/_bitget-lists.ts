/**
 * Bitget's lists, complete: pages of a hundred, newest first, each asked for by the last id of the one before.
 */
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { dataOf, marketId, readFill, readOrder } from './_bitget-rows.ts';
import { type Row, rows, text, UnreadableAnswer } from './_fields.ts';
import type { Ask, Asking } from './_request.ts';

const PAGE = 100;
/** Of an account's quarter of a second: twenty pages of orders are granted in a second, and ten of executions. */
export const LIST_WEIGHTS = { orders: 22, fills: 40 } as const;
/** The venue tells of no more than ninety days; asked for all of them it refuses, for its clock and ours differ. */
const LONGEST_MS = 89 * 24 * 3_600_000;

/** All open orders of one instrument. */
export async function openOrders(ask: Asking, symbol: string): Promise<readonly VenueOrder[]> {
  const found: VenueOrder[] = [];
  for await (const page of pages(ask, spotList('UnfilledOrders', LIST_WEIGHTS.orders), { symbol: marketId(symbol) }, 'orderId'))
    found.push(...page.map((order) => readOrder(order, symbol, 'priceAvg')));
  return [...new Map(found.map((order) => [order.venueOrderId, order])).values()];
}

/** An order by our id, looked for among the open ones and then among those that were placed since `from` and are over. */
export async function findInLists(ask: Asking, clientOrderId: string, symbol: string, from: number, now: number): Promise<VenueOrder | null> {
  const open = (await openOrders(ask, symbol)).find((order) => order.clientOrderId === clientOrderId);
  if (open !== undefined) return open;
  const since = { symbol: marketId(symbol), startTime: String(earliest(from, now)) };
  for await (const page of pages(ask, spotList('HistoryOrders', LIST_WEIGHTS.orders), since, 'orderId')) {
    const order = page.find((each) => each['clientOid'] === clientOrderId);
    if (order !== undefined) return readOrder(order, symbol, 'price');
  }
  return null;
}

/** Executions of an account in one instrument from `since` on; `now` is venue time. */
export async function fillsSince(ask: Asking, symbol: string, since: number, now: number): Promise<readonly VenueFill[]> {
  const fills = await readFills(ask, symbol, { symbol: marketId(symbol), startTime: String(earliest(since, now)) });
  return fills.filter(({ at }) => at >= since);
}

/** Executions of one order. */
export function fillsOf(ask: Asking, symbol: string, venueOrderId: string): Promise<readonly VenueFill[]> {
  return readFills(ask, symbol, { symbol: marketId(symbol), orderId: venueOrderId });
}

async function readFills(ask: Asking, symbol: string, about: Readonly<Record<string, string>>): Promise<readonly VenueFill[]> {
  const found: VenueFill[] = [];
  for await (const page of pages(ask, spotList('Fills', LIST_WEIGHTS.fills), about, 'tradeId')) found.push(...page.map((fill) => readFill(fill, symbol)));
  return inSequence(found);
}

/** Executions once each, oldest first. */
export function inSequence(found: readonly VenueFill[]): readonly VenueFill[] {
  const fills = [...new Map(found.map((fill) => [fill.tradeId, fill])).values()];
  return fills.sort((one, other) => one.at - other.at || compareIds(one.tradeId, other.tradeId));
}

/** A list of the venue: where it is asked for, what that costs the account, and how its rows are found in an answer. */
export interface List {
  readonly endpoint: string;
  readonly accountWeight: number;
  readonly rowsIn: (data: unknown) => readonly Row[];
}

function spotList(name: string, accountWeight: number): List {
  return { endpoint: `privateSpotGetV2SpotTrade${name}`, accountWeight, rowsIn: rows };
}

export function earliest(since: number, now: number): number {
  return Math.max(0, Math.floor(since), Math.floor(now) - LONGEST_MS);
}

/** Ends at the first page that is not full. */
export async function* pages(
  ask: Asking,
  { endpoint, accountWeight, rowsIn }: List,
  about: Readonly<Record<string, string>>,
  idField: string,
): AsyncGenerator<readonly Row[]> {
  for (let before: string | null = null; ; ) {
    const params: Ask['params'] = { ...about, limit: String(PAGE), ...(before === null ? {} : { idLessThan: before }) };
    const page: readonly Row[] = rowsIn(dataOf(await ask({ endpoint, params, weight: 1, accountWeight })));
    yield page;
    if (page.length < PAGE) return;
    const oldest = page.map((each) => text(each, idField)).reduce((one, other) => (compareIds(one, other) <= 0 ? one : other));
    if (before !== null && compareIds(oldest, before) >= 0) throw new UnreadableAnswer('the pages of a list do not go on');
    before = oldest;
  }
}

function compareIds(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : one === other ? 0 : 1);
}
