/** Tells users every hour whose plan ends in three days, and whose has ended. */
import { tellOfEnds } from '../../plans/plan-ends.ts';
import { goOn, type JobKind } from '../job-kind.ts';

export const planEnds: JobKind = {
  kind: 'plan_ends',
  title: { en: 'Tell of plans that end', ru: 'Уведомления об окончании тарифа' },
  repeat: () => ({ cron: '29 * * * *' }),
  run: async (job, { store, clock, keptFor }) => ({ ...(await tellOfEnds(store.subscriptions, clock.now(), keptFor.eventsMs, () => goOn(job))) }),
};
