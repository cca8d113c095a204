/** Bybit's private answers about orders: placing, cancelling and the lists of what is, was and was traded. */
import type { InstrumentKind } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import { type AskedOrder, isOpen, type OrderKey, type SimulatedOrder } from '#core/simulated-exchange.ts';
import type { World } from '../_world.ts';
import type { Call } from './call.ts';
import { fundingExecutions, mayTradeLinear, placeLinear } from './linear.ts';
import { page, weekOf } from './lists.ts';
import { kindOf, needKind, symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { BybitRefusal, noSuchOrder, notPermitted, placingRefusal, wrongParameter } from './refusals.ts';
import { executionShape, isWaitingStop, orderShape } from './shapes.ts';

/** A limit order may take this much worse a price than the last. */
const PRICE_LIMIT = 0.1;

export function placeOrder(call: Call): unknown {
  const { world, key } = call;
  if (!key.canTrade) throw notPermitted();
  if (call.parameters.get('category') === 'linear') return placeLinear(call);
  const asked = readOrder(call);
  const answer = world.exchange.place(key.account, asked, world.now());
  if (answer.ok) return { orderId: answer.order.venueOrderId, orderLinkId: asked.clientOrderId };
  if (answer.reason === 'priceFilter') throw priceRefusal(world, asked);
  if (answer.reason === 'lotSize') throw sizeRefusal(world, asked);
  throw placingRefusal(answer.reason);
}

function readOrder({ world, parameters }: Call): AskedOrder {
  if (parameters.need('category') !== 'spot') throw wrongParameter('category');
  const symbol = symbolOf(world, parameters.need('symbol'), 'spot', placingRefusal('unknownSymbol'));
  const side = parameters.need('side');
  if (side !== 'Buy' && side !== 'Sell') throw new BybitRefusal(170117, 'Invalid side.');
  const orderType = parameters.need('orderType');
  if (orderType !== 'Limit' && orderType !== 'Market') throw new BybitRefusal(170116, 'Invalid orderType.');
  const filter = parameters.get('orderFilter') ?? 'Order';
  if (filter !== 'Order' && filter !== 'StopOrder') throw new BybitRefusal(170202, 'Invalid orderFilter parameter');
  const terms = parameters.get('timeInForce') ?? 'GTC';
  if (!['GTC', 'IOC', 'FOK', 'PostOnly'].includes(terms)) throw new BybitRefusal(170115, 'Invalid timeInForce.');
  const isMarket = orderType === 'Market';
  // Without the filter a price to trigger at is ignored, and the order goes to the book at once.
  const isStop = filter === 'StopOrder';
  const price = parameters.decimal('price');
  if (!isMarket && price === null) throw wrongParameter('price');
  const triggerPrice = isStop ? parameters.decimal('triggerPrice') : null;
  if (isStop && triggerPrice === null) throw new BybitRefusal(170202, 'Please enter the TP/SL price.');
  const order: AskedOrder = {
    clientOrderId: parameters.clientOrderId() ?? `sim${Math.floor(world.random() * 1e15).toString(36)}`,
    symbol,
    side: side === 'Buy' ? 'buy' : 'sell',
    type: isMarket ? (isStop ? 'stopMarket' : 'market') : isStop ? 'stopLimit' : 'limit',
    price: isMarket ? null : price,
    triggerPrice,
    size: isMarket ? marketSize(world, symbol, side, parameters) : readSize(parameters),
    timeInForce: isMarket || terms === 'PostOnly' ? 'gtc' : (terms.toLowerCase() as 'gtc' | 'ioc' | 'fok'),
    postOnly: !isMarket && terms === 'PostOnly',
  };
  checkPriceLimit(world, order);
  return order;
}

function readSize(parameters: Parameters): string {
  const size = parameters.decimal('qty');
  if (size === null) throw wrongParameter('qty');
  return size;
}

/** A market buy without a unit is for an amount of money: the venue buys as much as that pays for. */
function marketSize(world: World, symbol: string, side: 'Buy' | 'Sell', parameters: Parameters): string {
  const size = readSize(parameters);
  const unit = parameters.get('marketUnit') ?? (side === 'Buy' ? 'quoteCoin' : 'baseCoin');
  if (unit === 'baseCoin') return size;
  if (unit !== 'quoteCoin') throw wrongParameter('marketUnit');
  const scale = world.scale(symbol);
  const { bidTicks, askTicks } = world.path(symbol).quote;
  return scale.size(scale.lots(decimal(size).div(scale.price(side === 'Buy' ? askTicks : bidTicks)), 'down'));
}

/** Only prices that would take far too much or give far too little are refused; one that rests is not. */
function checkPriceLimit(world: World, order: AskedOrder): void {
  if (order.price === null || order.type !== 'limit') return;
  const last = decimal(world.scale(order.symbol).price(world.path(order.symbol).lastTicks));
  const price = decimal(order.price);
  const [highest, lowest] = [last.times(1 + PRICE_LIMIT), last.times(1 - PRICE_LIMIT)];
  if (order.side === 'buy' && price.gt(highest)) throw new BybitRefusal(170193, `Buy order price cannot be higher than ${highest.toFixed()}.`);
  if (order.side === 'sell' && price.gt(0) && price.lt(lowest)) throw new BybitRefusal(170194, `Sell order price cannot be lower than ${lowest.toFixed()}.`);
}

function priceRefusal(world: World, asked: AskedOrder): BybitRefusal {
  const scale = world.scale(asked.symbol);
  const wrong = [asked.price, asked.triggerPrice].find((price) => price !== null && !scale.isPriceAligned(decimal(price)));
  if (wrong !== undefined) return new BybitRefusal(170134, 'Order price has too many decimals.');
  const isLow = [asked.price, asked.triggerPrice].some((price) => price !== null && decimal(price).lt(scale.instrument.minPrice));
  return isLow ? new BybitRefusal(170133, 'Order price lower than the minimum.') : new BybitRefusal(170132, 'Order price too high.');
}

function sizeRefusal(world: World, asked: AskedOrder): BybitRefusal {
  const scale = world.scale(asked.symbol);
  const size = decimal(asked.size);
  if (!scale.isSizeAligned(size)) return new BybitRefusal(170137, 'Order quantity has too many decimals.');
  return size.lt(scale.instrument.minSize)
    ? new BybitRefusal(170136, 'Order quantity lower than the minimum.')
    : new BybitRefusal(170135, 'Order quantity too large.');
}

/** `null` where the request names no order. */
function namedOrder(parameters: Parameters): OrderKey | null {
  const venueOrderId = parameters.get('orderId');
  if (venueOrderId !== null) return { venueOrderId };
  const clientOrderId = parameters.get('orderLinkId');
  return clientOrderId === null ? null : { clientOrderId };
}

export function cancelOrder({ world, key, parameters }: Call): unknown {
  if (!key.canTrade) throw notPermitted();
  const kind = needKind(parameters);
  const symbol = symbolOf(world, parameters.need('symbol'), kind, kind === 'spot' ? placingRefusal('unknownSymbol') : wrongParameter('symbol'));
  const named = namedOrder(parameters);
  if (named === null) throw wrongParameter('orderId or orderLinkId');
  const order = world.exchange.find(key.account, symbol, named);
  const filter = parameters.get('orderFilter') ?? 'Order';
  if (kind === 'perpetual' && !mayTradeLinear(key)) throw notPermitted();
  // Stops of spot that wait are in a list of their own; the list of orders does not know them.
  const isElsewhere = kind === 'spot' && order !== null && isWaitingStop(order) !== (filter === 'StopOrder');
  if (order === null || !isOpen(order) || isElsewhere)
    throw kind === 'spot' ? noSuchOrder() : new BybitRefusal(110001, 'order not exists or too late to cancel');
  world.exchange.cancel(key.account, symbol, named, world.now());
  return { orderId: order.venueOrderId, orderLinkId: order.clientOrderId };
}

export function cancelAll({ world, key, parameters }: Call): unknown {
  if (!key.canTrade) throw notPermitted();
  const kind = needKind(parameters);
  const named = parameters.get('symbol');
  if (named === null && kind === 'perpetual') throw wrongParameter('symbol');
  const symbols = named === null ? world.symbolsOf(kind) : [symbolOf(world, named, kind, placingRefusal('unknownSymbol'))];
  const filter = parameters.get('orderFilter') ?? (kind === 'spot' ? 'Order' : null);
  const open = symbols
    .flatMap((symbol) => world.exchange.openOrders(key.account, symbol))
    .filter((order) => filter === null || isWaitingStop(order) === (filter === 'StopOrder'));
  for (const order of open) world.exchange.cancel(key.account, order.symbol, order, world.now());
  return { list: open.map((order) => ({ orderId: order.venueOrderId, orderLinkId: order.clientOrderId })), success: '1' };
}

/** Orders of the present: open ones, or a single one by its name as long as it is not forgotten. */
export function realtime({ world, key, parameters, recentLimit }: Call): unknown {
  const category = parameters.need('category');
  const kind = kindOf(parameters);
  if (kind === null) return { category, list: [], nextPageCursor: '' };
  if (kind === 'perpetual' && !mayTradeLinear(key)) throw notPermitted();
  if (kind === 'perpetual' && (parameters.get('symbol') ?? parameters.get('settleCoin')) === null) throw wrongParameter('symbol or settleCoin');
  const mine = newestFirst(ordersOf(world, key.account, kind));
  const recent = new Set(mine.filter((order) => !isOpen(order)).slice(0, recentLimit));
  const known = mine.filter((order) => isOpen(order) || recent.has(order));
  const named = namedOrder(parameters);
  const chosen =
    named === null ? known.filter((order) => isOpen(order) !== (parameters.get('openOnly') === '1')) : known.filter((order) => isNamed(order, named));
  return page(category, ofRequest(world, chosen, parameters, named !== null), parameters, 20, (order) => orderShape(world, order));
}

/** Orders of the past. */
export function history({ world, key, parameters }: Call): unknown {
  const category = parameters.need('category');
  const kind = kindOf(parameters);
  if (kind === null) return { category, list: [], nextPageCursor: '' };
  const named = namedOrder(parameters);
  const ended = newestFirst(ordersOf(world, key.account, kind)).filter((order) => !isOpen(order) && (named === null || isNamed(order, named)));
  const { from, to } = weekOf(world, parameters);
  const within = named === null ? ended.filter((order) => order.createdAt >= from && order.createdAt <= to) : ended;
  const wanted = parameters.get('orderStatus');
  const chosen = ofRequest(world, within, parameters, named !== null).filter((order) => wanted === null || orderShape(world, order)['orderStatus'] === wanted);
  return page(category, chosen, parameters, 20, (order) => orderShape(world, order));
}

function ordersOf(world: World, account: string, kind: InstrumentKind): readonly SimulatedOrder[] {
  const symbols = world.symbolsOf(kind);
  return world.exchange.orders(account).filter(({ symbol }) => symbols.includes(symbol));
}

function newestFirst(orders: readonly SimulatedOrder[]): readonly SimulatedOrder[] {
  return [...orders].reverse();
}

function isNamed(order: SimulatedOrder, named: OrderKey): boolean {
  return 'venueOrderId' in named ? order.venueOrderId === named.venueOrderId : order.clientOrderId === named.clientOrderId;
}

/** The name of an order goes before all other parameters. */
function ofRequest(world: World, orders: readonly SimulatedOrder[], parameters: Parameters, isByName: boolean): readonly SimulatedOrder[] {
  if (isByName) return orders;
  const id = parameters.get('symbol');
  const symbol = id === null ? null : symbolOf(world, id, needKind(parameters));
  const filter = parameters.get('orderFilter');
  return orders.filter((order) => (symbol === null || order.symbol === symbol) && (filter === null || isWaitingStop(order) === (filter === 'StopOrder')));
}

/** Executions, newest first, a week at most. */
export function executions({ world, key, parameters }: Call): unknown {
  const category = parameters.need('category');
  const kind = kindOf(parameters);
  if (kind === null) return { category, list: [], nextPageCursor: '' };
  if (kind === 'perpetual' && !mayTradeLinear(key)) throw notPermitted();
  const id = parameters.get('symbol');
  const symbols = id === null ? world.symbolsOf(kind) : [symbolOf(world, id, kind)];
  const named = namedOrder(parameters);
  const { from, to } = weekOf(world, parameters);
  const chosen = (named === null ? symbols : world.symbolsOf(kind))
    .flatMap((symbol) => world.exchange.fillsSince(key.account, symbol, 0))
    .filter((fill) => (named === null ? fill.at >= from && fill.at <= to : isOf(fill, named)))
    .sort((one, other) => Number(other.tradeId) - Number(one.tradeId))
    .map((fill) => ({ at: fill.at, shape: executionShape(world, fill, 'feeCurrency') }));
  // Funding is listed among the executions of derivatives.
  const funding = kind === 'perpetual' && named === null ? fundingExecutions(world, key.account, symbols, from, to) : [];
  const wanted = parameters.get('execType');
  const all = [...chosen, ...funding].filter(({ shape }) => wanted === null || shape['execType'] === wanted).sort((one, other) => other.at - one.at);
  return page(category, all, parameters, 50, ({ shape }) => shape);
}

function isOf(fill: { readonly venueOrderId: string; readonly clientOrderId: string }, named: OrderKey): boolean {
  return 'venueOrderId' in named ? fill.venueOrderId === named.venueOrderId : fill.clientOrderId === named.clientOrderId;
}

export function disconnectedCancelAll({ key, parameters, dcp }: Call): unknown {
  const seconds = parameters.integer('timeWindow');
  if (seconds === null || seconds < 3 || seconds > 300) throw wrongParameter('timeWindow');
  const product = parameters.get('product') ?? 'OPTIONS';
  if (product !== 'SPOT' && product !== 'DERIVATIVES') throw wrongParameter('product');
  dcp.set(key.account, product === 'SPOT' ? 'spot' : 'perpetual', seconds * 1_000);
  return {};
}
