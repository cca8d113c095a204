/**
 * Bybit's linear perpetuals margined in USDT, on a unified account, through unmodified ccxt: requests and answers of the venue in our words.
 * @see https://bybit-exchange.github.io/docs/v5/order/create-order
 */
import type { OutboundOrder } from '#core/venue-ports.ts';
import { isEmptyList, judgeCancel, judgePlace, readFound } from './_bybit-answers.ts';
import { errorOf, isDone } from './_bybit-codes.ts';
import { ACCOUNT_WEIGHTS, BYBIT, BYBIT_ABILITIES, marketId } from './_bybit-connection.ts';
import { fillsOf, fillsSince, openOrders } from './_bybit-lists.ts';
import { bybitMarket } from './_bybit-market.ts';
import { changeTerms, fundingSince, listInstruments, positions, terms } from './_bybit-perpetual-lists.ts';
import { readFundingRate, readInstrument } from './_bybit-perpetual-rows.ts';
import { listOf, readBalances, readKey, readQuote } from './_bybit-rows.ts';
import { bybitQuotes, bybitStream } from './_bybit-streams.ts';
import type { CcxtDialect } from './_dialect.ts';
import type { Params } from './_exchange.ts';
import { feeRatesIn, rowAbout } from './_fields.ts';
import type { PerpetualDialect } from './_perpetual-dialect.ts';
import type { Answered, Ask, Failure } from './_request.ts';

/** The venue allows an account ten orders and ten cancels a second here, half as many as on spot: nine at most of each, reckoned like the others. */
const PLACE_WEIGHT = 30;
const DCP_TOPIC = 'dcp.future';

const perpetual: PerpetualDialect = {
  fundingRate: async (ask, symbol) => readFundingRate(await ask(tickerAsk(symbol))),
  positions,
  terms,
  changeTerms,
  refusedTerms,
  fundingSince,
};

export const bybitPerpetual: CcxtDialect = {
  id: 'bybit',
  ...BYBIT,
  capabilities: { ...BYBIT_ABILITIES, markets: ['perpetual'] },

  instruments: { endpoint: 'publicGetV5MarketInstrumentsInfo', params: { category: 'linear', limit: 1000 }, weight: 1 },
  readInstruments: (body) => listOf(body).flatMap((listed) => readInstrument(listed) ?? []),
  listInstruments,
  quote: tickerAsk,
  readQuote,
  quotes: bybitQuotes(marketId, 'linear'),
  market: bybitMarket(marketId, 'linear'),
  perpetual,

  place: (order) => ({ endpoint: 'privatePostV5OrderCreate', params: placeParams(order), weight: 1, accountWeight: PLACE_WEIGHT }),
  judgePlace,
  // Unlike spot's, stops are cancelled like any other order, and keep their id when they trigger.
  cancel: (orderLinkId, symbol) => [{ endpoint: 'privatePostV5OrderCancel', params: about(symbol, { orderLinkId }), weight: 1, accountWeight: PLACE_WEIGHT }],
  judgeCancel,
  find: (orderLinkId, symbol) => [
    { endpoint: 'privateGetV5OrderRealtime', params: about(symbol, { orderLinkId }), weight: 1, accountWeight: ACCOUNT_WEIGHTS.find },
    { endpoint: 'privateGetV5OrderHistory', params: about(symbol, { orderLinkId }), weight: 1, accountWeight: ACCOUNT_WEIGHTS.find },
  ],
  isAbsent: (answer) => isDone(answer) && isEmptyList(answer.body),
  readOrder: (body, symbol) => readFound(body, symbol),
  openOrders: (ask, symbol) => openOrders(ask, 'linear', marketId(symbol), symbol),
  fillsSince: (ask, symbol, since, now) => fillsSince(ask, 'linear', marketId(symbol), symbol, since, now),
  fillsOf: (ask, symbol, venueOrderId) => fillsOf(ask, 'linear', marketId(symbol), symbol, venueOrderId),
  balances: { endpoint: 'privateGetV5AccountWalletBalance', params: { accountType: 'UNIFIED' }, weight: 1, accountWeight: ACCOUNT_WEIGHTS.read },
  readBalances,
  feeRates: {
    ask: (symbol) => ({ endpoint: 'privateGetV5AccountFeeRate', params: about(symbol), weight: 1, accountWeight: ACCOUNT_WEIGHTS.feeRates }),
    read: (body, symbol) => feeRatesIn(rowAbout(listOf(body), marketId(symbol)), 'makerFeeRate', 'takerFeeRate'),
  },
  cancelAll: (symbol) => [{ endpoint: 'privatePostV5OrderCancelAll', params: about(symbol), weight: 1, accountWeight: PLACE_WEIGHT }],
  deadMansSwitch: {
    set: (ms) =>
      ms === 0
        ? null
        : {
            endpoint: 'privatePostV5OrderDisconnectedCancelAll',
            params: { product: 'DERIVATIVES', timeWindow: Math.floor(ms / 1000) },
            weight: 1,
            accountWeight: ACCOUNT_WEIGHTS.cancel,
          },
    stream: { arm: { op: 'subscribe', args: [DCP_TOPIC] }, disarm: { op: 'unsubscribe', args: [DCP_TOPIC] } },
  },
  // The rights of a key are asked for once, with those of spot.
  keyChecks: [],
  readKey,
  stream: bybitStream('linear'),
};

function about(symbol: string, more: Params = {}): Params {
  return { category: 'linear', symbol: marketId(symbol), ...more };
}

function tickerAsk(symbol: string): Ask {
  return { endpoint: 'publicGetV5MarketTickers', params: about(symbol), weight: 1 };
}

function placeParams(order: OutboundOrder): Params {
  const isMarket = order.type === 'market' || order.type === 'stopMarket';
  return {
    ...about(order.symbol),
    side: order.side === 'buy' ? 'Buy' : 'Sell',
    orderType: isMarket ? 'Market' : 'Limit',
    qty: order.size,
    ...(isMarket ? {} : { timeInForce: order.postOnly ? 'PostOnly' : order.timeInForce.toUpperCase() }),
    ...(!isMarket && order.price !== null ? { price: order.price } : {}),
    // The direction is said, so that a stop which the price has passed is refused and does not wait for its return.
    ...(order.triggerPrice === null ? {} : { triggerPrice: order.triggerPrice, triggerDirection: order.side === 'buy' ? 1 : 2, triggerBy: 'LastPrice' }),
    reduceOnly: order.reduceOnly,
    positionIdx: 0,
    orderLinkId: order.clientOrderId,
  };
}

/** Why leverage or margin mode could not be changed. */
function refusedTerms(answer: Answered): Failure | null {
  const { code, text } = errorOf(answer);
  const named = (error: Failure['code'], what: string): Failure => ({ code: error, message: `Bybit answered ${code}: ${text} (${what})` });
  switch (code) {
    case 110013:
    case 110016:
    case 10001:
      return named('validation_failed', 'this leverage is not to be had for the symbol, or not for a position of this size');
    case 110004:
    case 110007:
    case 110012:
    case 110044:
    case 110045:
      return named('insufficient_funds', 'there is not enough margin in the unified account');
    case 110073:
    case 3400045:
      return named('account_mode_unsupported', 'the margin mode of the account could not be changed; change it at Bybit');
    default:
      return null;
  }
}
