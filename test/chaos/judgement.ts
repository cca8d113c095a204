/** The verdict over one installation: the venues' records against its books, and the records by themselves. */
import { parseClientOrderId } from '#core/client-order-id.ts';
import { decimal } from '#core/money.ts';
import { type BookFill, type BookOrder, differences, inDoubt } from '../crash/judge.ts';
import type { Movement, Skew } from '../venues/_movements.ts';
import type { LoggedRequest } from '../venues/_request-log.ts';
import type { TrueFill, TrueOrder } from '../venues/_truth.ts';
import type { Account, Installation } from './installation.ts';
import { byBot, doublesEver, peakAtStake, succession } from './record.ts';

export interface Verdict {
  /** What must wait or is wrong: books and venue differ, or an order is in doubt. */
  readonly unsettled: readonly string[];
  /** What no waiting mends. */
  readonly violations: readonly string[];
  readonly orders: number;
  readonly fills: number;
  /** Orders whose owner had changed before they arrived, all fixed in time. */
  readonly late: number;
  readonly epochs: number;
}

/** The verdict over several accounts. */
export function joined(verdicts: readonly Verdict[]): Verdict {
  return {
    unsettled: verdicts.flatMap(({ unsettled }) => unsettled),
    violations: verdicts.flatMap(({ violations }) => violations),
    orders: verdicts.reduce((sum, { orders }) => sum + orders, 0),
    fills: verdicts.reduce((sum, { fills }) => sum + fills, 0),
    late: verdicts.reduce((sum, { late }) => sum + late, 0),
    epochs: verdicts.reduce((sum, { epochs }) => sum + epochs, 0),
  };
}

export async function judgeAccount({ client, bots }: Installation, account: Account): Promise<Verdict> {
  const { venue, name } = account;
  const ownBots = bots.filter((bot) => bot.accountId === account.id);
  const venueOrders = await venue.truth<TrueOrder[]>('orders', { account: name });
  const bookOrders = await client.all<BookOrder>(`/orders?account_id=${account.id}`);
  const bookFills: BookFill[] = [];
  const names = new Map<number, string>();
  const investments = new Map<string, string>();
  for (const bot of ownBots) {
    bookFills.push(...(await client.all<BookFill>(`/bots/${bot.id}/fills`)));
    const { items } = await client.get<{ items: BookOrder[] }>(`/bots/${bot.id}/orders?limit=1`);
    const parsed = parseClientOrderId(items[0]?.client_order_id ?? '');
    if (parsed !== null) names.set(parsed.number, bot.name);
    investments.set(bot.name, bot.investment);
  }
  const ours = new Set(venueOrders.filter((order) => parseClientOrderId(order.clientOrderId) !== null).map((order) => order.venueOrderId));
  const allFills = await venue.truth<TrueFill[]>('fills', { account: name });
  const venueFills = allFills.filter((fill) => ours.has(fill.venueOrderId)).map((fill) => ({ ...fill, tradeId: venue.venue.tradeId(fill.tradeId) }));
  const found = differences({ venueOrders, venueFills, bookOrders, bookFills });
  const byId = new Map((await venue.truth<LoggedRequest[]>('requests', { operation: 'placeOrder' })).map((request) => [request.clientOrderId, request]));
  const requests = { byId, skews: await venue.truth<Skew[]>('skews') };
  const movements = await venue.truth<Movement[]>('movements', { account: name });
  const records = byBot({ orders: venueOrders, fills: allFills, movements }, names);
  const successions = records.map((record) => succession(record, requests));
  const over = records.flatMap((record) => {
    const peak = peakAtStake(record);
    const investment = investments.get(record.name) ?? '0';
    if (!decimal(peak.amount).gt(investment)) return [];
    return [[`budget: ${record.name} had ${peak.amount} at stake of ${investment}`, ...peak.evidence].join('\n      ')];
  });
  const duplicates = await venue.truth<readonly { account: string; clientOrderId: string }[]>('duplicates');
  return {
    unsettled: [...found, ...inDoubt(bookOrders).map((order) => `${order.client_order_id} is still in doubt`)],
    violations: [
      ...duplicates.filter((each) => each.account === name).map((each) => `doubled: ${venue.id} accepted ${each.clientOrderId} twice`),
      ...records.flatMap(doublesEver),
      ...successions.flatMap((each) => each.violations),
      ...over,
    ],
    orders: ours.size,
    fills: venueFills.length,
    late: successions.reduce((sum, each) => sum + each.late, 0),
    epochs: successions.reduce((sum, each) => sum + each.epochs, 0),
  };
}
