/** Orders that a user places by hand through Argosy while everything breaks: far from the market, cancelled a little later. */
import { ApiProblem } from '../crash/api-client.ts';
import type { Random } from '../venues/_random.ts';
import { between, pick, type Storm, type Tally } from './draws.ts';
import type { Installation } from './installation.ts';

interface HandOrder {
  readonly id: string;
  readonly bot_id: string | null;
  readonly status: string;
}

/** One order and its cancel; whatever the API does not answer is left to the judgement. */
export async function handOrder(installation: Installation, random: Random, storm: Storm, tally: Tally): Promise<void> {
  const [first, ...rest] = installation.accounts;
  if (first === undefined) return;
  const account = pick(random, [first, ...rest]);
  const price = String(between(random, 50_000, 54_000));
  const wait = between(random, 200, 15_000);
  try {
    const asked = { account_id: account.id, symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.001', price };
    const { id } = await installation.client.post<HandOrder>('/orders', asked);
    tally.add('orders by hand', installation.name);
    await storm.sleep(wait);
    await installation.client.delete(`/orders/${id}`);
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) await installation.login().catch(() => undefined);
  }
}

/** Cancels what is left of them. */
export async function cancelHandOrders({ client, accounts }: Installation): Promise<void> {
  for (const account of accounts) {
    for (const status of ['open', 'pending']) {
      for (const order of await client.all<HandOrder>(`/orders?account_id=${account.id}&status=${status}`))
        if (order.bot_id === null) await client.delete(`/orders/${order.id}`).catch(() => undefined);
    }
  }
}
