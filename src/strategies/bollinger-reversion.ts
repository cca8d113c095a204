/** Bollinger reversion: buys when the market comes back into the bands from below, sells at the middle or the upper band. */
import { fieldOf, figureOf } from '#core/indicator-operand.ts';
import { bollinger } from '#core/indicators/bollinger.ts';
import { type CrossMemory, cross, newCross } from './_signal-cross.ts';
import { factorField, periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';
import { ENTER, ENTER_SHORT, LEAVE, LEAVE_SHORT, STAY } from './_signal-run.ts';

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
  isMirrored: false,
  warmUp: ({ period }) => period + 1,
  figures: ({ period, width, sell_at: sellAt, direction }) => {
    const settings = { period, width: Number(width) };
    const short = direction === 'long' ? [] : [figureOf(bollinger, settings, 'upper'), figureOf(bollinger, settings, sellAt === 'upper' ? 'lower' : 'middle')];
    return [fieldOf('close'), figureOf(bollinger, settings, 'lower'), figureOf(bollinger, settings, sellAt), ...short];
  },
  start: (): Memory => newCross(),
  turn(memory, figures) {
    const close = figures[0] as number;
    const crossing = cross(memory, close, figures[1] as number);
    const short = figures.length > 3 ? shortTurn(memory, figures) : STAY;
    if (close >= (figures[2] as number)) return LEAVE + short;
    return (crossing === 'up' ? ENTER : STAY) + short;
  },
});

interface Memory extends CrossMemory {
  /** Of a short: whether it came back into the bands from above. */
  upper?: CrossMemory;
}

/** The same upside down: comes back below the upper band, falls to the middle or the lower one. */
function shortTurn(memory: Memory, figures: Float64Array): number {
  const close = figures[0] as number;
  const crossing = cross((memory.upper ??= newCross()), close, figures[3] as number);
  if (close <= (figures[4] as number)) return LEAVE_SHORT;
  return crossing === 'down' ? ENTER_SHORT : STAY;
}
