/**
 * Automatic actions as they are read, the wish to call them off, and the part of a commit that advances them.
 */
import type { ActionRecord, ActionStep } from '#core/actions/action-record.ts';
import type { Commit } from '#core/store/commit.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import { conflict } from './commit-conflict.ts';
import type { Database, Session } from './database.ts';
import { ORDER_COLUMNS } from './order-columns.ts';

const COLUMNS = `a.order_id as "orderId", a.rules, a.plan, a.state, a.sequence, a.called_off_at as "calledOffAt"`;

const ALIVE = {
  name: 'alive_actions',
  text: `select ${COLUMNS} from order_actions a where a.account_id = $1 and a.is_active order by a.created_at, a.order_id`,
};
const ROOTS = { name: 'roots_of_actions', text: `select ${ORDER_COLUMNS} from orders o where o.id = any ($1::text[])` };
const OF = { name: 'actions_of_orders', text: `select ${COLUMNS} from order_actions a where a.user_id = $1 and a.order_id = any ($2::text[])` };
const CALL_OFF = {
  name: 'call_off_actions',
  text: `update order_actions set called_off_at = case when is_active then coalesce(called_off_at, $3) else called_off_at end where user_id = $1 and order_id = $2
         returning is_active as active`,
};
const TAPE = {
  name: 'tape_of_actions',
  text: `select j.sequence, j.event, j.commands from action_journal j join order_actions a on a.order_id = j.order_id
         where a.user_id = $1 and a.order_id = $2 and j.sequence > $3 order by j.sequence limit $4`,
};
/** Goes on only from the step before: two owners cannot both advance the same actions. */
const ADVANCE = {
  name: 'advance_actions',
  text: `update order_actions set state = $4, sequence = sequence + $5, is_active = $6, updated_at = $7
         where order_id = $1 and user_id = $2 and account_id = $3 and sequence = $8 and is_active`,
};
const ADD_STEPS = {
  name: 'add_action_steps',
  text: `insert into action_journal (order_id, sequence, event, commands)
         select $1, n.sequence, n.event, n.commands from json_to_recordset($2::json) as n (sequence bigint, event json, commands json)`,
};

export function actionsOf(database: Database): Store['actions'] {
  return {
    alive: async (accountId) => {
      const records = await database.rows<ActionRecord>(ALIVE, [accountId]);
      if (records.length === 0) return [];
      const roots = await database.rows<OrderRecord>(ROOTS, [records.map((record) => record.orderId)]);
      const byId = new Map(roots.map((root) => [root.id, root]));
      return records.flatMap((actions) => {
        const root = byId.get(actions.orderId);
        return root === undefined ? [] : [{ root, actions }];
      });
    },
    of: async (userId, orderIds) => {
      const records = await database.rows<ActionRecord>(OF, [userId, orderIds]);
      return new Map(records.map((record) => [record.orderId, record]));
    },
    callOff: async (userId, orderId, at) => {
      const row = await database.row<{ active: boolean }>(CALL_OFF, [userId, orderId, at]);
      return row === null ? null : row.active ? 'noted' : 'over';
    },
    tape: (userId, orderId, after, limit) => database.rows<ActionStep>(TAPE, [userId, orderId, after, limit]),
  };
}

/** Inside a commit; PortError `store_conflict` when the tape goes on with another number, or the actions are over. */
export async function advanceActions(session: Session, { actions = [], userId, accountId, at }: Commit): Promise<void> {
  for (const { orderId, steps, state } of actions) {
    const before = (steps[0]?.sequence ?? 0) - 1;
    const values = [orderId, userId, accountId, JSON.stringify(state), steps.length, state.status === 'active', at, before];
    if ((await session.write(ADVANCE, values)) !== 1) throw conflict(`the actions of order ${orderId} do not go on with step ${before + 1}`);
    await session.write(ADD_STEPS, [orderId, JSON.stringify(steps)]);
  }
}
