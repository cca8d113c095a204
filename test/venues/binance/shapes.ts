/** How Binance writes orders, trades and balances. Amounts have eight decimals, or more where ours are finer. */

import { type DecimalString, decimal } from '#core/money.ts';
import type { SimulatedFill, SimulatedOrder } from '#core/simulated-exchange.ts';
import type { World } from '../_world.ts';

const STATUS = { open: 'NEW', partiallyFilled: 'PARTIALLY_FILLED', filled: 'FILLED', cancelled: 'CANCELED', expired: 'EXPIRED' } as const;
const TYPE = { limit: 'LIMIT', market: 'MARKET', stopLimit: 'STOP_LOSS_LIMIT', stopMarket: 'STOP_LOSS' } as const;

export function fixed(amount: DecimalString): string {
  const value = decimal(amount);
  return value.toFixed(Math.max(8, value.decimalPlaces()));
}

/** `BTC/USDT` as Binance names it; its perpetual has the same name in the other market. */
export function symbolId(symbol: string): string {
  return symbol.replace('/', '').replace(/:.*$/, '');
}

interface Written {
  readonly id: string;
  readonly price: string;
  readonly stopPrice: string;
  readonly size: string;
  readonly filled: string;
  readonly filledQuote: string;
  readonly status: string;
  readonly type: string;
  readonly side: 'BUY' | 'SELL';
  readonly timeInForce: string;
}

function write(world: World, order: SimulatedOrder): Written {
  const scale = world.scale(order.symbol);
  const { request } = order;
  return {
    id: symbolId(order.symbol),
    price: fixed(scale.price(request.priceTicks)),
    stopPrice: fixed(scale.price(request.triggerTicks)),
    size: fixed(scale.size(request.sizeLots)),
    filled: fixed(scale.size(order.filledLots)),
    filledQuote: fixed(scale.quote(order.filledAtoms)),
    status: STATUS[order.status],
    type: request.postOnly ? 'LIMIT_MAKER' : TYPE[request.type],
    side: request.side === 'buy' ? 'BUY' : 'SELL',
    timeInForce: request.timeInForce.toUpperCase(),
  };
}

/** As GET order, openOrders and allOrders answer. */
export function orderShape(world: World, order: SimulatedOrder): Record<string, unknown> {
  const written = write(world, order);
  return {
    symbol: written.id,
    orderId: Number(order.venueOrderId),
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    price: written.price,
    origQty: written.size,
    executedQty: written.filled,
    cummulativeQuoteQty: written.filledQuote,
    status: written.status,
    timeInForce: written.timeInForce,
    type: written.type,
    side: written.side,
    stopPrice: written.stopPrice,
    icebergQty: '0.00000000',
    time: order.createdAt,
    updateTime: order.updatedAt,
    isWorking: order.isTriggered,
    workingTime: order.isTriggered ? order.createdAt : -1,
    origQuoteOrderQty: '0.00000000',
    selfTradePreventionMode: 'NONE',
  };
}

/** As POST order answers; how much it tells depends on the response type asked for. */
export function placedShape(world: World, order: SimulatedOrder, fills: readonly SimulatedFill[], respond: string): Record<string, unknown> {
  const written = write(world, order);
  const ack = { symbol: written.id, orderId: Number(order.venueOrderId), orderListId: -1, clientOrderId: order.clientOrderId, transactTime: order.updatedAt };
  if (respond === 'ACK') return ack;
  const { price, size, filled, filledQuote, status, timeInForce, type, side } = written;
  const stop = order.request.triggerTicks > 0 ? { stopPrice: written.stopPrice } : {};
  const result = {
    ...ack,
    price,
    origQty: size,
    executedQty: filled,
    origQuoteOrderQty: '0.00000000',
    cummulativeQuoteQty: filledQuote,
    status,
    timeInForce,
    type,
    side,
    ...stop,
    workingTime: order.createdAt,
    selfTradePreventionMode: 'NONE',
  };
  if (respond === 'RESULT') return result;
  const scale = world.scale(order.symbol);
  const executed = fills.map((fill) => ({
    price: fixed(scale.price(fill.priceTicks)),
    qty: fixed(scale.size(fill.sizeLots)),
    commission: fixed(fill.feeAmount),
    commissionAsset: fill.feeAsset,
    tradeId: Number(fill.tradeId),
  }));
  return { ...result, fills: executed };
}

/** As DELETE order answers: `clientOrderId` names the cancel, `origClientOrderId` the order. */
export function cancelledShape(world: World, order: SimulatedOrder, cancelId: string): Record<string, unknown> {
  const { price, size, filled, filledQuote, status, timeInForce, type, side, id } = write(world, order);
  return {
    symbol: id,
    origClientOrderId: order.clientOrderId,
    orderId: Number(order.venueOrderId),
    orderListId: -1,
    clientOrderId: cancelId,
    transactTime: order.updatedAt,
    price,
    origQty: size,
    executedQty: filled,
    origQuoteOrderQty: '0.00000000',
    cummulativeQuoteQty: filledQuote,
    status,
    timeInForce,
    type,
    side,
    selfTradePreventionMode: 'NONE',
  };
}

/** As GET myTrades answers. */
export function tradeShape(world: World, fill: SimulatedFill): Record<string, unknown> {
  const scale = world.scale(fill.symbol);
  return {
    symbol: symbolId(fill.symbol),
    id: Number(fill.tradeId),
    orderId: Number(fill.venueOrderId),
    orderListId: -1,
    price: fixed(scale.price(fill.priceTicks)),
    qty: fixed(scale.size(fill.sizeLots)),
    quoteQty: fixed(scale.quote(fill.priceTicks * fill.sizeLots)),
    commission: fixed(fill.feeAmount),
    commissionAsset: fill.feeAsset,
    time: fill.at,
    isBuyer: fill.side === 'buy',
    isMaker: fill.isMaker,
    isBestMatch: true,
  };
}

const EXECUTION = { accepted: 'NEW', triggered: 'NEW', cancelled: 'CANCELED', expired: 'EXPIRED' } as const;

/** The private stream's word on an order; with `fill`, one execution. `cancelId` names the cancel that ended it. */
export function reportShape(
  world: World,
  order: SimulatedOrder,
  cause: keyof typeof EXECUTION | SimulatedFill,
  at: number,
  sequence: number,
  cancelId = '',
): Record<string, unknown> {
  const written = write(world, order);
  const scale = world.scale(order.symbol);
  const fill = typeof cause === 'string' ? null : cause;
  return {
    e: 'executionReport',
    E: at,
    s: written.id,
    c: cancelId === '' ? order.clientOrderId : cancelId,
    S: written.side,
    o: written.type,
    f: written.timeInForce,
    q: written.size,
    p: written.price,
    P: written.stopPrice,
    F: '0.00000000',
    g: -1,
    C: cancelId === '' ? '' : order.clientOrderId,
    x: typeof cause === 'string' ? EXECUTION[cause] : 'TRADE',
    X: written.status,
    r: 'NONE',
    i: Number(order.venueOrderId),
    l: fill === null ? '0.00000000' : fixed(scale.size(fill.sizeLots)),
    z: written.filled,
    L: fill === null ? '0.00000000' : fixed(scale.price(fill.priceTicks)),
    n: fill === null ? '0' : fixed(fill.feeAmount),
    N: fill === null ? null : fill.feeAsset,
    T: at,
    t: fill === null ? -1 : Number(fill.tradeId),
    I: sequence,
    w: order.status === 'open' || order.status === 'partiallyFilled',
    m: fill?.isMaker ?? false,
    M: fill !== null,
    O: order.createdAt,
    Z: written.filledQuote,
    Y: fill === null ? '0.00000000' : fixed(scale.quote(fill.priceTicks * fill.sizeLots)),
    Q: '0.00000000',
    W: order.createdAt,
    V: 'NONE',
  };
}
