/**
 * The part of the risk gate that is about perpetuals: a run's budget is its margin. What position and orders could come to at
 * worst, in the worse of both directions and divided by the leverage, and the fees must fit what the margin is worth now.
 */
import { feeOn, GRAINS_PER_LOT } from './instrument.ts';
import { isTerminal, type Order, type OrderRequest, type Side } from './order.ts';
import { floatingAtoms } from './position.ts';
import { type Denial, deny, type RiskView, worstTicks } from './risk-view.ts';

export type MarginView = Pick<RiskView, 'scale' | 'limits' | 'position' | 'orders' | 'bidTicks' | 'askTicks'>;

/** Signed lots of the position; whole, as only fills move it. */
export function positionLots({ position }: Pick<RiskView, 'position'>): number {
  return Math.round(position.baseGrains / GRAINS_PER_LOT);
}

/** Lots that orders which may only reduce can still be placed for. */
export function closableLots(view: Pick<RiskView, 'position' | 'orders'>): number {
  const lots = positionLots(view);
  const side = closingSide(lots);
  let free = Math.abs(lots);
  for (const order of view.orders) if (order.reduceOnly && order.side === side) free -= openLots(order);
  return free;
}

/** The side that lessens a position; a flat one is lessened by none. */
export function closingSide(lots: number): Side | null {
  return lots > 0 ? 'sell' : lots < 0 ? 'buy' : null;
}

/** Margin that is neither lost nor bound, in atoms: what the budget is worth at the present price, less what position and orders need. */
export function freeMarginAtoms(view: MarginView): number {
  const { marginAtoms, feeAtoms } = exposureOf(view, null);
  return equityAtoms(view) - marginAtoms - feeAtoms;
}

export function checkMargin(request: OrderRequest, view: RiskView): Denial | null {
  if (request.reduceOnly) return checkReduceOnly(request, view);
  const { scale } = view;
  const before = exposureOf(view, null);
  const after = exposureOf(view, request);
  // Whatever has been lost: an order that only closes may pass.
  if (after.marginAtoms <= before.marginAtoms) return null;
  const free = equityAtoms(view) - before.marginAtoms - before.feeAtoms;
  const need = after.marginAtoms + after.feeAtoms - before.marginAtoms - before.feeAtoms;
  return need <= free
    ? null
    : deny(
        'budget_exceeded',
        `the order needs ${scale.quote(need)} ${scale.instrument.settle} of margin, ${scale.quote(Math.max(0, free))} of the bot's budget is free`,
      );
}

/** While a run is only to reduce: the order and all others of its side together must not be more than the position. */
export function checkReducing(request: OrderRequest, view: RiskView): Denial | null {
  const lots = positionLots(view);
  let closing = request.sizeLots;
  for (const order of view.orders) if (order.side === request.side) closing += openLots(order);
  return closingSide(lots) === request.side && closing <= Math.abs(lots) ? null : deny('reduce_only', 'only orders that lessen the position may be placed now');
}

function checkReduceOnly(request: OrderRequest, view: RiskView): Denial | null {
  const { scale } = view;
  const lots = positionLots(view);
  if (closingSide(lots) !== request.side)
    return deny('reduce_only', `the order may only reduce, and a position of ${scale.size(lots)} is not lessened by a ${request.side}`);
  const free = closableLots(view);
  return request.sizeLots <= free
    ? null
    : deny(
        'reduce_only',
        `the order may only reduce: ${scale.size(request.sizeLots)} is more than the ${scale.size(Math.max(0, free))} that no other order closes yet`,
      );
}

/** What the budget is worth: with what was earned and lost, and what the position has lost so far; a profit counts when it is taken. */
function equityAtoms({ limits, position, bidTicks, askTicks }: MarginView): number {
  const floating = floatingAtoms(position, position.baseGrains >= 0 ? bidTicks : askTicks);
  return limits.budgetAtoms + position.quoteAtoms + position.costAtoms + Math.min(0, floating);
}

interface Offered {
  lots: number;
  atoms: number;
  highestTicks: number;
}

function exposureOf(view: MarginView, more: OrderRequest | null): { readonly marginAtoms: number; readonly feeAtoms: number } {
  const { position, limits, scale } = view;
  const buys: Offered = { lots: 0, atoms: 0, highestTicks: 0 };
  const sells: Offered = { lots: 0, atoms: 0, highestTicks: 0 };
  for (const order of view.orders) if (!order.reduceOnly) offer(order.side === 'buy' ? buys : sells, order, openLots(order), view);
  if (more !== null) offer(more.side === 'buy' ? buys : sells, more, more.sizeLots, view);
  const lots = positionLots(view);
  const held = Math.abs(position.costAtoms);
  const long = (lots > 0 ? held : 0) + added(buys, -lots);
  const short = (lots < 0 ? held : 0) + added(sells, lots);
  return {
    marginAtoms: Math.ceil(Math.max(held, long, short) / (limits.leverage ?? 1)),
    feeAtoms: feeOn(buys.atoms + sells.atoms, scale.takerFee),
  };
}

function offer(offered: Offered, request: OrderRequest, lots: number, view: MarginView): void {
  // A sale is margined by what it brings at best: that is what a short could cost to buy back.
  const ticks = request.side === 'buy' ? worstTicks(request, view) : Math.max(request.priceTicks, request.triggerTicks, view.bidTicks);
  offered.lots += lots;
  offered.atoms += ticks * lots;
  offered.highestTicks = Math.max(offered.highestTicks, ticks);
}

/** What a side's orders could add beyond closing `opposite` lots: never more than all of them, nor than the dearest that are left. */
function added({ lots, atoms, highestTicks }: Offered, opposite: number): number {
  const opening = lots - Math.max(0, opposite);
  return opening <= 0 ? 0 : Math.min(atoms, opening * highestTicks);
}

function openLots(order: Order): number {
  return isTerminal(order.state) ? 0 : order.sizeLots - order.filledLots;
}
