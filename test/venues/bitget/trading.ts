/** Bitget's private answers: orders, executions, balances and what a key may do. */
import { isPerpetualSymbol } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import { type AskedOrder, isOpen, type OrderKey, type SimulatedOrder } from '#core/simulated-exchange.ts';
import type { VenueKey, World } from '../_world.ts';
import { symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { BitgetRefusal, exchangeRefusal, missing, wrongParameter } from './refusals.ts';
import { fillShape, openShape, orderId, orderShape, symbolId, venueOrderIdOf } from './shapes.ts';

/** Everything a private answer is made from. */
export interface Call {
  readonly world: World;
  readonly key: VenueKey;
  readonly parameters: Parameters;
  /** The amounts of money that market buys were asked for, by the exchange's order id. */
  readonly money: Map<string, string>;
}

const DAY_MS = 86_400_000;
/** Lists reach back no further. */
const KEPT_MS = 90 * DAY_MS;
/** Orders are known by the client's id for so long after they were placed. */
export const KNOWN_BY_CLIENT_ID_MS = 2 * 3_600_000;
/** Share by which a limit price may be worse than the market. */
const LIMIT_RATIO = '0.05';
export const FORCES: Readonly<Record<string, Pick<AskedOrder, 'timeInForce' | 'postOnly'>>> = {
  gtc: { timeInForce: 'gtc', postOnly: false },
  ioc: { timeInForce: 'ioc', postOnly: false },
  fok: { timeInForce: 'fok', postOnly: false },
  post_only: { timeInForce: 'gtc', postOnly: true },
};

export function mayTrade(key: VenueKey): void {
  if (!key.canTrade) throw new BitgetRefusal('40014', 'Incorrect permissions, need spot trade write permissions');
}

export function placeOrder({ world, key, parameters, money }: Call): unknown {
  mayTrade(key);
  const { asked, amount } = readOrder(world, parameters);
  const answer = world.exchange.place(key.account, asked, world.now());
  if (!answer.ok) throw exchangeRefusal(answer.reason);
  if (amount !== null) money.set(answer.order.venueOrderId, amount);
  return { orderId: orderId(answer.order), clientOid: answer.order.clientOrderId };
}

function readOrder(world: World, parameters: Parameters): { readonly asked: AskedOrder; readonly amount: string | null } {
  const symbol = symbolOf(world, parameters.need('symbol'));
  const side = parameters.need('side').toLowerCase();
  if (side !== 'buy' && side !== 'sell') throw wrongParameter('side');
  const type = parameters.need('orderType').toLowerCase();
  if (type !== 'limit' && type !== 'market') throw wrongParameter('orderType');
  if ((parameters.get('tpslType') ?? 'normal') !== 'normal') throw wrongParameter('tpslType');
  const force = type === 'market' ? FORCES['gtc'] : FORCES[parameters.need('force').toLowerCase()];
  if (force === undefined) throw wrongParameter('force');
  const price = type === 'market' ? null : parameters.decimal('price');
  if (type === 'limit' && price === null) throw missing('price');
  const size = parameters.decimal('size');
  if (size === null) throw missing('size');
  const clientOrderId = parameters.clientOid() ?? '';
  if (price !== null) checkRatio(world, symbol, side, price);
  const isMoney = type === 'market' && side === 'buy';
  const asked = { clientOrderId, symbol, side, type, price, triggerPrice: null, size: isMoney ? bought(world, symbol, size) : size, ...force } as const;
  return { asked, amount: isMoney ? size : null };
}

/** What an amount of money buys at the present price. */
function bought(world: World, symbol: string, amount: string): string {
  const scale = world.scale(symbol);
  return scale.size(scale.lots(decimal(amount).div(scale.price(world.path(symbol).quote.askTicks)), 'down'));
}

export function checkRatio(world: World, symbol: string, side: 'buy' | 'sell', price: string): void {
  const market = decimal(world.scale(symbol).price(world.path(symbol).lastTicks));
  if (side === 'buy' && decimal(price).gt(market.times(decimal('1').plus(LIMIT_RATIO))))
    throw new BitgetRefusal('43009', 'The current order price exceeds the limit');
  if (side === 'sell' && decimal(price).gt(0) && decimal(price).lt(market.times(decimal('1').minus(LIMIT_RATIO))))
    throw new BitgetRefusal('43008', 'The current order price cannot be less than');
}

/** The order that is named; by the client's id only while the venue still knows it so. */
function named({ world, key, parameters }: Call): SimulatedOrder | null {
  const id = parameters.get('orderId');
  const clientOid = parameters.get('clientOid');
  if (id === null && clientOid === null) throw new BitgetRefusal('40924', 'orderId and clientOid must have one');
  const by: OrderKey = id === null ? { clientOrderId: clientOid ?? '' } : { venueOrderId: venueOrderIdOf(id) };
  const market = parameters.get('symbol');
  for (const symbol of market === null ? world.symbolsOf('spot') : [symbolOf(world, market)]) {
    const order = world.exchange.find(key.account, symbol, by);
    if (order !== null) return id === null && world.now() - order.createdAt > KNOWN_BY_CLIENT_ID_MS ? null : order;
  }
  return null;
}

export function findOrder(call: Call): unknown {
  const order = named(call);
  return order === null ? [] : [orderShape(call.world, order, call.money.get(order.venueOrderId))];
}

export function cancelOrder(call: Call): unknown {
  mayTrade(call.key);
  call.parameters.need('symbol');
  const order = named(call);
  const answer = order === null ? null : call.world.exchange.cancel(call.key.account, order.symbol, { venueOrderId: order.venueOrderId }, call.world.now());
  if (order === null || answer === null || !answer.ok) throw exchangeRefusal('unknownOrder');
  return { orderId: orderId(order), clientOid: order.clientOrderId };
}

export function cancelAll({ world, key, parameters }: Call): unknown {
  mayTrade(key);
  const symbol = symbolOf(world, parameters.need('symbol'));
  for (const { venueOrderId } of world.exchange.openOrders(key.account, symbol)) world.exchange.cancel(key.account, symbol, { venueOrderId }, world.now());
  return { symbol: symbolId(symbol) };
}

/** A page, newest first: what is older than `idLessThan`, between `startTime` and `endTime`. */
export function page<T>(world: World, items: readonly T[], idOf: (item: T) => string, timeOf: (item: T) => number, parameters: Parameters): readonly T[] {
  const from = parameters.integer('startTime') ?? world.now() - KEPT_MS;
  const to = parameters.integer('endTime') ?? Number.POSITIVE_INFINITY;
  if (to !== Number.POSITIVE_INFINITY && to < from) throw new BitgetRefusal('40707', 'Start time is greater than end time');
  if (Math.min(to, world.now()) - from > KEPT_MS) throw new BitgetRefusal('40705', 'The start and end time cannot exceed 90 days');
  const before = parameters.get('idLessThan');
  const limit = parameters.limit();
  const chosen = items.filter((item) => timeOf(item) >= from && timeOf(item) <= to && (before === null || BigInt(idOf(item)) < BigInt(before)));
  return chosen.toReversed().slice(0, limit);
}

function isSpot({ symbol }: SimulatedOrder): boolean {
  return !isPerpetualSymbol(symbol);
}

function symbolIn(world: World, parameters: Parameters): string | undefined {
  const id = parameters.get('symbol');
  return id === null ? undefined : symbolOf(world, id);
}

export function openOrders({ world, key, parameters }: Call): unknown {
  const open = world.exchange.openOrders(key.account, symbolIn(world, parameters)).filter(isSpot);
  // Open orders are told however old they are.
  const before = parameters.get('idLessThan');
  const chosen = open.filter((order) => before === null || BigInt(orderId(order)) < BigInt(before));
  return chosen
    .toReversed()
    .slice(0, parameters.limit())
    .map((order) => openShape(world, order));
}

export function ordersHistory({ world, key, parameters, money }: Call): unknown {
  const over = world.exchange.orders(key.account, symbolIn(world, parameters)).filter((order) => isSpot(order) && !isOpen(order));
  return page(world, over, orderId, (order) => order.createdAt, parameters).map((order) => ({
    ...orderShape(world, order, money.get(order.venueOrderId)),
    tpslType: 'normal',
    triggerPrice: null,
  }));
}

export function fills({ world, key, parameters }: Call): unknown {
  const symbol = symbolIn(world, parameters);
  const wanted = parameters.get('orderId');
  const all = (symbol === undefined ? world.symbolsOf('spot') : [symbol]).flatMap((each) => [...world.exchange.fillsSince(key.account, each, 0)]);
  const chosen = all.filter((fill) => wanted === null || orderId(fill) === wanted).sort((one, other) => Number(one.tradeId) - Number(other.tradeId));
  return page(
    world,
    chosen,
    (fill) => fill.tradeId,
    (fill) => fill.at,
    parameters,
  ).map((fill) => fillShape(world, fill));
}

export function assetShape(asset: string, free: string, locked: string, at: number): Record<string, string> {
  return { coin: asset, available: free, frozen: locked, locked: '0', limitAvailable: '0', uTime: String(at) };
}

export function assets({ world, key, parameters }: Call): unknown {
  const coin = parameters.get('coin');
  return world.exchange
    .balances(key.account)
    .filter(({ asset, free, locked }) => (coin === null ? free !== '0' || locked !== '0' || parameters.get('assetType') === 'all' : asset === coin))
    .map(({ asset, free, locked }) => assetShape(asset, free, locked, world.now()));
}

/** Rights that end on `r` read, those that end on `w` write. */
export function accountInfo({ world, key }: Call): unknown {
  return {
    userId: '1000000001',
    inviterId: '',
    ips: key.isIpRestricted ? '127.0.0.1' : '',
    authorities: [
      'stor',
      'coor',
      'wtor',
      ...(key.canTrade ? ['stow'] : []),
      ...(key.canTrade && key.canTradePerpetuals !== false ? ['coow', 'cpow'] : []),
      ...(key.canWithdraw ? ['wwow'] : []),
    ],
    parentId: 1_000_000_001,
    traderType: 'not_trader',
    channelCode: '',
    channel: '',
    regisTime: String(world.now() - DAY_MS),
  };
}

export function tradeRate({ world, parameters }: Call): unknown {
  const business = parameters.need('businessType');
  if (business !== 'spot' && business !== 'mix') throw wrongParameter('businessType');
  const { makerFeeRate, takerFeeRate } = world.scale(symbolOf(world, parameters.need('symbol'), business === 'mix' ? 'perpetual' : 'spot')).instrument;
  return { makerFeeRate, takerFeeRate };
}
