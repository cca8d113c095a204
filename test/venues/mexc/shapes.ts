/** How MEXC writes orders and trades. Lists carry times in whole seconds; streams carry milliseconds. */
import { isOpen, type SimulatedFill, type SimulatedOrder } from '#core/simulated-exchange.ts';
import type { World } from '../_world.ts';
import type { ProtoField } from './protobuf.ts';

/** `BTC/USDT` as MEXC names it. */
export function symbolId(symbol: string): string {
  return symbol.replace('/', '');
}

const ORDER_PREFIX = 'C02__';

export function wireOrderId(venueOrderId: string): string {
  return `${ORDER_PREFIX}${venueOrderId}`;
}

/** The exchange's own id of an order; of any other text, one that no order has. */
export function orderIdOf(wireId: string): string {
  return wireId.startsWith(ORDER_PREFIX) ? wireId.slice(ORDER_PREFIX.length) : '';
}

export function wireTradeId(tradeId: string): string {
  return `${tradeId}X1`;
}

export type WireType = 'LIMIT' | 'MARKET' | 'LIMIT_MAKER' | 'IMMEDIATE_OR_CANCEL' | 'FILL_OR_KILL';
const STREAM_TYPES: Readonly<Record<WireType, number>> = { LIMIT: 1, LIMIT_MAKER: 2, IMMEDIATE_OR_CANCEL: 3, FILL_OR_KILL: 4, MARKET: 5 };
const STREAM_STATUSES = { NEW: 1, FILLED: 2, PARTIALLY_FILLED: 3, CANCELED: 4, PARTIALLY_CANCELED: 5 } as const;

function typeOf({ request }: SimulatedOrder): WireType {
  if (request.type === 'market') return 'MARKET';
  if (request.postOnly) return 'LIMIT_MAKER';
  if (request.timeInForce === 'ioc') return 'IMMEDIATE_OR_CANCEL';
  return request.timeInForce === 'fok' ? 'FILL_OR_KILL' : 'LIMIT';
}

function statusOf(order: SimulatedOrder): keyof typeof STREAM_STATUSES {
  if (order.status === 'filled') return 'FILLED';
  if (isOpen(order)) return order.filledLots > 0 ? 'PARTIALLY_FILLED' : 'NEW';
  return order.filledLots > 0 ? 'PARTIALLY_CANCELED' : 'CANCELED';
}

function wholeSecond(at: number): number {
  return Math.floor(at / 1_000) * 1_000;
}

/** As GET order, openOrders and allOrders answer. */
export function orderShape(world: World, order: SimulatedOrder): Record<string, unknown> {
  const scale = world.scale(order.symbol);
  const { request } = order;
  return {
    symbol: symbolId(order.symbol),
    orderId: wireOrderId(order.venueOrderId),
    orderListId: -1,
    clientOrderId: order.clientOrderId === '' ? null : order.clientOrderId,
    price: scale.price(request.priceTicks),
    origQty: scale.size(request.sizeLots),
    executedQty: scale.size(order.filledLots),
    cummulativeQuoteQty: scale.quote(order.filledAtoms),
    status: statusOf(order),
    timeInForce: null,
    type: typeOf(order),
    side: request.side.toUpperCase(),
    stopPrice: null,
    icebergQty: null,
    time: wholeSecond(order.createdAt),
    updateTime: wholeSecond(order.updatedAt),
    isWorking: true,
    origQuoteOrderQty: scale.quote(request.priceTicks * request.sizeLots),
  };
}

/** As POST order answers: without the client's id and without a status. */
export function placedShape(world: World, order: SimulatedOrder): Record<string, unknown> {
  const { symbol, orderId, orderListId, price, origQty, type, side } = orderShape(world, order);
  return { symbol, orderId, orderListId, price, origQty, type, side, transactTime: order.createdAt };
}

/** As DELETE order answers; `isBrief` as it does at times, without saying what became of the order. */
export function cancelledShape(world: World, order: SimulatedOrder, isBrief: boolean): Record<string, unknown> {
  const { symbol, orderId, clientOrderId, price, origQty, executedQty, cummulativeQuoteQty, status, timeInForce, type, side } = orderShape(world, order);
  if (isBrief) return { symbol, orderId, price, origQty, type, side };
  return {
    symbol,
    origClientOrderId: clientOrderId,
    orderId,
    clientOrderId: null,
    price,
    origQty,
    executedQty,
    cummulativeQuoteQty,
    status,
    timeInForce,
    type,
    side,
  };
}

/** As GET myTrades answers. */
export function tradeShape(world: World, fill: SimulatedFill): Record<string, unknown> {
  const scale = world.scale(fill.symbol);
  return {
    symbol: symbolId(fill.symbol),
    id: wireTradeId(fill.tradeId),
    orderId: wireOrderId(fill.venueOrderId),
    orderListId: -1,
    price: scale.price(fill.priceTicks),
    qty: scale.size(fill.sizeLots),
    quoteQty: scale.quote(fill.priceTicks * fill.sizeLots),
    commission: fill.feeAmount,
    commissionAsset: fill.feeAsset,
    time: wholeSecond(fill.at),
    isBuyer: fill.side === 'buy',
    isMaker: fill.isMaker,
    isBestMatch: true,
    isSelfTrade: false,
    clientOrderId: fill.clientOrderId === '' ? null : fill.clientOrderId,
  };
}

const SIDE = { buy: 1, sell: 2 } as const;

/** The body of `privateDeals`. */
export function dealFields(world: World, fill: SimulatedFill): readonly ProtoField[] {
  const scale = world.scale(fill.symbol);
  return [
    [1, scale.price(fill.priceTicks)],
    [2, scale.size(fill.sizeLots)],
    [3, scale.quote(fill.priceTicks * fill.sizeLots)],
    [4, SIDE[fill.side]],
    [5, fill.isMaker],
    [7, wireTradeId(fill.tradeId)],
    [8, fill.clientOrderId],
    [9, wireOrderId(fill.venueOrderId)],
    [10, fill.feeAmount],
    [11, fill.feeAsset],
    [12, fill.at],
  ];
}

/** The body of `privateOrders`. */
export function orderFields(world: World, order: SimulatedOrder): readonly ProtoField[] {
  const scale = world.scale(order.symbol);
  const { request } = order;
  const restLots = request.sizeLots - order.filledLots;
  return [
    [1, wireOrderId(order.venueOrderId)],
    [2, order.clientOrderId],
    [3, scale.price(request.priceTicks)],
    [4, scale.size(request.sizeLots)],
    [5, scale.quote(request.priceTicks * request.sizeLots)],
    [6, order.filledLots === 0 ? '0' : scale.price(Math.round(order.filledAtoms / order.filledLots))],
    [7, STREAM_TYPES[typeOf(order)]],
    [8, SIDE[request.side]],
    [10, scale.quote(request.priceTicks * restLots)],
    [11, scale.size(restLots)],
    [13, scale.size(order.filledLots)],
    [14, scale.quote(order.filledAtoms)],
    [15, STREAM_STATUSES[statusOf(order)]],
    [16, order.createdAt],
  ];
}
