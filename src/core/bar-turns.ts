/** Finds beforehand at which bars of a history a rule turns: the same rule as live, fed from columns. */
import type { BarColumns } from './bar-columns.ts';
import type { BarRule } from './bar-rule.ts';
import { unitsOf } from './bar-watch.ts';
import { planFigures } from './figure-plan.ts';
import type { Scale } from './instrument.ts';
import type { ParamsOf, ParamsSpec } from './params.ts';

/** Turns in the sequence of their bars. */
export interface Turns {
  /** Indexes of the bars at whose close the rule turns. */
  readonly bars: readonly number[];
  /** What it says there. */
  readonly values: readonly number[];
}

export function findTurns(rule: BarRule, params: ParamsOf<ParamsSpec>, scale: Scale, columns: BarColumns): Turns {
  const units = unitsOf(rule, scale);
  const plan = planFigures(rule.figures(params));
  const figures = new Float64Array(plan.length);
  for (const { place, value } of plan.numbers) figures[place] = value;
  const places: number[] = [];
  const read: Float64Array[] = [];
  for (const { place, field } of plan.fields) {
    places.push(place);
    read.push(columns.series(units)[field]);
  }
  for (const source of plan.sources) {
    const made = columns.indicator(source, units);
    for (const { place, output } of source.places) {
      places.push(place);
      read.push(made[output] ?? figures);
    }
  }
  const memory = rule.start(params);
  const bars: number[] = [];
  const values: number[] = [];
  for (let index = 0; index < columns.bars.length; index += 1) {
    for (let each = 0; each < read.length; each += 1) figures[places[each] as number] = (read[each] as Float64Array)[index] as number;
    const turn = rule.turn(memory, figures, params);
    if (turn === 0) continue;
    bars.push(index);
    values.push(turn);
  }
  return { bars, values };
}
