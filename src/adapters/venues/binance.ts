/**
 * Binance spot, through unmodified ccxt: requests, answers and frames of the venue in our words.
 * @see https://developers.binance.com/docs/binance-spot-api-docs
 */
import type { OutboundOrder, PlaceOutcome } from '#core/venue-ports.ts';
import { isLate, isNoSuchOrder, judgeRefusedCancel, judgeRefusedPlace } from './_binance-codes.ts';
import { BINANCE, BINANCE_ABILITIES, marketId } from './_binance-connection.ts';
import { fillsOf, fillsSince } from './_binance-fills.ts';
import { binanceMarket, binanceQuotes } from './_binance-market.ts';
import { binancePerpetual } from './_binance-perpetual.ts';
import { readBalances, readInstruments, readKey, readOrder, readQuote } from './_binance-rows.ts';
import { binanceScan } from './_binance-scan.ts';
import { binanceStream } from './_binance-streams.ts';
import type { CcxtDialect } from './_dialect.ts';
import type { Params } from './_exchange.ts';
import { feeRatesIn, row, rowAbout, rows } from './_fields.ts';
import type { Answered } from './_request.ts';
import { twoMarketVenue } from './_two-markets.ts';
import { defineVenue } from './_venue.ts';

/** Each of the two counts requests for itself. */
export const binance = defineVenue({
  id: 'binance',
  title: 'Binance',
  open: (options) => twoMarketVenue({ spot: dialect, perpetual: binancePerpetual(), oneBudget: false, scanOf: binanceScan }, options),
});

const dialect: CcxtDialect = {
  id: 'binance',
  ...BINANCE,
  capabilities: { ...BINANCE_ABILITIES, markets: ['spot'], walletsApart: false },
  budget: { weight: 6000, windowMs: 60_000 },
  isTimeRefusal: isLate,

  time: { endpoint: 'publicGetTime', params: {}, weight: 1 },
  instruments: { endpoint: 'publicGetExchangeInfo', params: {}, weight: 20 },
  readInstruments,
  quote: (symbol) => ({ endpoint: 'publicGetTickerBookTicker', params: { symbol: marketId(symbol) }, weight: 2 }),
  readQuote,
  quotes: binanceQuotes(marketId),
  market: binanceMarket(marketId),

  place: (order) => ({ endpoint: 'privatePostOrder', params: placeParams(order), weight: 1 }),
  judgePlace,
  cancel: (clientOrderId, symbol) => [{ endpoint: 'privateDeleteOrder', params: { symbol: marketId(symbol), origClientOrderId: clientOrderId }, weight: 1 }],
  judgeCancel: (answer, clientOrderId) =>
    answer.status === 200 && isAboutOrder(answer.body, 'origClientOrderId', clientOrderId) ? { outcome: 'done' } : judgeRefusedCancel(answer),
  find: (clientOrderId, symbol) => [{ endpoint: 'privateGetOrder', params: { symbol: marketId(symbol), origClientOrderId: clientOrderId }, weight: 4 }],
  isAbsent: isNoSuchOrder,
  readOrder: (body, symbol) => readOrder(row(body), symbol),
  openOrders: async (ask, symbol) =>
    rows(await ask({ endpoint: 'privateGetOpenOrders', params: { symbol: marketId(symbol) }, weight: 6 })).map((order) => readOrder(order, symbol)),
  fillsSince: (ask, symbol, since, now) => fillsSince(ask, marketId(symbol), symbol, since, now),
  fillsOf: (ask, symbol, venueOrderId) => fillsOf(ask, marketId(symbol), symbol, venueOrderId),
  balances: { endpoint: 'privateGetAccount', params: { omitZeroBalances: true }, weight: 20 },
  readBalances,
  feeRates: {
    ask: (symbol) => ({ endpoint: 'sapiGetAssetTradeFee', params: { symbol: marketId(symbol) }, weight: 1 }),
    read: (body, symbol) => feeRatesIn(rowAbout(rows(body), marketId(symbol)), 'makerCommission', 'takerCommission'),
  },
  cancelAll: (symbol) => [{ endpoint: 'privateDeleteOpenOrders', params: { symbol: marketId(symbol) }, weight: 1 }],
  keyChecks: [
    { endpoint: 'sapiGetAccountApiRestrictions', params: {}, weight: 1 },
    { endpoint: 'privateGetAccount', params: { omitZeroBalances: true }, weight: 20 },
  ],
  readKey,
  stream: binanceStream,
};

function placeParams(order: OutboundOrder): Params {
  const isStop = order.type === 'stopLimit' || order.type === 'stopMarket';
  const hasPrice = order.type === 'limit' || order.type === 'stopLimit';
  const isMaker = order.postOnly && order.type === 'limit';
  return {
    symbol: marketId(order.symbol),
    side: order.side === 'buy' ? 'BUY' : 'SELL',
    type: isMaker ? 'LIMIT_MAKER' : TYPES[order.type],
    quantity: order.size,
    ...(hasPrice && order.price !== null ? { price: order.price } : {}),
    ...(hasPrice && !isMaker ? { timeInForce: order.timeInForce.toUpperCase() } : {}),
    ...(isStop && order.triggerPrice !== null ? { stopPrice: order.triggerPrice } : {}),
    newClientOrderId: order.clientOrderId,
    newOrderRespType: 'ACK',
  };
}

const TYPES = { limit: 'LIMIT', market: 'MARKET', stopLimit: 'STOP_LOSS_LIMIT', stopMarket: 'STOP_LOSS' } as const;

function judgePlace(answer: Answered, order: OutboundOrder): PlaceOutcome {
  if (answer.status !== 200) return judgeRefusedPlace(answer);
  const venueOrderId = isAboutOrder(answer.body, 'clientOrderId', order.clientOrderId) ? plausibleId(Reflect.get(answer.body, 'orderId')) : null;
  if (venueOrderId === null) return { outcome: 'unknown', code: 'unreadable_answer', message: 'Binance answered 200 without the order that was asked for' };
  return { outcome: 'accepted', venueOrderId };
}

function isAboutOrder(body: unknown, field: string, clientOrderId: string): body is object {
  return typeof body === 'object' && body !== null && Reflect.get(body, field) === clientOrderId;
}

function plausibleId(id: unknown): string | null {
  if (typeof id === 'number') return Number.isSafeInteger(id) && id > 0 ? String(id) : null;
  return typeof id === 'string' && /^[1-9]\d{0,19}$/.test(id) ? id : null;
}
