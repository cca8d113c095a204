/** Earns most for how much its equity falls from day to day. */
import type { Objective } from '../objective.ts';

export const sortino: Objective = {
  name: 'sortino',
  title: { en: 'Sortino ratio', ru: 'Коэффициент Сортино' },
  summary: { en: 'As Sharpe, counting only falls.', ru: 'Как Шарп, но учитывает только падения.' },
  needsTrades: false,
  value: ({ sortino }) => sortino,
};
