/** How Bybit writes orders, executions and balances. Amounts are texts; what does not apply is an empty text. */
import { isPerpetualSymbol } from '#core/instrument.ts';
import { decimal, plain } from '#core/money.ts';
import { type HeldBalance, isOpen, type SimulatedFill, type SimulatedOrder } from '#core/simulated-exchange.ts';
import type { World } from '../_world.ts';

/** `BTC/USDT` as Bybit names it; its perpetual has the same name in another category. */
export function symbolId(symbol: string): string {
  return symbol.replace('/', '').replace(/:.*$/, '');
}

/** The venue's word for the kind of an instrument. */
export function categoryOf(symbol: string): 'spot' | 'linear' {
  return isPerpetualSymbol(symbol) ? 'linear' : 'spot';
}

/** Orders of the venue's own bear no name of ours. */
function linkIdOf({ isLiquidation, clientOrderId }: Pick<SimulatedOrder, 'isLiquidation' | 'clientOrderId'>): string {
  return isLiquidation ? '' : clientOrderId;
}

/** A stop that waits for its price: it is in the list of stops, not of orders. */
export function isWaitingStop(order: SimulatedOrder): boolean {
  return order.request.triggerTicks > 0 && !order.isTriggered;
}

function statusOf(order: SimulatedOrder): { readonly orderStatus: string; readonly rejectReason: string; readonly cancelType: string } {
  const told = (orderStatus: string, rejectReason = 'EC_NoError', cancelType = 'UNKNOWN') => ({ orderStatus, rejectReason, cancelType });
  if (isWaitingStop(order) && order.status === 'open') return told('Untriggered');
  if (order.status === 'open') return told('New');
  if (order.status === 'partiallyFilled') return told('PartiallyFilled');
  if (order.status === 'filled') return told('Filled');
  const ended = order.filledLots > 0 ? 'PartiallyFilledCanceled' : isWaitingStop(order) ? 'Deactivated' : 'Cancelled';
  if (order.status === 'cancelled') return told(ended, 'EC_PerCancelRequest', 'CancelByUser');
  if (order.request.postOnly) return told('Rejected', 'EC_PostOnlyWillTakeLiquidity');
  return told(ended, order.request.timeInForce === 'fok' ? 'EC_CancelForNoFullFill' : 'EC_NoImmediateQtyToFill');
}

/** As the lists of orders and the private stream tell an order. */
export function orderShape(world: World, order: SimulatedOrder): Record<string, unknown> {
  const scale = world.scale(order.symbol);
  const { request } = order;
  const isMarket = request.type === 'market' || request.type === 'stopMarket';
  const isStop = request.triggerTicks > 0;
  const leaves = isOpen(order) ? request.sizeLots - order.filledLots : 0;
  const fees = world.exchange.fillsSince(order.account, order.symbol, 0).filter((fill) => fill.venueOrderId === order.venueOrderId);
  const cumFeeDetail: Record<string, string> = {};
  for (const { feeAsset, feeAmount } of fees) cumFeeDetail[feeAsset] = plain(decimal(cumFeeDetail[feeAsset] ?? '0').plus(feeAmount));
  return {
    symbol: symbolId(order.symbol),
    orderId: order.venueOrderId,
    orderLinkId: linkIdOf(order),
    blockTradeId: '',
    side: request.side === 'buy' ? 'Buy' : 'Sell',
    orderType: isMarket ? 'Market' : 'Limit',
    // A market order is told with the price that protects it.
    price: isMarket ? scale.price(world.path(order.symbol).lastTicks) : scale.price(request.priceTicks),
    qty: scale.size(request.sizeLots),
    timeInForce: isMarket ? 'IOC' : request.postOnly ? 'PostOnly' : request.timeInForce.toUpperCase(),
    ...statusOf(order),
    avgPrice: order.filledLots === 0 ? '' : plain(decimal(scale.quote(order.filledAtoms)).div(scale.size(order.filledLots)).toDecimalPlaces(12)),
    leavesQty: scale.size(leaves),
    leavesValue: scale.quote(leaves * request.priceTicks),
    cumExecQty: scale.size(order.filledLots),
    cumExecValue: scale.quote(order.filledAtoms),
    cumExecFee: '',
    cumFeeDetail,
    isLeverage: '0',
    marketUnit: isMarket && !isPerpetualSymbol(order.symbol) ? 'baseCoin' : '',
    stopOrderType: isStop ? 'Stop' : '',
    triggerPrice: isStop ? scale.price(request.triggerTicks) : '0.00',
    triggerDirection: isStop && isPerpetualSymbol(order.symbol) ? (request.side === 'buy' ? 1 : 2) : 0,
    triggerBy: '',
    basePrice: scale.price(world.path(order.symbol).lastTicks),
    lastPriceOnCreated: '',
    takeProfit: '',
    stopLoss: '',
    orderIv: '',
    positionIdx: 0,
    reduceOnly: request.reduceOnly,
    closeOnTrigger: false,
    smpType: 'None',
    smpGroup: 0,
    smpOrderId: '',
    placeType: '',
    createdTime: String(order.createdAt),
    updatedTime: String(order.updatedAt),
  };
}

/** As the list of executions tells one; the stream names the coin of the fee otherwise. */
export function executionShape(world: World, fill: SimulatedFill, feeField: 'feeCurrency' | 'feeCoin'): Record<string, unknown> {
  const scale = world.scale(fill.symbol);
  const order = world.exchange.find(fill.account, fill.symbol, { venueOrderId: fill.venueOrderId });
  const { instrument } = scale;
  return {
    symbol: symbolId(fill.symbol),
    orderId: fill.venueOrderId,
    orderLinkId: linkIdOf(fill),
    side: fill.side === 'buy' ? 'Buy' : 'Sell',
    orderType: order?.request.type === 'market' || order?.request.type === 'stopMarket' ? 'Market' : 'Limit',
    orderPrice: order === null ? '' : scale.price(order.request.priceTicks),
    orderQty: order === null ? '' : scale.size(order.request.sizeLots),
    leavesQty: order === null ? '' : scale.size(order.request.sizeLots - order.filledLots),
    stopOrderType: '',
    execId: fill.tradeId,
    execPrice: scale.price(fill.priceTicks),
    execQty: scale.size(fill.sizeLots),
    execValue: scale.quote(fill.priceTicks * fill.sizeLots),
    execFee: fill.feeAmount,
    [feeField]: fill.feeAsset,
    feeRate: fill.isMaker ? instrument.makerFeeRate : instrument.takerFeeRate,
    execType: fill.isLiquidation ? 'BustTrade' : 'Trade',
    execTime: String(fill.at),
    isMaker: fill.isMaker,
    isLeverage: '0',
    closedSize: '',
    extraFees: '',
    seq: Number(fill.tradeId),
  };
}

/** One unified account with the coins given; `positionMargin` is what positions hold of the settle coin. */
export function walletShape(balances: readonly HeldBalance[], positionMargin = '0'): Record<string, unknown> {
  return {
    accountType: 'UNIFIED',
    accountIMRate: '0',
    accountMMRate: '0',
    totalEquity: '0',
    totalWalletBalance: '0',
    totalMarginBalance: '0',
    totalAvailableBalance: '0',
    coin: balances.map(({ asset, free, locked }) => {
      const held = plain(decimal(free).plus(locked));
      const none = {
        spotHedgingQty: '0',
        borrowAmount: '0',
        accruedInterest: '0',
        totalOrderIM: '0',
        totalPositionIM: asset === 'USDT' ? positionMargin : '0',
        totalPositionMM: '0',
        unrealisedPnl: '0',
      };
      return {
        coin: asset,
        equity: held,
        usdValue: '',
        walletBalance: held,
        free: '',
        locked: plain(decimal(locked).minus(none.totalPositionIM)),
        availableToWithdraw: '',
        bonus: '0',
        ...none,
      };
    }),
  };
}
