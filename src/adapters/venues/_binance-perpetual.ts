/**
 * Binance's perpetuals margined in USDT (USD-M futures), through unmodified ccxt: requests and answers of the venue in our words.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
 */
import type { OutboundOrder, PlaceOutcome } from '#core/venue-ports.ts';
import { isNoSuchOrder } from './_binance-codes.ts';
import { BINANCE, BINANCE_ABILITIES, marketId } from './_binance-connection.ts';
import { binanceQuotes } from './_binance-market.ts';
import { isLate, judgeRefusedCancel, judgeRefusedPlace, refusedTerms } from './_binance-perpetual-codes.ts';
import { FIND, fillsOf, fillsSince, findConditional, fundingSince, OrderNames, openOrders, positions, terms } from './_binance-perpetual-lists.ts';
import { PUBLIC, perpetualMarket } from './_binance-perpetual-market.ts';
import { checkAccountMode, readBalances, readFundingRate, readInstruments, readOrder } from './_binance-perpetual-rows.ts';
import { perpetualStream } from './_binance-perpetual-streams.ts';
import { readKey, readQuote } from './_binance-rows.ts';
import type { CancelJudgement, CcxtDialect } from './_dialect.ts';
import type { Params } from './_exchange.ts';
import { feeRatesIn, row } from './_fields.ts';
import type { PerpetualDialect } from './_perpetual-dialect.ts';
import type { Answered, Ask } from './_request.ts';

const INSTRUMENTS = { endpoint: 'fapiPublicGetExchangeInfo', params: {}, weight: 1 } as const;

const perpetual: PerpetualDialect = {
  fundingRate: async (ask, symbol) => readFundingRate(await ask({ endpoint: 'fapiPublicGetPremiumIndex', params: { symbol: marketId(symbol) }, weight: 1 })),
  accountMode: { ask: { endpoint: 'fapiPrivateGetAccountConfig', params: {}, weight: 5 }, check: checkAccountMode },
  positions,
  terms,
  // The margin mode first: what is left of the leverage is that of the mode.
  changeTerms: async (_ask, symbol, held, wanted) => [
    ...(held.marginMode === wanted.marginMode ? [] : [marginModeAsk(symbol, wanted.marginMode === 'isolated' ? 'ISOLATED' : 'CROSSED')]),
    ...(held.leverage === wanted.leverage ? [] : [leverageAsk(symbol, wanted.leverage)]),
  ],
  refusedTerms,
  fundingSince,
};

/** The dialect of one opened venue: it remembers what orders are called there. */
export function binancePerpetual(): CcxtDialect {
  const names = new OrderNames();
  return {
    ...dialect,
    fillsSince: (ask, symbol, since, now) => fillsSince(ask, names, symbol, since, now),
    fillsOf: (ask, symbol, venueOrderId) => fillsOf(ask, names, symbol, venueOrderId),
  };
}

const dialect: Omit<CcxtDialect, 'fillsSince' | 'fillsOf'> = {
  id: 'binance',
  ...BINANCE,
  capabilities: { ...BINANCE_ABILITIES, markets: ['perpetual'], walletsApart: true },
  budget: { weight: 2400, windowMs: 60_000 },
  isTimeRefusal: isLate,

  time: { endpoint: 'fapiPublicGetTime', params: {}, weight: 1 },
  instruments: INSTRUMENTS,
  readInstruments: (body) => readInstruments(body, []),
  listInstruments: async (ask) => readInstruments(await ask(INSTRUMENTS), await ask({ endpoint: 'fapiPublicGetFundingInfo', params: {}, weight: 1 })),
  quote: (symbol) => ({ endpoint: 'fapiPublicGetTickerBookTicker', params: { symbol: marketId(symbol) }, weight: 2 }),
  readQuote,
  quotes: binanceQuotes(marketId, PUBLIC),
  market: perpetualMarket(marketId),
  perpetual,

  place: placeAsk,
  judgePlace,
  // A conditional order is in a list of its own until it triggers, and never goes back there: in this sequence it cannot slip through.
  cancel: (clientOrderId, symbol) => [cancelAsk(clientOrderId, symbol), cancelConditionalAsk(clientOrderId), cancelAsk(clientOrderId, symbol)],
  judgeCancel,
  find: (clientOrderId, symbol) => [{ ...FIND, params: { symbol: marketId(symbol), origClientOrderId: clientOrderId } }],
  isAbsent: isNoSuchOrder,
  readOrder: (body, symbol) => readOrder(row(body), symbol),
  // Conditional orders are kept apart; what one has become is looked up by the id that it names.
  older: {
    reachMs: 0,
    find: (ask, clientOrderId, symbol) => findConditional(ask, symbol, clientOrderId),
    cancel: (orderId, symbol) => ({ endpoint: 'fapiPrivateDeleteOrder', params: { symbol: marketId(symbol), orderId }, weight: 1 }),
  },
  openOrders,
  balances: { endpoint: 'fapiPrivateV3GetBalance', params: {}, weight: 5 },
  readBalances,
  feeRates: {
    ask: (symbol) => ({ endpoint: 'fapiPrivateGetCommissionRate', params: { symbol: marketId(symbol) }, weight: 20 }),
    read: (body) => feeRatesIn(row(body), 'makerCommissionRate', 'takerCommissionRate'),
  },
  cancelAll: (symbol) => [
    { endpoint: 'fapiPrivateDeleteAlgoOpenOrders', params: { symbol: marketId(symbol) }, weight: 1 },
    { endpoint: 'fapiPrivateDeleteAllOpenOrders', params: { symbol: marketId(symbol) }, weight: 1 },
  ],
  // The rights of a key are told by the spot API alone.
  keyChecks: [],
  readKey,
  stream: perpetualStream,
};

function placeAsk(order: OutboundOrder): Ask {
  const isMarket = order.type === 'market' || order.type === 'stopMarket';
  const common: Params = {
    symbol: marketId(order.symbol),
    side: order.side === 'buy' ? 'BUY' : 'SELL',
    quantity: order.size,
    ...(isMarket ? {} : { timeInForce: order.postOnly ? 'GTX' : order.timeInForce.toUpperCase() }),
    ...(isMarket || order.price === null ? {} : { price: order.price }),
    reduceOnly: order.reduceOnly ? 'true' : 'false',
  };
  if (order.triggerPrice === null) {
    const params = { ...common, type: isMarket ? 'MARKET' : 'LIMIT', newClientOrderId: order.clientOrderId, newOrderRespType: 'ACK' };
    return { endpoint: 'fapiPrivatePostOrder', params, weight: 1 };
  }
  // At the last price, as stops of spot are; the venue's own default.
  const stop = { algoType: 'CONDITIONAL', type: isMarket ? 'STOP_MARKET' : 'STOP', triggerPrice: order.triggerPrice, workingType: 'CONTRACT_PRICE' };
  return { endpoint: 'fapiPrivatePostAlgoOrder', params: { ...common, ...stop, clientAlgoId: order.clientOrderId }, weight: 1 };
}

function judgePlace(answer: Answered, order: OutboundOrder): PlaceOutcome {
  if (answer.status !== 200) return judgeRefusedPlace(answer);
  const [nameField, idField] = order.triggerPrice === null ? ['clientOrderId', 'orderId'] : ['clientAlgoId', 'algoId'];
  const id: unknown = isAboutOrder(answer.body, nameField, order.clientOrderId) ? Reflect.get(answer.body, idField) : null;
  if ((typeof id === 'number' || typeof id === 'string') && /^[1-9]\d{0,19}$/.test(String(id))) return { outcome: 'accepted', venueOrderId: String(id) };
  return { outcome: 'unknown', code: 'unreadable_answer', message: 'Binance answered 200 without the order that was asked for' };
}

/** In this API the answer to a cancel carries the order's own id, and no other. */
function judgeCancel(answer: Answered, clientOrderId: string): CancelJudgement {
  const isOurs =
    answer.status === 200 && (isAboutOrder(answer.body, 'clientOrderId', clientOrderId) || isAboutOrder(answer.body, 'clientAlgoId', clientOrderId));
  if (isOurs) return { outcome: 'done' };
  if (answer.status === 200) return { outcome: 'unknown', code: 'unreadable_answer', message: 'Binance answered about another order' };
  return judgeRefusedCancel(answer);
}

function cancelAsk(clientOrderId: string, symbol: string): Ask {
  return { endpoint: 'fapiPrivateDeleteOrder', params: { symbol: marketId(symbol), origClientOrderId: clientOrderId }, weight: 1 };
}

function cancelConditionalAsk(clientOrderId: string): Ask {
  return { endpoint: 'fapiPrivateDeleteAlgoOrder', params: { clientAlgoId: clientOrderId }, weight: 1 };
}

function marginModeAsk(symbol: string, marginType: string): Ask {
  return { endpoint: 'fapiPrivatePostMarginType', params: { symbol: marketId(symbol), marginType }, weight: 1 };
}

function leverageAsk(symbol: string, leverage: number): Ask {
  return { endpoint: 'fapiPrivatePostLeverage', params: { symbol: marketId(symbol), leverage }, weight: 1 };
}

function isAboutOrder(body: unknown, field: string, clientOrderId: string): body is object {
  return typeof body === 'object' && body !== null && Reflect.get(body, field) === clientOrderId;
}
