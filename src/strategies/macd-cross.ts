/** MACD: buys when the fast average gains on the slow one, sells when it falls back. */
import { macd } from '#core/indicators/macd.ts';
import { type CrossMemory, cross, newCross } from './_signal-cross.ts';
import { periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';

interface Memory {
  distance: ReturnType<typeof macd.start>;
  crossing: CrossMemory;
}

export const macdCross = signalStrategy({
  name: 'macd_cross',
  title: { en: 'MACD crossover', ru: 'Пересечение MACD' },
  summary: {
    en: 'Buys when MACD closes above its signal line, sells when it closes below.',
    ru: 'Покупает, когда MACD закрывается выше сигнальной линии, продаёт, когда ниже.',
  },
  params: {
    fast: periodField(
      macd.settings.fast,
      { en: 'Fast average', ru: 'Быстрое среднее' },
      { en: 'Its bars. Left out: 12.', ru: 'Число баров. По умолчанию 12.' },
    ),
    slow: periodField(
      macd.settings.slow,
      { en: 'Slow average', ru: 'Медленное среднее' },
      { en: 'Its bars. Left out: 26.', ru: 'Число баров. По умолчанию 26.' },
    ),
    signal: periodField(
      macd.settings.signal,
      { en: 'Signal line', ru: 'Сигнальная линия' },
      { en: 'Bars of the average of MACD. Left out: 9.', ru: 'Число баров среднего от MACD. По умолчанию 9.' },
    ),
    below_zero_only: {
      kind: 'boolean',
      default: false,
      title: { en: 'Enter below zero only', ru: 'Вход только ниже нуля' },
      help: {
        en: 'true: buys only where MACD is below zero at the crossing. Left out: false.',
        ru: 'true: покупает, только если при пересечении MACD ниже нуля. По умолчанию false.',
      },
    },
  },
  warmUp: (params) => macd.warmUp(params) + 1,
  issues: ({ fast, slow }) => (fast < slow ? [] : [{ field: 'slow', message: `must be longer than fast ${fast}, got ${slow}` }]),
  start: (params): Memory => ({ distance: macd.start(params), crossing: newCross() }),
  onBar(memory, bar, params) {
    const reading = macd.update(memory.distance, bar.close);
    if (reading === null) return null;
    const crossing = cross(memory.crossing, reading.value, reading.signal);
    if (crossing === 'down') return 'leave';
    return crossing === 'up' && (!params.below_zero_only || reading.value < 0) ? 'enter' : null;
  },
});
