/**
 * Bitget's perpetuals margined in USDT on a classic account. Sizes are base coin; the wallet is one of its own; the account
 * must hold positions one-way, in which an order names no direction of the position (`tradeSide`).
 * @see https://www.bitget.com/api-doc/contract/intro
 */
import type { OutboundOrder, RequestWindow } from '#core/venue-ports.ts';
import { ACCOUNT_WEIGHTS, BITGET_CAPABILITIES, bitgetCommon, FOUND_BY_OUR_ID_MS } from './_bitget-both-markets.ts';
import { errorOf } from './_bitget-codes.ts';
import { fillsOf, fillsSince, findInLists, fundingSince, openOrders } from './_bitget-perpetual-lists.ts';
import { perpetualMarket } from './_bitget-perpetual-market.ts';
import {
  checkAccountMode,
  MARGIN_MODES,
  marketId,
  perpetualNews,
  readBalances,
  readContracts,
  readFundingRate,
  readOrder,
  readPosition,
  readTerms,
} from './_bitget-perpetual-rows.ts';
import { dataOf, readQuote } from './_bitget-rows.ts';
import { bitgetQuotes, bitgetStream } from './_bitget-streams.ts';
import type { CcxtDialect, PricedOrder } from './_dialect.ts';
import type { Exchange, Params } from './_exchange.ts';
import { feeRatesIn, row, rows, text } from './_fields.ts';
import type { PerpetualDialect } from './_perpetual-dialect.ts';
import type { Answered, Ask, Failure } from './_request.ts';

export const FUTURES = { productType: 'USDT-FUTURES' } as const;
const OF_USDT = { ...FUTURES, marginCoin: 'USDT' } as const;
/** A request whose timestamp is older is refused. */
const TIMESTAMP_LIFE_MS = 30_000;
/** Which position mode an account has is told with any instrument. */
const ANY_SYMBOL = 'BTCUSDT';

const perpetual: PerpetualDialect = {
  ordersCarryMode: true,
  fundingRate: async (ask, symbol) => {
    const about = { ...FUTURES, symbol: marketId(symbol) };
    const rate = await ask({ endpoint: 'publicMixGetV2MixMarketCurrentFundRate', params: about, weight: 1 });
    const prices = await ask({ endpoint: 'publicMixGetV2MixMarketSymbolPrice', params: about, weight: 1 });
    return readFundingRate(rate, prices);
  },
  accountMode: { ask: accountAsk(ANY_SYMBOL), check: checkAccountMode },
  positions: async (ask, symbolOf) => {
    const body = await ask({ endpoint: 'privateMixGetV2MixPositionAllPosition', params: OF_USDT, weight: 1, accountWeight: ACCOUNT_WEIGHTS.checkKey });
    return rows(dataOf(body)).flatMap((held) => readPosition(held, symbolOf(text(held, 'symbol').toUpperCase())));
  },
  terms: async (ask, symbol) => readTerms(await ask(accountAsk(marketId(symbol)))),
  // The margin mode first: the leverage that is set is that of the present one.
  changeTerms: async (_ask, symbol, held, wanted) => {
    const about = { ...OF_USDT, symbol: marketId(symbol) };
    const change = (name: string, params: Params): Ask => ({
      endpoint: `privateMixPostV2MixAccount${name}`,
      params: { ...about, ...params },
      weight: 1,
      accountWeight: ACCOUNT_WEIGHTS.checkKey,
    });
    const leverage = change('SetLeverage', { leverage: String(wanted.leverage) });
    return held.marginMode === wanted.marginMode ? [leverage] : [change('SetMarginMode', { marginMode: MARGIN_MODES[wanted.marginMode] }), leverage];
  },
  refusedTerms,
  fundingSince,
};

export const bitgetPerpetual: CcxtDialect = {
  ...bitgetCommon,
  capabilities: { ...BITGET_CAPABILITIES, markets: ['perpetual'], walletsApart: true },
  fixed,
  marketId,
  instruments: { endpoint: 'publicMixGetV2MixMarketContracts', params: FUTURES, weight: 1 },
  readInstruments: readContracts,
  quote: (symbol) => ({ endpoint: 'publicMixGetV2MixMarketTicker', params: { ...FUTURES, symbol: marketId(symbol) }, weight: 1 }),
  readQuote,
  quotes: bitgetQuotes('USDT-FUTURES', marketId),
  market: perpetualMarket,
  perpetual,

  place: (order) => ({ endpoint: 'privateMixPostV2MixOrderPlaceOrder', params: placeParams(order), weight: 1, accountWeight: ACCOUNT_WEIGHTS.place }),
  cancel: (clientOrderId, symbol) => [cancelOf({ clientOid: clientOrderId }, symbol)],
  find: (clientOrderId, symbol) => [
    {
      endpoint: 'privateMixGetV2MixOrderDetail',
      params: { ...FUTURES, symbol: marketId(symbol), clientOid: clientOrderId },
      weight: 1,
      accountWeight: ACCOUNT_WEIGHTS.cancel,
    },
  ],
  readOrder: (body, symbol) => readOrder(row(dataOf(body)), symbol, 'state'),
  older: { reachMs: FOUND_BY_OUR_ID_MS, find: findInLists, cancel: (venueOrderId, symbol) => cancelOf({ orderId: venueOrderId }, symbol) },
  openOrders,
  fillsSince,
  fillsOf,
  balances: { endpoint: 'privateMixGetV2MixAccountAccounts', params: FUTURES, weight: 1, accountWeight: ACCOUNT_WEIGHTS.balances },
  readBalances,
  feeRates: {
    ask: (symbol) => ({
      endpoint: 'privateCommonGetV2CommonTradeRate',
      params: { symbol: marketId(symbol), businessType: 'mix' },
      weight: 1,
      accountWeight: ACCOUNT_WEIGHTS.balances,
    }),
    read: (body) => feeRatesIn(row(dataOf(body)), 'makerFeeRate', 'takerFeeRate'),
  },
  cancelAll: (symbol) => [
    {
      endpoint: 'privateMixPostV2MixOrderBatchCancelOrders',
      params: { ...OF_USDT, symbol: marketId(symbol) },
      weight: 1,
      accountWeight: ACCOUNT_WEIGHTS.cancel,
    },
  ],
  // The rights of a key are told by the spot API alone.
  keyChecks: [],
  stream: bitgetStream('USDT-FUTURES', perpetualNews),
};

/**
 * Orders of perpetuals take no window of their own, and a signed request lives for 30 s here. So the timestamp is set back such
 * that its life ends with our window. It is looked at when the request arrives, and not once more when it acts.
 */
function fixed(params: Params, window: RequestWindow, exchange: Exchange): Params {
  const timestamp = Math.round(window.timestampMs + window.windowMs) - TIMESTAMP_LIFE_MS;
  exchange.nonce = () => timestamp;
  return params;
}

function accountAsk(symbol: string): Ask {
  return { endpoint: 'privateMixGetV2MixAccountAccount', params: { ...OF_USDT, symbol }, weight: 1, accountWeight: ACCOUNT_WEIGHTS.balances };
}

/** In one-way mode `reduceOnly` is a word of its own; `tradeSide` belongs to hedge mode and must not be said. */
function placeParams(order: PricedOrder): Params {
  const isMarket = order.type === 'market';
  return {
    ...OF_USDT,
    symbol: marketId(order.symbol),
    marginMode: MARGIN_MODES[order.marginMode ?? 'cross'],
    side: order.side,
    orderType: isMarket ? 'market' : 'limit',
    ...(isMarket ? {} : { force: forceOf(order) }),
    ...(isMarket || order.price === null ? {} : { price: order.price }),
    size: order.size,
    clientOid: order.clientOrderId,
    ...(order.reduceOnly ? { reduceOnly: 'YES' } : {}),
  };
}

function forceOf({ postOnly, timeInForce }: OutboundOrder): string {
  return postOnly ? 'post_only' : timeInForce;
}

function cancelOf(which: Params, symbol: string): Ask {
  return {
    endpoint: 'privateMixPostV2MixOrderCancelOrder',
    params: { ...OF_USDT, symbol: marketId(symbol), ...which },
    weight: 1,
    accountWeight: ACCOUNT_WEIGHTS.cancel,
  };
}

/** Positions or orders stand in the other margin mode; a leverage that is not to be had; too little margin for it. */
function refusedTerms(answer: Answered): Failure | null {
  const { code, text: message } = errorOf(answer);
  if (code === '45117') return { code: 'validation_failed', message: `Bitget does not change the margin mode: ${message}` };
  if (code === '40797' || code === '40017') return { code: 'validation_failed', message: `Bitget does not give this leverage: ${message}` };
  if (code === '40762' || code === '43012') return { code: 'insufficient_funds', message: `Bitget does not give this leverage: ${message}` };
  return null;
}
