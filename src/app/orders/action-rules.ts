/**
 * Turns the rules a user gives with an order into a plan in the engine's integers, refusing by field what could not work at
 * this market: so that nothing is placed whose take profit or stop loss could never follow.
 */
import type { ActionPlan, ActionRules, Distance, Level, RuleLevel } from '#core/actions/action-state.ts';
import { AppError } from '#core/errors.ts';
import { feeOn, type Instrument, Scale } from '#core/instrument.ts';
import { type DecimalString, decimal, parseDecimal } from '#core/money.ts';
import type { Issue } from '#core/params.ts';
import type { Quote, VenueCapabilities } from '#core/venue-ports.ts';
import type { OrderTicket } from './order-checks.ts';

/** How often the rest of an order may be placed again. */
export const MAX_PLACE_AGAIN = 10;
/** How long the rest of a partially filled order may be left, in seconds. */
export const MAX_REST_SECONDS = 604_800;
/** Percents have up to four decimals. */
const MILLIONTHS_PER_PERCENT = 10_000;
const MAX_PERCENT = 1_000;

/** Throws AppError `validation_failed` naming fields below `actions`. */
export function planActions(rules: ActionRules, ticket: OrderTicket, instrument: Instrument, quote: Quote, capabilities: VenueCapabilities): ActionPlan {
  const scale = new Scale(instrument);
  const issues: Issue[] = [...checkKinds(rules, ticket)];
  const plan: ActionPlan = {
    instrument,
    entry: {
      side: ticket.side,
      type: ticket.type,
      priceTicks: ticket.price === null ? 0 : scale.ticks(ticket.price, 'nearest'),
      triggerTicks: ticket.triggerPrice === null ? 0 : scale.ticks(ticket.triggerPrice, 'nearest'),
      sizeLots: scale.lots(ticket.quantity, 'nearest'),
      timeInForce: ticket.timeInForce,
      postOnly: ticket.postOnly,
      reduceOnly: ticket.reduceOnly,
    },
    placeAgainTimes: rules.placeAgainTimes ?? 0,
    cancelRestAfterMs: rules.cancelRestAfterSeconds === null ? null : rules.cancelRestAfterSeconds * 1_000,
    opposite: distanceOf(rules.opposite, scale, issues),
    takeProfit: levelOf('actions.take_profit', rules.takeProfit, scale, issues),
    stopLoss: levelOf('actions.stop_loss', rules.stopLoss, scale, issues),
    stopType: stopTypeOf(capabilities),
    minLots: scale.minLots,
    minAtoms: scale.minAtoms,
    minTicks: scale.minTicks,
    maxTicks: scale.maxTicks,
  };
  if (issues.length === 0) issues.push(...checkExits(plan, ticket, scale, quote));
  if (issues.length > 0) throw new AppError('validation_failed', issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
  return plan;
}

function checkKinds(rules: ActionRules, ticket: OrderTicket): Issue[] {
  const issues: Issue[] = [];
  const canRest = ticket.timeInForce === 'gtc' && ticket.type !== 'market';
  const hasExit = rules.opposite !== null || rules.takeProfit !== null || rules.stopLoss !== null;
  if (!hasExit && rules.placeAgainTimes === null && rules.cancelRestAfterSeconds === null)
    issues.push({ field: 'actions', message: 'must name at least one rule' });
  if (rules.opposite !== null && (rules.takeProfit !== null || rules.stopLoss !== null))
    issues.push({ field: 'actions.on_filled', message: 'contradicts take_profit and stop_loss: both would close the same position' });
  if (rules.placeAgainTimes !== null && !(ticket.type === 'limit' && canRest))
    issues.push({ field: 'actions.on_cancelled_by_exchange', message: 'is possible for limit orders that are good till cancelled only' });
  if (rules.cancelRestAfterSeconds !== null && !canRest)
    issues.push({ field: 'actions.on_partially_filled', message: 'is possible only for orders that can rest' });
  if (hasExit && ticket.reduceOnly)
    issues.push({ field: 'actions', message: 'contradict reduce_only: an order that closes a position opens nothing to be closed' });
  return issues;
}

/** Each exit must lie on its side of the price, inside the market's range, and be large enough for an order of its own. */
function checkExits(plan: ActionPlan, ticket: OrderTicket, scale: Scale, quote: Quote): Issue[] {
  const issues: Issue[] = [];
  const market = scale.ticks(ticket.side === 'buy' ? quote.ask : quote.bid, 'nearest');
  const entryTicks = plan.entry.priceTicks > 0 ? plan.entry.priceTicks : plan.entry.triggerTicks > 0 ? plan.entry.triggerTicks : market;
  const grains = plan.entry.sizeLots * 10_000;
  const heldLots = Math.floor((plan.entry.side === 'buy' ? grains - feeOn(grains, scale.takerFee) : grains) / 10_000);
  const check = (field: string, ticks: number | null, gains: boolean): void => {
    if (ticks === null) return;
    const isAbove = (plan.entry.side === 'buy') === gains;
    if (isAbove ? ticks <= entryTicks : ticks >= entryTicks)
      issues.push({
        field,
        message: `must be ${isAbove ? 'above' : 'below'} the price of the order, ${scale.price(entryTicks)}, got ${scale.price(Math.max(0, ticks))}`,
      });
    else if (ticks < plan.minTicks || ticks > plan.maxTicks) issues.push({ field, message: 'leads to a price outside what the exchange takes' });
    else if (heldLots < plan.minLots || heldLots * ticks < plan.minAtoms)
      issues.push({ field, message: 'would be too small for an order of its own at this exchange; the order must be larger' });
  };
  check('actions.on_filled', plan.opposite === null ? null : ticksOf(plan.opposite, entryTicks, plan.entry.side === 'buy'), true);
  check('actions.take_profit', plan.takeProfit === null ? null : ticksOf(plan.takeProfit, entryTicks, plan.entry.side === 'buy'), true);
  check('actions.stop_loss', plan.stopLoss === null ? null : ticksOf(plan.stopLoss, entryTicks, plan.entry.side !== 'buy'), false);
  return issues;
}

function ticksOf(wanted: Distance | Level, entryTicks: number, isUp: boolean): number {
  if (wanted.kind === 'price') return wanted.ticks;
  const away = wanted.kind === 'ticks' ? wanted.ticks : Math.ceil((entryTicks * wanted.millionths) / 1_000_000);
  return isUp ? entryTicks + away : entryTicks - away;
}

/** How a stop loss can rest at a venue. */
export function stopTypeOf({ orderTypes }: VenueCapabilities): ActionPlan['stopType'] {
  return (['stopMarket', 'stopLimit'] as const).find((type) => orderTypes.includes(type)) ?? null;
}

/** A step in ticks or as a share; adds to `issues` what does not fit the market. */
export function distanceOf(rule: ActionRules['opposite'], scale: Scale, issues: Issue[]): Distance | null {
  const field = 'actions.on_filled';
  if (rule === null) return null;
  if (rule.kind === 'percent') return { kind: 'share', millionths: millionthsOf(field, rule.percent, issues) };
  if (!scale.isPriceAligned(rule.step))
    issues.push({ field, message: `step must be a multiple of ${scale.instrument.priceIncrement} ${scale.instrument.quote}, got ${rule.step}` });
  return { kind: 'ticks', ticks: ticksOrIssue(field, rule.step, scale, issues) };
}

/** A level in ticks or as a share; adds to `issues` what does not fit the market. */
export function levelOf(field: string, rule: RuleLevel | null, scale: Scale, issues: Issue[]): Level | null {
  if (rule === null) return null;
  if (rule.kind === 'percent') return { kind: 'share', millionths: millionthsOf(field, rule.percent, issues) };
  if (!scale.isPriceAligned(rule.price))
    issues.push({ field, message: `must be a multiple of ${scale.instrument.priceIncrement} ${scale.instrument.quote}, got ${rule.price}` });
  return { kind: 'price', ticks: ticksOrIssue(field, rule.price, scale, issues) };
}

/** Too large to be counted exactly is an issue, not a failure. */
function ticksOrIssue(field: string, price: DecimalString, scale: Scale, issues: Issue[]): number {
  try {
    return scale.ticks(price, 'nearest');
  } catch {
    issues.push({ field, message: `is too large: ${price}` });
    return 0;
  }
}

function millionthsOf(field: string, percent: DecimalString, issues: Issue[]): number {
  const parsed = parseDecimal(percent);
  const millionths = parsed.ok ? decimal(percent).times(MILLIONTHS_PER_PERCENT) : null;
  if (millionths?.isInteger() === true && millionths.gt(0) && millionths.lte(MAX_PERCENT * MILLIONTHS_PER_PERCENT)) return millionths.toNumber();
  issues.push({ field, message: `percent must be above 0, at most ${MAX_PERCENT}, with up to 4 decimals, got ${percent}` });
  return 1;
}
