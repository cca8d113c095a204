/** Bollinger reversion: buys when the market comes back into the bands from below, sells at the middle or the upper band. */
import { fieldOf, figureOf } from '#core/indicator-operand.ts';
import { bollinger } from '#core/indicators/bollinger.ts';
import { cross, newCross } from './_signal-cross.ts';
import { factorField, periodField } from './_signal-fields.ts';
import { ENTER, LEAVE, STAY, signalStrategy } from './_signal-position.ts';

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
  figures: ({ period, width, sell_at: sellAt }) => {
    const settings = { period, width: Number(width) };
    return [fieldOf('close'), figureOf(bollinger, settings, 'lower'), figureOf(bollinger, settings, sellAt)];
  },
  start: newCross,
  turn(memory, figures) {
    const close = figures[0] as number;
    const crossing = cross(memory, close, figures[1] as number);
    if (close >= (figures[2] as number)) return LEAVE;
    return crossing === 'up' ? ENTER : STAY;
  },
});
