/** Binance futures' private answers on orders and trades. */
import type { AskedOrder, OrderKey, SimulatedOrder } from '#core/simulated-exchange.ts';
import { symbolOf } from '../market-data.ts';
import type { Parameters } from '../parameters.ts';
import { BinanceRefusal, missing } from '../refusals.ts';
import { invalidKey } from '../signing.ts';
import type { Call } from '../trading.ts';
import { futuresRefusal } from './refusals.ts';
import { clientIdOf, isInBook, orderShape, tradeShape } from './shapes.ts';

const DAY_MS = 86_400_000;
const WINDOW_MS = 7 * DAY_MS;
const TYPES: Readonly<Record<string, AskedOrder['type']>> = { LIMIT: 'limit', MARKET: 'market' };
/** Must go to the algo service. */
const CONDITIONAL_TYPES: ReadonlySet<string> = new Set(['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET']);

export function mayTrade({ key, hedged }: FuturesCall): void {
  if (!key.canTrade) throw invalidKey();
  if (hedged.has(key.account)) throw new BinanceRefusal(-4061, "Order's position side does not match user's setting.");
}

/** A call and which accounts hold positions in hedge mode. */
export interface FuturesCall extends Call {
  readonly hedged: ReadonlySet<string>;
}

export function placeOrder(call: FuturesCall): unknown {
  const { world, key, limits, parameters } = call;
  mayTrade(call);
  const type = parameters.need('type');
  if (CONDITIONAL_TYPES.has(type))
    throw new BinanceRefusal(-4120, 'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.');
  const timeInForce = parameters.get('timeInForce');
  if (type === 'LIMIT' && timeInForce === null) throw missing('timeInForce');
  const asked = readOrder(call, TYPES[type], 'newClientOrderId', null);
  limits.order(key.account, world.machineNow());
  if (asked.timeInForce === 'fok' && !isWhollyFilled(call, asked))
    throw new BinanceRefusal(
      -5021,
      'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history',
    );
  const answer = world.exchange.place(key.account, asked, world.now());
  if (!answer.ok) throw futuresRefusal(answer.reason);
  return orderShape(world, answer.order);
}

/** The parts that plain and conditional orders have in common. */
export function readOrder({ world, parameters }: Call, type: AskedOrder['type'] | undefined, idField: string, triggerPrice: string | null): AskedOrder {
  const symbol = symbolOf(world, parameters.need('symbol'), 'perpetual');
  const side = parameters.need('side');
  if (side !== 'BUY' && side !== 'SELL') throw new BinanceRefusal(-1117, 'Invalid side.');
  if (type === undefined) throw new BinanceRefusal(-1116, 'Invalid orderType.');
  const isMarket = type === 'market' || type === 'stopMarket';
  const timeInForce = parameters.get('timeInForce') ?? 'GTC';
  if (!['GTC', 'IOC', 'FOK', 'GTX'].includes(timeInForce)) throw new BinanceRefusal(-1115, 'Invalid timeInForce.');
  const price = parameters.decimal('price');
  if (isMarket && price !== null) throw new BinanceRefusal(-1106, "Parameter 'price' sent when not required.");
  if (!isMarket) parameters.need('price');
  if (price !== null && Number(price) === 0) throw new BinanceRefusal(-4001, 'Price less than 0.');
  const size = parameters.decimal('quantity');
  if (size === null) throw missing('quantity');
  if (Number(size) === 0) throw new BinanceRefusal(-4003, 'Quantity less than or equal to zero.');
  const reduceOnly = parameters.get('reduceOnly') ?? 'false';
  if (reduceOnly !== 'true' && reduceOnly !== 'false') throw new BinanceRefusal(-4062, 'Invalid or improper reduceOnly value.');
  const { maxSize } = world.scale(symbol).instrument;
  if (maxSize !== null && Number(size) > Number(maxSize)) throw new BinanceRefusal(-4005, 'Quantity greater than max quantity.');
  return {
    symbol,
    side: side === 'BUY' ? 'buy' : 'sell',
    type,
    price,
    triggerPrice,
    size,
    timeInForce: isMarket || timeInForce === 'GTX' ? 'gtc' : (timeInForce.toLowerCase() as 'gtc' | 'ioc' | 'fok'),
    postOnly: !isMarket && timeInForce === 'GTX',
    reduceOnly: reduceOnly === 'true',
    clientOrderId: parameters.clientOrderId(idField) ?? `web_${Math.floor(world.random() * 2 ** 48).toString(36)}`,
  };
}

function isWhollyFilled({ world }: Call, { symbol, side, price, size }: AskedOrder): boolean {
  const scale = world.scale(symbol);
  const { bidTicks, askTicks } = world.exchange.quote(symbol);
  const ticks = price === null ? 0 : scale.ticks(price, 'nearest');
  const reaches = price === null || (side === 'buy' ? ticks >= askTicks : ticks <= bidTicks);
  return reaches && scale.lots(size, 'nearest') <= world.path(symbol).quote.liquidityLots;
}

function keyOfOrder(parameters: Parameters): OrderKey {
  const orderId = parameters.integer('orderId');
  if (orderId !== null) return { venueOrderId: String(orderId) };
  const clientOrderId = parameters.get('origClientOrderId');
  if (clientOrderId === null) throw new BinanceRefusal(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  return { clientOrderId };
}

function known({ world, key, parameters }: Call): SimulatedOrder | null {
  const order = world.exchange.find(key.account, symbolOf(world, parameters.need('symbol'), 'perpetual'), keyOfOrder(parameters));
  return order !== null && isInBook(order) ? order : null;
}

export function findOrder(call: Call): unknown {
  const order = known(call);
  if (order === null) throw new BinanceRefusal(-2013, 'Order does not exist.');
  return orderShape(call.world, order);
}

export function cancelOrder(call: Call): unknown {
  const { world, key } = call;
  if (!key.canTrade) throw invalidKey();
  const order = known(call);
  const answer = order === null ? null : world.exchange.cancel(key.account, order.symbol, { venueOrderId: order.venueOrderId }, world.now());
  if (answer === null || !answer.ok) throw new BinanceRefusal(-2011, 'Unknown order sent.');
  return orderShape(world, answer.order);
}

/** Takes off what is in the book and leaves conditional orders alone. */
export function cancelAll({ world, key, parameters }: Call): unknown {
  if (!key.canTrade) throw invalidKey();
  const symbol = symbolOf(world, parameters.need('symbol'), 'perpetual');
  for (const order of world.exchange.openOrders(key.account, symbol)) if (isInBook(order)) world.exchange.cancel(key.account, symbol, order, world.now());
  return { code: 200, msg: 'The operation of cancel all open order is done.' };
}

export function openOrders({ world, key, parameters }: Call): unknown {
  const id = parameters.get('symbol');
  const symbols = id === null ? world.symbolsOf('perpetual') : [symbolOf(world, id, 'perpetual')];
  return symbols
    .flatMap((symbol) => world.exchange.openOrders(key.account, symbol))
    .filter(isInBook)
    .map((order) => orderShape(world, order));
}

/** From an id on the oldest first; otherwise the newest within a week. */
export function allOrders({ world, key, parameters }: Call): unknown {
  const orders = world.exchange.orders(key.account, symbolOf(world, parameters.need('symbol'), 'perpetual')).filter(isInBook);
  const limit = Math.min(parameters.integer('limit') ?? 500, 1_000);
  const orderId = parameters.integer('orderId');
  const { from, to } = windowOf(parameters, world.now());
  const chosen =
    orderId === null
      ? orders.filter(({ createdAt }) => createdAt >= from && createdAt <= to).slice(-limit)
      : orders.filter(({ venueOrderId }) => Number(venueOrderId) >= orderId).slice(0, limit);
  return chosen.map((order) => orderShape(world, order));
}

/** A window of at most a week; the last week where none is asked for. */
export function windowOf(parameters: Parameters, now: number): { readonly from: number; readonly to: number } {
  const from = parameters.integer('startTime');
  const to = parameters.integer('endTime');
  if (from !== null && to !== null && to - from > WINDOW_MS) throw new BinanceRefusal(-1127, 'The interval between startTime and endTime is more than 7 days.');
  if (from !== null) return { from, to: to ?? from + WINDOW_MS };
  return { from: (to ?? now) - WINDOW_MS, to: to ?? now };
}

export function userTrades({ world, key, parameters }: Call): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'), 'perpetual');
  const orderId = parameters.integer('orderId');
  const fromId = parameters.integer('fromId');
  if (fromId !== null && (parameters.get('startTime') ?? parameters.get('endTime')) !== null)
    throw new BinanceRefusal(-1128, 'Combination of optional parameters invalid.');
  const limit = Math.min(parameters.integer('limit') ?? 500, 1_000);
  const fills = world.exchange.fillsSince(key.account, symbol, 0).filter((fill) => orderId === null || Number(fill.venueOrderId) === orderId);
  const { from, to } = windowOf(parameters, world.now());
  const within = fills.filter(({ at }) => at >= from && at <= to);
  const isNewest = parameters.get('startTime') === null;
  const chosen =
    fromId === null ? (isNewest ? within.slice(-limit) : within.slice(0, limit)) : fills.filter(({ tradeId }) => Number(tradeId) >= fromId).slice(0, limit);
  return chosen.map((fill) => tradeShape(world, fill));
}

/** Own orders that the venue placed to close positions. */
export function forceOrders({ world, key, parameters }: Call): unknown {
  const id = parameters.get('symbol');
  const orders = world.exchange.orders(key.account, id === null ? undefined : symbolOf(world, id, 'perpetual'));
  return orders.filter(({ isLiquidation }) => isLiquidation).map((order) => ({ ...orderShape(world, order), clientOrderId: clientIdOf(order) }));
}
