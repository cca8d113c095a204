/** How Bitget writes orders and executions. Everything is text. */
import { decimal, plain } from '#core/money.ts';
import type { SimulatedFill, SimulatedOrder } from '#core/simulated-exchange.ts';
import type { World } from '../_world.ts';

const STATUS = { open: 'live', partiallyFilled: 'partially_filled', filled: 'filled', cancelled: 'cancelled', expired: 'cancelled' } as const;

const ORDERS_FROM = 1_300_000_000_000_000_000n;

export function orderId(order: Pick<SimulatedOrder, 'venueOrderId'>): string {
  return String(ORDERS_FROM + BigInt(order.venueOrderId));
}

/** The exchange's own id behind an `orderId`. */
export function venueOrderIdOf(wireId: string): string {
  return /^\d{1,19}$/.test(wireId) ? String(BigInt(wireId) - ORDERS_FROM) : '';
}

/** `BTC/USDT` as Bitget names it; its perpetual has the same name in the other market. */
export function symbolId(symbol: string): string {
  return symbol.replace('/', '').replace(/:.*$/, '');
}

export function averageOf(world: World, order: SimulatedOrder): string {
  if (order.filledLots === 0) return '0';
  const scale = world.scale(order.symbol);
  return plain(decimal(scale.quote(order.filledAtoms)).div(scale.size(order.filledLots)).toDecimalPlaces(16));
}

export function forceOf({ request }: SimulatedOrder): string {
  return request.postOnly ? 'post_only' : request.timeInForce;
}

/** The executions of an order so far. */
export function fillsOf(world: World, order: SimulatedOrder): readonly SimulatedFill[] {
  if (order.filledLots === 0) return [];
  return world.exchange.fillsSince(order.account, order.symbol, order.createdAt).filter((fill) => fill.venueOrderId === order.venueOrderId);
}

/** In orders the fees are a text of JSON, as numbers, and negative. */
function feeDetail(world: World, order: SimulatedOrder): string {
  const fees = new Map<string, ReturnType<typeof decimal>>();
  for (const fill of fillsOf(world, order)) fees.set(fill.feeAsset, (fees.get(fill.feeAsset) ?? decimal('0')).plus(fill.feeAmount));
  const detail: Record<string, unknown> = {};
  for (const [coin, fee] of fees) detail[coin] = { deduction: false, feeCoinCode: coin, totalDeductionFee: 0, totalFee: fee.neg().toNumber() };
  const [total] = [...fees.values()];
  if (total !== undefined) detail['newFees'] = { c: 0, d: 0, deduction: false, r: total.neg().toNumber(), t: total.neg().toNumber(), totalDeductionFee: 0 };
  return fees.size === 0 ? '' : JSON.stringify(detail);
}

/** What the size of an order is told as: an amount of money for market buys. */
function sizeOf(world: World, order: SimulatedOrder, money: string | undefined): string {
  return money ?? world.scale(order.symbol).size(order.request.sizeLots);
}

/** As orderInfo and history-orders answer. The time in force is not told. */
export function orderShape(world: World, order: SimulatedOrder, money: string | undefined): Record<string, unknown> {
  const scale = world.scale(order.symbol);
  const { request } = order;
  return {
    userId: '1000000001',
    symbol: symbolId(order.symbol),
    orderId: orderId(order),
    clientOid: order.clientOrderId,
    price: request.type === 'market' ? '0' : scale.price(request.priceTicks),
    size: sizeOf(world, order, money),
    orderType: request.type === 'market' ? 'market' : 'limit',
    side: request.side,
    status: STATUS[order.status],
    priceAvg: averageOf(world, order),
    baseVolume: scale.size(order.filledLots),
    quoteVolume: scale.quote(order.filledAtoms),
    enterPointSource: 'API',
    ...(order.filledLots === 0 ? {} : { feeDetail: feeDetail(world, order) }),
    orderSource: request.type === 'market' ? 'market' : 'normal',
    cancelReason: order.status === 'cancelled' ? 'normal_cancel' : '',
    cTime: String(order.createdAt),
    uTime: String(order.updatedAt),
  };
}

/** As unfilled-orders answers: `priceAvg` is the order's price there, and `basePrice` the average. */
export function openShape(world: World, order: SimulatedOrder): Record<string, unknown> {
  const { price, priceAvg, feeDetail: _fees, cancelReason: _reason, ...rest } = orderShape(world, order, undefined);
  return { ...rest, priceAvg: price, basePrice: priceAvg, tpslType: 'normal', triggerPrice: null };
}

/** As fills answers: the fee is negative here, and an object. */
export function fillShape(world: World, fill: SimulatedFill): Record<string, unknown> {
  return {
    ...executed(world, fill),
    userId: '1000000001',
    feeDetail: { deduction: 'no', feeCoin: fill.feeAsset, totalDeductionFee: '', totalFee: plain(decimal(fill.feeAmount).neg()) },
  };
}

/** As the channel of executions tells one: the fee is positive there, and in a list. */
export function pushedFillShape(world: World, fill: SimulatedFill): Record<string, unknown> {
  return { ...executed(world, fill), feeDetail: [{ feeCoin: fill.feeAsset, deduction: 'no', totalDeductionFee: '0', totalFee: fill.feeAmount }] };
}

function executed(world: World, fill: SimulatedFill): Record<string, unknown> {
  const scale = world.scale(fill.symbol);
  return {
    symbol: symbolId(fill.symbol),
    orderId: orderId(fill),
    tradeId: fill.tradeId,
    orderType: 'limit',
    side: fill.side,
    priceAvg: scale.price(fill.priceTicks),
    size: scale.size(fill.sizeLots),
    amount: scale.quote(fill.priceTicks * fill.sizeLots),
    tradeScope: fill.isMaker ? 'maker' : 'taker',
    cTime: String(fill.at),
    uTime: String(fill.at),
  };
}

/** The `orders` channel's word on an order; with `fill`, its last execution, in which `baseVolume` counts that one alone. */
export function pushedShape(world: World, order: SimulatedOrder, fill: SimulatedFill | null, money: string | undefined): Record<string, unknown> {
  const scale = world.scale(order.symbol);
  const { request } = order;
  const isMarket = request.type === 'market';
  const notional = money ?? scale.quote(request.priceTicks * request.sizeLots);
  const last =
    fill === null
      ? {}
      : {
          fillPrice: scale.price(fill.priceTicks),
          tradeId: fill.tradeId,
          baseVolume: scale.size(fill.sizeLots),
          fillTime: String(fill.at),
          fillFee: plain(decimal(fill.feeAmount).neg()),
          fillFeeCoin: fill.feeAsset,
          tradeScope: fill.isMaker ? 'M' : 'T',
        };
  const fees = fillsOf(world, order).reduce((sum, each) => sum.plus(each.feeAmount), decimal('0'));
  return {
    instId: symbolId(order.symbol),
    orderId: orderId(order),
    clientOid: order.clientOrderId,
    ...(isMarket ? {} : { price: scale.price(request.priceTicks) }),
    // For buys an amount of money, whatever the type.
    size: request.side === 'buy' ? notional : scale.size(request.sizeLots),
    newSize: sizeOf(world, order, money),
    notional,
    orderType: isMarket ? 'market' : 'limit',
    force: forceOf(order),
    side: request.side,
    ...last,
    accBaseVolume: scale.size(order.filledLots),
    priceAvg: averageOf(world, order),
    status: STATUS[order.status],
    cTime: String(order.createdAt),
    uTime: String(order.updatedAt),
    stpMode: 'none',
    feeDetail: fill === null && fees.isZero() ? [] : [{ feeCoin: fill?.feeAsset ?? '', fee: plain(fees.neg()) }],
    enterPointSource: 'API',
  };
}
