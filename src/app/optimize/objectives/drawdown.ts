/** Falls least: the deepest fall from a peak, the smaller the better. */
import type { Objective } from '../objective.ts';

export const drawdown: Objective = {
  name: 'drawdown',
  title: { en: 'Drawdown', ru: 'Просадка' },
  summary: { en: 'The deepest drawdown, as small as possible.', ru: 'Наибольшая просадка, как можно меньше.' },
  needsTrades: false,
  value: ({ drawdown }) => -drawdown,
};
