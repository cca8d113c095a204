/** When a grid that waits for conditions begins: the watch over the closes of its timeframe. */
import type { BarRule } from '#core/bars/bar-rule.ts';
import { BarWatch } from '#core/bars/bar-watch.ts';
import { type ConditionsMemory, conditionFigures, conditionsHold, conditionsOf, startConditions } from '#core/indicator-conditions.ts';
import type { Scale } from '#core/instrument.ts';
import type { StrategyEvent } from '#core/strategy.ts';
import type { GRID_PARAMS, GridParams } from './params.ts';

export type BarEvent = Extract<StrategyEvent, { readonly type: 'barClosed' }>;

const RULE: BarRule<typeof GRID_PARAMS, ConditionsMemory> = {
  prices: 'quote',
  figures: (params) => conditionFigures(conditionsOf(params.start_conditions)),
  start: (params) => startConditions(conditionsOf(params.start_conditions)),
  turn: (memory, figures, params) => (conditionsHold(conditionsOf(params.start_conditions), memory, figures) ? 1 : 0),
};

const watches = new WeakMap<GridParams, BarWatch>();

/** The watch of a run's settings; what it remembers is in the state of the run. */
export function startWatch(params: GridParams, scale: Scale): BarWatch {
  const known = watches.get(params);
  if (known !== undefined) return known;
  const watch = new BarWatch(RULE as BarRule, params, scale);
  watches.set(params, watch);
  return watch;
}
