/**
 * Wishes to cancel, of one order or of many. The first wish counts and is told in the order's life; repeating it changes
 * nothing. Whoever owns the order at its venue carries the wish out.
 */
import type { CancelSelection } from '#core/order-filter.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Database, Value } from './database.ts';
import { ORDER_COLUMNS } from './order-columns.ts';
import { TERMINAL_STATES } from './states.ts';

/** Selects, of this user, with `$1` user, `$2` when, `$3` how many. */
function statement(name: string, condition: string) {
  return {
    name,
    text: `with former as (
             select o.id, o.cancel_requested_at, o.state not in ${TERMINAL_STATES} as open from orders o where o.user_id = $1 and ${condition}
             order by o.cancel_requested_at is not null, o.created_at, o.id limit $3 for update),
           noted as (
             update orders o set cancel_requested_at = coalesce(o.cancel_requested_at, $2), updated_at = $2 from former
             where o.id = former.id and former.open returning o.*),
           told as (
             insert into order_events (order_id, type, at, reason_code, reason)
             select id, 'cancel_requested', $2, 'by_user', 'its user wants it off the book' from former where open and cancel_requested_at is null)
           select ${ORDER_COLUMNS} from noted o
           union all select ${ORDER_COLUMNS} from orders o join former on former.id = o.id where not former.open`,
  };
}

const BY_IDS = statement('cancel_by_ids', 'o.id = any ($4::text[])');
const BY_ACCOUNT = statement('cancel_by_account', `o.account_id = $4 and ($5::text is null or o.symbol = $5) and o.state not in ${TERMINAL_STATES}`);
const BY_BOT = statement('cancel_by_bot', `o.bot_id = $4 and o.state not in ${TERMINAL_STATES}`);

/** Orders that a run has to cancel because its user wants that; a wake-up that was lost is made good by reading them. */
export const WISHED_OFF = {
  name: 'orders_wished_off',
  text: `select bot_id as "botId", client_order_id as "clientOrderId" from orders
         where cancel_requested_at is not null and run_id is not null and state not in ${TERMINAL_STATES} and state <> 'cancelling' order by created_at, id`,
};

/** The orders chosen, as they stand after their wishes are noted. */
export function requestCancels(database: Database, userId: string, which: CancelSelection, at: number, limit: number): Promise<readonly OrderRecord[]> {
  const [chosen, values] = choose(which);
  // Commits of the same orders may lock them in another sequence; a transaction that loses is tried again.
  return database.transaction((session) => session.rows<OrderRecord>(chosen, [userId, at, limit, ...values]));
}

function choose(which: CancelSelection): [typeof BY_IDS, readonly Value[]] {
  if ('ids' in which) return [BY_IDS, [which.ids]];
  return 'accountId' in which ? [BY_ACCOUNT, [which.accountId, which.symbol]] : [BY_BOT, [which.botId]];
}
