/** Finds beforehand at which bars of a history a rule turns: the same rule as live, fed from columns. */
import type { BarColumns } from './bar-columns.ts';
import type { BarRule } from './bar-rule.ts';
import { seriesOf, unitsOf } from './bar-units.ts';
import type { Bars } from './bars.ts';
import { planFigures } from './figure-plan.ts';
import { openIndicator } from './indicator-batch.ts';
import type { Scale } from './instrument.ts';
import type { ParamsOf, ParamsSpec } from './params.ts';

/** Turns in the sequence of their bars. */
export interface Turns {
  /** Indexes of the bars at whose close the rule turns. */
  readonly bars: readonly number[];
  /** What it says there. */
  readonly values: readonly number[];
}

/** Bars whose figures are computed at once: few enough to stay in the processor's own memory. */
const STRETCH = 2_048;

/** The figures of a rule, a column for each, stretch by stretch. */
interface FigureStretches {
  /** From the beginning of the stretch on. */
  readonly columns: Float64Array[];
  move(from: number, to: number): void;
}

/** Indicators come from `shared` columns where there are any. */
export function findTurns(rule: BarRule, params: ParamsOf<ParamsSpec>, scale: Scale, bars: Bars, shared: BarColumns | null): Turns {
  const { columns, move } = openFigures(rule, params, scale, bars, shared);
  const scan: Scan = { rule, params, columns, figures: new Float64Array(Math.max(2, columns.length)), memory: rule.start(params), bars: [], values: [] };
  for (let from = 0; from < bars.length; from += STRETCH) {
    const to = Math.min(bars.length, from + STRETCH);
    move(from, to);
    scanStretch(scan, from, to);
  }
  return scan;
}

interface Scan extends Turns {
  readonly rule: BarRule;
  readonly params: ParamsOf<ParamsSpec>;
  readonly columns: readonly Float64Array[];
  readonly figures: Float64Array;
  readonly memory: unknown;
  readonly bars: number[];
  readonly values: number[];
}

/** A function of its own, so that the loop is compiled once for all stretches. */
function scanStretch({ rule, params, columns, figures, memory, bars, values }: Scan, from: number, to: number): void {
  const width = columns.length;
  // Most rules look at one figure or two: those are read without a loop.
  const first = columns[0] ?? figures;
  const second = columns[1] ?? first;
  for (let index = 0; index < to - from; index += 1) {
    figures[0] = first[index] as number;
    figures[1] = second[index] as number;
    for (let place = 2; place < width; place += 1) figures[place] = (columns[place] as Float64Array)[index] as number;
    const turn = rule.turn(memory, figures, params);
    if (turn === 0) continue;
    bars.push(from + index);
    values.push(turn);
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
