/** Bars as strategies decide on them: the choice of their length, and how many warm up. */
import { CANDLE_INTERVALS, type CandleInterval } from '#core/market-data.ts';
import type { ChoiceField } from '#core/params.ts';
import { type BarsWanted, MAX_WARM_UP_BARS } from '#core/strategy.ts';

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
