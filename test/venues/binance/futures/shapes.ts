/** How Binance's futures API writes orders, conditional orders, trades and positions. */
import { decimal } from '#core/money.ts';
import type { SimulatedFill, SimulatedFunding, SimulatedOrder, SimulatedPosition } from '#core/simulated-exchange.ts';
import type { World } from '../../_world.ts';
import { fixed, symbolId } from '../shapes.ts';

const STATUS = { open: 'NEW', partiallyFilled: 'PARTIALLY_FILLED', filled: 'FILLED', cancelled: 'CANCELED', expired: 'EXPIRED' } as const;
const TYPE = { limit: 'LIMIT', market: 'MARKET', stopLimit: 'STOP', stopMarket: 'STOP_MARKET' } as const;
const EXECUTION = { accepted: 'NEW', triggered: 'NEW', cancelled: 'CANCELED', expired: 'EXPIRED' } as const;
/** Conditional orders have numbers of their own. */
const FIRST_ALGO_ID = 3_000_000_000;

export function isConditional({ request }: Pick<SimulatedOrder, 'request'>): boolean {
  return request.triggerTicks > 0;
}

export function algoIdOf({ venueOrderId }: Pick<SimulatedOrder, 'venueOrderId'>): number {
  return FIRST_ALGO_ID + Number(venueOrderId);
}

/** Whether the matching engine knows the order: a conditional one only once it has triggered. */
export function isInBook(order: SimulatedOrder): boolean {
  return !isConditional(order) || order.isTriggered;
}

/** Liquidations go by names of the venue. */
export function clientIdOf({ isLiquidation, clientOrderId, venueOrderId }: Pick<SimulatedOrder, 'isLiquidation' | 'clientOrderId' | 'venueOrderId'>): string {
  return isLiquidation ? `autoclose-${venueOrderId}` : clientOrderId;
}

function write(world: World, order: SimulatedOrder) {
  const scale = world.scale(order.symbol);
  const { request } = order;
  // A conditional order enters the book as what it becomes.
  const type = order.isLiquidation ? 'LIQUIDATION' : request.type === 'stopLimit' ? 'LIMIT' : request.type === 'stopMarket' ? 'MARKET' : TYPE[request.type];
  const average = order.filledLots === 0 ? '0' : decimal(scale.quote(order.filledAtoms)).div(scale.size(order.filledLots)).toFixed(5);
  return {
    symbol: symbolId(order.symbol),
    orderId: Number(order.venueOrderId),
    clientOrderId: clientIdOf(order),
    price: fixed(scale.price(request.priceTicks)),
    origQty: fixed(scale.size(request.sizeLots)),
    executedQty: fixed(scale.size(order.filledLots)),
    cumQuote: fixed(scale.quote(order.filledAtoms)),
    avgPrice: average,
    status: STATUS[order.status],
    timeInForce: request.postOnly ? 'GTX' : request.timeInForce.toUpperCase(),
    type,
    origType: type,
    side: request.side === 'buy' ? 'BUY' : 'SELL',
    reduceOnly: request.reduceOnly,
  };
}

/** As the endpoints of orders answer, placing and cancelling included: `clientOrderId` is the order's own in all of them. */
export function orderShape(world: World, order: SimulatedOrder): Record<string, unknown> {
  return {
    ...write(world, order),
    closePosition: false,
    positionSide: 'BOTH',
    stopPrice: '0',
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    priceMatch: 'NONE',
    selfTradePreventionMode: 'NONE',
    goodTillDate: 0,
    time: order.createdAt,
    updateTime: order.updatedAt,
  };
}

function algoStatus(order: SimulatedOrder): string {
  if (!order.isTriggered) return order.status === 'open' ? 'NEW' : order.status === 'cancelled' ? 'CANCELED' : 'EXPIRED';
  return order.status === 'open' || order.status === 'partiallyFilled' ? 'TRIGGERED' : 'FINISHED';
}

export function algoShape(world: World, order: SimulatedOrder): Record<string, unknown> {
  const scale = world.scale(order.symbol);
  const { request } = order;
  return {
    algoId: algoIdOf(order),
    clientAlgoId: order.clientOrderId,
    algoType: 'CONDITIONAL',
    orderType: TYPE[request.type],
    symbol: symbolId(order.symbol),
    side: request.side === 'buy' ? 'BUY' : 'SELL',
    positionSide: 'BOTH',
    timeInForce: request.timeInForce.toUpperCase(),
    quantity: fixed(scale.size(request.sizeLots)),
    algoStatus: algoStatus(order),
    actualOrderId: order.isTriggered ? order.venueOrderId : '',
    actualPrice: '0.00000',
    triggerPrice: fixed(scale.price(request.triggerTicks)),
    price: fixed(scale.price(request.priceTicks)),
    icebergQuantity: null,
    selfTradePreventionMode: 'NONE',
    workingType: 'CONTRACT_PRICE',
    priceMatch: 'NONE',
    closePosition: false,
    priceProtect: false,
    reduceOnly: request.reduceOnly,
    createTime: order.createdAt,
    updateTime: order.updatedAt,
    triggerTime: order.isTriggered ? order.updatedAt : 0,
    goodTillDate: 0,
  };
}

/** As GET userTrades answers: no client order id, and nothing of a liquidation. */
export function tradeShape(world: World, fill: SimulatedFill): Record<string, unknown> {
  const scale = world.scale(fill.symbol);
  return {
    symbol: symbolId(fill.symbol),
    id: Number(fill.tradeId),
    orderId: Number(fill.venueOrderId),
    side: fill.side === 'buy' ? 'BUY' : 'SELL',
    positionSide: 'BOTH',
    price: fixed(scale.price(fill.priceTicks)),
    qty: fixed(scale.size(fill.sizeLots)),
    quoteQty: fixed(scale.quote(fill.priceTicks * fill.sizeLots)),
    realizedPnl: '0',
    commission: fixed(fill.feeAmount),
    commissionAsset: fill.feeAsset,
    time: fill.at,
    buyer: fill.side === 'buy',
    maker: fill.isMaker,
  };
}

export function incomeShape({ paymentId, symbol, amount, asset, at }: SimulatedFunding): Record<string, unknown> {
  const number = Number(paymentId.replace(/\D/g, ''));
  return { symbol: symbolId(symbol), incomeType: 'FUNDING_FEE', income: fixed(amount), asset, info: 'FUNDING_FEE', time: at, tranId: number, tradeId: '' };
}

/** As v3/positionRisk tells a position: without its leverage and margin mode. */
export function positionShape(position: SimulatedPosition): Record<string, unknown> {
  return {
    symbol: symbolId(position.symbol),
    positionSide: 'BOTH',
    positionAmt: position.size,
    entryPrice: position.entryPrice,
    breakEvenPrice: position.entryPrice,
    markPrice: fixed(position.markPrice),
    unRealizedProfit: fixed(position.unrealisedProfit),
    liquidationPrice: position.liquidationPrice ?? '0',
    isolatedMargin: position.marginMode === 'isolated' ? fixed(position.margin) : '0',
    notional: fixed(decimal(position.size).times(position.markPrice).toFixed()),
    marginAsset: 'USDT',
    isolatedWallet: position.marginMode === 'isolated' ? fixed(position.margin) : '0',
    initialMargin: fixed(position.margin),
    maintMargin: fixed(position.maintenanceMargin),
    positionInitialMargin: fixed(position.margin),
    openOrderInitialMargin: '0',
    adl: 0,
    bidNotional: '0',
    askNotional: '0',
    updateTime: position.updatedAt,
  };
}

export function symbolConfigShape({ symbol, leverage, marginMode }: SimulatedPosition): Record<string, unknown> {
  const marginType = marginMode === 'isolated' ? 'ISOLATED' : 'CROSSED';
  return { symbol: symbolId(symbol), marginType, isAutoAddMargin: false, leverage, maxNotionalValue: '1000000' };
}

/** The private stream's word on an order in the book; with a fill, one execution. */
export function updateShape(world: World, order: SimulatedOrder, cause: keyof typeof EXECUTION | SimulatedFill, at: number): Record<string, unknown> {
  const written = write(world, order);
  const scale = world.scale(order.symbol);
  const fill = typeof cause === 'string' ? null : cause;
  return {
    e: 'ORDER_TRADE_UPDATE',
    E: at,
    T: at,
    o: {
      s: written.symbol,
      c: written.clientOrderId,
      S: written.side,
      o: written.type,
      f: written.timeInForce,
      q: written.origQty,
      p: written.price,
      ap: written.avgPrice,
      sp: '0',
      x: typeof cause === 'string' ? EXECUTION[cause] : order.isLiquidation ? 'CALCULATED' : 'TRADE',
      X: written.status,
      i: written.orderId,
      l: fill === null ? '0' : fixed(scale.size(fill.sizeLots)),
      z: written.executedQty,
      L: fill === null ? '0' : fixed(scale.price(fill.priceTicks)),
      // What costs nothing is not named at all.
      ...(fill === null ? {} : { N: fill.feeAsset, n: fixed(fill.feeAmount) }),
      T: at,
      t: fill === null ? 0 : Number(fill.tradeId),
      b: '0',
      a: '0',
      m: fill?.isMaker ?? false,
      R: written.reduceOnly,
      wt: 'CONTRACT_PRICE',
      ot: written.origType,
      ps: 'BOTH',
      cp: false,
      rp: '0',
      pP: false,
      V: 'NONE',
      pm: 'NONE',
      gtd: 0,
    },
  };
}

/** The private stream's word on a conditional order. */
export function algoUpdateShape(world: World, order: SimulatedOrder, at: number): Record<string, unknown> {
  const algo = algoShape(world, order);
  const o = {
    caid: algo['clientAlgoId'],
    aid: algo['algoId'],
    at: 'CONDITIONAL',
    o: algo['orderType'],
    s: algo['symbol'],
    S: algo['side'],
    ps: 'BOTH',
    f: algo['timeInForce'],
    q: algo['quantity'],
    X: algo['algoStatus'],
    ai: algo['actualOrderId'],
    ap: '0.00000',
    aq: '0.00000',
    act: '0',
    tp: algo['triggerPrice'],
    p: algo['price'],
    V: 'NONE',
    wt: 'CONTRACT_PRICE',
    pm: 'NONE',
    cp: false,
    pP: false,
    R: algo['reduceOnly'],
    tt: algo['triggerTime'],
    gtd: 0,
  };
  return { e: 'ALGO_UPDATE', T: at, E: at, o };
}
