/**
 * The gate every order passes before it may leave: budget, size limits, price collar, order rate and trading state.
 * Cancels never come here. Every refusal has a code, a message that names the figures, and touches no venue.
 */
import { feeOn, GRAINS_PER_LOT, MAX_ATOMS } from './instrument.ts';
import { isTerminal, type OrderRequest } from './order.ts';
import { checkMargin, checkReducing, closableLots, freeMarginAtoms } from './risk-perpetual.ts';
import { type Denial, deny, type RiskView, worstTicks } from './risk-view.ts';

export type { Denial, DenialCode, FeeAsset, RiskLimits, RiskView, TradingState } from './risk-view.ts';
export { worstTicks } from './risk-view.ts';

/** The reason to refuse an order, or `null` when it may be placed. */
export function assess(request: OrderRequest, view: RiskView): Denial | null {
  return (
    checkShape(request, view) ??
    checkTradingState(request, view) ??
    checkPrice(request, view) ??
    checkValue(request, view) ??
    (view.scale.isPerpetual ? checkMargin(request, view) : checkFunds(request, view))
  );
}

function checkShape(request: OrderRequest, view: RiskView): Denial | null {
  const { scale } = view;
  const needsPrice = request.type === 'limit' || request.type === 'stopLimit';
  const needsTrigger = request.type === 'stopLimit' || request.type === 'stopMarket';
  if (!Number.isSafeInteger(request.sizeLots) || request.sizeLots <= 0)
    return deny('order_invalid', `size of ${request.sizeLots} lots is not a positive whole number`);
  if (!isTicks(request.priceTicks, needsPrice))
    return deny('order_invalid', needsPrice ? `a ${request.type} order needs a price` : 'a market order takes no price');
  if (!isTicks(request.triggerTicks, needsTrigger))
    return deny('order_invalid', needsTrigger ? `a ${request.type} order needs a trigger price` : `a ${request.type} order takes no trigger price`);
  if (request.postOnly && request.type !== 'limit') return deny('order_invalid', 'only a limit order can be post-only');
  if (request.sizeLots < scale.minLots)
    return deny('size_below_minimum', `size ${scale.size(request.sizeLots)} is below the minimum ${scale.size(scale.minLots)}`);
  if (request.sizeLots > scale.maxLots)
    return deny('size_above_maximum', `size ${scale.size(request.sizeLots)} is above the maximum ${scale.size(scale.maxLots)}`);
  return null;
}

/** A price where one is needed, nothing where none is. */
function isTicks(ticks: number, isNeeded: boolean): boolean {
  return isNeeded ? Number.isSafeInteger(ticks) && ticks > 0 : ticks === 0;
}

function checkTradingState(request: OrderRequest, view: RiskView): Denial | null {
  if (view.tradingState === 'halted') return deny('trading_halted', 'trading is halted for this bot');
  if (view.tradingState === 'reducing') {
    const denial = view.scale.isPerpetual ? checkReducing(request, view) : checkSale(request);
    if (denial !== null) return denial;
  }
  if (view.orderTokens < 1) return deny('order_rate_exceeded', `more than ${view.limits.ordersPerMinute} orders a minute`);
  // Most often there are fewer than would have to be counted.
  if (Array.isArray(view.orders) && view.orders.length < view.limits.maxOpenOrders) return null;
  let open = 0;
  for (const order of view.orders) if (!isTerminal(order.state)) open += 1;
  return open < view.limits.maxOpenOrders ? null : deny('too_many_open_orders', `${open} orders are open, the limit is ${view.limits.maxOpenOrders}`);
}

function checkSale(request: OrderRequest): Denial | null {
  return request.side === 'sell' ? null : deny('reduce_only', 'only orders that reduce the holding may be placed now');
}

function checkPrice(request: OrderRequest, view: RiskView): Denial | null {
  const { scale, bidTicks, askTicks, limits } = view;
  if (bidTicks <= 0 || askTicks <= 0) return deny('no_market_price', `no price of ${scale.instrument.symbol} is known yet`);
  for (const ticks of [request.priceTicks, request.triggerTicks]) {
    if (ticks !== 0 && (ticks < scale.minTicks || ticks > scale.maxTicks))
      return deny(
        'price_outside_limits',
        `price ${scale.price(ticks)} is outside the venue's ${scale.price(scale.minTicks)} to ${scale.price(scale.maxTicks)}`,
      );
  }
  if (request.priceTicks === 0) return null;
  // The limit of a stop is held to its trigger: that is where the market will stand when it trades.
  const { side, priceTicks, triggerTicks } = request;
  const isBeyond =
    side === 'buy' ? priceTicks > (triggerTicks || askTicks) * (1 + limits.priceCollar) : priceTicks < (triggerTicks || bidTicks) * (1 - limits.priceCollar);
  if (!isBeyond) return null;
  const reference = triggerTicks > 0 ? `its trigger ${scale.price(triggerTicks)}` : `the market (${scale.price(bidTicks)} / ${scale.price(askTicks)})`;
  return deny(
    'price_outside_collar',
    `${side} at ${scale.price(priceTicks)} is more than ${Math.round(limits.priceCollar * 10_000) / 100} % beyond ${reference}`,
  );
}

function checkValue(request: OrderRequest, view: RiskView): Denial | null {
  const { scale, limits } = view;
  const minimumTicks = request.priceTicks || request.triggerTicks || (request.side === 'buy' ? view.askTicks : view.bidTicks);
  const atoms = minimumTicks * request.sizeLots;
  if (worstTicks(request, view) * request.sizeLots > MAX_ATOMS) return deny('notional_above_limit', 'the order is too large to be computed exactly; split it');
  // Whatever is left of a position may be closed.
  const isMinimumFree = scale.isPerpetual && request.reduceOnly;
  if (atoms < scale.minAtoms && !isMinimumFree)
    return deny('notional_below_minimum', `value ${scale.quote(atoms)} is below the minimum ${scale.quote(scale.minAtoms)}`);
  if (atoms > limits.maxOrderAtoms)
    return deny('notional_above_limit', `value ${scale.quote(atoms)} is above the limit ${scale.quote(limits.maxOrderAtoms)} for one order`);
  return null;
}

function checkFunds(request: OrderRequest, view: RiskView): Denial | null {
  const { scale } = view;
  if (request.side === 'buy') {
    if (request.reduceOnly) return deny('reduce_only', 'the order may only reduce, and a purchase lessens no holding');
    const free = freeQuoteAtoms(view);
    const need = costAtoms(request, request.sizeLots, view);
    return need <= free
      ? null
      : deny(
          'budget_exceeded',
          `the order needs ${scale.quote(need)} ${scale.instrument.quote}, ${scale.quote(Math.max(0, free))} of the bot's budget is free`,
        );
  }
  const free = freeBaseGrains(view);
  const need = request.sizeLots * GRAINS_PER_LOT;
  return need <= free
    ? null
    : deny('holding_exceeded', `the order sells ${scale.base(need)} ${scale.instrument.base}, ${scale.base(Math.max(0, free))} of the bot's holding is free`);
}

/** Quote the run may still spend: budget plus its cash flow, minus everything open or in doubt at its worst price. Of a perpetual its free margin. */
export function freeQuoteAtoms(view: Pick<RiskView, 'limits' | 'position' | 'orders' | 'bound' | 'feeAsset' | 'scale' | 'bidTicks' | 'askTicks'>): number {
  if (view.scale.isPerpetual) return freeMarginAtoms(view);
  let free = view.limits.budgetAtoms + view.position.quoteAtoms;
  if (view.bound?.uncounted === 0) return free - view.bound.quoteAtoms;
  for (const order of view.orders) if (order.side === 'buy' && !isTerminal(order.state)) free -= costAtoms(order, order.sizeLots - order.filledLots, view);
  return free;
}

/** Base the run may still sell: its holding minus everything offered for sale or in doubt. Of a perpetual what may still be closed. */
export function freeBaseGrains(view: Pick<RiskView, 'scale' | 'position' | 'orders' | 'bound'>): number {
  if (view.scale.isPerpetual) return closableLots(view) * GRAINS_PER_LOT;
  if (view.bound !== undefined) return view.position.baseGrains - view.bound.lots * GRAINS_PER_LOT;
  let free = view.position.baseGrains;
  for (const order of view.orders) if (order.side === 'sell' && !isTerminal(order.state)) free -= (order.sizeLots - order.filledLots) * GRAINS_PER_LOT;
  return free;
}

/** What buying `lots` can cost at most, with the fee where it is taken in quote. */
export function costAtoms(request: OrderRequest, lots: number, view: Pick<RiskView, 'limits' | 'feeAsset' | 'scale' | 'bidTicks' | 'askTicks'>): number {
  const value = worstTicks(request, view) * lots;
  return view.feeAsset === 'quote' ? value + feeOn(value, view.scale.takerFee) : value;
}
