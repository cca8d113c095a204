/**
 * Automatic actions on a bot: rules that follow each order of its strategy. They are kept in the bot's settings beside the
 * strategy's own, and become a part of each run's recipe, so that a run replays with the rules it began with.
 */
import type { ActionRules, RuleLevel } from '#core/actions/action-state.ts';
import type { RunRules } from '#core/actions/run-actions.ts';
import { AppError } from '#core/errors.ts';
import type { Scale } from '#core/instrument.ts';
import type { Issue } from '#core/params.ts';
import type { RuleName, Strategy } from '#core/strategy.ts';
import type { VenueCapabilities } from '#core/venue-ports.ts';
import { distanceOf, levelOf, stopTypeOf } from '../orders/action-rules.ts';

type Config = Readonly<Record<string, unknown>>;

/** Where the rules stand in a bot's settings; no strategy has a setting of that name. */
const RULES_KEY = 'actions';

export function withRules(settings: Config, rules: ActionRules | null): Config {
  return rules === null ? settings : { ...settings, [RULES_KEY]: rules };
}

/** The strategy's settings of a bot, and its rules. */
export function splitConfig(config: Config): { readonly settings: Config; readonly rules: ActionRules | null } {
  const { [RULES_KEY]: rules = null, ...settings } = config;
  return { settings, rules: rules as ActionRules | null };
}

const FIELDS: Readonly<Record<RuleName, string>> = {
  opposite: 'actions.on_filled',
  placeAgain: 'actions.on_cancelled_by_exchange',
  cancelRest: 'actions.on_partially_filled',
  takeProfit: 'actions.take_profit',
  stopLoss: 'actions.stop_loss',
};

/** Throws AppError `validation_failed` naming rules that cannot follow this strategy's orders, whatever the market is. */
export function checkRules(rules: ActionRules, strategy: Pick<Strategy, 'name' | 'rules'>): void {
  const given: readonly RuleName[] = [
    ...(rules.opposite === null ? [] : (['opposite'] as const)),
    ...(rules.placeAgainTimes === null ? [] : (['placeAgain'] as const)),
    ...(rules.cancelRestAfterSeconds === null ? [] : (['cancelRest'] as const)),
    ...(rules.takeProfit === null ? [] : (['takeProfit'] as const)),
    ...(rules.stopLoss === null ? [] : (['stopLoss'] as const)),
  ];
  const issues: Issue[] = given
    .filter((name) => strategy.rules?.includes(name) !== true)
    .map((name) => ({ field: FIELDS[name], message: `is not possible with the strategy "${strategy.name}", which decides that by itself` }));
  if (given.length === 0) issues.push({ field: 'actions', message: 'must name at least one rule' });
  if (rules.opposite !== null && (rules.takeProfit !== null || rules.stopLoss !== null))
    issues.push({ field: FIELDS.opposite, message: 'contradicts take_profit and stop_loss: both would close the same position' });
  for (const name of ['takeProfit', 'stopLoss'] as const)
    if (isPrice(rules[name])) issues.push({ field: FIELDS[name], message: 'is given in per cent on a bot, because each of its orders has a price of its own' });
  refuse(issues);
}

/** The rules in the engine's integers. Throws AppError `validation_failed`. */
export function planRules(rules: ActionRules, scale: Scale, capabilities: VenueCapabilities): RunRules {
  const issues: Issue[] = [];
  const planned = {
    opposite: distanceOf(rules.opposite, scale, issues),
    placeAgainTimes: rules.placeAgainTimes ?? 0,
    cancelRestAfterMs: rules.cancelRestAfterSeconds === null ? null : rules.cancelRestAfterSeconds * 1_000,
    takeProfit: levelOf(FIELDS.takeProfit, rules.takeProfit, scale, issues),
    stopLoss: levelOf(FIELDS.stopLoss, rules.stopLoss, scale, issues),
    stopType: stopTypeOf(capabilities),
  };
  refuse(issues);
  return planned;
}

function isPrice(level: RuleLevel | null): boolean {
  return level?.kind === 'price';
}

function refuse(issues: readonly Issue[]): void {
  if (issues.length > 0) throw new AppError('validation_failed', issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
}
