/** The routes of both of Binance's APIs, spot and futures; the operations are what faults are matched by. */
import type { World } from '../_world.ts';
import {
  accountConfig,
  balance,
  commissionRate,
  account as futuresAccount,
  income,
  leverageBracket,
  positionMode,
  positionRisk,
  setLeverage,
  setMarginType,
  symbolConfig,
} from './futures/account.ts';
import { cancelAllConditionals, cancelConditional, findConditional, openConditionals, placeConditional } from './futures/conditional.ts';
import type { ListenKeys } from './futures/listen-keys.ts';
import { depth, fundingInfo, exchangeInfo as futuresInfo, pastFunding, premiumIndex } from './futures/market-data.ts';
import * as futures from './futures/trading.ts';
import type { Limits } from './limits.ts';
import { book, bookTicker, dayTicker, exchangeInfo, klines, lastPrice, pastTrades, publicTrades, symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import {
  account,
  allOrders,
  type Call,
  cancelAll,
  cancelOrder,
  coins,
  findOrder,
  myTrades,
  openOrders,
  placeOrder,
  restrictions,
  tradeFee,
} from './trading.ts';

/** What a private answer of either API is made from. */
export interface AnyCall extends Call {
  readonly hedged: ReadonlySet<string>;
  readonly listenKeys: ListenKeys;
}

export interface Route {
  readonly operation: string;
  readonly weight: number;
  readonly answer:
    | { readonly open: (world: World, parameters: Parameters, limits: Limits) => unknown }
    | { readonly signed: (call: AnyCall) => unknown }
    /** By the key alone, without a signature. */
    | { readonly keyed: (call: AnyCall) => unknown };
}

const trades = (kind: 'spot' | 'perpetual', isAggregate: boolean) => (world: World, parameters: Parameters) =>
  isAggregate && parameters.get('startTime') !== null
    ? pastTrades(world, symbolOf(world, parameters.need('symbol'), kind), parameters)
    : publicTrades(world, symbolOf(world, parameters.need('symbol'), kind), parameters.integer('limit') ?? 500, isAggregate);

const SPOT: Readonly<Record<string, Route>> = {
  'GET /api/v3/ping': open('ping', 1, () => ({})),
  'GET /api/v3/time': open('time', 1, (world) => ({ serverTime: world.now() })),
  'GET /api/v3/exchangeInfo': open('instruments', 20, (world, parameters, limits) => exchangeInfo(world, limits, parameters)),
  'GET /api/v3/ticker/24hr': open('ticker', 2, (world, parameters) => dayTicker(world, parameters, 'spot')),
  'GET /api/v3/ticker/price': open('ticker', 2, (world, parameters) => lastPrice(world, parameters, 'spot')),
  'GET /api/v3/ticker/bookTicker': open('quote', 2, (world, parameters) => bookTicker(world, parameters, 'spot')),
  'GET /api/v3/depth': open('book', 5, (world, parameters) => book(world, symbolOf(world, parameters.need('symbol')), parameters.integer('limit') ?? 100)),
  'GET /api/v3/klines': open('candles', 2, (world, parameters) => klines(world, parameters, 'spot')),
  'GET /api/v3/trades': open('trades', 25, trades('spot', false)),
  'GET /api/v3/aggTrades': open('trades', 4, trades('spot', true)),
  'GET /dapi/v1/exchangeInfo': open('instruments', 1, () => ({ timezone: 'UTC', rateLimits: [], symbols: [] })),
  'POST /api/v3/order': signed('placeOrder', 1, placeOrder),
  'GET /api/v3/order': signed('findOrder', 4, findOrder),
  'DELETE /api/v3/order': signed('cancelOrder', 1, cancelOrder),
  'GET /api/v3/openOrders': signed('openOrders', 6, openOrders),
  'DELETE /api/v3/openOrders': signed('cancelAll', 1, cancelAll),
  'GET /api/v3/allOrders': signed('allOrders', 20, allOrders),
  'GET /api/v3/myTrades': signed('fills', 20, myTrades),
  'GET /api/v3/account': signed('balances', 20, account),
  'GET /sapi/v1/account/apiRestrictions': signed('checkKey', 1, restrictions),
  'GET /sapi/v1/asset/tradeFee': signed('fees', 1, tradeFee),
  'GET /sapi/v1/capital/config/getall': signed('coins', 10, coins),
  'GET /sapi/v1/margin/allPairs': open('margin', 1, () => []),
  'GET /sapi/v1/margin/isolated/allPairs': open('margin', 1, () => []),
};

const FUTURES: Readonly<Record<string, Route>> = {
  'GET /fapi/v1/ping': open('ping', 1, () => ({})),
  'GET /fapi/v1/time': open('time', 1, (world) => ({ serverTime: world.now() })),
  'GET /fapi/v1/exchangeInfo': open('instruments', 1, (world, _parameters, limits) => futuresInfo(world, limits)),
  'GET /fapi/v1/fundingInfo': open('fundingInfo', 1, (world) => fundingInfo(world)),
  'GET /fapi/v1/premiumIndex': open('fundingRate', 1, premiumIndex),
  'GET /fapi/v1/fundingRate': open('pastFunding', 1, pastFunding),
  'GET /fapi/v1/ticker/24hr': open('ticker', 1, (world, parameters) => dayTicker(world, parameters, 'perpetual')),
  'GET /fapi/v1/ticker/bookTicker': open('quote', 2, (world, parameters) => bookTicker(world, parameters, 'perpetual')),
  'GET /fapi/v1/depth': open('book', 20, depth),
  'GET /fapi/v1/klines': open('candles', 5, (world, parameters) => klines(world, parameters, 'perpetual')),
  'GET /fapi/v1/trades': open('trades', 5, trades('perpetual', false)),
  'GET /fapi/v1/aggTrades': open('trades', 20, trades('perpetual', true)),
  'POST /fapi/v1/order': signed('placeOrder', 1, futures.placeOrder),
  'GET /fapi/v1/order': signed('findOrder', 1, futures.findOrder),
  'DELETE /fapi/v1/order': signed('cancelOrder', 1, futures.cancelOrder),
  'GET /fapi/v1/openOrders': signed('openOrders', 1, futures.openOrders),
  'DELETE /fapi/v1/allOpenOrders': signed('cancelAll', 1, futures.cancelAll),
  'GET /fapi/v1/allOrders': signed('allOrders', 5, futures.allOrders),
  'GET /fapi/v1/userTrades': signed('fills', 5, futures.userTrades),
  'GET /fapi/v1/forceOrders': signed('forceOrders', 20, futures.forceOrders),
  'POST /fapi/v1/algoOrder': signed('placeOrder', 1, placeConditional),
  'GET /fapi/v1/algoOrder': signed('findConditional', 1, findConditional),
  'DELETE /fapi/v1/algoOrder': signed('cancelConditional', 1, cancelConditional),
  'GET /fapi/v1/openAlgoOrders': signed('openConditionals', 1, openConditionals),
  'DELETE /fapi/v1/algoOpenOrders': signed('cancelAll', 1, cancelAllConditionals),
  'GET /fapi/v3/balance': signed('balances', 5, balance),
  'GET /fapi/v2/balance': signed('balances', 5, balance),
  'GET /fapi/v3/account': signed('balances', 5, futuresAccount),
  'GET /fapi/v2/account': signed('balances', 5, futuresAccount),
  'GET /fapi/v3/positionRisk': signed('positions', 5, positionRisk),
  'GET /fapi/v1/symbolConfig': signed('symbolConfig', 5, symbolConfig),
  'GET /fapi/v1/accountConfig': signed('accountConfig', 5, accountConfig),
  'GET /fapi/v1/positionSide/dual': signed('accountConfig', 30, positionMode),
  'POST /fapi/v1/leverage': signed('setLeverage', 1, setLeverage),
  'POST /fapi/v1/marginType': signed('setMarginMode', 1, setMarginType),
  'GET /fapi/v1/leverageBracket': signed('brackets', 1, leverageBracket),
  'GET /fapi/v1/commissionRate': signed('fees', 20, commissionRate),
  'GET /fapi/v1/income': signed('funding', 30, income),
  'POST /fapi/v1/listenKey': keyed('listenKey', ({ key, listenKeys }) => ({ listenKey: listenKeys.ask(key.account) })),
  'PUT /fapi/v1/listenKey': keyed('renewListenKey', ({ key, listenKeys }) => ({ listenKey: listenKeys.renew(key.account) })),
  'DELETE /fapi/v1/listenKey': keyed('endListenKey', ({ key, listenKeys }) => listenKeys.remove(key.account) ?? {}),
};

export const ROUTES: Readonly<Record<string, Route>> = { ...SPOT, ...FUTURES };

/** Weight of the calls that name no symbol, where it differs. */
export const WEIGHT_OF_ALL: Readonly<Record<string, number>> = {
  'GET /api/v3/ticker/24hr': 80,
  'GET /api/v3/ticker/price': 4,
  'GET /api/v3/ticker/bookTicker': 4,
  'GET /api/v3/openOrders': 80,
  'GET /fapi/v1/ticker/24hr': 40,
  'GET /fapi/v1/ticker/bookTicker': 5,
  'GET /fapi/v1/openOrders': 40,
  'GET /fapi/v1/openAlgoOrders': 40,
};

function open(operation: string, weight: number, answer: (world: World, parameters: Parameters, limits: Limits) => unknown): Route {
  return { operation, weight, answer: { open: answer } };
}

function signed(operation: string, weight: number, answer: (call: AnyCall) => unknown): Route {
  return { operation, weight, answer: { signed: answer } };
}

function keyed(operation: string, answer: (call: AnyCall) => unknown): Route {
  return { operation, weight: 1, answer: { keyed: answer } };
}
