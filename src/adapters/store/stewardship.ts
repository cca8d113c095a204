/**
 * Which accounts need somebody to watch over them.
 */
import type { AccountRecord, Store } from '#core/store.ts';
import { ACCOUNT_COLUMNS } from './accounts.ts';
import type { Database } from './database.ts';
import { STANDING, type StandingColumns, standingOf } from './leases.ts';
import { TERMINAL_STATES } from './states.ts';

const DUE = {
  name: 'due_accounts',
  text: `select ${ACCOUNT_COLUMNS}, ${STANDING} from exchange_accounts a left join leases l on l.subject = 'account:' || a.id
         where a.removed_at is null and (
           exists (select 1 from orders o where o.account_id = a.id and o.state not in ${TERMINAL_STATES})
           or exists (select 1 from order_actions t where t.account_id = a.id and t.is_active)
           or exists (select 1 from runs r where r.account_id = a.id and r.ended_at is null))
         order by a.created_at, a.id`,
};

export function stewardshipOf(database: Database): Store['stewardship'] {
  return {
    due: async () =>
      (await database.rows<AccountRecord & StandingColumns>(DUE)).map(({ leaseOwner, isLeaseLive, ...account }) => ({
        userId: account.userId,
        account,
        lease: standingOf({ leaseOwner, isLeaseLive }),
      })),
  };
}
