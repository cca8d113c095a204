/**
 * Bybit spot on a unified account, through unmodified ccxt: requests, answers and frames of the venue in our words.
 * @see https://bybit-exchange.github.io/docs/v5/intro
 */
import type { ErrorCode } from '#core/errors.ts';
import type { OutboundOrder, PlaceOutcome, RequestWindow } from '#core/ports.ts';
import type { BudgetNews } from './_budget.ts';
import { errorOf, isBan, isDone, isLate, judgeRefusedCancel, judgeRefusedPlace } from './_bybit-codes.ts';
import { fillsOf, fillsSince, LIST_WEIGHT, openOrders } from './_bybit-lists.ts';
import { bybitMarket } from './_bybit-market.ts';
import { listOf, readBalances, readInstruments, readKey, readOrder, readQuote } from './_bybit-rows.ts';
import { bybitQuotes, bybitStream } from './_bybit-streams.ts';
import { ccxtVenue } from './_ccxt.ts';
import type { Answered, CancelJudgement, CcxtDialect } from './_dialect.ts';
import type { Exchange, Params } from './_exchange.ts';
import { feeRatesIn, row, rowAbout, UnreadableAnswer, whole } from './_fields.ts';
import { agentFor } from './_link.ts';
import type { Ask } from './_request.ts';
import { defineVenue } from './_venue.ts';

/**
 * What requests weigh in half a second of one account, so that in any second, which lies in three of them at most, it
 * stays well below the venue's counts, also when some arrive later than others: 15 of 20 orders, 15 of 20 cancels, 39
 * of 50 for each list, 6 of 10 looks at the key, 3 of 5 at the fees.
 */
const ACCOUNT_WEIGHTS = { place: 18, cancel: 20, find: 7, read: LIST_WEIGHT, checkKey: 33, feeRates: 60 } as const;
/** How long an address that asked too often must stay silent. */
const BAN_MS = 600_000;
/** How long the venue asks for silence when it does not say. */
const DEFAULT_BRAKE_MS = 5_000;
const TOO_MANY_VISITS: ReadonlySet<number> = new Set([10006, 10018, 10429]);

export const bybit = defineVenue({ id: 'bybit', title: 'Bybit', open: (options) => ccxtVenue(dialect, options) });

const dialect: CcxtDialect = {
  id: 'bybit',
  title: 'Bybit',
  credentials: ['apiKey', 'apiSecret'],
  capabilities: {
    markets: ['spot'],
    walletsApart: false,
    orderTypes: ['limit', 'market', 'stopLimit', 'stopMarket'],
    timeInForce: ['gtc', 'ioc', 'fok'],
    postOnly: true,
    privateStream: true,
    cancelAll: true,
    deadMansSwitch: { kind: 'disconnect', leastMs: 3_000, mostMs: 300_000 },
    requestWindowMs: 5000,
    absenceMarginMs: 60_000,
  },
  className: 'bybit',
  // An address may ask 600 times in any five seconds, which lie in six of our seconds at most; one more and it is shut out.
  budget: { weight: 100, windowMs: 1000 },
  accountBudget: { weight: 100, windowMs: 500 },
  settings,
  news,
  isSuccess: isDone,
  failure,
  isTimeRefusal: isLate,
  fixed,
  marketId,

  time: { endpoint: 'publicGetV5MarketTime', params: {}, weight: 1 },
  readTime: (body) => whole(row(body), 'time'),
  instruments: { endpoint: 'publicGetV5MarketInstrumentsInfo', params: { category: 'spot' }, weight: 1 },
  readInstruments,
  quote: (symbol) => ({ endpoint: 'publicGetV5MarketTickers', params: { category: 'spot', symbol: marketId(symbol) }, weight: 1 }),
  readQuote,
  quotes: bybitQuotes(marketId),
  market: bybitMarket(marketId),

  stopsLackDirection: true,
  place: (order) => ({ endpoint: 'privatePostV5OrderCreate', params: placeParams(order), weight: 1, accountWeight: ACCOUNT_WEIGHTS.place }),
  judgePlace,
  // A stop is in a list of its own until it is triggered, and never goes back there: in this sequence it cannot slip through.
  cancel: (clientOrderId, symbol) => [
    cancelFrom('Order', clientOrderId, symbol),
    cancelFrom('StopOrder', clientOrderId, symbol),
    cancelFrom('Order', clientOrderId, symbol),
  ],
  judgeCancel,
  // The list of the present forgets what is over when the venue restarts; the history knows nothing else.
  find: (clientOrderId, symbol) => [findIn('privateGetV5OrderRealtime', clientOrderId, symbol), findIn('privateGetV5OrderHistory', clientOrderId, symbol)],
  isAbsent: (answer) => isDone(answer) && isEmptyList(answer.body),
  readOrder: (body, symbol) => readFound(body, symbol),
  openOrders: (ask, symbol) => openOrders(ask, marketId(symbol), symbol),
  fillsSince: (ask, symbol, since, now) => fillsSince(ask, marketId(symbol), symbol, since, now),
  fillsOf: (ask, symbol, venueOrderId) => fillsOf(ask, marketId(symbol), symbol, venueOrderId),
  balances: { endpoint: 'privateGetV5AccountWalletBalance', params: { accountType: 'UNIFIED' }, weight: 1, accountWeight: ACCOUNT_WEIGHTS.read },
  readBalances,
  feeRates: {
    ask: (symbol) => ({
      endpoint: 'privateGetV5AccountFeeRate',
      params: { category: 'spot', symbol: marketId(symbol) },
      weight: 1,
      accountWeight: ACCOUNT_WEIGHTS.feeRates,
    }),
    read: (body, symbol) => feeRatesIn(rowAbout(listOf(body), marketId(symbol)), 'makerFeeRate', 'takerFeeRate'),
  },
  // Stops are in a list of their own until they are triggered, and never go back there.
  cancelAll: (symbol) => [cancelAllFrom('Order', symbol), cancelAllFrom('StopOrder', symbol), cancelAllFrom('Order', symbol)],
  // The time stays set at the venue for ever; what is switched on and off is whether our stream counts.
  deadMansSwitch: {
    set: (ms) =>
      ms === 0
        ? null
        : {
            endpoint: 'privatePostV5OrderDisconnectedCancelAll',
            params: { product: 'SPOT', timeWindow: Math.floor(ms / 1000) },
            weight: 1,
            accountWeight: ACCOUNT_WEIGHTS.cancel,
          },
    stream: { arm: { op: 'subscribe', args: ['dcp.spot'] }, disarm: { op: 'unsubscribe', args: ['dcp.spot'] } },
  },
  keyChecks: [{ endpoint: 'privateGetV5UserQueryApi', params: {}, weight: 1, accountWeight: ACCOUNT_WEIGHTS.checkKey }],
  readKey,
  stream: bybitStream,
};

/** Spot symbols of Bybit are its coin names without anything between them. */
function marketId(symbol: string): string {
  return symbol.replace('/', '');
}

function settings(url: string | null): Readonly<Record<string, unknown>> {
  const common = {
    enableRateLimit: false,
    userAgent: 'Argosy',
    // The kind of account is said here: asked for, a junk answer or a failure would be remembered as another kind.
    options: {
      defaultType: 'spot',
      enableUnifiedMargin: false,
      enableUnifiedAccount: true,
      unifiedMarginStatus: 6,
      maxRetriesOnFailure: 0,
      brokerId: 'Argosy',
    },
  };
  if (url === null) return common;
  const http = url.replace(/\/+$/, '');
  const sockets = http.replace(/^http/, 'ws');
  const ws = { public: { spot: `${sockets}/v5/public/spot` }, private: { spot: { unified: `${sockets}/v5/private` } } };
  return { ...common, ...agentFor(http), urls: { api: { public: http, private: http, ws } } };
}

/** ccxt writes time and window into headers when it signs, which it does before anything else is done. */
function fixed(params: Params, window: RequestWindow, exchange: Exchange): Params {
  const timestamp = Math.round(window.timestampMs);
  exchange.nonce = () => timestamp;
  exchange.options['recvWindow'] = window.windowMs;
  return params;
}

function news(status: number, headers: Headers, body: unknown): BudgetNews {
  if (isBan(status, body)) return { usedWeight: null, brakeMs: BAN_MS };
  const { code } = errorOf({ status, body });
  if (status !== 429 && (code === null || !TOO_MANY_VISITS.has(code))) return { usedWeight: null, brakeMs: null };
  const resetAt = Number(headers.get('x-bapi-limit-reset-timestamp') ?? Number.NaN);
  const at = typeof body === 'object' && body !== null ? Number(Reflect.get(body, 'time')) : Number.NaN;
  const brakeMs = resetAt - at;
  return { usedWeight: null, brakeMs: Number.isFinite(brakeMs) && brakeMs > 0 ? Math.min(brakeMs, BAN_MS) : DEFAULT_BRAKE_MS };
}

const FAILURES: ReadonlyMap<number, ErrorCode> = new Map([
  [10003, 'key_rejected'],
  [10004, 'key_rejected'],
  [10005, 'key_rejected'],
  [10007, 'key_rejected'],
  [10010, 'key_rejected'],
  [33004, 'key_rejected'],
  [-2015, 'key_rejected'],
  [10006, 'venue_rate_limited'],
  [10018, 'venue_rate_limited'],
  [10429, 'venue_rate_limited'],
  [170121, 'symbol_unknown'],
]);

function failure(answer: Answered): { readonly code: ErrorCode; readonly message: string } {
  const { code, text } = errorOf(answer);
  const known = code === null || answer.status >= 500 ? undefined : code === 10001 && /symbol/i.test(text) ? 'symbol_unknown' : FAILURES.get(code);
  const isTooMuch = answer.status === 429 || isBan(answer.status, answer.body);
  const byStatus: ErrorCode = isTooMuch ? 'venue_rate_limited' : answer.status === 401 ? 'key_rejected' : 'venue_unavailable';
  return { code: known ?? byStatus, message: `Bybit answered ${code ?? `HTTP ${answer.status}`}: ${text}` };
}

function placeParams(order: OutboundOrder): Params {
  const isMarket = order.type === 'market' || order.type === 'stopMarket';
  const isStop = order.type === 'stopMarket' || order.type === 'stopLimit';
  return {
    category: 'spot',
    symbol: marketId(order.symbol),
    side: order.side === 'buy' ? 'Buy' : 'Sell',
    orderType: isMarket ? 'Market' : 'Limit',
    qty: order.size,
    // Without this the venue takes the size of a market buy for an amount of money.
    ...(isMarket ? { marketUnit: 'baseCoin' } : { timeInForce: order.postOnly ? 'PostOnly' : order.timeInForce.toUpperCase() }),
    ...(!isMarket && order.price !== null ? { price: order.price } : {}),
    ...(isStop && order.triggerPrice !== null ? { triggerPrice: order.triggerPrice } : {}),
    orderFilter: isStop ? 'StopOrder' : 'Order',
    isLeverage: 0,
    orderLinkId: order.clientOrderId,
  };
}

/** A success only says that the venue took the order; whether it lives is told by the stream and the lists. */
function judgePlace(answer: Answered, order: OutboundOrder): PlaceOutcome {
  if (!isDone(answer)) return judgeRefusedPlace(answer);
  const result = resultOf(answer.body);
  const venueOrderId: unknown = result?.['orderId'];
  if (result?.['orderLinkId'] !== order.clientOrderId || typeof venueOrderId !== 'string' || !/^[0-9A-Za-z-]{1,64}$/.test(venueOrderId))
    return { outcome: 'unknown', code: 'unreadable_answer', message: 'Bybit answered without the order that was asked for' };
  return { outcome: 'accepted', venueOrderId };
}

/** A success only says that the venue took the request to cancel. */
function judgeCancel(answer: Answered, clientOrderId: string): CancelJudgement {
  if (!isDone(answer)) return judgeRefusedCancel(answer);
  if (resultOf(answer.body)?.['orderLinkId'] === clientOrderId) return { outcome: 'requested' };
  return { outcome: 'unknown', code: 'unreadable_answer', message: 'Bybit answered about another order' };
}

function resultOf(body: unknown): Readonly<Record<string, unknown>> | null {
  const result: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'result') : null;
  return typeof result === 'object' && result !== null ? (result as Readonly<Record<string, unknown>>) : null;
}

function cancelFrom(orderFilter: 'Order' | 'StopOrder', orderLinkId: string, symbol: string): Ask {
  const params = { category: 'spot', symbol: marketId(symbol), orderLinkId, orderFilter };
  return { endpoint: 'privatePostV5OrderCancel', params, weight: 1, accountWeight: ACCOUNT_WEIGHTS.cancel };
}

function cancelAllFrom(orderFilter: 'Order' | 'StopOrder', symbol: string): Ask {
  const params = { category: 'spot', symbol: marketId(symbol), orderFilter };
  return { endpoint: 'privatePostV5OrderCancelAll', params, weight: 1, accountWeight: ACCOUNT_WEIGHTS.cancel };
}

/** By its own parameter: under ccxt's name for it the venue lists whatever is newest. */
function findIn(endpoint: string, orderLinkId: string, symbol: string): Ask {
  return { endpoint, params: { category: 'spot', symbol: marketId(symbol), orderLinkId }, weight: 1, accountWeight: ACCOUNT_WEIGHTS.find };
}

function isEmptyList(body: unknown): boolean {
  const list = resultOf(body)?.['list'];
  return Array.isArray(list) && list.length === 0;
}

function readFound(body: unknown, symbol: string): ReturnType<typeof readOrder> {
  const list = listOf(body);
  // More than one only where a stop and the order it became bear the same name; the newest comes first.
  const [order] = list;
  if (order === undefined || list.some((each) => each['orderLinkId'] !== order['orderLinkId'])) throw new UnreadableAnswer('it does not tell of one order');
  if (order['symbol'] !== marketId(symbol)) throw new UnreadableAnswer(`it tells of ${String(order['symbol'])}`);
  return readOrder(order, symbol);
}
