/**
 * Which accounts need somebody to watch over them.
 */
import type { AccountRecord } from '#core/store/accounts.ts';
import type { Store } from '#core/store/store.ts';
import { ACCOUNT_COLUMNS } from './accounts.ts';
import type { Database } from './database.ts';
import { STANDING, type StandingColumns, standingOf } from './leases.ts';
import { TERMINAL_STATES } from './states.ts';

const HAND_ORDERS = `exists (select 1 from orders o where o.account_id = a.id and o.run_id is null and o.state not in ${TERMINAL_STATES})`;
const ACTIONS = 'exists (select 1 from order_actions t where t.account_id = a.id and t.is_active)';

/** Orders of runs are seen to by their runs; while one is open its account has a steward. */
const DUE = {
  name: 'due_accounts',
  text: `select ${ACCOUNT_COLUMNS}, ${STANDING}, ${HAND_ORDERS} or ${ACTIONS} as "hasOrders"
         from exchange_accounts a left join leases l on l.subject = 'account:' || a.id
         where a.removed_at is null and (
           exists (select 1 from orders o where o.account_id = a.id and o.state not in ${TERMINAL_STATES})
           or ${ACTIONS}
           or exists (select 1 from runs r where r.account_id = a.id and r.ended_at is null))
         order by a.created_at, a.id`,
};

export function stewardshipOf(database: Database): Store['stewardship'] {
  return {
    due: async () =>
      (await database.rows<AccountRecord & StandingColumns & { readonly hasOrders: boolean }>(DUE)).map(
        ({ leaseOwner, isLeaseLive, hasOrders, ...account }) => ({
          userId: account.userId,
          account,
          lease: standingOf({ leaseOwner, isLeaseLive }),
          hasOrders,
        }),
      ),
  };
}
