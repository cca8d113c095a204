/** Crossover of two moving averages: buys when the fast one closes above the slow one, sells when below. */
import { bars } from '#core/indicator.ts';
import { ema } from '#core/indicators/ema.ts';
import { sma } from '#core/indicators/sma.ts';
import { wma } from '#core/indicators/wma.ts';
import { type CrossMemory, cross, newCross } from './_signal-cross.ts';
import { periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';

type Average =
  | { readonly kind: 'sma'; readonly state: ReturnType<typeof sma.start> }
  | { readonly kind: 'ema'; readonly state: ReturnType<typeof ema.start> }
  | { readonly kind: 'wma'; readonly state: ReturnType<typeof wma.start> };

interface Memory {
  fast: Average;
  slow: Average;
  crossing: CrossMemory;
}

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
  warmUp: ({ fast, slow }) => Math.max(fast, slow) + 1,
  issues: ({ fast, slow }) => (fast < slow ? [] : [{ field: 'slow', message: `must be longer than fast ${fast}, got ${slow}` }]),
  start: ({ average, fast, slow }): Memory => ({ fast: startAverage(average, fast), slow: startAverage(average, slow), crossing: newCross() }),
  onBar(memory, bar) {
    const fast = updateAverage(memory.fast, bar.close);
    const slow = updateAverage(memory.slow, bar.close);
    if (fast === null || slow === null) return null;
    const crossing = cross(memory.crossing, fast, slow);
    if (crossing === null) return null;
    return crossing === 'up' ? 'enter' : 'leave';
  },
});

function startAverage(kind: Average['kind'], period: number): Average {
  switch (kind) {
    case 'sma':
      return { kind, state: sma.start({ period }) };
    case 'ema':
      return { kind, state: ema.start({ period }) };
    case 'wma':
      return { kind, state: wma.start({ period }) };
  }
}

function updateAverage(average: Average, close: number): number | null {
  switch (average.kind) {
    case 'sma':
      return sma.update(average.state, close);
    case 'ema':
      return ema.update(average.state, close);
    case 'wma':
      return wma.update(average.state, close);
  }
}
