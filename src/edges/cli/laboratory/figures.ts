/** Figures of runs in words and short numbers, for people at a terminal. */
import type { Text } from '#core/params.ts';
import type { Language } from '../operator.ts';
import type { Plain } from './request.ts';

type Kind = 'money' | 'share' | 'ratio' | 'count';

const BACKTEST: readonly (readonly [name: string, kind: Kind, text: Text])[] = [
  ['capital', 'money', { en: 'capital', ru: 'капитал' }],
  ['profit', 'money', { en: 'profit', ru: 'прибыль' }],
  ['profit_share', 'share', { en: 'profit share', ru: 'доходность' }],
  ['annual_return', 'share', { en: 'yearly', ru: 'за год' }],
  ['hold_share', 'share', { en: 'buy and hold', ru: 'купить и держать' }],
  ['fees', 'money', { en: 'fees', ru: 'комиссии' }],
  ['funding', 'money', { en: 'funding', ru: 'финансирование' }],
  ['trade_count', 'count', { en: 'trades', ru: 'сделок' }],
  ['win_rate', 'share', { en: 'won', ru: 'выиграно' }],
  ['profit_factor', 'ratio', { en: 'profit factor', ru: 'профит-фактор' }],
  ['drawdown_share', 'share', { en: 'drawdown', ru: 'просадка' }],
  ['sharpe', 'ratio', { en: 'Sharpe', ru: 'Шарп' }],
  ['sortino', 'ratio', { en: 'Sortino', ru: 'Сортино' }],
  ['calmar', 'ratio', { en: 'Calmar', ru: 'Калмар' }],
  ['time_in_market', 'share', { en: 'time in market', ru: 'время в позиции' }],
];

/** A row for each figure: its name, and its value in each of the runs. */
export function figureRows(runs: readonly (Plain | null)[], language: Language): readonly (readonly string[])[] {
  return BACKTEST.map(([name, kind, text]) => [text[language], ...runs.map((figures) => shown(figures?.[name], kind))]);
}

/** A share as `12.34 %`. */
export function percent(value: unknown): string {
  return typeof value === 'number' ? `${(value * 100).toFixed(2)} %` : '-';
}

/** A ratio with two digits. */
export function ratio(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(2) : '-';
}

function shown(value: unknown, kind: Kind): string {
  if (kind === 'share') return percent(value);
  if (kind === 'ratio') return ratio(value);
  return value === null || value === undefined ? '-' : String(value);
}
