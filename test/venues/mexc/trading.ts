/** MEXC's private answers: orders, trades, balances and what a key may do. */
import { decimal } from '#core/money.ts';
import type { AskedOrder, OrderKey } from '#core/simulated-exchange.ts';
import type { VenueKey, World } from '../_world.ts';
import type { ListenKeys } from './listen-keys.ts';
import { MAX_QUOTE_AMOUNT, symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { MexcRefusal, missing, noPermission, placingRefusal } from './refusals.ts';
import { cancelledShape, orderIdOf, orderShape, placedShape, tradeShape } from './shapes.ts';

/** Everything a private answer is made from. */
export interface Call {
  readonly world: World;
  readonly key: VenueKey;
  readonly parameters: Parameters;
  readonly listenKeys: ListenKeys;
  /** Cancels are answered without a status. */
  readonly isCancelBrief: boolean;
}

/** The list of trades reaches back this far. */
const TRADES_KEPT_MS = 30 * 86_400_000;
const TRADES_PAGE = 100;

const TIMES_IN_FORCE: Readonly<Record<string, AskedOrder['timeInForce']>> = { IMMEDIATE_OR_CANCEL: 'ioc', FILL_OR_KILL: 'fok' };
const TYPES = ['LIMIT', 'MARKET', 'LIMIT_MAKER', 'IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL'];

export function placeOrder(call: Call): unknown {
  const { world, key } = call;
  if (!key.canTrade) throw noPermission();
  const answer = world.exchange.place(key.account, readOrder(call), world.now());
  if (!answer.ok) throw placingRefusal(answer.reason);
  return placedShape(world, answer.order);
}

/** Checks an order and places none. */
export function testOrder(call: Call): unknown {
  if (!call.key.canTrade) throw noPermission();
  readOrder(call);
  return {};
}

/** Parameters that it does not know, such as a trigger price, are passed over without a word. */
function readOrder({ world, parameters }: Call): AskedOrder {
  const symbol = symbolOf(world, parameters.need('symbol'), 10007);
  const side = parameters.need('side');
  if (side !== 'BUY' && side !== 'SELL') throw new MexcRefusal(730002, 'invalid side');
  const type = parameters.need('type');
  if (!TYPES.includes(type)) throw new MexcRefusal(30041, 'current order type can not place order');
  const common = {
    symbol,
    side: side === 'BUY' ? 'buy' : 'sell',
    triggerPrice: null,
    clientOrderId: parameters.clientOrderId('newClientOrderId') ?? `sim${Math.floor(world.random() * 1e15).toString(36)}`,
    postOnly: type === 'LIMIT_MAKER',
  } as const;
  if (type === 'MARKET') return { ...common, type: 'market', price: null, size: marketSize(world, symbol, common.side, parameters), timeInForce: 'gtc' };
  const price = parameters.decimal('price');
  const size = parameters.decimal('quantity');
  if (price === null) throw missing('price');
  if (size === null) throw missing('quantity');
  if (decimal(price).isZero()) throw new MexcRefusal(30010, 'no valid trade price');
  if (decimal(size).isZero()) throw new MexcRefusal(10102, 'amount cannot be zero or negative');
  if (decimal(price).times(size).gt(MAX_QUOTE_AMOUNT)) throw placingRefusal('maxNotional');
  return { ...common, type: 'limit', price, size, timeInForce: TIMES_IN_FORCE[type] ?? 'gtc' };
}

/** Market sales name the size; market buys the amount of money, and never the size. */
function marketSize(world: World, symbol: string, side: 'buy' | 'sell', parameters: Parameters): string {
  if (side === 'sell') return parameters.decimal('quantity') ?? needed('quantity');
  const quoteAmount = parameters.decimal('quoteOrderQty') ?? needed('quoteOrderQty');
  const scale = world.scale(symbol);
  return scale.size(scale.lots(decimal(quoteAmount).div(scale.price(world.path(symbol).quote.askTicks)), 'down'));
}

function needed(parameter: string): never {
  throw missing(parameter);
}

function keyOfOrder(parameters: Parameters): OrderKey {
  const orderId = parameters.get('orderId');
  if (orderId !== null) return { venueOrderId: orderIdOf(orderId) };
  const clientOrderId = parameters.get('origClientOrderId');
  if (clientOrderId === null) throw new MexcRefusal(700004, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  return { clientOrderId };
}

export function findOrder({ world, key, parameters }: Call): unknown {
  const order = world.exchange.find(key.account, symbolOf(world, parameters.need('symbol'), 10007), keyOfOrder(parameters));
  if (order === null) throw new MexcRefusal(-2013, 'Order does not exist.');
  return orderShape(world, order);
}

export function cancelOrder({ world, key, parameters, isCancelBrief }: Call): unknown {
  if (!key.canTrade) throw noPermission();
  const symbol = symbolOf(world, parameters.need('symbol'), 10007);
  const answer = world.exchange.cancel(key.account, symbol, keyOfOrder(parameters), world.now());
  if (!answer.ok) throw placingRefusal('unknownOrder');
  return cancelledShape(world, answer.order, isCancelBrief);
}

export function cancelAll({ world, key, parameters }: Call): unknown {
  if (!key.canTrade) throw noPermission();
  const symbol = symbolOf(world, parameters.need('symbol'), 10007);
  return world.exchange.openOrders(key.account, symbol).map((order) => {
    const answer = world.exchange.cancel(key.account, symbol, order, world.now());
    return cancelledShape(world, answer.ok ? answer.order : order, false);
  });
}

export function openOrders({ world, key, parameters }: Call): unknown {
  return world.exchange.openOrders(key.account, symbolOf(world, parameters.need('symbol'), 10007)).map((order) => orderShape(world, order));
}

export function allOrders({ world, key, parameters }: Call): unknown {
  const { from, to } = windowOf(parameters, world.now() - 86_400_000);
  const orders = world.exchange.orders(key.account, symbolOf(world, parameters.need('symbol'), 10007));
  const limit = Math.min(parameters.integer('limit') ?? 500, 1_000);
  return orders
    .filter(({ createdAt }) => createdAt >= from && createdAt <= to)
    .slice(-limit)
    .reverse()
    .map((order) => orderShape(world, order));
}

/** Newest first, a hundred at most, and nothing older than a month. */
export function myTrades({ world, key, parameters }: Call): unknown {
  const { from, to } = windowOf(parameters, 0);
  const orderId = parameters.get('orderId');
  const oldest = Math.max(from, world.now() - TRADES_KEPT_MS);
  const limit = Math.min(parameters.integer('limit') ?? TRADES_PAGE, TRADES_PAGE);
  return world.exchange
    .fillsSince(key.account, symbolOf(world, parameters.need('symbol'), 10007), oldest)
    .filter((fill) => fill.at <= to && (orderId === null || fill.venueOrderId === orderIdOf(orderId)))
    .slice(-limit)
    .reverse()
    .map((fill) => tradeShape(world, fill));
}

function windowOf(parameters: Parameters, byDefault: number): { readonly from: number; readonly to: number } {
  return { from: parameters.integer('startTime') ?? byDefault, to: parameters.integer('endTime') ?? Number.POSITIVE_INFINITY };
}

/** What it says of rights is about the account, not about the key. */
export function account({ world, key }: Call): unknown {
  return {
    canTrade: true,
    canWithdraw: true,
    canDeposit: true,
    updateTime: null,
    accountType: 'SPOT',
    balances: world.exchange
      .balances(key.account)
      .filter(({ free, locked }) => free !== '0' || locked !== '0')
      .map(({ asset, free, locked }) => ({ asset, free, locked })),
    permissions: ['SPOT'],
  };
}

export function tradeFee({ world, parameters }: Call): unknown {
  const { makerFeeRate, takerFeeRate } = world.scale(symbolOf(world, parameters.need('symbol'), 10007)).instrument;
  return { data: { makerCommission: Number(makerFeeRate), takerCommission: Number(takerFeeRate) }, code: 0, msg: 'success', timestamp: world.now() };
}

/** Only for keys that may look at withdrawals. */
export function coins({ world, key }: Call): unknown {
  if (!key.canWithdraw) throw noPermission();
  const assets = new Set(world.exchange.symbols.flatMap((symbol) => symbol.split('/')));
  return [...assets].map((coin) => {
    const limits = { withdrawMin: '0.001', withdrawMax: '1000000', withdrawIntegerMultiple: null, minConfirm: 1, sameAddress: false };
    const networkList = world.networksOf(coin).map(({ chain, contract, canDeposit, canWithdraw, fee }) => ({
      ...{ coin, name: coin, network: chain, netWork: chain, depositEnable: canDeposit, withdrawEnable: canWithdraw, withdrawFee: fee, contract, ...limits },
    }));
    return { coin, name: coin, networkList };
  });
}

export function createListenKey({ key, listenKeys }: Call): unknown {
  return { listenKey: listenKeys.create(key.account) };
}

export function renewListenKey({ key, listenKeys, parameters }: Call): unknown {
  return { listenKey: listenKeys.renew(key.account, parameters.need('listenKey')) };
}

export function closeListenKey({ key, listenKeys, parameters }: Call): unknown {
  return { listenKey: listenKeys.remove(key.account, parameters.need('listenKey')) };
}

export function listListenKeys({ key, listenKeys }: Call): unknown {
  return { listenKey: listenKeys.of(key.account) };
}
