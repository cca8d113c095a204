/**
 * Rules that the user of a simulated world gives with an order: every kind of automatic action, at distances the price
 * walks within a world's life.
 */
import type { ActionRules, RuleLevel } from '#core/actions/action-state.ts';
import type { Scale } from '#core/instrument.ts';
import type { Side } from '#core/order.ts';
import type { Random } from '../venues/_random.ts';

export interface Entry {
  readonly side: Side;
  readonly canRest: boolean;
  readonly scale: Scale;
  /** About where the order will trade. */
  readonly bidTicks: number;
}

/** What a grid leaves to its user. */
export const PLACE_AGAIN: ActionRules = { opposite: null, placeAgainTimes: 2, cancelRestAfterSeconds: null, takeProfit: null, stopLoss: null };

/** Rules of a bot: in per cent, because each of its orders has a price of its own. */
export function drawBotRules(random: Random): ActionRules {
  const rules = {
    ...PLACE_AGAIN,
    placeAgainTimes: random() < 0.5 ? 1 + Math.floor(random() * 3) : null,
    cancelRestAfterSeconds: random() < 0.4 ? 1 + Math.floor(random() * 20) : null,
  };
  const dice = random();
  if (dice < 0.3) return { ...rules, opposite: percent(random) };
  return { ...rules, takeProfit: dice < 0.75 ? percent(random) : null, stopLoss: dice > 0.5 ? percent(random) : null };
}

export function drawRules(random: Random, entry: Entry): ActionRules {
  const rules = {
    opposite: null,
    placeAgainTimes: entry.canRest && random() < 0.5 ? 1 + Math.floor(random() * 3) : null,
    cancelRestAfterSeconds: entry.canRest && random() < 0.3 ? 1 + Math.floor(random() * 20) : null,
    takeProfit: null,
    stopLoss: null,
  };
  const dice = random();
  if (dice < 0.3)
    return { ...rules, opposite: random() < 0.5 ? { kind: 'step', step: entry.scale.price(200 + Math.floor(random() * 3_000)) } : percent(random) };
  const takeProfit = dice < 0.75 ? level(random, entry, entry.side === 'buy') : null;
  const stopLoss = dice > 0.5 ? level(random, entry, entry.side !== 'buy') : null;
  return { ...rules, takeProfit, stopLoss };
}

function percent(random: Random): { readonly kind: 'percent'; readonly percent: string } {
  return { kind: 'percent', percent: (0.1 + random() * 0.9).toFixed(2) };
}

function level(random: Random, { scale, bidTicks }: Entry, isUp: boolean): RuleLevel {
  if (random() < 0.6) return percent(random);
  const away = 600 + Math.floor(random() * 6_000);
  return { kind: 'price', price: scale.price(isUp ? bidTicks + away : bidTicks - away) };
}
