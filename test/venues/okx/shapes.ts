/** How OKX writes orders, stops and executions. Everything is text; fees that were charged are negative. */
import { isPerpetualSymbol } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { SimulatedFill, SimulatedOrder } from '#core/simulated-exchange.ts';
import type { World } from '../_world.ts';

const STATE = { open: 'live', partiallyFilled: 'partially_filled', filled: 'filled', cancelled: 'canceled', expired: 'canceled' } as const;
const ORDERS_FROM = 2_000_000_000_000_000_000n;
const STOPS_FROM = 1_500_000_000_000_000_000n;
const BILLS_FROM = 1_900_000_000_000_000_000n;
/** Orders made by a triggered stop. */
const TRIGGERED_BY_STOP = '7';

/** `BTC/USDT` and `BTC/USDT:USDT` as OKX names them. */
export function instId(symbol: string): string {
  const [pair = '', settle] = symbol.split(':');
  return `${pair.replace('/', '-')}${settle === undefined ? '' : '-SWAP'}`;
}

export function instType(symbol: string): 'SPOT' | 'SWAP' {
  return isPerpetualSymbol(symbol) ? 'SWAP' : 'SPOT';
}

/** Lots as OKX counts sizes: of perpetuals it counts contracts. */
export function sizeOf(world: World, symbol: string, lots: number): DecimalString {
  const scale = world.scale(symbol);
  const { perpetual } = scale.instrument;
  return perpetual === null ? scale.size(lots) : plain(decimal(scale.size(lots)).div(perpetual.contractSize));
}

/** A size as OKX counts it, in base coin. */
export function baseOf(world: World, symbol: string, size: DecimalString): DecimalString {
  const { perpetual } = world.scale(symbol).instrument;
  return perpetual === null ? size : plain(decimal(size).times(perpetual.contractSize));
}

/** How the account holds, or would hold, its position; spot is traded with what there is. */
function tradeMode(world: World, account: string, symbol: string): { readonly tdMode: string; readonly lever: string } {
  if (!isPerpetualSymbol(symbol)) return { tdMode: 'cash', lever: '' };
  const { marginMode, leverage } = world.exchange.perpetuals.position(account, symbol);
  return { tdMode: marginMode, lever: String(leverage) };
}

export function ordId(order: Pick<SimulatedOrder, 'venueOrderId'>): string {
  return String(ORDERS_FROM + BigInt(order.venueOrderId));
}

export function algoId(order: Pick<SimulatedOrder, 'venueOrderId'>): string {
  return String(STOPS_FROM + BigInt(order.venueOrderId));
}

export function billId(fill: Pick<SimulatedFill, 'tradeId'>): string {
  return String(BILLS_FROM + BigInt(fill.tradeId));
}

/** The exchange's own id behind an `ordId` or `algoId`. */
export function venueOrderIdOf(wireId: string, kind: 'order' | 'stop'): string {
  if (!/^\d{1,19}$/.test(wireId)) return '';
  return String(BigInt(wireId) - (kind === 'order' ? ORDERS_FROM : STOPS_FROM));
}

export function isStop(order: Pick<SimulatedOrder, 'request'>): boolean {
  return order.request.triggerTicks > 0;
}

function typeOf({ request }: SimulatedOrder): string {
  if (request.type === 'market' || request.type === 'stopMarket') return 'market';
  if (request.postOnly) return 'post_only';
  return request.timeInForce === 'gtc' ? 'limit' : request.timeInForce;
}

function cancelSource(order: SimulatedOrder): string {
  if (order.status === 'cancelled') return '1';
  if (order.status !== 'expired') return '';
  if (order.request.postOnly) return '31';
  return order.request.timeInForce === 'fok' ? '13' : '14';
}

function negative(fee: string): string {
  return plain(decimal(fee).neg());
}

/** The executions of an order so far. */
function fillsOf(world: World, order: SimulatedOrder): readonly SimulatedFill[] {
  if (order.filledLots === 0) return [];
  return world.exchange.fillsSince(order.account, order.symbol, order.createdAt).filter((fill) => fill.venueOrderId === order.venueOrderId);
}

/** As GET order, orders-pending and orders-history answer; `latest` is the execution that a pushed row is about. */
export function orderShape(world: World, order: SimulatedOrder, latest?: SimulatedFill): Record<string, unknown> {
  const scale = world.scale(order.symbol);
  const { request } = order;
  const fills = fillsOf(world, order);
  const last = latest ?? fills.at(-1);
  const fee = fills.reduce((sum, fill) => sum.plus(fill.feeAmount), decimal('0'));
  const type = typeOf(order);
  const { base, quote, settle, kind } = scale.instrument;
  const [paid, earned] = kind === 'perpetual' ? [settle, settle] : request.side === 'buy' ? [base, quote] : [quote, base];
  return {
    accFillSz: sizeOf(world, order.symbol, order.filledLots),
    algoClOrdId: isStop(order) ? order.clientOrderId : '',
    algoId: isStop(order) ? algoId(order) : '',
    avgPx: order.filledLots === 0 ? '' : plain(decimal(scale.quote(order.filledAtoms)).div(scale.size(order.filledLots)).toDecimalPlaces(10)),
    cTime: String(order.createdAt),
    cancelSource: cancelSource(order),
    cancelSourceReason: '',
    category: order.isLiquidation ? 'full_liquidation' : 'normal',
    ccy: '',
    clOrdId: isStop(order) || order.isLiquidation ? '' : order.clientOrderId,
    fee: negative(plain(fee)),
    feeCcy: paid,
    fillPx: last === undefined ? '' : scale.price(last.priceTicks),
    fillSz: last === undefined ? '0' : sizeOf(world, order.symbol, last.sizeLots),
    fillTime: last === undefined ? '' : String(last.at),
    instId: instId(order.symbol),
    instType: instType(order.symbol),
    ...tradeMode(world, order.account, order.symbol),
    ordId: ordId(order),
    ordType: type,
    pnl: '0',
    posSide: 'net',
    px: type === 'market' ? '' : scale.price(request.priceTicks),
    rebate: '0',
    rebateCcy: earned,
    reduceOnly: String(request.reduceOnly),
    side: request.side,
    slOrdPx: '',
    slTriggerPx: '',
    source: isStop(order) ? TRIGGERED_BY_STOP : '',
    state: STATE[order.status],
    stpMode: 'cancel_maker',
    sz: sizeOf(world, order.symbol, request.sizeLots),
    tag: '',
    tgtCcy: type === 'market' && kind === 'spot' ? 'base_ccy' : '',
    tpOrdPx: '',
    tpTriggerPx: '',
    tradeId: last?.tradeId ?? '',
    uTime: String(order.updatedAt),
  };
}

/** The `orders` channel's word on an order; with `fill`, one execution. */
export function pushedShape(world: World, order: SimulatedOrder, fill: SimulatedFill | null): Record<string, unknown> {
  const row = orderShape(world, order, fill ?? undefined);
  const nothing = { fillPx: '', fillSz: '0', fillTime: '', tradeId: '', fillFee: '0', fillFeeCcy: '', execType: '' };
  const executed = fill === null ? nothing : { fillFee: negative(fill.feeAmount), fillFeeCcy: fill.feeAsset, execType: fill.isMaker ? 'M' : 'T' };
  return { ...row, ...executed, amendResult: '', amendSource: '', code: '0', fillNotionalUsd: '', fillPnl: '0', msg: '', notionalUsd: '', reqId: '' };
}

/** As GET order-algo and orders-algo-pending answer. */
export function stopShape(world: World, order: SimulatedOrder): Record<string, unknown> {
  const scale = world.scale(order.symbol);
  const { request } = order;
  const state = order.isTriggered ? 'effective' : order.status === 'open' ? 'live' : 'canceled';
  return {
    algoClOrdId: order.clientOrderId,
    algoId: algoId(order),
    actualPx: '',
    actualSide: order.isTriggered ? 'sl' : '',
    actualSz: order.isTriggered ? sizeOf(world, order.symbol, request.sizeLots) : '0',
    cTime: String(order.createdAt),
    ccy: '',
    clOrdId: '',
    failCode: '0',
    instId: instId(order.symbol),
    instType: instType(order.symbol),
    ...tradeMode(world, order.account, order.symbol),
    ordId: order.isTriggered ? ordId(order) : '',
    ordIdList: order.isTriggered ? [ordId(order)] : [],
    ordPx: '',
    ordType: 'conditional',
    posSide: 'net',
    reduceOnly: String(request.reduceOnly),
    side: request.side,
    slOrdPx: request.type === 'stopMarket' ? '-1' : scale.price(request.priceTicks),
    slTriggerPx: scale.price(request.triggerTicks),
    slTriggerPxType: 'last',
    state,
    sz: sizeOf(world, order.symbol, request.sizeLots),
    tag: '',
    tgtCcy: request.type === 'stopMarket' && !isPerpetualSymbol(order.symbol) ? 'base_ccy' : '',
    tpOrdPx: '',
    tpTriggerPx: '',
    triggerTime: order.isTriggered ? String(order.updatedAt) : '',
    uTime: String(order.updatedAt),
  };
}

/** Buys and sells, and those by which the venue closes a position that has run out of margin. */
const SUB_TYPES = { buy: { ordinary: '1', liquidation: '106' }, sell: { ordinary: '2', liquidation: '107' } } as const;

/** As fills and fills-history answer. */
export function fillShape(world: World, fill: SimulatedFill, isOfStop: boolean): Record<string, unknown> {
  const scale = world.scale(fill.symbol);
  return {
    billId: billId(fill),
    clOrdId: isOfStop || fill.isLiquidation ? '' : fill.clientOrderId,
    execType: fill.isMaker ? 'M' : 'T',
    fee: negative(fill.feeAmount),
    feeCcy: fill.feeAsset,
    feeRate: '-0.001',
    fillIdxPx: '',
    fillPnl: '0',
    fillPx: scale.price(fill.priceTicks),
    fillSz: sizeOf(world, fill.symbol, fill.sizeLots),
    fillTime: String(fill.at),
    instId: instId(fill.symbol),
    instType: instType(fill.symbol),
    ordId: ordId(fill),
    posSide: 'net',
    side: fill.side,
    subType: SUB_TYPES[fill.side][fill.isLiquidation ? 'liquidation' : 'ordinary'],
    tag: '',
    tradeId: fill.tradeId,
    ts: String(fill.at),
  };
}
