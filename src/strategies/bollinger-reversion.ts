/** Bollinger reversion: buys when the market comes back into the bands from below, sells at the middle or the upper band. */
import { bollinger } from '#core/indicators/bollinger.ts';
import { type CrossMemory, cross, newCross } from './_signal-cross.ts';
import { factorField, periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';

interface Memory {
  bands: ReturnType<typeof bollinger.start>;
  crossing: CrossMemory;
}

export const bollingerReversion = signalStrategy({
  name: 'bollinger_reversion',
  title: { en: 'Bollinger reversion', ru: 'Возврат к полосам Боллинджера' },
  summary: {
    en: 'Buys when a close comes back above the lower Bollinger band, sells when one reaches the middle or the upper band.',
    ru: 'Покупает, когда закрытие возвращается выше нижней полосы Боллинджера, продаёт, когда достигает средней или верхней.',
  },
  params: {
    period: periodField(
      bollinger.settings.period,
      { en: 'Period of the bands', ru: 'Период полос' },
      { en: 'Bars of the average. Left out: 20.', ru: 'Число баров среднего. По умолчанию 20.' },
    ),
    width: factorField(
      bollinger.settings.width,
      { en: 'Width of the bands', ru: 'Ширина полос' },
      { en: 'Standard deviations from the middle to a band. Left out: 2.', ru: 'Стандартных отклонений от середины до полосы. По умолчанию 2.' },
    ),
    sell_at: {
      kind: 'choice',
      options: ['middle', 'upper'],
      default: 'middle',
      title: { en: 'Sell at', ru: 'Продавать на' },
      help: {
        en: 'The band at or above which a close sells. Left out: middle.',
        ru: 'Полоса, на которой или выше закрытие ведёт к продаже. По умолчанию middle.',
      },
    },
  },
  warmUp: ({ period }) => period + 1,
  start: ({ period, width }): Memory => ({ bands: bollinger.start({ period, width: Number(width) }), crossing: newCross() }),
  onBar(memory, bar, params) {
    const bands = bollinger.update(memory.bands, bar.close);
    if (bands === null) return null;
    const crossing = cross(memory.crossing, bar.close, bands.lower);
    if (bar.close >= bands[params.sell_at]) return 'leave';
    return crossing === 'up' ? 'enter' : null;
  },
});
