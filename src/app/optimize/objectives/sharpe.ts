/** Earns most for how much its equity swings. @see William F. Sharpe, "The Sharpe Ratio", 1994 */
import type { Objective } from '../objective.ts';

export const sharpe: Objective = {
  name: 'sharpe',
  title: { en: 'Sharpe ratio', ru: 'Коэффициент Шарпа' },
  summary: { en: 'Mean daily return over its deviation, for a year.', ru: 'Средняя дневная доходность к её отклонению, за год.' },
  needsTrades: false,
  value: ({ sharpe }) => sharpe,
};
