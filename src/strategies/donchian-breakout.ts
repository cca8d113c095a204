/** Breakout: buys when a close passes the highest price of the bars before, sells when one falls below the lowest. */
import { donchian } from '#core/indicators/donchian.ts';
import { periodField } from './_signal-fields.ts';
import { signalStrategy } from './_signal-position.ts';

interface Memory {
  entry: ReturnType<typeof donchian.start>;
  exit: ReturnType<typeof donchian.start>;
  /** Of the bars before the one in hand; `null` while warming up. */
  upper: number | null;
  lower: number | null;
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
  warmUp: (params) => Math.max(params.entry_period, params.exit_period) + 1,
  start: (params): Memory => ({
    entry: donchian.start({ period: params.entry_period }),
    exit: donchian.start({ period: params.exit_period }),
    upper: null,
    lower: null,
  }),
  onBar(memory, bar) {
    const { upper, lower } = memory;
    memory.upper = donchian.update(memory.entry, bar)?.upper ?? null;
    memory.lower = donchian.update(memory.exit, bar)?.lower ?? null;
    if (lower !== null && bar.close < lower) return 'leave';
    return upper !== null && lower !== null && bar.close > upper ? 'enter' : null;
  },
});
