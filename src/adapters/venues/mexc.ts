/**
 * MEXC spot, through unmodified ccxt: requests, answers and frames of the venue in our words. No stops: the spot API has
 * none, and what ccxt sends in their place is a plain order that trades at once. No perpetuals.
 * @see https://www.mexc.com/api-docs/spot-v3/introduction
 */
import type { ErrorCode } from '#core/errors.ts';
import type { OutboundOrder, PlaceOutcome } from '#core/venue-ports.ts';
import type { BudgetNews } from './_budget.ts';
import { ccxtVenue } from './_ccxt.ts';
import { networkLists } from './_coin-lists.ts';
import type { CancelJudgement, CcxtDialect } from './_dialect.ts';
import type { Params } from './_exchange.ts';
import { feeRatesIn, row, rows, text, whole } from './_fields.ts';
import { agentFor } from './_link.ts';
import {
  errorOf,
  isAboutKey,
  isCertainRefusal,
  isLate,
  isNoSuchOrder,
  isSuccess,
  isWithoutPermission,
  judgeRefusedCancel,
  judgeRefusedPlace,
} from './_mexc-codes.ts';
import { fillsOf, fillsSince } from './_mexc-fills.ts';
import { mexcMarket } from './_mexc-market.ts';
import { readBalances, readInstruments, readKey, readOrder, readQuote } from './_mexc-rows.ts';
import { CONTRACT_ENDPOINTS, mexcScan } from './_mexc-scan.ts';
import { mexcQuotes, mexcStream } from './_mexc-streams.ts';
import type { Answered } from './_request.ts';
import { defineVenue } from './_venue.ts';

/** How long the venue is left alone when it does not say. */
const DEFAULT_BRAKE_MS = 10_000;

export const mexc = defineVenue({ id: 'mexc', title: 'MEXC', open: (options) => ccxtVenue(dialect, options, mexcScan) });

const dialect: CcxtDialect = {
  id: 'mexc',
  title: 'MEXC',
  credentials: ['apiKey', 'apiSecret'],
  capabilities: {
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
  className: 'mexc',
  // Each endpoint has this much of its own; all together stay below what any of them has.
  budget: { weight: 500, windowMs: 10_000 },
  settings,
  news,
  isSuccess,
  failure,
  isTimeRefusal: isLate,
  // ccxt writes time and window itself, over whatever the parameters say.
  fixed: (params, window, exchange) => {
    const at = Math.round(window.timestampMs);
    exchange.nonce = () => at;
    exchange.options['recvWindow'] = window.windowMs;
    return params;
  },
  marketId,

  time: { endpoint: 'spotPublicGetTime', params: {}, weight: 1 },
  readTime: (body) => whole(row(body), 'serverTime'),
  instruments: { endpoint: 'spotPublicGetExchangeInfo', params: {}, weight: 10 },
  readInstruments,
  quote: (symbol) => ({ endpoint: 'spotPublicGetTickerBookTicker', params: { symbol: marketId(symbol) }, weight: 1 }),
  readQuote,
  quotes: mexcQuotes(marketId),
  market: mexcMarket(marketId),

  // The venue's market buys take an amount of money, and not every instrument takes market orders from the API.
  marketCollar: '0.05',
  place: (order) => ({ endpoint: 'spotPrivatePostOrder', params: placeParams(order), weight: 1 }),
  judgePlace,
  cancel: (clientOrderId, symbol) => [
    { endpoint: 'spotPrivateDeleteOrder', params: { symbol: marketId(symbol), origClientOrderId: clientOrderId }, weight: 1 },
  ],
  judgeCancel,
  find: (clientOrderId, symbol) => [{ endpoint: 'spotPrivateGetOrder', params: { symbol: marketId(symbol), origClientOrderId: clientOrderId }, weight: 2 }],
  isAbsent: isNoSuchOrder,
  readOrder: (body, symbol) => readOrder(row(body), symbol),
  openOrders: async (ask, symbol) =>
    rows(await ask({ endpoint: 'spotPrivateGetOpenOrders', params: { symbol: marketId(symbol) }, weight: 3 })).map((order) => readOrder(order, symbol)),
  fillsSince: (ask, symbol, since, now) => fillsSince(ask, marketId(symbol), symbol, since, now),
  fillsOf: (ask, symbol, venueOrderId) => fillsOf(ask, marketId(symbol), symbol, venueOrderId),
  balances: { endpoint: 'spotPrivateGetAccount', params: {}, weight: 10 },
  readBalances,
  feeRates: {
    ask: (symbol) => ({ endpoint: 'spotPrivateGetTradeFee', params: { symbol: marketId(symbol) }, weight: 20 }),
    read: (body) => feeRatesIn(row(row(body)['data']), 'makerCommission', 'takerCommission'),
  },
  cancelAll: (symbol) => [{ endpoint: 'spotPrivateDeleteOpenOrders', params: { symbol: marketId(symbol) }, weight: 1 }],
  coinNetworks: {
    ask: { endpoint: 'spotPrivateGetCapitalConfigGetall', params: {}, weight: 10 },
    read: networkLists('contract', (network) => (typeof network['netWork'] === 'string' ? network['netWork'] : text(network, 'network'))),
  },
  keyChecks: [
    { endpoint: 'spotPrivateGetAccount', params: {}, weight: 10 },
    // Checked by the venue and never placed.
    { endpoint: 'spotPrivatePostOrderTest', params: { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', quantity: '0.001', price: '10000' }, weight: 1 },
    { endpoint: 'spotPrivateGetCapitalConfigGetall', params: {}, weight: 10 },
  ],
  isTelling: (answer) =>
    isWithoutPermission(answer) || (isCertainRefusal(answer) && !isLate(answer) && !['key_rejected', 'venue_rate_limited'].includes(failure(answer).code)),
  readKey,
  stream: mexcStream,
};

/** Unified symbols of MEXC are its own asset names with a slash between them. */
function marketId(symbol: string): string {
  return symbol.replace('/', '');
}

function settings(url: string | null): Readonly<Record<string, unknown>> {
  const options = { defaultType: 'spot', maxRetriesOnFailure: 0 };
  const common = { enableRateLimit: false, userAgent: 'Argosy', options, api: CONTRACT_ENDPOINTS };
  if (url === null) return common;
  const http = url.replace(/\/+$/, '');
  const contract = `${http}/api/v1/contract`;
  const api = { spot: { public: http, private: http }, contract: { public: contract, private: contract }, ws: { spot: `${http.replace(/^http/, 'ws')}/ws` } };
  return { ...common, ...agentFor(http), urls: { api } };
}

function news(status: number, headers: Headers): BudgetNews {
  if (status !== 429 && status !== 418) return { usedWeight: null, brakeMs: null };
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return { usedWeight: null, brakeMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : DEFAULT_BRAKE_MS };
}

const SYMBOL_CODES: ReadonlySet<number> = new Set([-1121, 10007, 30014, 30021]);

function failure(answer: Answered): { readonly code: ErrorCode; readonly message: string } {
  const { code, text } = errorOf(answer);
  return { code: failureCode(answer.status, code), message: `MEXC answered ${code ?? `HTTP ${answer.status}`}: ${text}` };
}

function failureCode(status: number, code: number | null): ErrorCode {
  if (status === 429 || status === 418) return 'venue_rate_limited';
  if (status >= 500 || code === null) return 'venue_unavailable';
  if (isAboutKey(code)) return 'key_rejected';
  return SYMBOL_CODES.has(code) ? 'symbol_unknown' : 'venue_unavailable';
}

/** The time in force is part of the type. */
function placeParams(order: OutboundOrder): Params {
  const passing = order.timeInForce === 'ioc' ? 'IMMEDIATE_OR_CANCEL' : 'FILL_OR_KILL';
  return {
    symbol: marketId(order.symbol),
    side: order.side === 'buy' ? 'BUY' : 'SELL',
    type: order.postOnly ? 'LIMIT_MAKER' : order.timeInForce === 'gtc' ? 'LIMIT' : passing,
    quantity: order.size,
    ...(order.price === null ? {} : { price: order.price }),
    newClientOrderId: order.clientOrderId,
  };
}

/** The answer carries neither our id nor a status: it must at least be about the instrument and have the venue's id. */
function judgePlace(answer: Answered, order: OutboundOrder): PlaceOutcome {
  if (!isSuccess(answer)) return judgeRefusedPlace(answer);
  const venueOrderId = isAbout(answer.body, order.symbol) ? Reflect.get(answer.body, 'orderId') : null;
  if (typeof venueOrderId === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(venueOrderId)) return { outcome: 'accepted', venueOrderId };
  return { outcome: 'unknown', code: 'unreadable_answer', message: 'MEXC answered 200 without the order that was asked for' };
}

/** The answer names the order by our id only at times, and a status that is not over means that the cancel is under way. */
function judgeCancel(answer: Answered, clientOrderId: string): CancelJudgement {
  if (!isSuccess(answer)) return judgeRefusedCancel(answer);
  const body = row(answer.body);
  const named = body['origClientOrderId'] ?? clientOrderId;
  if (named !== clientOrderId || typeof body['orderId'] !== 'string')
    return { outcome: 'unknown', code: 'unreadable_answer', message: 'MEXC answered 200 without the order that was asked for' };
  return body['status'] === 'CANCELED' || body['status'] === 'PARTIALLY_CANCELED' ? { outcome: 'done' } : { outcome: 'requested' };
}

function isAbout(body: unknown, symbol: string): body is object {
  return typeof body === 'object' && body !== null && Reflect.get(body, 'symbol') === marketId(symbol);
}
