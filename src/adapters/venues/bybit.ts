/**
 * Bybit spot on a unified account, through unmodified ccxt: requests, answers and frames of the venue in our words.
 * @see https://bybit-exchange.github.io/docs/v5/intro
 */
import type { OutboundOrder } from '#core/venue-ports.ts';
import { isEmptyList, judgeCancel, judgePlace, readFound } from './_bybit-answers.ts';
import { isDone } from './_bybit-codes.ts';
import { ACCOUNT_WEIGHTS, BYBIT, BYBIT_ABILITIES, marketId } from './_bybit-connection.ts';
import { fillsOf, fillsSince, openOrders } from './_bybit-lists.ts';
import { bybitMarket } from './_bybit-market.ts';
import { bybitPerpetual } from './_bybit-perpetual.ts';
import { listOf, readBalances, readInstruments, readKey, readQuote } from './_bybit-rows.ts';
import { bybitScan } from './_bybit-scan.ts';
import { bybitQuotes, bybitStream } from './_bybit-streams.ts';
import { bybitCoins } from './_coin-lists.ts';
import type { CcxtDialect } from './_dialect.ts';
import type { Params } from './_exchange.ts';
import { feeRatesIn, rowAbout } from './_fields.ts';
import type { Ask } from './_request.ts';
import { twoMarketVenue } from './_two-markets.ts';
import { defineVenue } from './_venue.ts';

/** Both markets are asked at one address, which counts its requests together. */
export const bybit = defineVenue({
  id: 'bybit',
  title: 'Bybit',
  open: (options) => twoMarketVenue({ spot: dialect, perpetual: bybitPerpetual, oneBudget: true, scanOf: bybitScan }, options),
});

const dialect: CcxtDialect = {
  id: 'bybit',
  ...BYBIT,
  capabilities: { ...BYBIT_ABILITIES, markets: ['spot'] },

  instruments: { endpoint: 'publicGetV5MarketInstrumentsInfo', params: { category: 'spot' }, weight: 1 },
  readInstruments,
  quote: (symbol) => ({ endpoint: 'publicGetV5MarketTickers', params: { category: 'spot', symbol: marketId(symbol) }, weight: 1 }),
  readQuote,
  quotes: bybitQuotes(marketId, 'spot'),
  market: bybitMarket(marketId, 'spot'),

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
  openOrders: (ask, symbol) => openOrders(ask, 'spot', marketId(symbol), symbol),
  fillsSince: (ask, symbol, since, now) => fillsSince(ask, 'spot', marketId(symbol), symbol, since, now),
  fillsOf: (ask, symbol, venueOrderId) => fillsOf(ask, 'spot', marketId(symbol), symbol, venueOrderId),
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
  coinNetworks: {
    ask: { endpoint: 'privateGetV5AssetCoinQueryInfo', params: {}, weight: 1, accountWeight: ACCOUNT_WEIGHTS.coins },
    read: bybitCoins,
  },
  keyChecks: [{ endpoint: 'privateGetV5UserQueryApi', params: {}, weight: 1, accountWeight: ACCOUNT_WEIGHTS.checkKey }],
  readKey,
  stream: bybitStream('spot'),
};

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
