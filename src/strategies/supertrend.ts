/** Supertrend: buys when the trend turns up, sells when it turns down. */
import { figureOf } from '#core/indicator-operand.ts';
import { supertrend as indicator } from '#core/indicators/supertrend.ts';
import { factorField, periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';
import { ENTER, LEAVE, STAY } from './_signal-run.ts';

interface Memory {
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
  isMirrored: true,
  warmUp: ({ period }) => period + 1,
  figures: ({ period, width }) => [figureOf(indicator, { period, width: Number(width) }, 'trend')],
  start: (): Memory => ({ trend: 0 }),
  turn(memory, figures) {
    const trend = figures[0] as number;
    const before = memory.trend;
    if (before === trend || Number.isNaN(trend)) return STAY;
    memory.trend = trend;
    if (before === 0) return STAY;
    return trend > 0 ? ENTER : LEAVE;
  },
});
