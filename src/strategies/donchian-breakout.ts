/** Breakout: buys when a close passes the highest price of the bars before, sells when one falls below the lowest. */
import { fieldOf, figureOf } from '#core/indicator-operand.ts';
import { donchian } from '#core/indicators/donchian.ts';
import { periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';
import { ENTER, ENTER_SHORT, LEAVE, LEAVE_SHORT, STAY } from './_signal-run.ts';

interface Memory {
  /** Of the bars before the one in hand; `null` while warming up. */
  upper: number | null;
  lower: number | null;
  /** Of a short: what it falls out of, and what ends it. */
  shortLower?: number;
  shortUpper?: number;
}

export const donchianBreakout = signalStrategy({
  name: 'donchian_breakout',
  title: { en: 'Donchian breakout', ru: 'Пробой канала Дончиана' },
  summary: {
    en: 'Buys when a close is above the highest price of so many bars before it, sells when one is below the lowest of so many.',
    ru: 'Покупает, когда закрытие выше максимума предыдущих баров, продаёт, когда ниже их минимума.',
  },
  params: {
    entry_period: periodField(
      donchian.settings.period,
      { en: 'Bars to break out of', ru: 'Баров для пробоя' },
      { en: 'Left out: 20.', ru: 'По умолчанию 20.' },
    ),
    exit_period: periodField(
      { ...donchian.settings.period, default: 10 },
      { en: 'Bars to fall out of', ru: 'Баров для выхода' },
      { en: 'Left out: 10.', ru: 'По умолчанию 10.' },
    ),
  },
  isMirrored: false,
  warmUp: (params) => Math.max(params.entry_period, params.exit_period) + 1,
  figures: (params) => [
    fieldOf('close'),
    figureOf(donchian, { period: params.entry_period }, 'upper'),
    figureOf(donchian, { period: params.exit_period }, 'lower'),
    ...(params.direction === 'long'
      ? []
      : [figureOf(donchian, { period: params.entry_period }, 'lower'), figureOf(donchian, { period: params.exit_period }, 'upper')]),
  ],
  start: (): Memory => ({ upper: null, lower: null }),
  turn(memory, figures) {
    const close = figures[0] as number;
    const { upper, lower } = memory;
    if (Number.isNaN((figures[1] as number) + (figures[2] as number))) return STAY;
    memory.upper = figures[1] as number;
    memory.lower = figures[2] as number;
    const isShortToo = figures.length > 3;
    const short = isShortToo ? shortTurn(memory, figures) : STAY;
    if (upper === null || lower === null) return STAY;
    return (close < lower ? LEAVE : close > upper ? ENTER : STAY) + short;
  },
});

/** The same upside down: falls below the lowest price of the entry's bars, rises above the highest of the exit's. */
function shortTurn(memory: Memory, figures: Float64Array): number {
  const close = figures[0] as number;
  const { shortLower = Number.NaN, shortUpper = Number.NaN } = memory;
  memory.shortLower = figures[3] as number;
  memory.shortUpper = figures[4] as number;
  if (close > shortUpper) return LEAVE_SHORT;
  return close < shortLower ? ENTER_SHORT : STAY;
}
