/** What one more trade is to be expected to bring. */
import type { Objective } from '../objective.ts';

export const expectancy: Objective = {
  name: 'expectancy',
  title: { en: 'Expectancy', ru: 'Ожидание сделки' },
  summary: { en: 'Profit of a closed trade on average, as a share of the capital.', ru: 'Средняя прибыль закрытой сделки как доля капитала.' },
  needsTrades: true,
  value: ({ expectancy }) => expectancy,
};
