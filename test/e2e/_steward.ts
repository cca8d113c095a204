/**
 * Answers orders placed by hand in the way the account's steward does, as a test says: through the store's commit, then a word on the bus.
 */
import type { OrderState } from '#core/order.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { VenueFill } from '#core/venue-ports.ts';
import type { Api } from './_api.ts';

export interface StewardAnswer {
  readonly state: OrderState;
  readonly venueOrderId?: string;
  readonly reasonCode?: string;
  readonly reason?: string;
  readonly fills?: readonly Pick<VenueFill, 'tradeId' | 'price' | 'size' | 'feeAsset' | 'feeAmount'>[];
}

let work: Promise<void> = Promise.resolve();

/** Waits for what stewards have begun: the next test empties the tables. */
export function stewardsDone(): Promise<void> {
  return work;
}

/** Lets `answer` decide about every order it is woken for; `null` keeps silent. Returns what it was woken with. */
export function steward(api: Api, userId: string, answer: (order: OrderRecord) => StewardAnswer | null): Readonly<Record<string, unknown>>[] {
  const woken: Readonly<Record<string, unknown>>[] = [];
  api.bus.subscribe('order_commands', (message) => {
    woken.push(message);
    // One order after another: whoever takes the lease again ends what it did under it before.
    work = work.then(() => act(api, userId, String(message['orderId']), answer));
  });
  return woken;
}

async function act(api: Api, userId: string, orderId: string, answer: (order: OrderRecord) => StewardAnswer | null): Promise<void> {
  const order = await api.store.orders.get(userId, orderId);
  const decided = order === null ? null : answer(order);
  if (order === null || decided === null) return;
  const lease = await api.store.leases.acquire(`account:${order.accountId}`, 'the steward of the test', 60_000);
  if (lease === null) throw new Error('the lease is taken');
  const { fills = [], ...change } = decided;
  await api.store.commit({
    lease,
    userId,
    accountId: order.accountId,
    botId: null,
    run: null,
    newOrders: [],
    orderChanges: [{ clientOrderId: order.clientOrderId, ...change }],
    fills: fills.map((fill) => ({
      ...fill,
      venueOrderId: change.venueOrderId ?? order.venueOrderId ?? '',
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      side: order.side,
      isMaker: false,
      at: api.clock.now(),
    })),
    facts: [],
    status: null,
    at: api.clock.now(),
  });
  api.bus.publish('order_changed', { orderId, state: change.state });
}
