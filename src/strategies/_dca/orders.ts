/**
 * Which orders a deal wants at this moment: its base order, the nearest safety orders, its take profits, or its way out.
 */

import { isClosable, isTradable, wholeLots } from '#core/executors/amounts.ts';
import { closingSideOf, hurriedTicks, isAsGood, isShort, openingSideOf } from '#core/executors/directions.ts';
import { shareOut } from '#core/executors/net-prices.ts';
import { isIdle, liveOrder } from '#core/executors/order-board.ts';
import type { WantedOrder } from '#core/executors/wanted-orders.ts';
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Context } from '#core/strategy.ts';
import { baseTicks, type DcaState, type Deal } from './deal.ts';
import { profitSteps, profitTicks } from './ladder.ts';
import type { DcaParams } from './params.ts';

/** The strategy of one run as its functions pass it around. */
export interface Dca {
  readonly context: Context;
  readonly state: DcaState;
  readonly params: DcaParams;
}

export const BASE_KEY = 'base';
export const ADD_KEY = 'add';
export const EXIT_KEY = 'exit';
const SAFETY_KEY = 'safety:';
const PROFIT_KEY = 'profit:';

/** The step an order of a key belongs to, counted from 0; `null` for orders of another purpose. */
export function safetyStepOf(key: string): number | null {
  return key.startsWith(SAFETY_KEY) ? Number(key.slice(SAFETY_KEY.length)) - 1 : null;
}

export function profitStepOf(key: string): number | null {
  return key.startsWith(PROFIT_KEY) ? Number(key.slice(PROFIT_KEY.length)) - 1 : null;
}

export function wantedOrders(dca: Dca, deal: Deal): readonly WantedOrder[] {
  switch (deal.stage) {
    case 'opening':
      return baseOrder(dca, deal);
    case 'open':
      return [...profitOrders(dca, deal), ...safetyOrders(dca, deal), ...addedOrder(dca, deal)];
    case 'winding':
      return profitOrders(dca, deal);
    case 'leaving':
      // Everything is closed with one order, once nothing else holds any of it.
      return isIdle(dca.state.board) || liveOrder(dca.state.board, EXIT_KEY) !== undefined ? exitOrder(dca, deal) : [];
    case 'dropping':
      return [];
  }
}

/** What is left of the base order. A price that has run away buys fewer lots, so that it never spends more than it was given. */
export function baseOrder({ context, params }: Dca, { base }: Deal): readonly [] | readonly [WantedOrder] {
  const isResting = params.base_order_type === 'limit';
  const hurried = hurriedTicks(params, context);
  const ticks = isResting || !isAsGood(params, hurried, base.limitTicks) ? base.limitTicks : hurried;
  const rest = base.lots - base.filledLots;
  const lots = isShort(params) ? rest : Math.min(rest, Math.floor((base.lots * base.limitTicks - base.filledAtoms) / ticks));
  return isTradable(context, lots, base.limitTicks) ? [{ key: BASE_KEY, side: openingSideOf(params), how: isResting ? 'rest' : 'take', ticks, lots }] : [];
}

/** The nearest safety orders that still have something to buy, as many as may stand at once. */
function safetyOrders({ context, params }: Dca, deal: Deal): readonly WantedOrder[] {
  const most = params.active_safety_orders ?? deal.safety.length;
  const wanted: WantedOrder[] = [];
  for (const [index, step] of deal.safety.entries()) {
    if (wanted.length >= most) break;
    const lots = step.lots - step.filledLots;
    if (isTradable(context, lots, step.ticks))
      wanted.push({ key: `${SAFETY_KEY}${index + 1}`, side: openingSideOf(params), how: 'rest', ticks: step.ticks, lots });
  }
  return wanted;
}

function addedOrder({ context, params }: Dca, deal: Deal): readonly WantedOrder[] {
  const ticks = hurriedTicks(params, context);
  const lots = Math.floor(deal.addAtoms / ticks);
  return isTradable(context, lots, ticks) ? [{ key: ADD_KEY, side: openingSideOf(params), how: 'take', ticks, lots }] : [];
}

/** The take-profit orders for what a deal holds. */
export function profitOrders({ context, params }: Dca, deal: Deal): readonly WantedOrder[] {
  const steps = profitLevels({ context, params }, deal);
  const isFollowed = params.trailing_take_profit_percent !== null;
  const lots = shareOut(
    profitSteps(params).map(({ share }, index) => ({ share, soldLots: deal.profits[index]?.soldLots ?? 0 })),
    wholeLots(deal.heldGrains),
    (index, each) => isClosable(context, each, steps[index] ?? 0),
  );
  return steps.flatMap((ticks, index): readonly WantedOrder[] => {
    const each = lots[index] ?? 0;
    // The last step of a trailing take profit is watched, not placed.
    if (each === 0 || (isFollowed && index === steps.length - 1)) return [];
    return isClosable(context, each, ticks)
      ? [{ key: `${PROFIT_KEY}${index + 1}`, side: closingSideOf(params), how: 'rest', ticks, lots: each, isClosing: true }]
      : [];
  });
}

/** Prices of the take-profit steps, in ticks. */
export function profitLevels({ context, params }: Pick<Dca, 'context' | 'params'>, deal: Deal): readonly number[] {
  if (deal.base.filledLots === 0) return [];
  return profitSteps(params).map(({ percent }) => profitTicks(params, percent, deal.bought, baseTicks(deal), context.scale));
}

function exitOrder({ params }: Dca, deal: Deal): readonly WantedOrder[] {
  return [{ key: EXIT_KEY, side: closingSideOf(params), how: 'market', ticks: 0, lots: wholeLots(deal.heldGrains), isClosing: true }];
}

/** Whether what a deal holds could be closed at all at a price. */
export function isSellable({ context }: Pick<Dca, 'context'>, deal: Deal, ticks: number): boolean {
  return isClosable(context, Math.floor(deal.heldGrains / GRAINS_PER_LOT), ticks);
}
