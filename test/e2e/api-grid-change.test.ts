/** A grid that its user changes over the API while it runs, on paper at prices the test sets: shown beforehand, then done, also over a take-over. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { Fleet } from '../support/fleet.ts';
import { type Caller, openApi } from './_api.ts';

let fleet: Fleet;
let user: Caller;
let botId: string;
afterEach(() => fleet.close());

const GRID = { lower_price: '58000', upper_price: '62000', levels: 5, sizing: 'base', order_size: '0.01', expand_up_limit: '64000' };
const CHANGE = { name: 'change_grid', params: { lower_price: '58000', upper_price: '64000', levels: 7, expand_up_limit: '0' } };

async function begin(): Promise<void> {
  fleet = await Fleet.open({ paperPrices: 'simulator' });
  const api = await openApi(fleet.store, { venues: fleet.venues, strategies: fleet.strategies, bus: fleet.bus, clock: systemClock });
  user = await api.user();
  fleet.simulator.world.setPrice('BTC/USDT', '60000');
  const made = await user.call('POST', '/bots', { name: 'grid', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config: GRID });
  expect(made.status, made.text).toBe(201);
  botId = made.body.id;
  await user.call('POST', `/bots/${botId}/start`);
  await rests('buy 58000, buy 59000, sell 61000, sell 62000');
}

async function book(): Promise<readonly { readonly id: string; readonly line: string }[]> {
  const { body } = await user.call('GET', `/orders?bot_id=${botId}&limit=200`);
  const orders = body.items as unknown as readonly { readonly id: string; readonly side: string; readonly price: string; readonly status: string }[];
  return orders.filter(({ status }) => status === 'open').map(({ id, side, price }) => ({ id, line: `${side} ${price}` }));
}

async function lines(): Promise<string> {
  return (await book())
    .map(({ line }) => line)
    .toSorted()
    .join(', ');
}

const rests = (wanted: string) => fleet.until(`it rests as ${wanted}`, async () => (await lines()) === wanted);

describe('a grid that runs', () => {
  it('shows what a change would do, does it, and leaves alone what stays', async () => {
    await begin();
    const before = await book();
    const shown = await user.call('POST', `/bots/${botId}/commands/preview`, CHANGE);
    expect(shown.status, shown.text).toBe(200);
    const { preview } = shown.body as unknown as { readonly preview: Readonly<Record<string, unknown>> };
    expect(preview).toMatchObject({
      cancelled: [],
      placed: [
        { side: 'sell', price: '63000', size: '0.01' },
        { side: 'sell', price: '64000', size: '0.01' },
      ],
      trade: { side: 'buy' },
    });
    expect(preview['kept']).toHaveLength(4);
    // Shown is not done.
    expect(await book()).toEqual(before);
    expect((await user.call('POST', `/bots/${botId}/commands`, CHANGE)).status).toBe(202);
    await fleet.halt();
    await fleet.start();
    await rests('buy 58000, buy 59000, sell 61000, sell 62000, sell 63000, sell 64000');
    const ids = (await book()).map(({ id }) => id);
    expect(before.every(({ id }) => ids.includes(id))).toBe(true);
  }, 60_000);

  it('refuses a change that cannot work, naming the setting, and one to a bot that does not run', async () => {
    await begin();
    const refused = await user.call('POST', `/bots/${botId}/commands/preview`, { name: 'change_grid', params: { upper_price: '57000' } });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('params.upper_price')]);
    await user.call('POST', `/bots/${botId}/stop`);
    await fleet.until('it has stopped', async () => (await fleet.store.bots.get(user.id, botId))?.status === 'stopped');
    expect((await user.call('POST', `/bots/${botId}/commands/preview`, CHANGE)).problem.code).toBe('bot_state_conflict');
  }, 60_000);
});
