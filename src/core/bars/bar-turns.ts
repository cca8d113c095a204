/** Finds at which bars of a history a rule turns, ahead of whoever goes over it: the same rule as live, fed from columns. */

import { planFigures } from '../figure-plan.ts';
import { openIndicator } from '../indicator-batch.ts';
import type { Scale } from '../instrument.ts';
import type { ParamsOf, ParamsSpec } from '../params.ts';
import type { BarColumns } from './bar-columns.ts';
import type { BarRule } from './bar-rule.ts';
import { seriesOf, unitsOf } from './bar-units.ts';
import type { Bars } from './bars.ts';

/** Bars whose figures are computed at once: few enough to stay in the processor's own memory. */
const STRETCH = 2_048;

/** The figures of a rule, a column for each, stretch by stretch. */
interface FigureStretches {
  /** From the beginning of the stretch on. */
  readonly columns: Float64Array[];
  move(from: number, to: number): void;
}

const NEVER = Number.POSITIVE_INFINITY;

/** The turns of a rule over a history, in the sequence of their bars. */
export class Turns {
  /** Index of the bar at whose close the rule turns next; infinity where it does not turn any more. */
  bar = -1;
  /** What it says there. */
  value = 0;
  readonly #rule: BarRule;
  readonly #params: ParamsOf<ParamsSpec>;
  readonly #length: number;
  readonly #stretches: FigureStretches;
  readonly #figures: Float64Array;
  readonly #memory: unknown;
  /** The stretch in hand. */
  #from = 0;
  #to = 0;

  /** Indicators come from `shared` columns where there are any. */
  constructor(rule: BarRule, params: ParamsOf<ParamsSpec>, scale: Scale, bars: Bars, shared: BarColumns | null) {
    this.#rule = rule;
    this.#params = params;
    this.#length = bars.length;
    this.#stretches = openFigures(rule, params, scale, bars, shared);
    this.#figures = new Float64Array(Math.max(2, this.#stretches.columns.length));
    this.#memory = rule.start(params);
    this.next();
  }

  /** Goes on to the turn after this one. The bars up to it have just been read, so whoever goes over them finds them near. */
  next(): void {
    let from = this.bar + 1;
    for (;;) {
      if (from < this.#to) {
        const place = this.#scan(from - this.#from, this.#to - this.#from);
        this.bar = this.#from + place;
        if (this.bar < this.#to) return;
      }
      if (this.#to === this.#length) break;
      this.#from = this.#to;
      this.#to = Math.min(this.#length, this.#from + STRETCH);
      this.#stretches.move(this.#from, this.#to);
      from = this.#from;
    }
    this.bar = NEVER;
  }

  /** The first place from `from` on at which the rule turns; `to` where there is none. */
  #scan(from: number, to: number): number {
    const rule = this.#rule;
    const memory = this.#memory;
    const figures = this.#figures;
    const { columns } = this.#stretches;
    const width = columns.length;
    // Most rules look at one figure or two: those are read without a loop.
    const first = columns[0] ?? figures;
    const second = columns[1] ?? first;
    for (let index = from; index < to; index += 1) {
      if (rule.quiet !== undefined) index = rule.quiet(memory, columns, index, to);
      if (index >= to) break;
      figures[0] = first[index] as number;
      figures[1] = second[index] as number;
      for (let place = 2; place < width; place += 1) figures[place] = (columns[place] as Float64Array)[index] as number;
      this.value = rule.turn(memory, figures, this.#params);
      if (this.value !== 0) return index;
    }
    return to;
  }
}

function openFigures(rule: BarRule, params: ParamsOf<ParamsSpec>, scale: Scale, bars: Bars, shared: BarColumns | null): FigureStretches {
  const units = unitsOf(rule, scale);
  const series = shared?.series(units) ?? seriesOf(bars, units);
  const plan = planFigures(rule.figures(params));
  const columns: Float64Array[] = Array.from({ length: plan.length }, () => new Float64Array(STRETCH));
  for (const { place, value } of plan.numbers) columns[place]?.fill(value);
  const whole = plan.fields.map(({ place, field }) => ({ place, column: series[field] }));
  const moves: ((from: number, to: number) => void)[] = [];
  for (const source of plan.sources) {
    if (shared === null) {
      const fill = openIndicator(source.indicator, source.settings, series, source.field, source.outputs);
      const into = source.places.map((place) => columns[place] as Float64Array);
      moves.push((from, to) => fill(from, to, into));
      continue;
    }
    const made = shared.indicator(source, units);
    for (const [index, place] of source.places.entries()) {
      const column = made[source.outputs[index] as string];
      if (column !== undefined) whole.push({ place, column });
    }
  }
  moves.push((from, to) => {
    for (const { place, column } of whole) columns[place] = column.subarray(from, to);
  });
  return {
    columns,
    move: (from, to) => {
      for (const each of moves) each(from, to);
    },
  };
}
