/** Tries every set of values there is. */
import type { Search } from '../search.ts';
import { pointAt, sizeOf } from '../space.ts';

export const grid: Search = {
  kind: 'grid',
  title: { en: 'Every set', ru: 'Все наборы' },
  summary: { en: 'Tries every combination of the values.', ru: 'Перебирает все сочетания значений.' },
  rounds: ({ axes }) => [sizeOf(axes)],
  propose: ({ axes }) => Array.from({ length: sizeOf(axes) }, (_, number) => pointAt(axes, number)),
};
