/** RSI: buys when the market comes back from being oversold, sells when it comes back from being overbought. */
import { bars } from '#core/indicator.ts';
import { figureOf } from '#core/indicator-operand.ts';
import { rsi as indicator } from '#core/indicators/rsi.ts';
import { type CrossMemory, cross, newCross } from './_signal-cross.ts';
import { periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';
import { ENTER, LEAVE, STAY } from './_signal-run.ts';

interface Memory {
  low: CrossMemory;
  high: CrossMemory;
}

export const rsi = signalStrategy({
  name: 'rsi',
  title: { en: 'RSI', ru: 'RSI' },
  summary: {
    en: 'Buys when the relative strength index closes back above its oversold level, sells when it closes back below its overbought level.',
    ru: 'Покупает, когда RSI закрывается снова выше уровня перепроданности, продаёт, когда снова ниже уровня перекупленности.',
  },
  params: {
    period: periodField(
      bars(14),
      { en: 'RSI period', ru: 'Период RSI' },
      { en: 'Bars of the index. Left out: 14.', ru: 'Число баров индекса. По умолчанию 14.' },
    ),
    oversold: {
      kind: 'integer',
      min: 1,
      max: 99,
      default: 30,
      title: { en: 'Oversold', ru: 'Перепроданность' },
      help: { en: 'Level to come back above. Left out: 30.', ru: 'Уровень, выше которого нужно вернуться. По умолчанию 30.' },
    },
    overbought: {
      kind: 'integer',
      min: 1,
      max: 99,
      default: 70,
      title: { en: 'Overbought', ru: 'Перекупленность' },
      help: { en: 'Level to come back below. Left out: 70.', ru: 'Уровень, ниже которого нужно вернуться. По умолчанию 70.' },
    },
  },
  isMirrored: true,
  warmUp: ({ period }) => indicator.warmUp({ period }) + 1,
  issues: ({ oversold, overbought }) =>
    oversold < overbought ? [] : [{ field: 'overbought', message: `must be above oversold ${oversold}, got ${overbought}` }],
  figures: ({ period }) => [figureOf(indicator, { period })],
  start: (): Memory => ({ low: newCross(), high: newCross() }),
  turn(memory, figures, { oversold, overbought }) {
    const strength = figures[0] as number;
    const low = cross(memory.low, strength, oversold);
    const high = cross(memory.high, strength, overbought);
    if (high === 'down') return LEAVE;
    return low === 'up' ? ENTER : STAY;
  },
});
