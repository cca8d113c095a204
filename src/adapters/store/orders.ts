/**
 * Orders as users and their owners read them, and the wishes users may add. How orders change is the commit's business.
 */
import { PortError } from '#core/errors.ts';
import { isTerminal } from '#core/order.ts';
import type { OrderFilter } from '#core/order-filter.ts';
import type { OrderLifeRecord, OrderRecord } from '#core/store/orders.ts';
import type { PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import type { Database, Statement, Value } from './database.ts';
import { requestCancels, WISHED_OFF } from './order-cancels.ts';
import { ORDER_COLUMNS } from './order-columns.ts';
import { type PageStart, pageOf, pageStart } from './paging.ts';
import { TERMINAL_STATES } from './states.ts';

const GET = { name: 'get_order', text: `select ${ORDER_COLUMNS} from orders o where o.user_id = $1 and o.id = $2` };
const REQUEST = {
  name: 'request_order',
  text: `with stored as (
         insert into orders (id, client_order_id, user_id, account_id, bot_id, run_id, symbol, side, type, time_in_force, post_only, price, trigger_price, size,
           state, reason_code, reason, tag, deadline_at, idempotency_key, idempotency_request, created_at, updated_at, reduce_only)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $22, $23
         from exchange_accounts a where a.id = $4 and a.user_id = $3 and a.removed_at is null for share of a
         on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
         returning *),
         told as (insert into order_events (order_id, type, at) select id, 'requested', created_at from stored),
         acting as (
           insert into order_actions (order_id, user_id, account_id, rules, plan, state, created_at, updated_at)
           select id, user_id, account_id, $24, $25, $26, created_at, created_at from stored where $24::json is not null)
         select ${ORDER_COLUMNS} from stored o`,
};
const BY_IDEMPOTENCY_KEY = {
  name: 'order_by_idempotency_key',
  text: `select ${ORDER_COLUMNS}, o.idempotency_request as request from orders o where o.user_id = $1 and o.idempotency_key = $2`,
};
const LIFE = {
  name: 'life_of_order',
  text: `select e.id::text as id, e.order_id as "orderId", e.type, e.at, e.price, e.size, e.trade_id as "tradeId", e.reason_code as "reasonCode", e.reason,
           e.related_order_id as "relatedOrderId"
         from order_events e join orders o on o.id = e.order_id
         where o.user_id = $1 and e.order_id = $2 and ($3::bigint = 0 or e.id < $3::bigint) order by e.id desc limit $4`,
};
const OLDEST_FIRST = 'order by o.created_at, o.client_order_id';
/** On a paper account everything is play; on a real one only the orders of runs in paper mode. */
const ALIVE_ON_PAPER = {
  name: 'alive_orders_on_paper',
  text: `select ${ORDER_COLUMNS} from orders o join exchange_accounts a on a.id = o.account_id left join runs r on r.id = o.run_id
         where o.account_id = $1 and (a.exchange = 'paper' or r.recipe ->> 'mode' = 'paper') and o.state not in ${TERMINAL_STATES} ${OLDEST_FIRST}`,
};
const ALIVE = {
  name: 'alive_orders',
  text: `select ${ORDER_COLUMNS} from orders o where o.account_id = $1 and o.state not in ${TERMINAL_STATES} ${OLDEST_FIRST}`,
};
const ALIVE_OF_RUN = {
  name: 'alive_orders_of_run',
  text: `select ${ORDER_COLUMNS} from orders o where o.account_id = $1 and o.run_id = $2 and o.state not in ${TERMINAL_STATES} ${OLDEST_FIRST}`,
};
const ALIVE_BY_HAND = {
  name: 'alive_orders_by_hand',
  text: `select ${ORDER_COLUMNS} from orders o where o.account_id = $1 and o.run_id is null and o.state not in ${TERMINAL_STATES} ${OLDEST_FIRST}`,
};
const BY_CLIENT_ORDER_ID = { name: 'order_by_client_order_id', text: `select ${ORDER_COLUMNS} from orders o where o.client_order_id = $1` };
const BY_VENUE_ORDER_ID = {
  name: 'order_by_venue_order_id',
  text: `select ${ORDER_COLUMNS} from orders o where o.account_id = $1 and o.symbol = $2 and o.venue_order_id = $3`,
};

type Request = Parameters<Store['orders']['request']>[0];

export function ordersOf(database: Database): Store['orders'] {
  return {
    list: async (userId, filter, page) => {
      const { statement, values } = listOf(userId, filter, pageStart(page, 'text'));
      return pageOf(await database.rows<OrderRecord>(statement, values), page satisfies PageRequest, (order) => ({ at: order.createdAt, id: order.id }));
    },
    get: (userId, id) => database.row<OrderRecord>(GET, [userId, id]),
    life: async (userId, id, page) => {
      const start = pageStart(page, 'serial');
      // The running number alone is the place: it is the sequence in which we learned of the events.
      const rows = await database.rows<OrderLifeRecord>(LIFE, [userId, id, start.id, start.rows]);
      return pageOf(rows, page, (event) => ({ at: event.at, id: event.id }));
    },
    request: (order) => request(database, order),
    requestCancel: async (userId, id, at) => {
      const [order] = await requestCancels(database, userId, { ids: [id] }, at, 1);
      if (order === undefined) return null;
      return isTerminal(order.state) ? 'notOpen' : order;
    },
    requestCancels: (userId, which, at, limit) => requestCancels(database, userId, which, at, limit),
    wishedOff: () => database.rows<{ botId: string; clientOrderId: string }>(WISHED_OFF),
    byIdempotencyKey: (userId, key) => byIdempotencyKey(database, userId, key),
    alive: (accountId, runId) => {
      if (runId === undefined) return database.rows<OrderRecord>(ALIVE, [accountId]);
      return runId === null ? database.rows<OrderRecord>(ALIVE_BY_HAND, [accountId]) : database.rows<OrderRecord>(ALIVE_OF_RUN, [accountId, runId]);
    },
    aliveOnPaper: (accountId) => database.rows<OrderRecord>(ALIVE_ON_PAPER, [accountId]),
    byClientOrderId: (clientOrderId) => database.row<OrderRecord>(BY_CLIENT_ORDER_ID, [clientOrderId]),
    byVenueOrderId: (accountId, symbol, venueOrderId) => database.row<OrderRecord>(BY_VENUE_ORDER_ID, [accountId, symbol, venueOrderId]),
  };
}

async function request(database: Database, order: Request): Promise<OrderRecord> {
  const stored = await database.row<OrderRecord>(REQUEST, [
    ...[order.id, order.clientOrderId, order.userId, order.accountId, order.botId, order.runId, order.symbol, order.side, order.type, order.timeInForce],
    ...[order.postOnly, order.price, order.triggerPrice, order.size, order.state, order.reasonCode, order.reason, order.tag, order.deadlineAt],
    ...[order.idempotency?.key ?? null, order.idempotency?.request ?? null, order.createdAt, order.reduceOnly ?? false],
    ...[json(order.actions?.rules), json(order.actions?.plan), json(order.actions?.state)],
  ]);
  const known = stored ?? (order.idempotency === null ? null : ((await byIdempotencyKey(database, order.userId, order.idempotency.key))?.order ?? null));
  if (known === null) throw new PortError('store_conflict', 'the exchange account is not there any more', { outcome: 'failed' });
  return known;
}

function json(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

async function byIdempotencyKey(database: Database, userId: string, key: string): ReturnType<Store['orders']['byIdempotencyKey']> {
  const row = await database.row<OrderRecord & { readonly request: string | null }>(BY_IDEMPOTENCY_KEY, [userId, key]);
  if (row === null) return null;
  const { request, ...order } = row;
  return { order, request };
}

/** The statement for exactly the filters given, so that each has the index it needs. */
function listOf(userId: string, filter: OrderFilter, start: PageStart): { readonly statement: Statement; readonly values: readonly Value[] } {
  const values: Value[] = [userId, start.at, start.id, start.rows];
  const conditions = ['o.user_id = $1', '(o.created_at, o.id) < ($2, $3)'];
  const add = (value: Value | undefined, condition: (place: string) => string): void => {
    if (value !== undefined) conditions.push(condition(`$${values.push(value)}`));
  };
  add(filter.botId, (place) => `o.bot_id = ${place}`);
  add(filter.accountId, (place) => `o.account_id = ${place}`);
  add(filter.symbol, (place) => `o.symbol = ${place}`);
  add(filter.side, (place) => `o.side = ${place}`);
  add(filter.type, (place) => `o.type = ${place}`);
  add(filter.states, (place) => `o.state = any (${place}::text[])`);
  // Said in the words of the index of orders that are not over, of which there are always few.
  if (filter.states?.every((state) => !isTerminal(state)) === true) conditions.push(`o.state not in ${TERMINAL_STATES}`);
  add(filter.createdFrom, (place) => `o.created_at >= ${place}`);
  add(filter.createdBefore, (place) => `o.created_at < ${place}`);
  if (filter.search !== undefined) {
    const whole = `$${values.push(filter.search)}`;
    const beginning = `$${values.push(`${filter.search.replace(/[\\%_]/g, '\\$&')}%`)}`;
    conditions.push(`(o.id = ${whole} or o.client_order_id like ${beginning} or o.venue_order_id like ${beginning})`);
  }
  return {
    statement: { text: `select ${ORDER_COLUMNS} from orders o where ${conditions.join(' and ')} order by o.created_at desc, o.id desc limit $4` },
    values,
  };
}
