/** Settings that strategies share which trade one amount and end. */
import { LARGEST_SEED } from '#core/executors/draw.ts';
import type { ParamsSpec } from '#core/params.ts';
import { positiveField } from './_fields.ts';

export const EXECUTION_FIELDS = {
  side: {
    kind: 'choice',
    options: ['buy', 'sell'],
    title: { en: 'Side', ru: 'Сторона' },
    help: { en: 'buy takes quote from the account, sell takes the coin.', ru: 'buy берёт со счёта котировку, sell берёт монету.' },
  },
  size: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Size', ru: 'Размер' },
    help: { en: 'How much of the coin to trade in all.', ru: 'Сколько монет купить или продать всего.' },
  },
} as const satisfies ParamsSpec;

/** Of those that wait at a price. */
export const WAITING_FIELDS = {
  max_hours: {
    ...positiveField(
      { en: 'Longest time', ru: 'Предельное время' },
      { en: 'Withdraws the rest after so many hours. Left out: waits without end.', ru: 'Снимает остаток через столько часов. По умолчанию ждёт без срока.' },
    ),
    max: '87600',
  },
} as const satisfies ParamsSpec;

/** Of those that draw numbers. */
export const SEED_FIELDS = {
  seed: {
    kind: 'integer',
    min: 1,
    max: LARGEST_SEED,
    optional: true,
    title: { en: 'Seed', ru: 'Зерно случайности' },
    help: {
      en: 'The same seed draws the same numbers. Left out: taken from the time of the start.',
      ru: 'При одном зерне числа одинаковы. По умолчанию берётся из времени запуска.',
    },
  },
} as const satisfies ParamsSpec;

/** The seed where none is given. */
export function seedOf(seed: number | null, at: number): number {
  return seed ?? (at % LARGEST_SEED) + 1;
}
