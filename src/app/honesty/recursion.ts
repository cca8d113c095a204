/**
 * How long the figures of a strategy depend on where its history began: they are computed from several beginnings and laid beside
 * those of the whole history, until they are the same. A bot that starts with fewer bars sees other figures than its backtest.
 */

import { Turns } from '#core/bars/bar-turns.ts';
import { seriesOf, unitsOf } from '#core/bars/bar-units.ts';
import type { Bars } from '#core/bars/bars.ts';
import { planFigures } from '#core/figure-plan.ts';
import { runIndicator } from '#core/indicator-batch.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import { parseParams } from '#core/params.ts';
import type { Strategy } from '#core/strategy.ts';
import { makeBars } from '../backtest/made-bars.ts';
import { barsBetween } from '../optimize/trial-history.ts';

/** Beginnings that are tried. */
export const BEGINNINGS = 5;
/** Figures this near, as a share, lead to other decisions only by a rare chance. */
export const NEAR = 0.001;

export interface FigureRecursion {
  /** Such as `ema(50, close)`, with the name of its output where it has several. */
  readonly figure: string;
  /** Bars until it is within {@link NEAR} and stays there, and until it is the same to the last bit; `null` where it never is. Of all beginnings the longest. */
  readonly barsUntilNear: number | null;
  readonly barsUntilSame: number | null;
}

export interface RecursionReport {
  readonly strategy: string;
  /** Bars the strategy asks for before it decides; `null` where it asks for none. */
  readonly warmUp: number | null;
  /** Empty for a strategy without a rule over bars: it has no memory of them. */
  readonly figures: readonly FigureRecursion[];
  /** Bars, after those it asks for, at which it said otherwise than over the whole history. */
  readonly otherTurns: number;
}

export interface RecursionSubject {
  readonly strategy: Strategy;
  readonly config: unknown;
  readonly instrument: Instrument;
  readonly bars: Bars;
}

export function recursion({ strategy, config, instrument, bars: history }: RecursionSubject): RecursionReport {
  const { rule } = strategy;
  const parsed = parseParams(strategy.params, config);
  if (rule === undefined || !parsed.ok) return { strategy: strategy.name, warmUp: null, figures: [], otherTurns: 0 };
  const [wanted] = strategy.bars?.(parsed.value) ?? [];
  const bars = wanted === undefined ? history : makeBars(history, wanted.intervalMs).bars;
  const scale = new Scale(instrument);
  const units = unitsOf(rule, scale);
  const begins = Array.from({ length: BEGINNINGS }, (_, index) => Math.floor(((index + 1) * bars.length) / (2 * BEGINNINGS)));
  const parts = begins.map((begin) => barsBetween(bars, begin, bars.length));
  const [wholeSeries, partSeries] = [seriesOf(bars, units), parts.map((part) => seriesOf(part, units))];
  const figures = planFigures(rule.figures(parsed.value)).sources.flatMap(({ indicator, settings, field, key, outputs }) => {
    const whole = runIndicator(indicator, settings, wholeSeries, field);
    const cut = partSeries.map((series) => runIndicator(indicator, settings, series, field));
    return [...new Set(outputs)].map((output): FigureRecursion => {
      const pairs = cut.map((columns, index) => ({ whole: (whole[output] ?? EMPTY).subarray(begins[index]), part: columns[output] ?? EMPTY }));
      return {
        figure: indicator.outputs.length === 1 ? key : `${key}.${output}`,
        barsUntilNear: longest(pairs.map((pair) => barsUntil(pair, NEAR))),
        barsUntilSame: longest(pairs.map((pair) => barsUntil(pair, 0))),
      };
    });
  });
  const turnsOf = (of: Bars) => saidBy(new Turns(rule, parsed.value, scale, of, null));
  const whole = turnsOf(bars);
  const warmUp = wanted?.warmUp ?? 0;
  const otherTurns = parts.reduce((sum, part, index) => sum + differences(whole, turnsOf(part), begins[index] ?? 0, warmUp), 0);
  return { strategy: strategy.name, warmUp: wanted?.warmUp ?? null, figures, otherTurns };
}

const EMPTY = new Float64Array(0);

interface Pair {
  readonly whole: Float64Array;
  readonly part: Float64Array;
}

/** Bars after which both stay within a share of each other; `null` where they do not before the end. */
function barsUntil({ whole, part }: Pair, share: number): number | null {
  for (let index = part.length - 1; index >= 0; index -= 1) {
    const [one, other] = [whole[index] as number, part[index] as number];
    const isNear = Object.is(one, other) || Math.abs(one - other) <= share * Math.abs(one);
    if (!isNear) return index === part.length - 1 ? null : index + 1;
  }
  return 0;
}

function longest(counts: readonly (number | null)[]): number | null {
  return counts.some((count) => count === null) ? null : Math.max(0, ...counts.map((count) => count ?? 0));
}

/** What a rule says, by the bars at which it says it. */
function saidBy(turns: Turns): ReadonlyMap<number, number> {
  const said = new Map<number, number>();
  for (; turns.bar < Number.POSITIVE_INFINITY; turns.next()) said.set(turns.bar, turns.value);
  return said;
}

/** Bars from `warmUp` after the beginning on at which one turns and the other does not, or otherwise. */
function differences(whole: ReadonlyMap<number, number>, part: ReadonlyMap<number, number>, begin: number, warmUp: number): number {
  const warm = (said: ReadonlyMap<number, number>, shift: number) =>
    new Map([...said].map(([bar, turn]) => [bar + shift, turn] as const).filter(([bar]) => bar >= begin + warmUp));
  const [one, other] = [warm(whole, 0), warm(part, begin)];
  return [...new Set([...one.keys(), ...other.keys()])].filter((bar) => one.get(bar) !== other.get(bar)).length;
}
