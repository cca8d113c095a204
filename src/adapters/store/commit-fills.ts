/**
 * The fills of a commit: into the ledger, and from the ledger into what is derived of it in the same transaction, the
 * filled amounts of orders and the position of the run.
 */
import type { Commit } from '#core/store/commit.ts';
import { conflict } from './commit-conflict.ts';
import type { Session } from './database.ts';

const INSERT = {
  name: 'insert_fills',
  text: `insert into fills (order_id, user_id, account_id, bot_id, run_id, client_order_id, venue_order_id, trade_id, symbol, side, price, size, fee_asset, fee_amount,
           is_maker, at)
         select o.id, o.user_id, o.account_id, o.bot_id, o.run_id, o.client_order_id, n."venueOrderId", n."tradeId", n.symbol, n.side, n.price, n.size, n."feeAsset",
           n."feeAmount", n."isMaker", n.at
         from json_to_recordset($1::json) as n ("userId" text, "accountId" text, "clientOrderId" text, "venueOrderId" text, "tradeId" text, symbol text, side text,
           price numeric, size numeric, "feeAsset" text, "feeAmount" numeric, "isMaker" boolean, at bigint)
         join orders o on o.client_order_id = n."clientOrderId" and o.user_id = n."userId" and o.account_id = n."accountId"
           and o.symbol = n.symbol and o.side = n.side
         order by n.at
         returning id, order_id as "orderId", client_order_id as "clientOrderId"`,
};
const DERIVE_ORDERS = {
  name: 'derive_orders',
  text: `update orders o set filled_size = f.size, filled_quote = f.quote, updated_at = n.at
         from (select order_id, sum(size) as size, sum(size * price) as quote from fills where order_id = any ($1::text[]) group by order_id) f
         join unnest($1::text[], $2::bigint[]) as n (order_id, at) using (order_id)
         where o.id = f.order_id`,
};
const DERIVE_POSITIONS = {
  name: 'derive_positions',
  text: `insert into run_positions as p (run_id, symbol, asset, amount)
         select f.run_id, f.symbol, flow.asset, sum(flow.amount) from fill_flows flow join fills f on f.id = flow.fill_id
         where flow.fill_id = any ($1::bigint[]) and f.run_id is not null group by f.run_id, f.symbol, flow.asset
         on conflict (run_id, symbol, asset) do update set amount = p.amount + excluded.amount`,
};

/** A fill in the ledger and its order. */
export interface AddedFill {
  readonly id: number;
  readonly orderId: string;
  readonly clientOrderId: string;
}

/** Returns what was added. PortError `store_conflict` for a fill that is in the ledger already, or whose order is not known there. */
export async function addFills(session: Session, commits: readonly Commit[]): Promise<readonly AddedFill[]> {
  const fills = commits.flatMap(({ userId, accountId, fills }) => fills.map((fill) => ({ ...fill, userId, accountId })));
  if (fills.length === 0) return [];
  const added = await session.rows<AddedFill>(INSERT, [JSON.stringify(fills)]);
  if (added.length !== fills.length)
    throw conflict(`of ${fills.length} fills only ${added.length} are of orders of their account with the same symbol and side`);
  return added;
}

/** Brings in line what follows from the fills that these commits have added. */
export async function deriveFromFills(session: Session, commits: readonly Commit[], added: readonly AddedFill[]): Promise<void> {
  if (added.length === 0) return;
  const filledAt = new Map(commits.flatMap(({ fills, at }) => fills.map(({ clientOrderId }) => [clientOrderId, at] as const)));
  const orders = new Map(added.map(({ orderId, clientOrderId }) => [orderId, filledAt.get(clientOrderId) ?? 0]));
  await Promise.all([
    session.write(DERIVE_ORDERS, [[...orders.keys()], [...orders.values()]]),
    session.write(DERIVE_POSITIONS, [added.map((fill) => fill.id)]),
  ]);
}
