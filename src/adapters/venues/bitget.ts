/**
 * Bitget on a classic account, through unmodified ccxt: spot here, USDT perpetuals in _bitget-perpetual.ts, and what both
 * say alike in _bitget-both-markets.ts.
 * @see https://www.bitget.com/api-doc/spot/intro
 */
import type { OutboundOrder, RequestWindow } from '#core/venue-ports.ts';
import { ACCOUNT_WEIGHTS, BITGET_CAPABILITIES, bitgetCommon, FOUND_BY_OUR_ID_MS } from './_bitget-both-markets.ts';
import { fillsOf, fillsSince, findInLists, openOrders } from './_bitget-lists.ts';
import { bitgetMarket } from './_bitget-market.ts';
import { bitgetPerpetual } from './_bitget-perpetual.ts';
import { dataOf, marketId, readBalances, readFound, readInstruments, readQuote } from './_bitget-rows.ts';
import { bitgetScan } from './_bitget-scan.ts';
import { bitgetQuotes, bitgetStream, spotNews } from './_bitget-streams.ts';
import type { CcxtDialect } from './_dialect.ts';
import type { Exchange, Params } from './_exchange.ts';
import { feeRatesIn, row } from './_fields.ts';
import type { Ask } from './_request.ts';
import { twoMarketVenue } from './_two-markets.ts';
import { defineVenue } from './_venue.ts';

// What the address may ask in a minute counts for both markets.
export const bitget = defineVenue({
  id: 'bitget',
  title: 'Bitget',
  open: (options) => twoMarketVenue({ spot: dialect, perpetual: bitgetPerpetual, oneBudget: true, scanOf: bitgetScan }, options),
});

const dialect: CcxtDialect = {
  ...bitgetCommon,
  capabilities: { ...BITGET_CAPABILITIES, markets: ['spot'], walletsApart: false },
  fixed,
  marketId,
  instruments: { endpoint: 'publicSpotGetV2SpotPublicSymbols', params: {}, weight: 1 },
  readInstruments,
  quote: (symbol) => ({ endpoint: 'publicSpotGetV2SpotMarketTickers', params: { symbol: marketId(symbol) }, weight: 1 }),
  readQuote,
  quotes: bitgetQuotes('SPOT', marketId),
  market: bitgetMarket,

  // Market buys name an amount of money here.
  marketCollar: '0.02',
  place: (order) => ({ endpoint: 'privateSpotPostV2SpotTradePlaceOrder', params: placeParams(order), weight: 1, accountWeight: ACCOUNT_WEIGHTS.place }),
  cancel: (clientOrderId, symbol) => [cancelOf({ clientOid: clientOrderId }, symbol)],
  find: (clientOrderId) => [
    { endpoint: 'privateSpotGetV2SpotTradeOrderInfo', params: { clientOid: clientOrderId }, weight: 1, accountWeight: ACCOUNT_WEIGHTS.find },
  ],
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
  stream: bitgetStream('SPOT', spotNews),
};

/** ccxt writes the time into a header when it signs; requests that take a window of their own carry an empty one until now. */
function fixed(params: Params, window: RequestWindow, exchange: Exchange): Params {
  const timestamp = Math.round(window.timestampMs);
  exchange.nonce = () => timestamp;
  return 'receiveWindow' in params ? { ...params, requestTime: String(timestamp), receiveWindow: String(window.windowMs) } : params;
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
