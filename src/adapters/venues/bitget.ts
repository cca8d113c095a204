/**
 * Bitget spot on a classic account, through unmodified ccxt: requests, answers and frames of the venue in our words.
 * @see https://www.bitget.com/api-doc/spot/intro
 */
import type { ErrorCode } from '#core/errors.ts';
import type { OutboundOrder, PlaceOutcome, RequestWindow } from '#core/ports.ts';
import { errorOf, isAbsent, isDone, isLate, judgeRefusedCancel, judgeRefusedPlace, KEY_CODES, SYMBOL_CODES } from './_bitget-codes.ts';
import { fillsOf, fillsSince, findInLists, openOrders } from './_bitget-lists.ts';
import { bitgetMarket } from './_bitget-market.ts';
import { dataOf, marketId, readBalances, readFound, readInstruments, readKey, readQuote } from './_bitget-rows.ts';
import { bitgetQuotes, bitgetStream } from './_bitget-streams.ts';
import type { BudgetNews } from './_budget.ts';
import { ccxtVenue } from './_ccxt.ts';
import type { CancelJudgement, CcxtDialect } from './_dialect.ts';
import type { Exchange, Params } from './_exchange.ts';
import { feeRatesIn, row, whole } from './_fields.ts';
import { agentFor } from './_link.ts';
import type { Answered, Ask, Failure } from './_request.ts';
import { defineVenue } from './_venue.ts';

/**
 * What requests weigh in a quarter of a second of one account, so that in any second, which lies in five of them at most,
 * it stays below the venue's counts: ten orders, cancels, looks at balances, twenty looks at an order. Looks at the key, one
 * in a second, are too rare for a count.
 */
const ACCOUNT_WEIGHTS = { place: 40, cancel: 45, find: 22, balances: 40, checkKey: 80 } as const;
/** Most limits of the venue are by the second, and it does not say which one was passed. */
const DEFAULT_BRAKE_MS = 1000;
/** The venue finds orders by our id for two hours after they were placed. */
const FOUND_BY_OUR_ID_MS = 110 * 60_000;

export const bitget = defineVenue({ id: 'bitget', title: 'Bitget', open: (options) => ccxtVenue(dialect, options) });

const dialect: CcxtDialect = {
  id: 'bitget',
  title: 'Bitget',
  credentials: ['apiKey', 'apiSecret', 'passphrase'],
  capabilities: {
    // No stops: a trigger order takes no request window, so that it could be placed after its bot has changed hands, and
    // what it places when it triggers is another order with other ids.
    markets: ['spot'],
    walletsApart: false,
    orderTypes: ['limit', 'market'],
    timeInForce: ['gtc', 'ioc', 'fok'],
    postOnly: true,
    privateStream: true,
    cancelAll: true,
    deadMansSwitch: null,
    requestWindowMs: 5000,
    absenceMarginMs: 60_000,
  },
  className: 'bitget',
  budget: { weight: 6000, windowMs: 60_000 },
  accountBudget: { weight: 100, windowMs: 250 },
  settings,
  news,
  isSuccess: isDone,
  failure,
  isTimeRefusal: isLate,
  fixed,
  marketId,

  time: { endpoint: 'publicCommonGetV2PublicTime', params: {}, weight: 1 },
  readTime: (body) => whole(row(dataOf(body)), 'serverTime'),
  instruments: { endpoint: 'publicSpotGetV2SpotPublicSymbols', params: {}, weight: 1 },
  readInstruments,
  quote: (symbol) => ({ endpoint: 'publicSpotGetV2SpotMarketTickers', params: { symbol: marketId(symbol) }, weight: 1 }),
  readQuote,
  quotes: bitgetQuotes,
  market: bitgetMarket,

  // Market buys name an amount of money here.
  marketCollar: '0.02',
  place: (order) => ({ endpoint: 'privateSpotPostV2SpotTradePlaceOrder', params: placeParams(order), weight: 1, accountWeight: ACCOUNT_WEIGHTS.place }),
  judgePlace,
  cancel: (clientOrderId, symbol) => [cancelOf({ clientOid: clientOrderId }, symbol)],
  judgeCancel,
  find: (clientOrderId) => [
    { endpoint: 'privateSpotGetV2SpotTradeOrderInfo', params: { clientOid: clientOrderId }, weight: 1, accountWeight: ACCOUNT_WEIGHTS.find },
  ],
  isAbsent,
  readOrder: readFound,
  older: { reachMs: FOUND_BY_OUR_ID_MS, find: findInLists, cancel: (venueOrderId, symbol) => cancelOf({ orderId: venueOrderId }, symbol) },
  openOrders,
  fillsSince,
  fillsOf,
  balances: { endpoint: 'privateSpotGetV2SpotAccountAssets', params: {}, weight: 1, accountWeight: ACCOUNT_WEIGHTS.balances },
  readBalances,
  feeRates: {
    ask: (symbol) => ({
      endpoint: 'privateCommonGetV2CommonTradeRate',
      params: { symbol: marketId(symbol), businessType: 'spot' },
      weight: 1,
      accountWeight: ACCOUNT_WEIGHTS.balances,
    }),
    read: (body) => feeRatesIn(row(dataOf(body)), 'makerFeeRate', 'takerFeeRate'),
  },
  cancelAll: (symbol) => [
    { endpoint: 'privateSpotPostV2SpotTradeCancelSymbolOrder', params: { symbol: marketId(symbol) }, weight: 1, accountWeight: ACCOUNT_WEIGHTS.checkKey },
  ],
  keyChecks: [{ endpoint: 'privateSpotGetV2SpotAccountInfo', params: {}, weight: 1, accountWeight: ACCOUNT_WEIGHTS.checkKey }],
  readKey,
  stream: bitgetStream,
};

function settings(url: string | null): Readonly<Record<string, unknown>> {
  const common = {
    enableRateLimit: false,
    userAgent: 'Argosy',
    // Texts of refusals are read, so their language is said.
    headers: { locale: 'en-US' },
    // The kind of account is said here: asked for, any failure would be remembered as the answer.
    options: { defaultType: 'spot', uta: false, fetchMarkets: { types: ['spot'] }, maxRetriesOnFailure: 0, broker: '' },
  };
  if (url === null) return common;
  const http = url.replace(/\/+$/, '');
  const sockets = http.replace(/^http/, 'ws');
  const api = {
    spot: http,
    mix: http,
    margin: http,
    common: http,
    uta: http,
    user: http,
    ws: { public: `${sockets}/v2/ws/public`, private: `${sockets}/v2/ws/private` },
  };
  return { ...common, ...agentFor(http), urls: { api } };
}

/** ccxt writes the time into a header when it signs; requests that take a window of their own carry an empty one until now. */
function fixed(params: Params, window: RequestWindow, exchange: Exchange): Params {
  const timestamp = Math.round(window.timestampMs);
  exchange.nonce = () => timestamp;
  return 'receiveWindow' in params ? { ...params, requestTime: String(timestamp), receiveWindow: String(window.windowMs) } : params;
}

function news(status: number, headers: Headers, body: unknown): BudgetNews {
  if (status !== 429 && errorOf({ status, body }).code !== '429') return { usedWeight: null, brakeMs: null };
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return { usedWeight: null, brakeMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : DEFAULT_BRAKE_MS };
}

function failure(answer: Answered): Failure {
  const { code, text } = errorOf(answer);
  return { code: failureCode(answer.status, code), message: `Bitget answered ${code ?? `HTTP ${answer.status}`}: ${text}` };
}

function failureCode(status: number, code: string | null): ErrorCode {
  if (status >= 500 || code === null) return status === 429 ? 'venue_rate_limited' : 'venue_unavailable';
  if (KEY_CODES.has(code)) return 'key_rejected';
  if (SYMBOL_CODES.has(code)) return 'symbol_unknown';
  return status === 429 || code === '429' ? 'venue_rate_limited' : 'venue_unavailable';
}

/** Every order is a limit order, market orders within their collar. */
function placeParams(order: OutboundOrder): Params {
  return {
    symbol: marketId(order.symbol),
    side: order.side,
    orderType: 'limit',
    force: order.postOnly ? 'post_only' : order.timeInForce,
    ...(order.price === null ? {} : { price: order.price }),
    size: order.size,
    clientOid: order.clientOrderId,
    receiveWindow: '',
  };
}

function cancelOf(which: Params, symbol: string): Ask {
  return {
    endpoint: 'privateSpotPostV2SpotTradeCancelOrder',
    params: { symbol: marketId(symbol), ...which },
    weight: 1,
    accountWeight: ACCOUNT_WEIGHTS.cancel,
  };
}

function judgePlace(answer: Answered, order: OutboundOrder): PlaceOutcome {
  if (!isDone(answer)) return judgeRefusedPlace(answer);
  const data = dataOfAnswer(answer);
  const venueOrderId: unknown = data?.['clientOid'] === order.clientOrderId ? data['orderId'] : null;
  if (typeof venueOrderId === 'string' && /^[1-9]\d{0,24}$/.test(venueOrderId)) return { outcome: 'accepted', venueOrderId };
  return { outcome: 'unknown', code: 'unreadable_answer', message: 'Bitget answered without the order that was asked for' };
}

/** The venue takes note of a cancel; whether it came in time is seen at the order. */
function judgeCancel(answer: Answered, clientOrderId: string): CancelJudgement {
  if (!isDone(answer)) return judgeRefusedCancel(answer);
  if (dataOfAnswer(answer)?.['clientOid'] === clientOrderId) return { outcome: 'requested' };
  return { outcome: 'unknown', code: 'unreadable_answer', message: 'Bitget answered about another order' };
}

function dataOfAnswer({ body }: Answered): Readonly<Record<string, unknown>> | null {
  const data = dataOf(body);
  return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : null;
}
