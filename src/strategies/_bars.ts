/** Bars as strategies decide on them: the choice of their length, how many warm up, and their prices in the user's units. */
import type { IndicatorBar } from '#core/indicator.ts';
import type { Scale } from '#core/instrument.ts';
import { CANDLE_INTERVALS, type CandleInterval } from '#core/market-data.ts';
import type { ChoiceField } from '#core/params.ts';
import { type BarsWanted, type Context, MAX_WARM_UP_BARS, type StrategyEvent } from '#core/strategy.ts';

export type BarEvent = Extract<StrategyEvent, { readonly type: 'barClosed' }>;

export const TIMEFRAME_FIELD = {
  kind: 'choice',
  options: ['1m', '5m', '15m', '30m', '1h', '4h', '1d'],
  default: '1h',
  title: { en: 'Timeframe', ru: 'Таймфрейм' },
  help: {
    en: 'Length of the bars whose closes are decided on; days end at midnight UTC. Left out: 1h.',
    ru: 'Длина баров, на закрытии которых принимаются решения; сутки кончаются в полночь UTC. По умолчанию 1h.',
  },
} as const satisfies ChoiceField<CandleInterval>;

/** Exponential averages forget their first values slowly: after this many warm-ups what is left of them is below a thousandth. */
const SETTLING = 8;

/** The bars of a timeframe, with enough of them before that figures no longer depend on where they began. */
export function barsOf(timeframe: CandleInterval, warmUp: number): BarsWanted {
  return { intervalMs: CANDLE_INTERVALS[timeframe], warmUp: Math.min(MAX_WARM_UP_BARS, warmUp * SETTLING) };
}

/** A bar in the units of quote and base: what users compare with numbers. */
export function indicatorBar(context: Context, event: BarEvent): IndicatorBar {
  const { tick, lot } = unitsOf(context.scale);
  return {
    at: event.closedAt ?? context.at,
    open: event.openTicks * tick,
    high: event.highTicks * tick,
    low: event.lowTicks * tick,
    close: event.closeTicks * tick,
    volume: event.volumeLots * lot,
  };
}

interface Units {
  readonly tick: number;
  readonly lot: number;
}

const known = new WeakMap<Scale, Units>();

/** The increments of an instrument as numbers: near enough for figures that are no money. */
function unitsOf(scale: Scale): Units {
  const units = known.get(scale);
  if (units !== undefined) return units;
  const { priceIncrement, sizeIncrement } = scale.instrument;
  const made = { tick: Number(priceIncrement), lot: Number(sizeIncrement) };
  known.set(scale, made);
  return made;
}
