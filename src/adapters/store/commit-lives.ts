/**
 * The events a commit adds to the lives of its orders, in the same transaction as the changes they tell of.
 */
import { lifeEvents } from '#core/order-life.ts';
import type { Commit } from '#core/store/commit.ts';
import type { AddedFill } from './commit-fills.ts';
import type { FormerOrder } from './commit-orders.ts';
import type { Session } from './database.ts';

const INSERT = {
  name: 'insert_order_events',
  text: `insert into order_events (order_id, type, at, price, size, trade_id, reason_code, reason, related_order_id)
         select n."orderId", n.type, n.at, n.price, n.size, n."tradeId", n."reasonCode", n.reason, n."relatedOrderId"
         from json_to_recordset($1::json) as n (place integer, "orderId" text, type text, at bigint, price numeric, size numeric, "tradeId" text, "reasonCode" text,
           reason text, "relatedOrderId" text)
         order by n.place`,
};

/** `former` are the orders changed as they stood before, `filled` what was added to the ledger. */
export async function tellLives(session: Session, commits: readonly Commit[], former: readonly FormerOrder[], filled: readonly AddedFill[]): Promise<void> {
  const formerOf = new Map(former.map((order) => [order.clientOrderId, order]));
  const ids = new Map([
    ...filled.map((fill) => [fill.clientOrderId, fill.orderId] as const),
    ...former.map((order) => [order.clientOrderId, order.id] as const),
  ]);
  const all = commits.flatMap((commit) => eventsOf(commit, formerOf, ids)).map((event, place) => ({ ...event, place }));
  if (all.length > 0) await session.write(INSERT, [JSON.stringify(all)]);
}

function eventsOf(commit: Commit, formerOf: ReadonlyMap<string, FormerOrder>, ids: ReadonlyMap<string, string>): readonly object[] {
  const { newOrders, orderChanges, fills, actions = [], at } = commit;
  const madeOf = new Map(newOrders.map((order) => [order.clientOrderId, order]));
  const touched = new Set([...fills, ...orderChanges, ...newOrders].map(({ clientOrderId }) => clientOrderId));
  const events = [...touched].flatMap((clientOrderId) => {
    const made = madeOf.get(clientOrderId) ?? null;
    const orderId = made?.id ?? ids.get(clientOrderId);
    const parts = {
      former: made === null ? (formerOf.get(clientOrderId) ?? null) : null,
      made,
      changes: orderChanges.filter((change) => change.clientOrderId === clientOrderId),
      fills: fills.filter((fill) => fill.clientOrderId === clientOrderId),
    };
    return lifeEvents({ ...parts, at }).map((event) => ({ ...event, orderId }));
  });
  const notes = actions.flatMap((advance) => advance.notes.map((note) => ({ ...note, type: 'action', orderId: advance.orderId })));
  return [...events, ...notes];
}
