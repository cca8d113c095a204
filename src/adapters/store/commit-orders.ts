/**
 * The orders of a commit: new ones, changes of known ones, and the budget they must fit.
 */
import { isPerpetualSymbol, settleOf } from '#core/instrument.ts';
import { decimal, plain } from '#core/money.ts';
import type { OrderState } from '#core/order.ts';
import type { Commit } from '#core/store/commit.ts';
import type { NewOrder, OrderChange } from '#core/store/orders.ts';
import { conflict } from './commit-conflict.ts';
import { assertWithinMargin } from './commit-margin.ts';
import type { Session } from './database.ts';
import { TERMINAL_STATES } from './states.ts';

const INSERT = {
  name: 'insert_orders',
  text: `insert into orders (id, client_order_id, user_id, account_id, bot_id, run_id, symbol, side, type, time_in_force, post_only, price, trigger_price, size, state,
           reason_code, reason, tag, deadline_at, reduce_only, parent_order_id, created_at, updated_at)
         select n.id, n."clientOrderId", n."userId", n."accountId", n."botId", n."runId", n.symbol, n.side, n.type, n."timeInForce", n."postOnly", n.price,
           n."triggerPrice", n.size, n.state, n."reasonCode", n.reason, n.tag, n."deadlineAt", coalesce(n."reduceOnly", false),
           n."parentOrderId", n."createdAt", n."updatedAt"
         from json_to_recordset($1::json) as n (id text, "clientOrderId" text, "userId" text, "accountId" text, "botId" text, "runId" text, symbol text, side text,
           type text, "timeInForce" text, "postOnly" boolean, price numeric, "triggerPrice" numeric, size numeric, state text, "reasonCode" text, reason text,
           tag text, "deadlineAt" bigint, "reduceOnly" boolean, "parentOrderId" text, "createdAt" bigint, "updatedAt" bigint)`,
};
/** An order that is over stays as it is, and only one that was never sent may go out: `submitting` is reached once. */
const CHANGE = {
  name: 'change_orders',
  text: `update orders o set state = coalesce(n.state, o.state), venue_order_id = coalesce(n."venueOrderId", o.venue_order_id),
           reason_code = coalesce(n."reasonCode", o.reason_code), reason = coalesce(n.reason, o.reason), deadline_at = coalesce(n."deadlineAt", o.deadline_at),
           cancel_requested_at = coalesce(o.cancel_requested_at, n."cancelRequestedAt"), updated_at = n.at
         from json_to_recordset($1::json) as n ("userId" text, "accountId" text, at bigint, "clientOrderId" text, state text, "venueOrderId" text, "reasonCode" text,
           reason text, "deadlineAt" bigint, "cancelRequestedAt" bigint)
         join orders former on former.client_order_id = n."clientOrderId"
         where o.id = former.id and o.user_id = n."userId" and o.account_id = n."accountId"
           and (n.state is null or n.state = o.state and n.state <> 'submitting' or o.state not in ${TERMINAL_STATES})
           and (n.state is distinct from 'submitting' or o.state = 'initialized')
         returning o.id, o.client_order_id as "clientOrderId", former.state, former.cancel_requested_at is not null as "isCancelRequested"`,
};
const BUDGETS = {
  name: 'budgets_of_runs',
  text: `select n.asset,
           coalesce((select sum(amount) from run_reservations where run_id = n.run_id and asset = n.asset and symbol not like '%:%'), 0) as reserved,
           coalesce((select sum(amount) from run_positions where run_id = n.run_id and asset = n.asset and symbol not like '%:%'), 0) as earned,
           coalesce((select sum((size - filled_size) * price) from orders
             where account_id = n.account_id and run_id = n.run_id and side = 'buy' and price is not null and symbol like '%/' || n.asset and state not in ${TERMINAL_STATES}), 0) as open
         from unnest($1::text[], $2::text[], $3::text[]) as n (run_id, account_id, asset)`,
};

/** An order as it stood before the commit. */
export interface FormerOrder {
  readonly id: string;
  readonly clientOrderId: string;
  readonly state: OrderState;
  readonly isCancelRequested: boolean;
}

/** Whether anything in the commit is about to be sent to a venue as a new order. */
export function placesOrders({ newOrders, orderChanges }: Commit): boolean {
  return newOrders.some((order) => order.state === 'submitting') || orderChanges.some((change) => change.state === 'submitting');
}

export async function insertOrders(session: Session, commits: readonly Commit[]): Promise<void> {
  const orders = commits.flatMap((commit) => {
    const stranger = commit.newOrders.find((order) => !isOf(commit, order));
    if (stranger !== undefined) throw conflict(`order ${stranger.clientOrderId} does not belong to the user, account, bot and run of its commit`);
    return commit.newOrders.map((order) => ({ ...order, updatedAt: commit.at }));
  });
  if (orders.length > 0) await session.write(INSERT, [JSON.stringify(orders)]);
}

function isOf({ userId, accountId, botId, run }: Commit, order: NewOrder): boolean {
  return order.userId === userId && order.accountId === accountId && order.botId === botId && order.runId === (run?.id ?? null);
}

/** Returns the orders changed as they stood before. */
export async function applyChanges(session: Session, commits: readonly Commit[]): Promise<readonly FormerOrder[]> {
  const changes = commits.flatMap(({ orderChanges, userId, accountId, at }) => merged(orderChanges).map((change) => ({ ...change, userId, accountId, at })));
  if (changes.length === 0) return [];
  const changed = await session.rows<FormerOrder>(CHANGE, [JSON.stringify(changes)]);
  if (changed.length === changes.length) return changed;
  const known = new Set(changed.map((row) => row.clientOrderId));
  const refused = changes.filter((change) => !known.has(change.clientOrderId)).map((change) => `${change.clientOrderId} (${change.state ?? 'no state'})`);
  throw conflict(`orders are unknown on this account, over, or already sent: ${refused.join(', ')}`);
}

/** Several changes of one order in one commit count in turn. Why a cancel is wanted is told in the order's life; only why it ended stays with it. */
function merged(changes: readonly OrderChange[]): readonly OrderChange[] {
  const byOrder = new Map<string, OrderChange>();
  for (const change of changes) {
    const { reasonCode: _code, reason: _reason, ...wish } = change;
    byOrder.set(change.clientOrderId, {
      ...byOrder.get(change.clientOrderId),
      ...(change.state === 'cancelling' || change.cancelRequestedAt !== undefined ? wish : change),
    });
  }
  return [...byOrder.values()];
}

/**
 * When runs place buy orders with a price: everything a run has open to buy, at its price, must fit what it was promised
 * plus what its fills have earned less spent. Market orders have no price to count; once filled they count as spent.
 */
export async function assertWithinBudget(session: Session, commits: readonly Commit[]): Promise<void> {
  const budgeted: { readonly runId: string; readonly accountId: string; readonly asset: string }[] = [];
  for (const { newOrders, accountId, run } of commits) {
    if (run === null) continue;
    const placed = newOrders.filter((order) => order.state === 'submitting');
    const symbols = new Set(placed.map(({ symbol }) => symbol));
    for (const symbol of symbols)
      if (isPerpetualSymbol(symbol))
        await assertWithinMargin(
          session,
          run.id,
          accountId,
          placed.filter((order) => order.symbol === symbol),
        );
    const bought = placed.filter(({ side, price, symbol }) => side === 'buy' && price !== null && !isPerpetualSymbol(symbol));
    for (const asset of new Set(bought.map(({ symbol }) => settleOf(symbol)))) budgeted.push({ runId: run.id, accountId, asset });
  }
  if (budgeted.length > 0) await assertWithin(session, budgeted);
}

async function assertWithin(
  session: Session,
  budgeted: readonly { readonly runId: string; readonly accountId: string; readonly asset: string }[],
): Promise<void> {
  const columns = [budgeted.map(({ runId }) => runId), budgeted.map(({ accountId }) => accountId), budgeted.map(({ asset }) => asset)];
  const rows = await session.rows<Record<'asset' | 'reserved' | 'earned' | 'open', string>>(BUDGETS, columns);
  for (const { asset, reserved, earned, open } of rows) {
    const limit = decimal(reserved).plus(decimal(earned));
    if (decimal(open).gt(limit))
      throw conflict(`budget: the run's open buy orders come to ${plain(decimal(open))} ${asset}, its budget has ${plain(limit)} ${asset} left`);
  }
}
