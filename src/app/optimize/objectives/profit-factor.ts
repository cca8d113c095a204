/** What its winning trades brought over what the losing ones took. */
import type { Objective } from '../objective.ts';

export const profitFactor: Objective = {
  name: 'profit_factor',
  title: { en: 'Profit factor', ru: 'Профит-фактор' },
  summary: { en: 'Gains of closed trades over their losses; none without a loss.', ru: 'Прибыль закрытых сделок к их убыткам; без убытков не определён.' },
  needsTrades: true,
  value: ({ profitFactor }) => profitFactor,
};
