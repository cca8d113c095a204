/** How Bitget writes orders, executions, positions and funding of perpetuals. Sizes are base coin; order details and lists differ in words. */
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { MarginMode } from '#core/perpetual-ports.ts';
import type { SimulatedFill, SimulatedFunding, SimulatedOrder, SimulatedPosition } from '#core/simulated-exchange.ts';
import type { World } from '../_world.ts';
import { averageOf, fillsOf, forceOf, orderId, symbolId } from './shapes.ts';

const STATUS = { open: 'live', partiallyFilled: 'partially_filled', filled: 'filled', cancelled: 'canceled', expired: 'canceled' } as const;
const PAYMENTS_FROM = 1_700_000_000_000_000_000n;

export function marginModeName(mode: MarginMode): 'crossed' | 'isolated' {
  return mode === 'cross' ? 'crossed' : 'isolated';
}

function tradeSideOf(side: 'buy' | 'sell', isLiquidation: boolean): string {
  return isLiquidation ? `burst_${side}_single` : `${side}_single`;
}

function positionMode(world: World, account: string): string {
  return world.hedged.has(account) ? 'hedge_mode' : 'one_way_mode';
}

function feesOf(world: World, order: SimulatedOrder): DecimalString {
  const fees = fillsOf(world, order).reduce((sum, fill) => sum.plus(fill.feeAmount), decimal('0'));
  return plain(fees.neg());
}

/** What detail, pending and history say alike. */
function common(world: World, order: SimulatedOrder): Record<string, unknown> {
  const scale = world.scale(order.symbol);
  const { request, account, symbol } = order;
  const { leverage, marginMode } = world.exchange.perpetuals.position(account, symbol);
  const isMarket = request.type === 'market';
  return {
    symbol: symbolId(symbol),
    size: scale.size(request.sizeLots),
    orderId: orderId(order),
    clientOid: order.clientOrderId,
    baseVolume: scale.size(order.filledLots),
    fee: feesOf(world, order),
    price: isMarket ? '' : scale.price(request.priceTicks),
    priceAvg: order.filledLots === 0 ? '' : averageOf(world, order),
    side: request.side,
    force: forceOf(order),
    totalProfits: '0',
    posSide: 'net',
    marginCoin: scale.instrument.settle,
    quoteVolume: scale.quote(order.filledAtoms),
    leverage: String(leverage),
    marginMode: marginModeName(marginMode),
    reduceOnly: request.reduceOnly ? 'YES' : 'NO',
    enterPointSource: order.isLiquidation ? 'SYS' : 'API',
    tradeSide: tradeSideOf(request.side, order.isLiquidation),
    posMode: positionMode(world, account),
    orderType: isMarket ? 'market' : 'limit',
    orderSource: order.isLiquidation ? 'liquidation' : isMarket ? 'market' : 'normal',
    presetStopSurplusPrice: '',
    presetStopLossPrice: '',
    cTime: String(order.createdAt),
    uTime: String(order.updatedAt),
  };
}

/** As detail answers. */
export function mixOrderShape(world: World, order: SimulatedOrder): Record<string, unknown> {
  return { ...common(world, order), state: STATUS[order.status], cancelReason: order.status === 'cancelled' ? 'normal_cancel' : '' };
}

/** As orders-pending and orders-history answer: what is `state` elsewhere is `status` here. */
export function mixListedShape(world: World, order: SimulatedOrder): Record<string, unknown> {
  return { ...common(world, order), status: STATUS[order.status] };
}

/** As fills answers; the client's id is not told. */
export function mixFillShape(world: World, fill: SimulatedFill): Record<string, unknown> {
  const scale = world.scale(fill.symbol);
  return {
    tradeId: fill.tradeId,
    symbol: symbolId(fill.symbol),
    orderId: orderId(fill),
    price: scale.price(fill.priceTicks),
    baseVolume: scale.size(fill.sizeLots),
    feeDetail: [{ deduction: 'no', feeCoin: fill.feeAsset, totalDeductionFee: null, totalFee: plain(decimal(fill.feeAmount).neg()) }],
    side: fill.side,
    quoteVolume: scale.quote(fill.priceTicks * fill.sizeLots),
    profit: '0',
    enterPointSource: fill.isLiquidation ? 'SYS' : 'API',
    tradeSide: tradeSideOf(fill.side, fill.isLiquidation),
    posMode: positionMode(world, fill.account),
    tradeScope: fill.isMaker ? 'maker' : 'taker',
    cTime: String(fill.at),
  };
}

/** The `orders` channel's word on an order; with `fill`, its last execution, in which `baseVolume` counts that one alone. */
export function pushedMixShape(world: World, order: SimulatedOrder, fill: SimulatedFill | null): Record<string, unknown> {
  const scale = world.scale(order.symbol);
  const { symbol: instId, baseVolume: _volume, priceAvg, price, fee, totalProfits: _profits, quoteVolume: _quote, ...row } = common(world, order);
  const last =
    fill === null
      ? {}
      : {
          baseVolume: scale.size(fill.sizeLots),
          fillFee: plain(decimal(fill.feeAmount).neg()),
          fillFeeCoin: fill.feeAsset,
          fillNotionalUsd: scale.quote(fill.priceTicks * fill.sizeLots),
          fillPrice: scale.price(fill.priceTicks),
          fillTime: String(fill.at),
          pnl: '0',
          tradeId: fill.tradeId,
          tradeScope: fill.isMaker ? 'M' : 'T',
        };
  return {
    ...row,
    ...last,
    accBaseVolume: scale.size(order.filledLots),
    feeDetail: [{ feeCoin: scale.instrument.settle, fee }],
    instId,
    notionalUsd: scale.quote(Math.max(1, order.request.priceTicks) * order.request.sizeLots),
    price: price === '' ? '0' : price,
    priceAvg: priceAvg === '' ? '0' : priceAvg,
    reduceOnly: order.request.reduceOnly ? 'yes' : 'no',
    status: STATUS[order.status],
  };
}

/** As all-position answers: the size has no sign, the side tells it. */
export function positionShape(world: World, position: SimulatedPosition): Record<string, string> {
  const { account, symbol, lots, entryPrice, markPrice, liquidationPrice, unrealisedProfit, leverage, marginMode, margin, updatedAt } = position;
  const size = world.scale(symbol).size(Math.abs(lots));
  return {
    marginCoin: world.scale(symbol).instrument.settle,
    symbol: symbolId(symbol),
    holdSide: lots < 0 ? 'short' : 'long',
    openDelegateSize: '0',
    marginSize: margin,
    available: size,
    locked: '0',
    total: size,
    leverage: String(leverage),
    achievedProfits: '0',
    openPriceAvg: entryPrice,
    marginMode: marginModeName(marginMode),
    posMode: positionMode(world, account),
    unrealizedPL: unrealisedProfit,
    // Where nothing can be liquidated it is no price at all.
    liquidationPrice: liquidationPrice ?? '-11.5',
    keepMarginRate: world.scale(symbol).instrument.perpetual?.maintenanceMarginRate ?? '0.004',
    markPrice,
    marginRatio: '0.01',
    cTime: String(updatedAt),
    uTime: String(updatedAt),
  };
}

export function paymentId({ paymentId: id }: SimulatedFunding): string {
  return String(PAYMENTS_FROM + BigInt(id.replace(/\D/g, '')));
}

export function billShape(payment: SimulatedFunding): Record<string, string> {
  const { symbol, amount, asset, at } = payment;
  return {
    billId: paymentId(payment),
    symbol: symbolId(symbol),
    amount,
    fee: '0',
    feeByCoupon: '',
    businessType: 'contract_settle_fee',
    coin: asset,
    balance: '0',
    cTime: String(at),
  };
}
