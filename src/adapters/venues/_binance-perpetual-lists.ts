/**
 * Lists of Binance's futures API, complete: open and conditional orders, own executions with the names of their orders,
 * positions, and funding, in windows of a week and page by page inside a full one.
 */
import { PortError } from '#core/errors.ts';
import type { FundingPayment, VenuePosition } from '#core/perpetual-ports.ts';
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { marketId } from './_binance-connection.ts';
import { becomeOf, readConditional, readFill, readOrder, readPayment, readPosition, readTerms } from './_binance-perpetual-rows.ts';
import type { Params } from './_exchange.ts';
import { type Row, row, rowAbout, rows, text, UnreadableAnswer } from './_fields.ts';
import type { HeldTerms } from './_perpetual-dialect.ts';
import type { Asking, SymbolOf } from './_request.ts';

const PAGE = 1000;
const DAY_MS = 86_400_000;
const WINDOW_MS = 7 * DAY_MS;
/** The venue keeps executions for half a year and funding for three months; a day less, so that its own bounds are not touched. */
const TRADES_KEPT_MS = 180 * DAY_MS;
const INCOME_KEPT_MS = 89 * DAY_MS;
/** More pages than any list of an account can have. */
const MAX_PAGES = 10_000;
/** Names of orders that are remembered. */
export const MAX_NAMES = 20_000;

/** The request for one order, without saying which. */
export const FIND = { endpoint: 'fapiPrivateGetOrder', weight: 1 } as const;

/** Open orders of an instrument, and conditional ones that have not triggered. */
export async function openOrders(ask: Asking, symbol: string): Promise<readonly VenueOrder[]> {
  const about = { symbol: marketId(symbol) };
  // A conditional order leaves its list when it triggers and enters the other: read in this sequence it is seen at least once.
  const conditionals = rows(await ask({ endpoint: 'fapiPrivateGetOpenAlgoOrders', params: about, weight: 1 }));
  const orders = rows(await ask({ endpoint: 'fapiPrivateGetOpenOrders', params: about, weight: 1 }));
  const found = [...orders.map((order) => readOrder(order, symbol)), ...conditionals.map((each) => readConditional(each, symbol))];
  return [...new Map(found.toReversed().map((order) => [order.clientOrderId, order])).values()].toReversed();
}

/** A conditional order by our id, or the order that it has become, under our id. */
export async function findConditional(ask: Asking, symbol: string, clientOrderId: string): Promise<VenueOrder | null> {
  const conditional = await known(ask, { endpoint: 'fapiPrivateGetAlgoOrder', params: { clientAlgoId: clientOrderId }, weight: 1 });
  if (conditional === null) return null;
  if (conditional['clientAlgoId'] !== clientOrderId || conditional['symbol'] !== marketId(symbol)) throw new UnreadableAnswer('it tells of another order');
  const orderId = becomeOf(conditional);
  if (orderId === null) return readConditional(conditional, symbol);
  const order = await known(ask, { ...FIND, params: { symbol: marketId(symbol), orderId } });
  if (order === null) throw new UnreadableAnswer('a conditional order has triggered, and its order is not known');
  return { ...readOrder(order, symbol), clientOrderId };
}

async function known(ask: Asking, request: Parameters<Asking>[0]): Promise<Row | null> {
  try {
    return row(await ask(request));
  } catch (error) {
    if (error instanceof PortError && error.code === 'not_found') return null;
    throw error;
  }
}

/**
 * Client ids of orders by the venue's. The list of executions does not tell them, and by them a liquidation is known; what
 * an order is called never changes and is remembered, as far as there is room.
 */
export class OrderNames {
  readonly #names = new Map<string, string | null>();

  /** Asks for all that are not known yet, from the oldest on. */
  async learn(ask: Asking, symbol: string, orderIds: ReadonlySet<string>): Promise<void> {
    if (this.#names.size > MAX_NAMES) this.#names.clear();
    const missing = new Set([...orderIds].filter((id) => !this.#names.has(keyOf(symbol, id))));
    for (let page = 0; missing.size > 0 && page < MAX_PAGES; page += 1) {
      const orderId = String([...missing].map(BigInt).reduce((one, other) => (one < other ? one : other)));
      const orders = rows(await ask({ endpoint: 'fapiPrivateGetAllOrders', params: { symbol: marketId(symbol), orderId, limit: PAGE }, weight: 5 }));
      for (const order of orders) {
        const id = text(order, 'orderId');
        if (missing.delete(id)) this.#names.set(keyOf(symbol, id), text(order, 'clientOrderId'));
      }
      // One that the venue does not list any more must not be asked for for ever.
      if (missing.delete(orderId)) this.#names.set(keyOf(symbol, orderId), null);
    }
  }

  of(symbol: string, orderId: string): string | null {
    return this.#names.get(keyOf(symbol, orderId)) ?? null;
  }
}

function keyOf(symbol: string, orderId: string): string {
  return `${symbol} ${orderId}`;
}

/** Executions in one instrument from `since` on, as far back as the venue keeps them; `now` is venue time. */
export async function fillsSince(ask: Asking, names: OrderNames, symbol: string, since: number, now: number): Promise<readonly VenueFill[]> {
  const found: Row[] = [];
  for (const range of windows(Math.max(since, now - TRADES_KEPT_MS), now)) {
    const trades = await tradesIn(ask, symbol, range);
    found.push(...trades);
    // A full page: the rest of everything follows it by id.
    if (trades.length >= PAGE) {
      found.push(...(await tradesFrom(ask, { symbol: marketId(symbol) }, after(trades))));
      break;
    }
  }
  return (await readFills(ask, names, symbol, found)).filter(({ at }) => at >= since);
}

/** Executions of one order; of orders that began to trade more than a week ago the venue may tell the last week only. */
export async function fillsOf(ask: Asking, names: OrderNames, symbol: string, orderId: string): Promise<readonly VenueFill[]> {
  const trades = await tradesIn(ask, symbol, { orderId });
  const rest = trades.length < PAGE ? [] : await tradesFrom(ask, { symbol: marketId(symbol) }, after(trades));
  return readFills(ask, names, symbol, [...trades, ...rest.filter((trade) => text(trade, 'orderId') === orderId)]);
}

async function tradesIn(ask: Asking, symbol: string, range: Params): Promise<readonly Row[]> {
  return rows(await ask({ endpoint: 'fapiPrivateGetUserTrades', params: { symbol: marketId(symbol), limit: PAGE, ...range }, weight: 5 }));
}

async function tradesFrom(ask: Asking, about: Params, firstId: string): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let fromId = firstId, page = 0; page < MAX_PAGES; page += 1) {
    const trades = rows(await ask({ endpoint: 'fapiPrivateGetUserTrades', params: { ...about, limit: PAGE, fromId }, weight: 5 }));
    found.push(...trades);
    if (trades.length < PAGE) return found;
    fromId = after(trades);
  }
  throw new UnreadableAnswer('the pages of a list never end');
}

async function readFills(ask: Asking, names: OrderNames, symbol: string, trades: readonly Row[]): Promise<readonly VenueFill[]> {
  await names.learn(ask, symbol, new Set(trades.map((trade) => text(trade, 'orderId'))));
  const fills = new Map(trades.map((trade) => [text(trade, 'id'), readFill(trade, symbol, names.of(symbol, text(trade, 'orderId')))]));
  return [...fills.values()].sort((one, other) => one.at - other.at || compareIds(one.tradeId, other.tradeId));
}

export async function positions(ask: Asking, symbolOf: SymbolOf): Promise<readonly VenuePosition[]> {
  const told = rows(await ask({ endpoint: 'fapiPrivateV3GetPositionRisk', params: {}, weight: 5 })).filter((each) => Number(each['positionAmt']) !== 0);
  if (told.length === 0) return [];
  const configs = rows(await ask({ endpoint: 'fapiPrivateGetSymbolConfig', params: {}, weight: 5 }));
  return told.flatMap((each) => {
    const symbol = symbolOf(text(each, 'symbol'));
    return symbol === null ? [] : (readPosition(each, symbol, readTerms(rowAbout(configs, text(each, 'symbol')))) ?? []);
  });
}

export async function terms(ask: Asking, symbol: string): Promise<HeldTerms> {
  const configs = rows(await ask({ endpoint: 'fapiPrivateGetSymbolConfig', params: { symbol: marketId(symbol) }, weight: 5 }));
  return readTerms(rowAbout(configs, marketId(symbol)));
}

/** Own funding in one instrument from `since` on, as far back as the venue keeps it; `now` is venue time. */
export async function fundingSince(ask: Asking, symbol: string, since: number, now: number): Promise<readonly FundingPayment[]> {
  const found: Row[] = [];
  for (const range of windows(Math.max(since, now - INCOME_KEPT_MS), now)) {
    for (let page = 1; page < MAX_PAGES; page += 1) {
      const params = { symbol: marketId(symbol), incomeType: 'FUNDING_FEE', limit: PAGE, page, ...range };
      const incomes = rows(await ask({ endpoint: 'fapiPrivateGetIncome', params, weight: 30 }));
      found.push(...incomes.filter((income) => income['incomeType'] === 'FUNDING_FEE' && income['symbol'] === marketId(symbol)));
      if (incomes.length < PAGE) break;
    }
  }
  const payments = new Map(found.map((income) => [text(income, 'tranId'), readPayment(income, symbol)]));
  return [...payments.values()].filter(({ at }) => at >= since).sort((one, other) => one.at - other.at || compareIds(one.paymentId, other.paymentId));
}

/** The last has no end: our idea of the venue's time must not cut off what is newest. */
function windows(since: number, now: number): readonly Params[] {
  const found: Params[] = [];
  let from = Math.max(0, Math.floor(since));
  for (; now - from >= WINDOW_MS; from += WINDOW_MS) found.push({ startTime: from, endTime: from + WINDOW_MS - 1 });
  return [...found, { startTime: from }];
}

function after(trades: readonly Row[]): string {
  const highest = trades.map((trade) => BigInt(text(trade, 'id'))).reduce((one, other) => (one > other ? one : other), 0n);
  return String(highest + 1n);
}

function compareIds(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}
