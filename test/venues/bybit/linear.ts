/** Bybit's private answers about linear perpetuals: placing, positions, leverage, the account's one margin mode, and funding. */
import { decimal, plain } from '#core/money.ts';
import type { AskedOrder, Refusal } from '#core/simulated-exchange.ts';
import type { VenueKey, World } from '../_world.ts';
import type { Call } from './call.ts';
import { fundingExecutionShape, positionShape, settlementShape } from './linear-shapes.ts';
import { page, weekOf } from './lists.ts';
import { symbolOf } from './market-data.ts';
import { BybitRefusal, notPermitted, wrongParameter } from './refusals.ts';

const REFUSALS: Readonly<Record<Refusal, readonly [code: number, message: string]>> = {
  unknownSymbol: [10001, 'params error: symbol invalid'],
  marketHalted: [110066, 'Trading is currently not allowed'],
  notAllowed: [10001, 'params error: timeInForce invalid'],
  priceFilter: [110003, 'Order price exceeds the allowable range.'],
  lotSize: [10001, 'The number of contracts exceeds the minimum or maximum limit, or is not a multiple of the step: Qty invalid'],
  minNotional: [110094, 'Order does not meet minimum order value 5USDT'],
  maxNotional: [110016, 'Requested quantity of contracts exceeds risk limit'],
  duplicateClientOrderId: [110072, 'OrderLinkedID is duplicate'],
  tooManyOrders: [110020, 'Number of active orders is greater than 500'],
  insufficientBalance: [110007, 'ab not enough for new order'],
  wouldTake: [110003, 'not used: such an order is accepted and ended'],
  wouldTrigger: [110092, 'expect Rising, but trigger_price[XXXXX] <= current[XXXXX]'],
  reduceOnly: [110017, 'current position is zero, cannot fix reduce-only order qty'],
  leverage: [110013, 'Cannot set leverage due to risk limit level'],
  marginModeInUse: [110073, 'Set margin mode failed'],
  unknownOrder: [110001, 'order not exists or too late to cancel'],
};

function refused(reason: Refusal): BybitRefusal {
  const [code, message] = REFUSALS[reason];
  return new BybitRefusal(code, message);
}

export function mayTradeLinear(key: VenueKey): boolean {
  return key.canTradePerpetuals !== false;
}

export function placeLinear(call: Call): unknown {
  const { world, key, settings } = call;
  if (!mayTradeLinear(key)) throw notPermitted();
  const asked = readOrder(call);
  if (settings.hedged.has(key.account)) throw new BybitRefusal(10001, 'position idx not match position mode');
  const answer = world.exchange.place(key.account, asked, world.now());
  if (!answer.ok) throw refused(answer.reason);
  return { orderId: answer.order.venueOrderId, orderLinkId: asked.clientOrderId };
}

function readOrder({ world, parameters }: Call): AskedOrder {
  const symbol = symbolOf(world, parameters.need('symbol'), 'perpetual', wrongParameter('symbol'));
  const side = parameters.need('side');
  if (side !== 'Buy' && side !== 'Sell') throw wrongParameter('side');
  const orderType = parameters.need('orderType');
  if (orderType !== 'Limit' && orderType !== 'Market') throw wrongParameter('orderType');
  const terms = parameters.get('timeInForce') ?? 'GTC';
  if (!['GTC', 'IOC', 'FOK', 'PostOnly'].includes(terms)) throw wrongParameter('timeInForce');
  if ((parameters.integer('positionIdx') ?? 0) !== 0) throw new BybitRefusal(10001, 'position idx not match position mode');
  const isMarket = orderType === 'Market';
  const [price, size, triggerPrice] = [parameters.decimal('price'), parameters.decimal('qty'), parameters.decimal('triggerPrice')];
  if (size === null) throw wrongParameter('qty');
  if (!isMarket && price === null) throw wrongParameter('price');
  const isStop = triggerPrice !== null;
  // A price to trigger at says nothing without the direction from which it is reached.
  const direction = parameters.integer('triggerDirection');
  if (isStop && direction !== 1 && direction !== 2) throw wrongParameter('triggerDirection');
  if (isStop && direction !== (side === 'Buy' ? 1 : 2)) throw wrongParameter('triggerDirection: only stops in the direction of their side are simulated');
  return {
    clientOrderId: parameters.clientOrderId() ?? `sim${Math.floor(world.random() * 1e15).toString(36)}`,
    symbol,
    side: side === 'Buy' ? 'buy' : 'sell',
    type: isMarket ? (isStop ? 'stopMarket' : 'market') : isStop ? 'stopLimit' : 'limit',
    price: isMarket ? null : price,
    triggerPrice,
    size,
    timeInForce: isMarket || terms === 'PostOnly' ? 'gtc' : (terms.toLowerCase() as 'gtc' | 'ioc' | 'fok'),
    postOnly: !isMarket && terms === 'PostOnly',
    reduceOnly: parameters.get('reduceOnly') === 'true',
  };
}

/** By symbol the flat ones too, by settle coin those that are not flat. */
export function positionList({ world, key, parameters, settings }: Call): unknown {
  const category = parameters.need('category');
  if (!mayTradeLinear(key)) throw notPermitted();
  if (category !== 'linear') return { category, list: [], nextPageCursor: '' };
  const named = parameters.get('symbol');
  const coin = parameters.get('settleCoin');
  if (named === null && coin === null) throw wrongParameter('symbol or settleCoin');
  const { perpetuals } = world.exchange;
  const indexes = settings.hedged.has(key.account) ? [1, 2] : [0];
  const held =
    named !== null
      ? [perpetuals.position(key.account, symbolOf(world, named, 'perpetual'))]
      : perpetuals.positions(key.account).filter(({ lots }) => lots !== 0 && coin === 'USDT');
  const rows = held.flatMap((position) => indexes.map((index) => positionShape(position, index)));
  return page(category, rows, parameters, 20, (row) => row);
}

export function setLeverage({ world, key, parameters }: Call): unknown {
  if (!key.canTrade || !mayTradeLinear(key)) throw notPermitted();
  const symbol = symbolOf(world, parameters.need('symbol'), 'perpetual');
  const [buy, sell] = [parameters.decimal('buyLeverage'), parameters.decimal('sellLeverage')];
  if (buy === null || buy !== sell) throw wrongParameter('buyLeverage');
  const held = world.exchange.perpetuals.position(key.account, symbol);
  if (held.leverage === Number(buy)) throw new BybitRefusal(110043, 'leverage not modified');
  const refusal = world.exchange.perpetuals.setLeverage(key.account, symbol, Number(buy), held.marginMode, world.now());
  if (refusal !== null) throw refused(refusal);
  return {};
}

/** Of the whole account, and of all its positions at once. */
export function setMarginMode({ world, key, parameters, settings }: Call): unknown {
  if (!key.canTrade) throw notPermitted();
  const mode = parameters.need('setMarginMode');
  if (mode !== 'ISOLATED_MARGIN' && mode !== 'REGULAR_MARGIN') throw wrongParameter('setMarginMode');
  for (const symbol of world.symbolsOf('perpetual')) {
    const { leverage } = world.exchange.perpetuals.position(key.account, symbol);
    const refusal = world.exchange.perpetuals.setLeverage(key.account, symbol, leverage, mode === 'ISOLATED_MARGIN' ? 'isolated' : 'cross', world.now());
    if (refusal !== null) throw refused(refusal);
  }
  if (mode === 'ISOLATED_MARGIN') settings.isolated.add(key.account);
  else settings.isolated.delete(key.account);
  return { reasons: [] };
}

/** By coin, not by symbol, newest first. */
export function transactionLog({ world, key, parameters }: Call): unknown {
  const category = parameters.get('category') ?? 'linear';
  if (!mayTradeLinear(key)) throw notPermitted();
  const coin = parameters.get('baseCoin');
  const { from, to } = weekOf(world, parameters);
  const rows = world
    .symbolsOf('perpetual')
    .filter((symbol) => coin === null || world.scale(symbol).instrument.base === coin)
    .flatMap((symbol) => world.exchange.perpetuals.fundingSince(key.account, symbol, from))
    .filter(({ at }) => at <= to)
    .sort((one, other) => other.at - one.at)
    .map((funding) => settlementShape(world, funding));
  return page(category, (parameters.get('type') ?? 'SETTLEMENT') === 'SETTLEMENT' ? rows : [], parameters, 20, (row) => row);
}

export function fundingExecutions(world: World, account: string, symbols: readonly string[], from: number, to: number) {
  return symbols
    .flatMap((symbol) => world.exchange.perpetuals.fundingSince(account, symbol, from))
    .filter(({ at }) => at <= to)
    .map((funding) => ({ at: funding.at, shape: fundingExecutionShape(world, funding) }));
}

/** What positions hold of the settle coin. */
export function positionMarginOf(world: World, account: string): string {
  return world.exchange.perpetuals.positions(account).reduce((sum, { margin }) => plain(decimal(sum).plus(margin)), '0');
}
