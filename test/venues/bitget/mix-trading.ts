/** Bitget's private answers about orders of perpetuals. In one-way mode an order names no direction of the position, in hedge mode it must. */
import { type AskedOrder, isOpen, type SimulatedOrder } from '#core/simulated-exchange.ts';
import { mayTradeContracts, useMode } from './mix-account.ts';
import { isOurs, mixSymbol, mixSymbols } from './mix-market.ts';
import { mixFillShape, mixListedShape, mixOrderShape } from './mix-shapes.ts';
import { BitgetRefusal, exchangeRefusal, missing, wrongParameter } from './refusals.ts';
import { orderId, venueOrderIdOf } from './shapes.ts';
import { type Call, checkRatio, FORCES, KNOWN_BY_CLIENT_ID_MS, page } from './trading.ts';

export function placeMixOrder(call: Call): unknown {
  mayTradeContracts(call);
  const { world, key } = call;
  const asked = readOrder(call);
  useMode(call, asked.symbol);
  const answer = world.exchange.place(key.account, asked, world.now());
  if (!answer.ok) throw exchangeRefusal(answer.reason);
  return { orderId: orderId(answer.order), clientOid: answer.order.clientOrderId };
}

function readOrder({ world, key, parameters }: Call): AskedOrder {
  const symbol = mixSymbol(world, parameters);
  if (parameters.need('marginCoin').toUpperCase() !== world.scale(symbol).instrument.settle) throw wrongParameter('marginCoin');
  const side = parameters.need('side').toLowerCase();
  if (side !== 'buy' && side !== 'sell') throw wrongParameter('side');
  if ((parameters.get('tradeSide') !== null) !== world.hedged.has(key.account))
    throw new BitgetRefusal('40774', 'The order type for unilateral position must also be the unilateral position type.');
  const type = parameters.need('orderType').toLowerCase();
  if (type !== 'limit' && type !== 'market') throw wrongParameter('orderType');
  const force = type === 'market' ? FORCES['gtc'] : FORCES[(parameters.get('force') ?? 'gtc').toLowerCase()];
  if (force === undefined) throw wrongParameter('force');
  const price = type === 'market' ? null : parameters.decimal('price');
  if (type === 'limit' && price === null) throw missing('price');
  const size = parameters.decimal('size');
  if (size === null) throw missing('size');
  if (price !== null) checkRatio(world, symbol, side, price);
  const reduceOnly = parameters.get('reduceOnly')?.toUpperCase() === 'YES';
  return { clientOrderId: parameters.clientOid() ?? '', symbol, side, type, price, triggerPrice: null, size, reduceOnly, ...force };
}

/** The order that is named; by the client's id only while the venue still knows it so. */
function named({ world, key, parameters }: Call): SimulatedOrder | null {
  const symbol = mixSymbol(world, parameters);
  const id = parameters.get('orderId');
  const clientOid = parameters.get('clientOid');
  if (id === null && clientOid === null) throw new BitgetRefusal('40924', 'orderId and clientOid must have one');
  const order = world.exchange.find(key.account, symbol, id === null ? { clientOrderId: clientOid ?? '' } : { venueOrderId: venueOrderIdOf(id) });
  const isForgotten = order !== null && id === null && world.now() - order.createdAt > KNOWN_BY_CLIENT_ID_MS;
  return isForgotten ? null : order;
}

/** Unlike on spot, one object, and a refusal where there is none. */
export function mixDetail(call: Call): unknown {
  mayTradeContracts(call);
  const order = named(call);
  if (order === null) throw new BitgetRefusal('40109', 'The data of the order cannot be found, please confirm the order number');
  return mixOrderShape(call.world, order);
}

export function cancelMixOrder(call: Call): unknown {
  mayTradeContracts(call);
  const order = named(call);
  const answer = order === null ? null : call.world.exchange.cancel(call.key.account, order.symbol, { venueOrderId: order.venueOrderId }, call.world.now());
  if (order === null || answer === null || !answer.ok) throw new BitgetRefusal('40768', 'Order does not exist');
  return { orderId: orderId(order), clientOid: order.clientOrderId };
}

/** Without a list of orders, all of a symbol. */
export function cancelMixOrders(call: Call): unknown {
  mayTradeContracts(call);
  const { world, key, parameters } = call;
  const symbol = mixSymbol(world, parameters);
  const open = world.exchange.openOrders(key.account, symbol);
  if (open.length === 0) throw new BitgetRefusal('22001', 'No order to cancel');
  for (const { venueOrderId } of open) world.exchange.cancel(key.account, symbol, { venueOrderId }, world.now());
  return { successList: open.map((order) => ({ orderId: orderId(order), clientOid: order.clientOrderId })), failureList: [] };
}

/** Under a name of its own, with the last id beside it; nothing is `null`. */
function listed(name: string, rows: readonly Record<string, unknown>[], endId: unknown): unknown {
  return { [name]: rows.length === 0 ? null : rows, endId: endId ?? null };
}

function ordersOf({ world, key, parameters }: Call): readonly SimulatedOrder[] {
  if (!isOurs(parameters)) return [];
  return mixSymbols(world, parameters).flatMap((symbol) => [...world.exchange.orders(key.account, symbol)]);
}

export function mixPending(call: Call): unknown {
  mayTradeContracts(call);
  const before = call.parameters.get('idLessThan');
  const open = ordersOf(call).filter((order) => isOpen(order) && (before === null || BigInt(orderId(order)) < BigInt(before)));
  const shown = open.toReversed().slice(0, call.parameters.limit());
  return listed(
    'entrustedList',
    shown.map((order) => mixListedShape(call.world, order)),
    shown.at(-1) === undefined ? null : orderId(shown.at(-1) as SimulatedOrder),
  );
}

export function mixHistory(call: Call): unknown {
  mayTradeContracts(call);
  const over = ordersOf(call).filter((order) => !isOpen(order));
  const shown = page(call.world, over, orderId, (order) => order.createdAt, call.parameters).map((order) => mixListedShape(call.world, order));
  return listed('entrustedList', shown, shown.at(-1)?.['orderId']);
}

export function mixFills(call: Call): unknown {
  mayTradeContracts(call);
  const { world, key, parameters } = call;
  const wanted = parameters.get('orderId');
  const all = mixSymbols(world, parameters).flatMap((symbol) => [...world.exchange.fillsSince(key.account, symbol, 0)]);
  const chosen = all.filter((fill) => wanted === null || orderId(fill) === wanted).sort((one, other) => Number(one.tradeId) - Number(other.tradeId));
  const shown = page(
    world,
    chosen,
    (fill) => fill.tradeId,
    (fill) => fill.at,
    parameters,
  ).map((fill) => mixFillShape(world, fill));
  return listed('fillList', shown, shown.at(-1)?.['tradeId']);
}
