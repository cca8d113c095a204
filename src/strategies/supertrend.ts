/** Supertrend: buys when the trend turns up, sells when it turns down. */
import { supertrend as indicator } from '#core/indicators/supertrend.ts';
import { factorField, periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';

interface Memory {
  line: ReturnType<typeof indicator.start>;
  /** 0 while warming up. */
  trend: number;
}

export const supertrend = signalStrategy({
  name: 'supertrend',
  title: { en: 'Supertrend', ru: 'Супертренд' },
  summary: {
    en: 'Buys when the Supertrend turns up, sells when it turns down.',
    ru: 'Покупает, когда супертренд поворачивает вверх, продаёт, когда поворачивает вниз.',
  },
  params: {
    period: periodField(
      indicator.settings.period,
      { en: 'Period of the range', ru: 'Период диапазона' },
      { en: 'Bars of the average true range. Left out: 10.', ru: 'Число баров среднего диапазона. По умолчанию 10.' },
    ),
    width: factorField(
      indicator.settings.width,
      { en: 'Distance', ru: 'Расстояние' },
      { en: 'Average true ranges between the price and the line. Left out: 3.', ru: 'Средних диапазонов между ценой и линией. По умолчанию 3.' },
    ),
  },
  warmUp: ({ period }) => period + 1,
  start: ({ period, width }): Memory => ({ line: indicator.start({ period, width: Number(width) }), trend: 0 }),
  onBar(memory, bar) {
    const reading = indicator.update(memory.line, bar);
    if (reading === null) return null;
    const before = memory.trend;
    memory.trend = reading.trend;
    if (before === 0 || before === reading.trend) return null;
    return reading.trend > 0 ? 'enter' : 'leave';
  },
});
