/** Earns most: profit after all fees. */
import type { Objective } from '../objective.ts';

export const profit: Objective = {
  name: 'profit',
  title: { en: 'Profit', ru: 'Прибыль' },
  summary: { en: 'Profit as a share of the capital.', ru: 'Прибыль как доля капитала.' },
  needsTrades: false,
  value: ({ profitShare }) => profitShare,
};
