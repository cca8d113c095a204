/** OKX's algo orders, as far as stops need them: an order of its own kind that turns into an ordinary one when it triggers. */
import { type AskedOrder, isOpen, type SimulatedOrder } from '#core/simulated-exchange.ts';
import type { Call } from './call.ts';
import { readMode } from './margin-modes.ts';
import { symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { exchangeRefusal, missing, OkxRefusal, wrongParameter } from './refusals.ts';
import { algoId, baseOf, instType, isStop, stopShape, venueOrderIdOf } from './shapes.ts';
import { checkMinimum, marketSize, mayTrade, page, readSide } from './trading.ts';

/** A stop whose order goes to the market. */
const AT_MARKET = '-1';

/** What POST order-algo answers for one stop. */
export function placeStop({ world, key, parameters }: Call): Record<string, unknown> {
  mayTrade(key);
  const symbol = symbolOf(world, parameters.need('instId'));
  readMode(world, key, symbol, parameters);
  if (parameters.need('ordType') !== 'conditional') throw wrongParameter('ordType');
  const side = readSide(parameters);
  const triggerPrice = parameters.decimal('slTriggerPx');
  if (triggerPrice === null) throw missing('slTriggerPx');
  const isMarket = parameters.need('slOrdPx') === AT_MARKET;
  const sz = parameters.decimal('sz');
  if (sz === null) throw missing('sz');
  const base = baseOf(world, symbol, sz);
  const size = isMarket ? marketSize(world, key, symbol, side, base, parameters) : base;
  checkMinimum(world, symbol, size);
  const asked: AskedOrder = {
    clientOrderId: parameters.clientOrderId('algoClOrdId') ?? '',
    symbol,
    side,
    type: isMarket ? 'stopMarket' : 'stopLimit',
    price: isMarket ? null : parameters.decimal('slOrdPx'),
    triggerPrice,
    size,
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: parameters.get('reduceOnly') === 'true',
  };
  const answer = world.exchange.place(key.account, asked, world.now());
  if (!answer.ok) throw exchangeRefusal(answer.reason, side);
  return { algoId: algoId(answer.order), algoClOrdId: asked.clientOrderId, clOrdId: '', sCode: '0', sMsg: '', tag: '' };
}

function stopOf({ world, key }: Call, parameters: Parameters, symbol: string): SimulatedOrder | null {
  const id = parameters.get('algoId');
  const clientOrderId = parameters.get('algoClOrdId');
  if (id === null && clientOrderId === null) throw new OkxRefusal('50015', 'Either parameter algoId or algoClOrdId is required.', { status: 400 });
  const found = world.exchange.find(key.account, symbol, id === null ? { clientOrderId: clientOrderId ?? '' } : { venueOrderId: venueOrderIdOf(id, 'stop') });
  return found !== null && isStop(found) ? found : null;
}

/** This one asks for no instrument. */
export function findStop(call: Call): unknown[] {
  for (const symbol of call.world.exchange.symbols) {
    const stop = stopOf(call, call.parameters, symbol);
    if (stop !== null) return [stopShape(call.world, stop)];
  }
  throw new OkxRefusal('51603', 'Order does not exist.');
}

/** What POST cancel-algos answers for one stop; a stop that has triggered is no stop any more. */
export function cancelStop(call: Call): Record<string, unknown> {
  const { world, key, parameters } = call;
  mayTrade(key);
  const stop = stopOf(call, parameters, symbolOf(world, parameters.need('instId')));
  if (stop === null || stop.isTriggered) throw exchangeRefusal('unknownOrder');
  const answer = world.exchange.cancel(key.account, stop.symbol, { venueOrderId: stop.venueOrderId }, world.now());
  if (!answer.ok) throw exchangeRefusal(answer.reason);
  return { algoId: algoId(stop), algoClOrdId: stop.clientOrderId, clOrdId: '', sCode: '0', sMsg: '', tag: '' };
}

export function openStops({ world, key, parameters }: Call): unknown[] {
  const types = parameters.need('ordType').split(',');
  if (!types.includes('conditional')) return [];
  const id = parameters.get('instId');
  const symbol = id === null ? undefined : symbolOf(world, id);
  const named = parameters.get('instType');
  const isAsked = (order: SimulatedOrder): boolean => named === null || named === instType(order.symbol);
  const open = world.exchange.orders(key.account, symbol).filter((order) => isStop(order) && isOpen(order) && !order.isTriggered && isAsked(order));
  return page(open, algoId, parameters).map((order) => stopShape(world, order));
}
