/**
 * OKX's lists, complete: open orders and stops, and own executions, page by page of a hundred, newest first.
 */
import { PortError } from '#core/errors.ts';
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import type { Params } from './_exchange.ts';
import { type Row, text, UnreadableAnswer, whole } from './_fields.ts';
import { marketId, type OkxKind, rowInBase } from './_okx-kind.ts';
import { becomeOf, dataOf, ownIdOf, readFill, readOrder, readStop } from './_okx-rows.ts';
import type { Ask, Asking } from './_request.ts';

const PAGE = 100;
const DAY_MS = 86_400_000;
/** The quick list of executions reaches back three days; the slow one overlaps it, so that nothing falls between. */
const RECENT_MS = 3 * DAY_MS;
const OVERLAP_MS = DAY_MS / 2;
/** An order that was cancelled without a trade is forgotten after two hours. */
const FORGOTTEN_AFTER_MS = 2 * 3_600_000;

/** Open orders of an instrument, and stops that have not triggered. */
export async function openOrders(ask: Asking, kind: OkxKind, symbol: string): Promise<readonly VenueOrder[]> {
  const instId = marketId(symbol);
  const about = { instType: kind.instType, instId };
  // A stop leaves its list when it triggers and enters the other: read in this sequence it is seen at least once.
  const stops = await all(
    ask,
    { endpoint: 'privateGetTradeOrdersAlgoPending', params: { ...about, ordType: 'conditional' }, weight: 0, accountWeight: 3 },
    'algoId',
  );
  const orders = await all(ask, { endpoint: 'privateGetTradeOrdersPending', params: about, weight: 0, accountWeight: 1 }, 'ordId');
  const found = [...orders.map((order) => readOrder(rowInBase(kind, order), symbol)), ...stops.map((stop) => readStop(rowInBase(kind, stop), symbol))];
  return [...new Map(found.toReversed().map((order) => [order.clientOrderId, order])).values()].toReversed();
}

/**
 * Our ids of orders that stops became. Lists of executions name such an order by the venue's id only, so the order is
 * asked for; what it says never changes and is remembered, as far as there is room.
 */
export class StopOrigins {
  readonly #ids = new Map<string, string | null>();

  async of(ask: Asking, instId: string, ordId: string): Promise<string | null> {
    const known = this.#ids.get(ordId);
    if (known !== undefined) return known;
    const id = await origin(ask, instId, ordId);
    if (this.#ids.size >= MAX_ORIGINS) this.#ids.clear();
    this.#ids.set(ordId, id);
    return id;
  }
}

export const MAX_ORIGINS = 10_000;

/** An order that the venue has forgotten tells nothing any more, and must not hold up all others for ever. */
async function origin(ask: Asking, instId: string, ordId: string): Promise<string | null> {
  const [order] = await known(ask, { ...FIND, params: { instId, ordId } });
  return order === undefined ? null : ownIdOf(order);
}

/** The request for one order, without saying which. */
export const FIND = { endpoint: 'privateGetTradeOrder', weight: 0, accountWeight: 1 } as const;

/** The row of an order or stop, if the venue knows it. */
async function known(ask: Asking, request: Ask): Promise<readonly Row[]> {
  try {
    return dataOf(await ask(request));
  } catch (error) {
    if (error instanceof PortError && error.code === 'not_found') return [];
    throw error;
  }
}

/** A stop by our id, or the order that it has become; `now` is venue time. */
export async function findStop(ask: Asking, kind: OkxKind, symbol: string, clientOrderId: string, now: number): Promise<VenueOrder | null> {
  const instId = marketId(symbol);
  const [stop] = await known(ask, { endpoint: 'privateGetTradeOrderAlgo', params: { algoClOrdId: clientOrderId }, weight: 0, accountWeight: 3 });
  if (stop === undefined) return null;
  if (stop['algoClOrdId'] !== clientOrderId || stop['instId'] !== instId) throw new UnreadableAnswer('it tells of another stop');
  const ordId = becomeOf(stop);
  if (ordId === null) return readStop(rowInBase(kind, stop), symbol);
  const [order] = await known(ask, { ...FIND, params: { instId, ordId } });
  if (order !== undefined) return readOrder(rowInBase(kind, order), symbol);
  if (now - whole(stop, 'uTime') < FORGOTTEN_AFTER_MS) throw new UnreadableAnswer('a stop has triggered, and its order is not known yet');
  return { ...readStop(rowInBase(kind, { ...stop, state: 'canceled' }), symbol), venueOrderId: ordId };
}

/** Whose executions are listed, and of what kind. */
export interface FillList {
  readonly kind: OkxKind;
  readonly origins: StopOrigins;
  readonly instId: string;
  readonly symbol: string;
}

/** Executions of an account in one instrument from `since` on, as far back as the venue keeps them (three months); `now` is venue time. */
export async function fillsSince(ask: Asking, list: FillList, since: number, now: number): Promise<readonly VenueFill[]> {
  const about = { instType: list.kind.instType, instId: list.instId };
  const begin = Math.max(0, Math.floor(since));
  const recent = await all(ask, { endpoint: 'privateGetTradeFills', params: { ...about, begin }, weight: 0, accountWeight: 1 }, 'billId');
  const older =
    begin < now - RECENT_MS + OVERLAP_MS
      ? await all(
          ask,
          {
            endpoint: 'privateGetTradeFillsHistory',
            params: { ...about, begin, end: Math.ceil(now - RECENT_MS + 2 * OVERLAP_MS) },
            weight: 0,
            accountWeight: 5,
          },
          'billId',
        )
      : [];
  return (await readFills(ask, list, [...older, ...recent])).filter(({ at }) => at >= since);
}

/** Executions of one order. */
export async function fillsOf(ask: Asking, list: FillList, ordId: string): Promise<readonly VenueFill[]> {
  const about = { instType: list.kind.instType, instId: list.instId, ordId };
  const recent = await all(ask, { endpoint: 'privateGetTradeFills', params: about, weight: 0, accountWeight: 1 }, 'billId');
  const older = await all(ask, { endpoint: 'privateGetTradeFillsHistory', params: about, weight: 0, accountWeight: 5 }, 'billId');
  return readFills(ask, list, [...older, ...recent]);
}

/** Every row of a list, newest first; each page but the last is full. */
export async function all(ask: Asking, request: Ask, idField: string): Promise<readonly Row[]> {
  const found: Row[] = [];
  let params: Params = { ...request.params, limit: PAGE };
  for (;;) {
    const page = dataOf(await ask({ ...request, params }));
    found.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return found;
    params = { ...params, after: text(last, idField) };
  }
}

async function readFills(ask: Asking, { kind, origins, instId, symbol }: FillList, listed: readonly Row[]): Promise<readonly VenueFill[]> {
  const fills: VenueFill[] = [];
  for (const fill of new Map(listed.map((each) => [text(each, 'billId'), each])).values()) {
    const clientOrderId = ownIdOf(fill) ?? (await origins.of(ask, instId, text(fill, 'ordId')));
    fills.push(readFill(rowInBase(kind, fill), symbol, clientOrderId));
  }
  return fills.sort((one, other) => one.at - other.at || compareIds(one.tradeId, other.tradeId));
}

function compareIds(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}
