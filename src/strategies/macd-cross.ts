/** MACD: buys when the fast average gains on the slow one, sells when it falls back. */
import { figureOf } from '#core/indicator-operand.ts';
import { macd } from '#core/indicators/macd.ts';
import { closeUntilCross, cross, newCross } from './_signal-cross.ts';
import { periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';
import { ENTER, ENTER_SHORT, LEAVE, LEAVE_SHORT, STAY } from './_signal-run.ts';

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
        en: 'true: buys only where MACD is below zero at the crossing, and sells short only where it is above. Left out: false.',
        ru: 'true: покупает, только если при пересечении MACD ниже нуля, а в short входит, только если выше. По умолчанию false.',
      },
    },
  },
  isMirrored: false,
  warmUp: (params) => macd.warmUp(params) + 1,
  issues: ({ fast, slow }) => (fast < slow ? [] : [{ field: 'slow', message: `must be longer than fast ${fast}, got ${slow}` }]),
  figures: ({ fast, slow, signal }) => [figureOf(macd, { fast, slow, signal }), figureOf(macd, { fast, slow, signal }, 'signal')],
  start: newCross,
  turn(memory, figures, { below_zero_only: isBelowZeroOnly, direction }) {
    const value = figures[0] as number;
    const crossing = cross(memory, value, figures[1] as number);
    const isShortToo = direction !== 'long';
    if (crossing === 'down') return LEAVE + (isShortToo && (!isBelowZeroOnly || value > 0) ? ENTER_SHORT : STAY);
    if (crossing !== 'up') return STAY;
    return (!isBelowZeroOnly || value < 0 ? ENTER : STAY) + (isShortToo ? LEAVE_SHORT : STAY);
  },
  quiet: (memory, columns, from, to) => closeUntilCross(memory, columns[0] as Float64Array, columns[1] as Float64Array, from, to),
});
