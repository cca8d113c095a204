/** Earns most for its deepest fall. @see Terry W. Young, "Calmar Ratio: A Smoother Tool", Futures, 1991 */
import type { Objective } from '../objective.ts';

export const calmar: Objective = {
  name: 'calmar',
  title: { en: 'Calmar ratio', ru: 'Коэффициент Кальмара' },
  summary: { en: 'Yearly return over the deepest drawdown.', ru: 'Годовая доходность к наибольшей просадке.' },
  needsTrades: false,
  value: ({ calmar }) => calmar,
};
