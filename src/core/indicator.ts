/**
 * The contract of an indicator: one file that declares its settings, how long it must warm up, and one step of it.
 * Streaming comes first: the batch of {@link #core/indicator-batch.ts} is this step over a column, or a loop of the
 * indicator's own that gives the same figures to the last bit. State is plain data that survives JSON; nothing looks ahead of the bar in hand.
 */
import type { Text } from './params.ts';

/** One closed bar as indicators see it. Prices and volume in whatever unit the caller uses throughout; `at` is the closing time. */
export interface IndicatorBar {
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** A setting of an indicator: a number within bounds. */
export interface IndicatorSetting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
}

export type IndicatorSpec = Readonly<Record<string, IndicatorSetting>>;
export type SettingsOf<Spec extends IndicatorSpec> = { readonly [Name in keyof Spec]: number };

/** One figure, or several by name. */
export type Reading = number | Readonly<Record<string, number>>;

/** Fills the next stretch of an indicator of one figure, for `values` from `from` to `to` (exclusive), into the beginning of `into`; NaN while warming up. */
export type FillColumn = (values: Float64Array, from: number, to: number, into: Float64Array) => void;

interface IndicatorBase<Spec extends IndicatorSpec, State> {
  /** Its name in conditions and sweeps, such as `rsi`. */
  readonly name: string;
  readonly title: Text;
  /** What it says, its unit and range, and what it gives where its formula divides by nothing. */
  readonly summary: Text;
  /** In the order in which `rsi(14)` names them. */
  readonly settings: Spec;
  /** Names of its figures, the chief one first. A reading that is a plain number is the one named first. */
  readonly outputs: readonly [string, ...string[]];
  /** The update that gives the first reading, counted from 1. Those before it give `null`. */
  warmUp(settings: SettingsOf<Spec>): number;
  start(settings: SettingsOf<Spec>): State;
}

/** Fed with one number at a time, such as closes. */
export interface ValueIndicator<Spec extends IndicatorSpec = IndicatorSpec, State = unknown, Result extends Reading = Reading>
  extends IndicatorBase<Spec, State> {
  readonly input: 'value';
  /** Takes the next number in, changing the state in place; `null` while warming up. */
  update(state: State, value: number): Result | null;
  /** The same over a column, stretch by stretch; left out where the steps are fast enough. */
  batch?(settings: SettingsOf<Spec>): FillColumn;
}

/** Fed with whole bars. */
export interface BarIndicator<Spec extends IndicatorSpec = IndicatorSpec, State = unknown, Result extends Reading = Reading>
  extends IndicatorBase<Spec, State> {
  readonly input: 'bar';
  /** Takes the next bar in, changing the state in place; `null` while warming up. */
  update(state: State, bar: IndicatorBar): Result | null;
}

export type Indicator = ValueIndicator | BarIndicator;

/** Keeps the types of an indicator of numbers exact. */
export function valueIndicator<const Spec extends IndicatorSpec, State, Result extends Reading>(
  indicator: Omit<ValueIndicator<Spec, State, Result>, 'input'>,
): ValueIndicator<Spec, State, Result> {
  return { ...indicator, input: 'value' };
}

/** Keeps the types of an indicator of bars exact. */
export function barIndicator<const Spec extends IndicatorSpec, State, Result extends Reading>(
  indicator: Omit<BarIndicator<Spec, State, Result>, 'input'>,
): BarIndicator<Spec, State, Result> {
  return { ...indicator, input: 'bar' };
}

/** Longest period of any indicator, in bars: more would make its state and its warm-up a burden. */
export const MAX_PERIOD = 1_000;

/** A number of bars. */
export function bars(byDefault: number, min = 1): IndicatorSetting {
  return { default: byDefault, min, max: MAX_PERIOD, isWhole: true };
}

/** A factor, such as the width of a band. */
export function factor(byDefault: number, min: number, max: number): IndicatorSetting {
  return { default: byDefault, min, max, isWhole: false };
}

/** One figure of a reading; `null` while warming up or where there is no figure of that name. */
export function outputOf(indicator: Indicator, reading: Reading | null, output: string): number | null {
  if (reading === null) return null;
  if (typeof reading === 'number') return output === indicator.outputs[0] ? reading : null;
  return reading[output] ?? null;
}
