/** What has changed, for those who watch: rows by their running numbers, found by the primary key, and the few that are looked at whole. */
import type { BotRecord } from '#core/store/bots.ts';
import type { ReadFrom, UserJob } from '#core/store/live.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import { BOT_COLUMNS, BOT_SOURCE } from './bots.ts';
import type { Database } from './database.ts';
import { ORDER_COLUMNS } from './order-columns.ts';
import { TERMINAL_STATES } from './states.ts';

const NEWEST_EVENT = { name: 'live_newest_order_event', text: 'select coalesce(max(id), 0) as id from order_events' };
const BOTS = { name: 'live_bots', text: `select ${BOT_COLUMNS} from ${BOT_SOURCE} where b.user_id = any ($1) and b.removed_at is null` };
const JOBS = {
  name: 'live_jobs',
  text: `select id, user_id as "userId", 'backtest' as kind, name, state, progress, failure, created_at as "createdAt", ended_at as "endedAt"
         from backtests where user_id = any ($1) and (ended_at is null or ended_at >= $2)
         union all
         select id, user_id, 'optimization', name, state, trials_done::float8 / greatest(trials, 1), failure, created_at, ended_at
         from optimizations where user_id = any ($1) and (ended_at is null or ended_at >= $2)`,
};
const OPEN_ORDERS = {
  name: 'live_open_orders',
  text: `select ${ORDER_COLUMNS} from orders o where o.user_id = $1 and o.state not in ${TERMINAL_STATES} order by o.created_at desc, o.id desc limit $2`,
};
const ORDER_EVENTS = {
  name: 'live_order_events',
  text: 'select id, order_id as "orderId" from order_events where id > $1 or id = any ($2::bigint[]) order by id limit $3',
};
const ORDERS = { name: 'live_orders', text: `select ${ORDER_COLUMNS} from orders o where o.id = any ($1) and o.user_id = any ($2)` };

export function liveOf(database: Database): Store['live'] {
  const from = ({ after, missing, limit }: ReadFrom) => [after, missing, limit];
  return {
    newestOrderEvent: async () => (await database.row<{ id: number }>(NEWEST_EVENT))?.id ?? 0,
    bots: (userIds) => database.rows<BotRecord>(BOTS, [userIds]),
    jobs: (userIds, endedFrom) => database.rows<UserJob>(JOBS, [userIds, endedFrom]),
    openOrders: (userId, limit) => database.rows<OrderRecord>(OPEN_ORDERS, [userId, limit]),
    orderEvents: (wanted) => database.rows<{ id: number; orderId: string }>(ORDER_EVENTS, from(wanted)),
    orders: (ids, userIds) => database.rows<OrderRecord>(ORDERS, [ids, userIds]),
  };
}
