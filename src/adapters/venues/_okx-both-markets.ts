/** What OKX says alike in both of its markets: how requests are fixed in time and counted, what answers mean, how orders are written. */
import type { ErrorCode } from '#core/errors.ts';
import type { OutboundOrder, PlaceOutcome, RequestWindow } from '#core/venue-ports.ts';
import type { BudgetNews } from './_budget.ts';
import type { CcxtDialect } from './_dialect.ts';
import type { Exchange, Params } from './_exchange.ts';
import { whole } from './_fields.ts';
import { agentFor } from './_link.ts';
import { errorOf, firstOf, isDone, isLate, isNoSuchOrder, judgeCancel, judgeRefusedPlace } from './_okx-codes.ts';
import { marketId, type OkxKind, rowInBase } from './_okx-kind.ts';
import { FIND, fillsOf, fillsSince, findStop, openOrders, StopOrigins } from './_okx-lists.ts';
import { okxMarket } from './_okx-market.ts';
import { AT_MARKET, readBalances, readKey, readOrder, readQuote, theRow } from './_okx-rows.ts';
import { okxQuotes, okxStream } from './_okx-streams.ts';
import type { Answered, Ask } from './_request.ts';

/**
 * The venue counts the requests of an account to each endpoint over two seconds, which lie in little more than three of
 * these spans: a third of each limit in one of them keeps it wherever the two seconds begin, and leaves room for bursts.
 */
const ACCOUNT_SPAN_MS = 999;
const ACCOUNT_WEIGHT = 20;
/** How long what stands in front of the venue asks for silence when it does not say. */
const DEFAULT_BRAKE_MS = 10_000;
/** A request whose timestamp is older is refused. */
const TIMESTAMP_LIFE_MS = 30_000;

/** Everything in which the two markets differ by no more than their kind. */
export function okxCommon(kind: OkxKind): Omit<CcxtDialect, 'capabilities' | 'readInstruments' | 'place' | 'feeRates'> {
  const origins = new StopOrigins();
  const fillList = (symbol: string) => ({ kind, origins, instId: marketId(symbol), symbol });
  return {
    id: 'okx',
    title: 'OKX',
    credentials: ['apiKey', 'apiSecret', 'passphrase'],
    className: 'okx',
    // For public data, which is counted by address, one count for all endpoints.
    budget: { weight: 50, windowMs: 1_000 },
    accountBudget: { weight: ACCOUNT_WEIGHT, windowMs: ACCOUNT_SPAN_MS },
    settings,
    news,
    isSuccess: isDone,
    failure,
    isTimeRefusal: isLate,
    fixed,
    marketId,

    // Ten times in two seconds is all that the venue allows, and a clock that jumps is measured more than once.
    time: { endpoint: 'publicGetPublicTime', params: {}, weight: 9 },
    timeProbes: 3,
    readTime: (body) => whole(theRow(body), 'ts'),
    instruments: { endpoint: 'publicGetPublicInstruments', params: { instType: kind.instType }, weight: 3 },
    quote: (symbol) => ({ endpoint: 'publicGetMarketTicker', params: { instId: marketId(symbol) }, weight: 3 }),
    readQuote,
    quotes: okxQuotes(marketId),
    market: okxMarket(kind),

    judgePlace,
    cancel: (clientOrderId, symbol) => [
      { endpoint: 'privatePostTradeCancelOrder', params: { instId: marketId(symbol), clOrdId: clientOrderId }, weight: 0, accountWeight: 1 },
      { endpoint: 'privatePostTradeCancelAlgos', params: { instId: marketId(symbol), algoClOrdId: clientOrderId }, weight: 0, accountWeight: 3, isList: true },
    ],
    judgeCancel,
    find: (clientOrderId, symbol) => [{ ...FIND, params: { instId: marketId(symbol), clOrdId: clientOrderId } }],
    isAbsent: isNoSuchOrder,
    readOrder: (body, symbol) => readOrder(rowInBase(kind, theRow(body)), symbol),
    // Stops are kept apart, and an order that a stop became goes by the venue's id only.
    older: {
      reachMs: 0,
      find: (ask, clientOrderId, symbol, _from, now) => findStop(ask, kind, symbol, clientOrderId, now),
      cancel: (ordId, symbol) => ({ endpoint: 'privatePostTradeCancelOrder', params: { instId: marketId(symbol), ordId }, weight: 0, accountWeight: 1 }),
    },
    openOrders: (ask, symbol) => openOrders(ask, kind, symbol),
    fillsSince: (ask, symbol, since, now) => fillsSince(ask, fillList(symbol), since, now),
    fillsOf: (ask, symbol, venueOrderId) => fillsOf(ask, fillList(symbol), venueOrderId),
    balances: { endpoint: 'privateGetAccountBalance', params: {}, weight: 0, accountWeight: 5 },
    readBalances,
    // It reaches all orders of the account, in whatever they trade.
    deadMansSwitch: {
      set: (ms) => ({
        endpoint: 'privatePostTradeCancelAllAfter',
        params: { timeOut: String(Math.floor(ms / 1000)) },
        weight: 0,
        accountWeight: ACCOUNT_WEIGHT,
      }),
    },
    keyChecks: [ACCOUNT_CONFIG],
    readKey,
    stream: okxStream(kind),
  };
}

/** How the account and the key are set up. */
export const ACCOUNT_CONFIG: Ask = { endpoint: 'privateGetAccountConfig', params: {}, weight: 0, accountWeight: 16 };

/** What OKX does alike in both markets. */
export const OKX_CAPABILITIES: Omit<CcxtDialect['capabilities'], 'markets'> = {
  walletsApart: false,
  orderTypes: ['limit', 'market', 'stopLimit', 'stopMarket'],
  timeInForce: ['gtc', 'ioc', 'fok'],
  postOnly: true,
  privateStream: true,
  cancelAll: false,
  deadMansSwitch: { kind: 'countdown', leastMs: 10_000, mostMs: 120_000 },
  requestWindowMs: 5000,
  absenceMarginMs: 60_000,
};

function settings(url: string | null): Readonly<Record<string, unknown>> {
  const common = {
    enableRateLimit: false,
    userAgent: 'Argosy',
    options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, maxRetriesOnFailure: 0 },
  };
  if (url === null) return common;
  const http = url.replace(/\/+$/, '');
  const sockets = REGIONAL_SOCKETS[http] ?? http.replace(/^http/, 'ws');
  return { ...common, ...agentFor(http), urls: { api: { rest: http, ws: `${sockets}/ws/v5` } } };
}

/** OKX's own other addresses, for accounts of these regions, and the hosts of their streams. */
const REGIONAL_SOCKETS: Readonly<Record<string, string>> = {
  'https://eea.okx.com': 'wss://wseea.okx.com:8443',
  'https://us.okx.com': 'wss://wsus.okx.com:8443',
};

/**
 * OKX lets a signed request live for 30 s from its timestamp, which is too long for us, and knows a deadline (`expTime`)
 * for orders alone, stops excepted. So the timestamp is set back such that its life ends with our window, whatever is
 * asked; orders carry the deadline as well, which is looked at once more before they act.
 */
function fixed(params: Params, window: RequestWindow, exchange: Exchange): Params {
  const deadline = Math.round(window.timestampMs + window.windowMs);
  exchange.nonce = () => deadline - TIMESTAMP_LIFE_MS;
  exchange.headers = { expTime: String(deadline) };
  return params;
}

const TOO_MANY: ReadonlySet<number> = new Set([50011, 50061]);

function news(status: number, headers: Headers, body: unknown): BudgetNews {
  const { code } = errorOf({ status, body });
  const isTooMany = code !== null && TOO_MANY.has(code);
  if (status !== 429 && !isTooMany) return { usedWeight: null, brakeMs: null };
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  if (Number.isFinite(seconds) && seconds >= 0) return { usedWeight: null, brakeMs: seconds * 1000 };
  // The venue's own word is about one endpoint and mostly one account, and is over in two seconds: no reason to brake all others.
  return { usedWeight: null, brakeMs: isTooMany ? null : DEFAULT_BRAKE_MS };
}

const KEY_REFUSALS = [50035, 50100, 50101, 50103, 50104, 50105, 50106, 50110, 50111, 50113, 50114, 50119, 50120] as const;

const FAILURES: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  ...KEY_REFUSALS.map((code) => [code, 'key_rejected'] as const),
  [50011, 'venue_rate_limited'],
  [50061, 'venue_rate_limited'],
  [51001, 'symbol_unknown'],
  [51010, 'account_mode_unsupported'],
  [51015, 'symbol_unknown'],
  [51603, 'not_found'],
]);

function failure(answer: Answered): { readonly code: ErrorCode; readonly message: string } {
  const { code, text } = errorOf(answer);
  const known = code === null || answer.status >= 500 ? undefined : FAILURES.get(code);
  const byStatus: ErrorCode = answer.status === 429 ? 'venue_rate_limited' : 'venue_unavailable';
  return { code: known ?? byStatus, message: `OKX answered ${code ?? `HTTP ${answer.status}`}: ${text}` };
}

/** What an order says in one market only. */
export interface OrderManners {
  readonly size: string;
  readonly params: Params;
  /** Of orders that go to the market. */
  readonly marketParams: Params;
}

/** The request that places an order, or a stop. */
export function placeAsk(order: OutboundOrder, { size, params, marketParams }: OrderManners): Ask {
  const isMarket = order.type === 'market' || order.type === 'stopMarket';
  const common = { instId: marketId(order.symbol), side: order.side, sz: size, clOrdId: order.clientOrderId, ...params, ...(isMarket ? marketParams : {}) };
  const price: Params = isMarket || order.price === null ? {} : { px: order.price };
  if (order.triggerPrice === null)
    return { endpoint: 'privatePostTradeOrder', params: { ...common, ...price, ordType: typeOf(order) }, weight: 0, accountWeight: 1 };
  // Kept as a stop loss: that names its direction, so that a stop which the price has passed is refused.
  const stop = { ordType: 'conditional', slTriggerPx: order.triggerPrice, slTriggerPxType: 'last', slOrdPx: isMarket ? AT_MARKET : (order.price ?? '') };
  return { endpoint: 'privatePostTradeOrderAlgo', params: { ...common, ...stop, algoClOrdId: order.clientOrderId }, weight: 0, accountWeight: 3 };
}

function typeOf(order: OutboundOrder): string {
  if (order.type === 'market') return 'market';
  if (order.postOnly) return 'post_only';
  return order.timeInForce === 'gtc' ? 'limit' : order.timeInForce;
}

function judgePlace(answer: Answered, order: OutboundOrder): PlaceOutcome {
  if (!isDone(answer)) return judgeRefusedPlace(answer);
  const placed = firstOf(answer.body);
  const isStop = order.triggerPrice !== null;
  const isOurs = placed !== null && Reflect.get(placed, isStop ? 'algoClOrdId' : 'clOrdId') === order.clientOrderId;
  const id: unknown = isOurs ? Reflect.get(placed, isStop ? 'algoId' : 'ordId') : null;
  if (typeof id === 'string' && /^[1-9]\d{0,19}$/.test(id)) return { outcome: 'accepted', venueOrderId: id };
  return { outcome: 'unknown', code: 'unreadable_answer', message: 'OKX answered "done" without the order that was asked for' };
}
