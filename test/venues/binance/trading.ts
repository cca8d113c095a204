/** Binance's private answers: orders, trades, balances and what a key may do. */

import { decimal, plain } from '#core/money.ts';
import type { AskedOrder, OrderKey, SimulatedOrder } from '#core/simulated-exchange.ts';
import type { VenueKey, World } from '../_world.ts';
import type { Limits } from './limits.ts';
import { PRICE_BAND, symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { BinanceRefusal, missing, placingRefusal } from './refusals.ts';
import { cancelledShape, fixed, orderShape, placedShape, symbolId, tradeShape } from './shapes.ts';
import { invalidKey } from './signing.ts';

/** Everything a private answer is made from. */
export interface Call {
  readonly world: World;
  readonly limits: Limits;
  readonly key: VenueKey;
  readonly parameters: Parameters;
}

const DAY_MS = 86_400_000;
const TYPES: Readonly<Record<string, AskedOrder['type']>> = {
  LIMIT: 'limit',
  LIMIT_MAKER: 'limit',
  MARKET: 'market',
  STOP_LOSS: 'stopMarket',
  STOP_LOSS_LIMIT: 'stopLimit',
};

/** The id that a cancel goes by in answers and reports when the request names none. */
export function cancelIdOf(order: Pick<SimulatedOrder, 'venueOrderId'>): string {
  return `cancel${order.venueOrderId}`;
}

export function placeOrder(call: Call): unknown {
  const { world, limits, key, parameters } = call;
  if (!key.canTrade) throw invalidKey();
  const asked = readOrder(call);
  checkBand(world, asked);
  limits.order(key.account, world.machineNow());
  const answer = world.exchange.place(key.account, asked, world.now());
  if (!answer.ok) throw placingRefusal(answer.reason);
  const { order } = answer;
  const fills =
    order.filledLots === 0 ? [] : world.exchange.fillsSince(key.account, order.symbol, world.now()).filter((fill) => fill.venueOrderId === order.venueOrderId);
  const byDefault = asked.type === 'limit' || asked.type === 'market' ? 'FULL' : 'ACK';
  return placedShape(world, order, fills, parameters.get('newOrderRespType') ?? byDefault);
}

function readOrder({ world, parameters }: Call): AskedOrder {
  const symbol = symbolOf(world, parameters.need('symbol'));
  const side = parameters.need('side');
  if (side !== 'BUY' && side !== 'SELL') throw new BinanceRefusal(-1117, 'Invalid side.');
  const wireType = parameters.need('type');
  const type = TYPES[wireType];
  if (type === undefined) throw new BinanceRefusal(-1116, 'Invalid orderType.');
  const timeInForce = parameters.get('timeInForce');
  if (timeInForce !== null && !['GTC', 'IOC', 'FOK'].includes(timeInForce)) throw new BinanceRefusal(-1115, 'Invalid timeInForce.');
  if ((wireType === 'LIMIT' || wireType === 'STOP_LOSS_LIMIT') && timeInForce === null) throw missing('timeInForce');
  if ((wireType === 'MARKET' || wireType === 'LIMIT_MAKER') && timeInForce !== null)
    throw new BinanceRefusal(-1106, "Parameter 'timeInForce' sent when not required.");
  const price = parameters.decimal('price');
  const triggerPrice = parameters.decimal('stopPrice');
  if (type === 'limit' || type === 'stopLimit') parameters.need('price');
  else if (price !== null) throw new BinanceRefusal(-1106, "Parameter 'price' sent when not required.");
  if (type === 'stopLimit' || type === 'stopMarket') parameters.need('stopPrice');
  else if (triggerPrice !== null) throw new BinanceRefusal(-1106, "Parameter 'stopPrice' sent when not required.");
  const order = { symbol, side: side === 'BUY' ? 'buy' : 'sell', type, price, triggerPrice, postOnly: wireType === 'LIMIT_MAKER' } as const;
  return {
    ...order,
    clientOrderId: parameters.clientOrderId('newClientOrderId') ?? `sim${Math.floor(world.random() * 1e15).toString(36)}`,
    size: parameters.decimal('quantity') ?? sizeOf(world, symbol, order.side, parameters),
    timeInForce: timeInForce === 'IOC' ? 'ioc' : timeInForce === 'FOK' ? 'fok' : 'gtc',
  };
}

/** The size that `quoteOrderQty` buys or sells at the present price, rounded down. */
function sizeOf(world: World, symbol: string, side: 'buy' | 'sell', parameters: Parameters): string {
  const quoteAmount = parameters.decimal('quoteOrderQty');
  if (quoteAmount === null) throw missing('quantity');
  const scale = world.scale(symbol);
  const { bidTicks, askTicks } = world.path(symbol).quote;
  return scale.size(scale.lots(decimal(quoteAmount).div(scale.price(side === 'buy' ? askTicks : bidTicks)), 'down'));
}

function checkBand(world: World, asked: AskedOrder): void {
  if (asked.price === null) return;
  const market = decimal(world.scale(asked.symbol).price(world.path(asked.symbol).lastTicks));
  const price = decimal(asked.price);
  if (price.gt(market.times(PRICE_BAND.up)) || price.lt(market.times(PRICE_BAND.down)))
    throw new BinanceRefusal(-1013, 'Filter failure: PERCENT_PRICE_BY_SIDE');
}

function keyOfOrder(parameters: Parameters): OrderKey {
  const orderId = parameters.integer('orderId');
  if (orderId !== null) return { venueOrderId: String(orderId) };
  const clientOrderId = parameters.get('origClientOrderId');
  if (clientOrderId === null) throw new BinanceRefusal(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  return { clientOrderId };
}

export function findOrder({ world, key, parameters }: Call): unknown {
  const order = world.exchange.find(key.account, symbolOf(world, parameters.need('symbol')), keyOfOrder(parameters));
  if (order === null) throw new BinanceRefusal(-2013, 'Order does not exist.');
  return orderShape(world, order);
}

export function cancelOrder({ world, key, parameters }: Call): unknown {
  if (!key.canTrade) throw invalidKey();
  const symbol = symbolOf(world, parameters.need('symbol'));
  const answer = world.exchange.cancel(key.account, symbol, keyOfOrder(parameters), world.now());
  if (!answer.ok) throw new BinanceRefusal(-2011, 'Unknown order sent.');
  return cancelledShape(world, answer.order, parameters.clientOrderId('newClientOrderId') ?? cancelIdOf(answer.order));
}

export function cancelAll({ world, key, parameters }: Call): unknown {
  if (!key.canTrade) throw invalidKey();
  const symbol = symbolOf(world, parameters.need('symbol'));
  const open = world.exchange.openOrders(key.account, symbol);
  if (open.length === 0) throw new BinanceRefusal(-2011, 'Unknown order sent.');
  return open.map((order) => {
    const answer = world.exchange.cancel(key.account, symbol, order, world.now());
    return cancelledShape(world, answer.ok ? answer.order : order, cancelIdOf(order));
  });
}

export function openOrders({ world, key, parameters }: Call): unknown {
  const id = parameters.get('symbol');
  const symbol = id === null ? undefined : symbolOf(world, id);
  const spot = world.symbolsOf('spot');
  return world.exchange
    .openOrders(key.account, symbol)
    .filter((order) => spot.includes(order.symbol))
    .map((order) => orderShape(world, order));
}

/** A window of at most a day: from `startTime`, or up to `endTime`; refused when both are further apart. */
function windowOf(parameters: Parameters): { readonly from: number; readonly to: number } | null {
  const from = parameters.integer('startTime');
  const to = parameters.integer('endTime');
  if (from !== null && to !== null && to - from > DAY_MS) throw new BinanceRefusal(-1127, 'More than 24 hours between startTime and endTime.');
  if (from !== null) return { from, to: to ?? from + DAY_MS };
  return to === null ? null : { from: to - DAY_MS, to };
}

/** As Binance pages: from an id or the start of a window the oldest first, otherwise the newest `limit`. */
function page<T>(items: readonly T[], idOf: (item: T) => number, timeOf: (item: T) => number, fromId: number | null, parameters: Parameters): readonly T[] {
  const limit = Math.min(parameters.integer('limit') ?? 500, 1_000);
  const window = windowOf(parameters);
  if (fromId !== null) return items.filter((item) => idOf(item) >= fromId).slice(0, limit);
  if (window === null) return items.slice(-limit);
  const within = items.filter((item) => timeOf(item) >= window.from && timeOf(item) <= window.to);
  return parameters.get('startTime') === null ? within.slice(-limit) : within.slice(0, limit);
}

export function allOrders({ world, key, parameters }: Call): unknown {
  const orders = world.exchange.orders(key.account, symbolOf(world, parameters.need('symbol')));
  const chosen = page(
    orders,
    (order) => Number(order.venueOrderId),
    (order) => order.createdAt,
    parameters.integer('orderId'),
    parameters,
  );
  return chosen.map((order) => orderShape(world, order));
}

export function myTrades({ world, key, parameters }: Call): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'));
  const orderId = parameters.integer('orderId');
  const fills = world.exchange.fillsSince(key.account, symbol, 0).filter((fill) => orderId === null || Number(fill.venueOrderId) === orderId);
  return page(
    fills,
    (fill) => Number(fill.tradeId),
    (fill) => fill.at,
    parameters.integer('fromId'),
    parameters,
  ).map((fill) => tradeShape(world, fill));
}

export function account({ world, key, parameters }: Call): unknown {
  const isBrief = parameters.get('omitZeroBalances') === 'true';
  const held = world.exchange.balances(key.account).filter(({ free, locked }) => !isBrief || free !== '0' || locked !== '0');
  const assets = new Set(isBrief ? [] : assetsOf(world));
  for (const { asset } of held) assets.delete(asset);
  return {
    makerCommission: 10,
    takerCommission: 10,
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker: '0.00100000', taker: '0.00100000', buyer: '0.00000000', seller: '0.00000000' },
    canTrade: key.canTrade,
    canWithdraw: key.canWithdraw,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: world.now(),
    accountType: 'SPOT',
    balances: [
      ...held.map(({ asset, free, locked }) => ({ asset, free: fixed(free), locked: fixed(locked) })),
      ...[...assets].map((asset) => ({ asset, free: fixed('0'), locked: fixed('0') })),
    ],
    permissions: ['SPOT'],
    uid: 1,
  };
}

export function assetsOf(world: World): readonly string[] {
  return [...new Set(world.symbolsOf('spot').flatMap((symbol) => symbol.split('/')))];
}

export function restrictions({ world, key }: Call): unknown {
  return {
    ipRestrict: key.isIpRestricted,
    createTime: world.now() - DAY_MS,
    enableReading: true,
    enableSpotAndMarginTrading: key.canTrade,
    enableWithdrawals: key.canWithdraw,
    enableInternalTransfer: false,
    enableMargin: false,
    enableFutures: key.canTrade && key.canTradePerpetuals !== false,
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enablePortfolioMarginTrading: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
  };
}

export function tradeFee({ world, parameters }: Call): unknown {
  const id = parameters.get('symbol');
  const symbols = id === null ? world.symbolsOf('spot') : [symbolOf(world, id)];
  return symbols.map((symbol) => {
    const { makerFeeRate, takerFeeRate } = world.scale(symbol).instrument;
    return { symbol: symbolId(symbol), makerCommission: makerFeeRate, takerCommission: takerFeeRate };
  });
}

export function coins({ world, key }: Call): unknown {
  const held = new Map(world.exchange.balances(key.account).map((balance) => [balance.asset, balance]));
  return assetsOf(world).map((asset) => {
    const networkList = world.networksOf(asset).map(({ chain, contract, canDeposit, canWithdraw, fee }, index) => ({
      network: chain,
      coin: asset,
      name: chain,
      isDefault: index === 0,
      depositEnable: canDeposit,
      withdrawEnable: canWithdraw,
      withdrawFee: fee,
      withdrawMin: '0.001',
      withdrawMax: '1000000',
      withdrawIntegerMultiple: '0.00000001',
      minConfirm: 1,
      unLockConfirm: 0,
      // Left out where the coin is the network's own.
      ...(contract === '' ? {} : { contractAddress: contract, contractAddressUrl: 'https://example.org/token/' }),
    }));
    const shown = { free: plain(decimal(held.get(asset)?.free ?? '0')), locked: plain(decimal(held.get(asset)?.locked ?? '0')) };
    return { coin: asset, name: asset, depositAllEnable: true, withdrawAllEnable: true, trading: true, isLegalMoney: false, ...shown, networkList };
  });
}
