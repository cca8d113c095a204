/** Parabolic SAR of Wilder: a stop that comes ever faster towards the price, and turns over when a bar passes it. */
import { barIndicator, factor, type IndicatorBar } from '../indicator.ts';

interface ParabolicSarState {
  readonly step: number;
  readonly max: number;
  /** The bar before. */
  last: { high: number; low: number } | null;
  isUp: boolean;
  /** The stop for the next bar; `null` before the second. */
  stop: number | null;
  /** Farthest price of this trend. */
  extreme: number;
  speed: number;
}

interface SarReading extends Readonly<Record<string, number>> {
  readonly value: number;
  readonly trend: number;
}

export const parabolicSar = barIndicator({
  name: 'parabolic_sar',
  title: { en: 'Parabolic SAR', ru: 'Параболическая система SAR' },
  summary: {
    en: 'Stop that follows the price (value), below it while the trend is up (trend 1), above it while it is down (trend -1), in the unit of the price.',
    ru: 'Стоп, следующий за ценой (value): ниже неё в растущем тренде (trend 1), выше в падающем (trend -1), в единицах цены.',
  },
  settings: { step: factor(0.02, 0.001, 1), max: factor(0.2, 0.001, 2) },
  outputs: ['value', 'trend'],
  warmUp: () => 2,
  start: ({ step, max }): ParabolicSarState => ({ step, max, last: null, isUp: true, stop: null, extreme: 0, speed: Math.min(step, max) }),
  update(state, bar): SarReading | null {
    const { last } = state;
    state.last = { high: bar.high, low: bar.low };
    if (last === null) return null;
    if (state.stop === null) begin(state, last, bar);
    const stop = state.stop ?? 0;
    const isPassed = state.isUp ? bar.low < stop : bar.high > stop;
    return isPassed ? turn(state, last, bar) : follow(state, last, bar, stop);
  },
});

/** The first trend is the direction of the greater move between the first two bars, up when neither is. */
function begin(state: ParabolicSarState, last: { readonly high: number; readonly low: number }, bar: IndicatorBar): void {
  const fall = last.low - bar.low;
  state.isUp = !(fall > 0 && fall > bar.high - last.high);
  state.stop = state.isUp ? last.low : last.high;
  state.extreme = state.isUp ? bar.high : bar.low;
}

function turn(state: ParabolicSarState, last: { readonly high: number; readonly low: number }, bar: IndicatorBar): SarReading {
  const value = state.isUp ? Math.max(state.extreme, last.high, bar.high) : Math.min(state.extreme, last.low, bar.low);
  state.isUp = !state.isUp;
  state.extreme = state.isUp ? bar.high : bar.low;
  state.speed = Math.min(state.step, state.max);
  advance(state, last, bar, value);
  return { value, trend: state.isUp ? 1 : -1 };
}

function follow(state: ParabolicSarState, last: { readonly high: number; readonly low: number }, bar: IndicatorBar, value: number): SarReading {
  const isFarther = state.isUp ? bar.high > state.extreme : bar.low < state.extreme;
  if (isFarther) {
    state.extreme = state.isUp ? bar.high : bar.low;
    state.speed = Math.min(state.max, state.speed + state.step);
  }
  advance(state, last, bar, value);
  return { value, trend: state.isUp ? 1 : -1 };
}

/** The stop of the next bar never enters the range of the last two. */
function advance(state: ParabolicSarState, last: { readonly high: number; readonly low: number }, bar: IndicatorBar, stop: number): void {
  const next = stop + state.speed * (state.extreme - stop);
  state.stop = state.isUp ? Math.min(next, last.low, bar.low) : Math.max(next, last.high, bar.high);
}
