/** Crossover of two moving averages: buys when the fast one closes above the slow one, sells when below. */
import { bars } from '#core/indicator.ts';
import { figureOf } from '#core/indicator-operand.ts';
import { ema } from '#core/indicators/ema.ts';
import { sma } from '#core/indicators/sma.ts';
import { wma } from '#core/indicators/wma.ts';
import { closeUntilCross, cross, newCross } from './_signal-cross.ts';
import { periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';
import { ENTER, LEAVE, STAY } from './_signal-run.ts';

const AVERAGES = { ema, sma, wma } as const;

export const movingAverageCross = signalStrategy({
  name: 'moving_average_cross',
  title: { en: 'Moving-average crossover', ru: 'Пересечение скользящих средних' },
  summary: {
    en: 'Buys when the fast moving average closes above the slow one, sells when it closes below.',
    ru: 'Покупает, когда быстрое скользящее среднее закрывается выше медленного, продаёт, когда ниже.',
  },
  params: {
    average: {
      kind: 'choice',
      options: ['ema', 'sma', 'wma'],
      default: 'ema',
      title: { en: 'Kind', ru: 'Вид' },
      help: { en: 'Exponential, simple or weighted averages. Left out: ema.', ru: 'Экспоненциальные, простые или взвешенные средние. По умолчанию ema.' },
    },
    fast: periodField(bars(10), { en: 'Fast average', ru: 'Быстрое среднее' }, { en: 'Its bars. Left out: 10.', ru: 'Число баров. По умолчанию 10.' }),
    slow: periodField(bars(50, 2), { en: 'Slow average', ru: 'Медленное среднее' }, { en: 'Its bars. Left out: 50.', ru: 'Число баров. По умолчанию 50.' }),
  },
  isMirrored: true,
  warmUp: ({ fast, slow }) => Math.max(fast, slow) + 1,
  issues: ({ fast, slow }) => (fast < slow ? [] : [{ field: 'slow', message: `must be longer than fast ${fast}, got ${slow}` }]),
  figures: ({ average, fast, slow }) => [figureOf(AVERAGES[average], { period: fast }), figureOf(AVERAGES[average], { period: slow })],
  start: newCross,
  turn(memory, figures) {
    const crossing = cross(memory, figures[0] as number, figures[1] as number);
    return crossing === 'up' ? ENTER : crossing === 'down' ? LEAVE : STAY;
  },
  quiet: (memory, columns, from, to) => closeUntilCross(memory, columns[0] as Float64Array, columns[1] as Float64Array, from, to),
});
