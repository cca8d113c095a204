/** Binance futures' algo service: conditional orders, which enter the book as ordinary ones when they trigger. */
import type { AskedOrder, SimulatedOrder } from '#core/simulated-exchange.ts';
import { symbolOf } from '../market-data.ts';
import { BinanceRefusal, missing } from '../refusals.ts';
import { invalidKey } from '../signing.ts';
import type { Call } from '../trading.ts';
import { futuresRefusal } from './refusals.ts';
import { algoIdOf, algoShape, isConditional } from './shapes.ts';
import { type FuturesCall, mayTrade, readOrder } from './trading.ts';

const TYPES: Readonly<Record<string, AskedOrder['type']>> = { STOP: 'stopLimit', STOP_MARKET: 'stopMarket' };

export function placeConditional(call: FuturesCall): unknown {
  const { world, key, limits, parameters } = call;
  mayTrade(call);
  if (parameters.need('algoType') !== 'CONDITIONAL')
    throw new BinanceRefusal(-1102, "Mandatory parameter 'algoType' was not sent, was empty/null, or malformed.");
  const triggerPrice = parameters.decimal('triggerPrice');
  if (triggerPrice === null) throw missing('triggerPrice');
  const asked = readOrder(call, TYPES[parameters.need('type')], 'clientAlgoId', triggerPrice);
  limits.order(key.account, world.machineNow());
  const answer = world.exchange.place(key.account, asked, world.now());
  if (!answer.ok) throw futuresRefusal(answer.reason);
  return algoShape(world, answer.order);
}

/** Needs no symbol. */
function known({ world, key, parameters }: Call): SimulatedOrder | null {
  const algoId = parameters.integer('algoId');
  const clientAlgoId = parameters.get('clientAlgoId');
  if (algoId === null && clientAlgoId === null) throw new BinanceRefusal(-1102, "Param 'algoId' or 'clientAlgoId' must be sent, but both were empty/null!");
  const orders = world.exchange.orders(key.account).filter(isConditional);
  return orders.findLast((order) => (algoId === null ? order.clientOrderId === clientAlgoId : algoIdOf(order) === algoId)) ?? null;
}

export function findConditional(call: Call): unknown {
  const order = known(call);
  if (order === null) throw new BinanceRefusal(-2013, 'Order does not exist.');
  return algoShape(call.world, order);
}

/** One that has triggered is not the service's any more. */
export function cancelConditional(call: Call): unknown {
  const { world, key } = call;
  if (!key.canTrade) throw invalidKey();
  const order = known(call);
  const answer =
    order === null || order.isTriggered ? null : world.exchange.cancel(key.account, order.symbol, { venueOrderId: order.venueOrderId }, world.now());
  if (order === null || answer === null || !answer.ok) throw new BinanceRefusal(-2011, 'Unknown order sent.');
  return { algoId: algoIdOf(order), clientAlgoId: order.clientOrderId, code: '200', msg: 'success' };
}

export function openConditionals({ world, key, parameters }: Call): unknown {
  const id = parameters.get('symbol');
  const symbols = id === null ? world.symbolsOf('perpetual') : [symbolOf(world, id, 'perpetual')];
  const open = symbols.flatMap((symbol) => world.exchange.openOrders(key.account, symbol));
  return open.filter((order) => isConditional(order) && !order.isTriggered).map((order) => algoShape(world, order));
}

export function cancelAllConditionals({ world, key, parameters }: Call): unknown {
  if (!key.canTrade) throw invalidKey();
  const symbol = symbolOf(world, parameters.need('symbol'), 'perpetual');
  for (const order of world.exchange.openOrders(key.account, symbol))
    if (isConditional(order) && !order.isTriggered) world.exchange.cancel(key.account, symbol, order, world.now());
  return { code: 200, msg: 'The operation of cancel all open order is done.' };
}
