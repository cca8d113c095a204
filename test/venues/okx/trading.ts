/** OKX's private answers about orders: placing, cancelling, finding, listing. */
import { isPerpetualSymbol } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import { type AskedOrder, isOpen, type OrderKey, type SimulatedOrder } from '#core/simulated-exchange.ts';
import type { VenueKey, World } from '../_world.ts';
import type { Call } from './call.ts';
import { readMode } from './margin-modes.ts';
import { symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { exchangeRefusal, missing, OkxRefusal, ofOrder, wrongParameter } from './refusals.ts';
import { baseOf, instType, isStop, orderShape, ordId, venueOrderIdOf } from './shapes.ts';

const TIME_IN_FORCE: Readonly<Record<string, AskedOrder['timeInForce']>> = { limit: 'gtc', market: 'gtc', post_only: 'gtc', ioc: 'ioc', fok: 'fok' };
/** Orders further than this from the market are refused. */
const PRICE_BAND = { up: 5, down: 0.2 } as const;
const MAX_PAGE = 100;

export function mayTrade(key: VenueKey): void {
  if (!key.canTrade) throw new OkxRefusal('50120', "This API key doesn't have permission to use this function.");
}

/** What POST order answers for one order, `sCode` included. */
export function placeOrder({ world, key, parameters }: Call): Record<string, unknown> {
  mayTrade(key);
  const asked = readOrder(world, key, parameters);
  const answer = world.exchange.place(key.account, asked, world.now());
  if (!answer.ok) throw exchangeRefusal(answer.reason, asked.side);
  return { clOrdId: answer.order.clientOrderId, ordId: ordId(answer.order), tag: '', ts: String(world.now()), sCode: '0', sMsg: 'Order placed', subCode: '' };
}

function readOrder(world: World, key: VenueKey, parameters: Parameters): AskedOrder {
  const symbol = symbolOf(world, parameters.need('instId'));
  readMode(world, key, symbol, parameters);
  const side = readSide(parameters);
  const ordType = parameters.need('ordType');
  const timeInForce = TIME_IN_FORCE[ordType];
  if (timeInForce === undefined) throw wrongParameter('ordType');
  const type = ordType === 'market' ? 'market' : 'limit';
  const price = type === 'market' ? null : parameters.decimal('px');
  if (type === 'limit' && price === null) throw missing('px');
  const sz = parameters.decimal('sz');
  if (sz === null) throw missing('sz');
  const size = baseOf(world, symbol, sz);
  if (price !== null) checkBand(world, symbol, price);
  const order = { symbol, side, type, price, triggerPrice: null, timeInForce, postOnly: ordType === 'post_only' } as const;
  const sizeBase = type === 'market' ? marketSize(world, key, symbol, side, size, parameters) : size;
  checkMinimum(world, symbol, sizeBase);
  return { ...order, clientOrderId: parameters.clientOrderId('clOrdId') ?? '', size: sizeBase, reduceOnly: parameters.get('reduceOnly') === 'true' };
}

export function readSide(parameters: Parameters): 'buy' | 'sell' {
  const side = parameters.need('side');
  if (side !== 'buy' && side !== 'sell') throw wrongParameter('side');
  return side;
}

/**
 * Market buys of spot name a quote amount unless they say `tgtCcy=base_ccy`; and then they buy no more than the account
 * can pay, without a word.
 */
export function marketSize(world: World, key: VenueKey, symbol: string, side: 'buy' | 'sell', size: string, parameters: Parameters): string {
  if (isPerpetualSymbol(symbol)) return size;
  const unit = parameters.get('tgtCcy') ?? (side === 'buy' ? 'quote_ccy' : 'base_ccy');
  if (unit !== 'quote_ccy' && unit !== 'base_ccy') throw wrongParameter('tgtCcy');
  const scale = world.scale(symbol);
  const { bidTicks, askTicks } = world.path(symbol).quote;
  const lotsFor = (amount: string): number => scale.lots(decimal(amount).div(scale.price(side === 'buy' ? askTicks : bidTicks)), 'down');
  if (unit === 'quote_ccy') return scale.size(lotsFor(size));
  if (side === 'sell') return size;
  const free = world.exchange.balances(key.account).find(({ asset }) => asset === scale.instrument.quote)?.free ?? '0';
  const affordable = scale.size(lotsFor(free));
  return decimal(size).gt(affordable) && affordable !== '0' ? affordable : size;
}

export function checkMinimum(world: World, symbol: string, size: string): void {
  const { instrument } = world.scale(symbol);
  if (decimal(size).gt(0) && decimal(size).lt(instrument.minSize) && world.scale(symbol).isSizeAligned(size)) throw exchangeRefusal('minNotional');
}

function checkBand(world: World, symbol: string, price: string): void {
  const market = decimal(world.scale(symbol).price(world.path(symbol).lastTicks));
  if (decimal(price).gt(market.times(PRICE_BAND.up))) throw ofOrder('51006', 'Order price is not within the price limit.');
}

function keyOfOrder(parameters: Parameters): OrderKey {
  const id = parameters.get('ordId');
  if (id !== null) return { venueOrderId: venueOrderIdOf(id, 'order') };
  const clientOrderId = parameters.get('clOrdId');
  if (clientOrderId === null) throw new OkxRefusal('51003', 'Either client order ID or order ID is required.');
  return { clientOrderId };
}

/** An order that is one here: a stop becomes one when it triggers, and then goes by the venue's id alone. */
function ordinary(world: World, key: VenueKey, symbol: string, by: OrderKey): SimulatedOrder | null {
  const order = world.exchange.find(key.account, symbol, by);
  if (order === null || !isStop(order)) return order;
  return 'venueOrderId' in by && order.isTriggered ? order : null;
}

/** Placed orders never traded are told for two hours after their end, as others for three months; the simulator tells all. */
export function findOrder({ world, key, parameters }: Call): unknown[] {
  const order = ordinary(world, key, symbolOf(world, parameters.need('instId')), keyOfOrder(parameters));
  if (order === null) throw new OkxRefusal('51603', 'Order does not exist.');
  return [orderShape(world, order)];
}

/** What POST cancel-order answers for one order: the request is taken, the order ends by itself. */
export function cancelOrder({ world, key, parameters }: Call): Record<string, unknown> {
  mayTrade(key);
  const order = ordinary(world, key, symbolOf(world, parameters.need('instId')), keyOfOrder(parameters));
  if (order === null) throw exchangeRefusal('unknownOrder');
  const answer = world.exchange.cancel(key.account, order.symbol, { venueOrderId: order.venueOrderId }, world.now());
  if (!answer.ok) throw exchangeRefusal(answer.reason);
  return { clOrdId: isStop(order) ? '' : order.clientOrderId, ordId: ordId(order), ts: String(world.now()), sCode: '0', sMsg: '' };
}

/** A page, newest first: before the id `after`, after the id `before`. */
export function page<T>(items: readonly T[], idOf: (item: T) => string, parameters: Parameters): readonly T[] {
  const after = parameters.get('after');
  const before = parameters.get('before');
  const limit = Math.min(parameters.integer('limit') ?? MAX_PAGE, MAX_PAGE);
  const chosen = items.filter((item) => (after === null || BigInt(idOf(item)) < BigInt(after)) && (before === null || BigInt(idOf(item)) > BigInt(before)));
  return chosen.toReversed().slice(0, limit);
}

function symbolIn(world: World, parameters: Parameters): string | undefined {
  const id = parameters.get('instId');
  return id === null ? undefined : symbolOf(world, id);
}

export function openOrders(call: Call): unknown[] {
  const { world, key, parameters } = call;
  const open = world.exchange.openOrders(key.account, symbolIn(world, parameters)).filter((order) => order.isTriggered && isOfType(call, order));
  return page(open, ordId, parameters).map((order) => orderShape(world, order));
}

export function ordersHistory(call: Call): unknown[] {
  const { world, key, parameters } = call;
  const state = parameters.get('state');
  const over = world.exchange.orders(key.account, symbolIn(world, parameters)).filter((order) => !isOpen(order) && order.isTriggered && isOfType(call, order));
  return page(over, ordId, parameters)
    .map((order) => orderShape(world, order))
    .filter((shape) => state === null || shape['state'] === state);
}

function isOfType({ parameters }: Call, order: SimulatedOrder): boolean {
  const named = parameters.get('instType');
  return named === null || named === instType(order.symbol);
}

/** All orders of the account end after so many seconds, unless this is asked again. */
export function cancelAllAfter({ world, key, parameters }: Call): unknown[] {
  mayTrade(key);
  const seconds = Number(parameters.need('timeOut'));
  if (seconds !== 0 && !(seconds >= 10 && seconds <= 120)) throw wrongParameter('timeOut');
  const at = world.now() + seconds * 1_000;
  world.cancelAllAt(key.account, seconds === 0 ? null : at);
  return [{ triggerTime: seconds === 0 ? '0' : String(at), tag: '', ts: String(world.now()) }];
}
