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

interface Kind {
  readonly symbol?: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly rests: string;
}

async function begin(
  { symbol = 'BTC/USDT', config, rests: lines }: Kind = { config: GRID, rests: 'buy 58000, buy 59000, sell 61000, sell 62000' },
): Promise<void> {
  fleet = await Fleet.open({ paperPrices: 'simulator' });
  const api = await openApi(fleet.store, { venues: fleet.venues, strategies: fleet.strategies, bus: fleet.bus, clock: systemClock });
  user = await api.user();
  fleet.simulator.world.setPrice(symbol, '60000');
  const made = await user.call('POST', '/bots', { name: 'grid', strategy: 'grid', symbol, mode: 'paper', exchange: 'paper', config });
  expect(made.status, made.text).toBe(201);
  botId = made.body.id;
  await user.call('POST', `/bots/${botId}/start`);
  await rests(lines);
}

async function stopped(): Promise<void> {
  await user.call('POST', `/bots/${botId}/stop`);
  await fleet.until('it has stopped', async () => (await fleet.store.bots.get(user.id, botId))?.status === 'stopped');
}

/** Loses the process at once, and has another go on. */
async function takeOver(): Promise<void> {
  await fleet.halt();
  await fleet.start();
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
    await takeOver();
    await rests('buy 58000, buy 59000, sell 61000, sell 62000, sell 63000, sell 64000');
    const ids = (await book()).map(({ id }) => id);
    expect(before.every(({ id }) => ids.includes(id))).toBe(true);
  }, 60_000);

  it('refuses a change that cannot work, naming the setting, and one to a bot that does not run', async () => {
    await begin();
    const refused = await user.call('POST', `/bots/${botId}/commands/preview`, { name: 'change_grid', params: { upper_price: '57000' } });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('params.upper_price')]);
    await stopped();
    expect((await user.call('POST', `/bots/${botId}/commands/preview`, CHANGE)).problem.code).toBe('bot_state_conflict');
  }, 60_000);

  it('keeps the change as the next version of its settings, with which it stands there again after it was stopped', async () => {
    await begin();
    const given = await user.call('POST', `/bots/${botId}/commands`, CHANGE);
    await takeOver();
    const changed = 'buy 58000, buy 59000, sell 61000, sell 62000, sell 63000, sell 64000';
    await rests(changed);
    const bot = (await user.call('GET', `/bots/${botId}`)).body as unknown as { readonly config_version: number; readonly config: unknown };
    expect(bot).toMatchObject({ config_version: 2, config: { upper_price: '64000', levels: 7, expand_up_limit: null, order_size: '0.01', sizing: 'base' } });
    const { items } = (await user.call('GET', '/users/me/audit?limit=5')).body as unknown as {
      readonly items: readonly { readonly action: string; readonly details: unknown }[];
    };
    expect(items.find(({ action }) => action === 'bot_changed')?.details).toEqual({ config_version: 2, command_id: given.body.id });
    expect(items.find(({ action }) => action === 'bot_commanded')?.details).toMatchObject({ command_id: given.body.id, name: 'change_grid' });
    expect((await fleet.replay(botId, user.id)).difference).toBeNull();

    await stopped();
    await user.call('POST', `/bots/${botId}/start`);
    await rests(changed);
    await stopped();
    expect((await user.call('PATCH', `/bots/${botId}`, { config_version: 1 })).body).toMatchObject({ config_version: 3, config: { levels: 5 } });
  }, 60_000);

  const range = { lower_price: '58000', upper_price: '62000', levels: 5, sizing: 'base', order_size: '0.01' };
  const wider = { lower_price: '57000', upper_price: '63000', levels: 7 };
  const perpetual = { symbol: 'BTC/USDT:USDT', rests: 'buy 58000, buy 59000, sell 61000, sell 62000', params: { ...wider, order_size: '0.005' } };
  const all = 'buy 57000, buy 58000, buy 59000, sell 61000, sell 62000, sell 63000';

  it.each<[string, Kind & { readonly params: Readonly<Record<string, unknown>>; readonly after: string }]>([
    ['long on a perpetual', { ...perpetual, config: { ...range, leverage: 2, direction: 'long' }, after: all }],
    ['short', { ...perpetual, config: { ...range, leverage: 2, direction: 'short' }, after: all }],
    ['neutral', { ...perpetual, config: { ...range, leverage: 2, direction: 'neutral' }, after: all }],
    [
      'infinite',
      {
        config: { range: 'infinite', lower_price: '50000', step_percent: '10', order_size: '100', active_orders: 3 },
        rests: 'buy 55000, sell 66550, sell 73205',
        params: { step_percent: '20' },
        after: 'buy 50000, sell 72000, sell 86400',
      },
    ],
  ])(
    'that is %s is changed and kept alike, also over a take-over',
    async (_name, { params, after, ...kind }) => {
      await begin(kind);
      await user.call('POST', `/bots/${botId}/commands`, { name: 'change_grid', params });
      await takeOver();
      await rests(after);
      expect((await user.call('GET', `/bots/${botId}`)).body).toMatchObject({ config_version: 2, config: params });
      expect((await fleet.replay(botId, user.id)).difference).toBeNull();
    },
    60_000,
  );
});
