/** Bots over executors that a user makes over the API and that trade on the paper venue at prices the test sets: signals, a smart trade, a ladder. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { Fleet } from '../support/fleet.ts';
import { type Caller, openApi } from './_api.ts';

let fleet: Fleet;
let user: Caller;
afterEach(() => fleet.close());

async function begin(): Promise<void> {
  fleet = await Fleet.open({ paperPrices: 'simulator' });
  const api = await openApi(fleet.store, { venues: fleet.venues, strategies: fleet.strategies, bus: fleet.bus, clock: systemClock });
  user = await api.user();
}

async function statusOf(botId: string): Promise<unknown> {
  const { body } = await user.call('GET', `/bots/${botId}`);
  return (body as unknown as { readonly status: unknown }).status;
}

async function startBot(strategy: string, symbol: string, config: Readonly<Record<string, unknown>>): Promise<string> {
  const made = await user.call('POST', '/bots', { name: `${strategy} ${symbol}`, strategy, symbol, mode: 'paper', exchange: 'paper', config });
  expect(made.status, made.text).toBe(201);
  expect((await user.call('POST', `/bots/${made.body.id}/start`)).status).toBe(202);
  await fleet.until('it runs', async () => (await statusOf(made.body.id)) === 'running');
  return made.body.id;
}

async function book(botId: string): Promise<readonly string[]> {
  const { body } = await user.call('GET', `/orders?bot_id=${botId}&limit=200`);
  const orders = body.items as unknown as readonly { readonly side: string; readonly price: string; readonly status: string }[];
  return orders
    .filter(({ status }) => status === 'open' || status === 'partially_filled')
    .map(({ side, price }) => `${side} ${price}`)
    .toSorted();
}

async function rests(botId: string, ...wanted: readonly string[]): Promise<void> {
  let last: readonly string[] = [];
  await fleet
    .until(`it rests as ${wanted.join(', ')}`, async () => {
      last = await book(botId);
      return last.join() === wanted.join();
    })
    .catch((error: unknown) => {
      throw new Error(`${String(error)}; the book is ${last.join(', ')}`);
    });
}

async function figuresOf(botId: string): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await user.call('GET', `/bots/${botId}/stats`);
  return (body as unknown as { readonly figures: Readonly<Record<string, unknown>> }).figures;
}

const tell = (botId: string, name: string, params: Readonly<Record<string, unknown>>) => user.call('POST', `/bots/${botId}/commands`, { name, params });

const CALL = { id: 'vip-1', side: 'short', entries: [{ price: '60000' }], targets: [{ price: '59000' }, { price: '58000' }], stop: '61000', leverage: 2 };

describe('over the API, on paper', () => {
  it('a signal is followed on a perpetual to its end, also over a take-over, and not a second time', async () => {
    await begin();
    fleet.simulator.world.setPrice('BTC/USDT:USDT', '60000');
    const id = await startBot('signal_follower', 'BTC/USDT:USDT', { investment: '1000', leverage: 3, break_even_after_target: 1 });
    expect((await tell(id, 'signal', CALL)).status).toBe(202);
    await rests(id, 'buy 58000', 'buy 59000');
    await fleet.halt();
    await fleet.start();
    fleet.simulator.world.setPrice('BTC/USDT:USDT', '58900');
    await rests(id, 'buy 58000');
    // Break-even now: the rest is bought back where it was sold.
    fleet.simulator.world.setPrice('BTC/USDT:USDT', '60100');
    await fleet.until('it is over', async () => (await figuresOf(id))['signals_won'] === 1);
    expect((await tell(id, 'signal', CALL)).status).toBe(202);
    await fleet.until('it is refused', async () => (await figuresOf(id))['last_refusal'] === 'it was received before');
    expect(await book(id)).toEqual([]);
    const bot = await fleet.store.bots.get(user.id, id);
    expect((await fleet.store.runs.latest(user.id, bot?.id ?? ''))?.state?.position.baseGrains).toBe(0);
  }, 60_000);

  it('a signal that makes no sense is refused at once with the field, or told with it', async () => {
    await begin();
    fleet.simulator.world.setPrice('BTC/USDT', '60000');
    const id = await startBot('signal_follower', 'BTC/USDT', { investment: '1000' });
    const refused = await tell(id, 'signal', { ...CALL, side: 'up', targets: [{ price: '-1' }], stop: 'low', colour: 'red' });
    expect(refused.status).toBe(422);
    for (const field of ['params.side', 'params.targets[0].price', 'params.stop', 'params.colour']) expect(refused.text).toContain(field);
    expect((await tell(id, 'signal', { ...CALL, side: 'long' })).status).toBe(202);
    await fleet.until('it is told why not', async () =>
      String((await figuresOf(id))['last_refusal']).startsWith('targets[0].price must be above the entry 60000 for a long'),
    );
  }, 60_000);

  it('a smart trade takes its profits and stops by itself', async () => {
    await begin();
    fleet.simulator.world.setPrice('BTC/USDT', '60000');
    const id = await startBot('smart_trade', 'BTC/USDT', { investment: '1000', take_profits: [{ price: '61000' }, { price: '62000' }], stop_price: '58000' });
    await rests(id, 'sell 61000', 'sell 62000');
    fleet.simulator.world.setPrice('BTC/USDT', '62100');
    await fleet.until('it has stopped', async () => (await statusOf(id)) === 'stopped');
    expect(await figuresOf(id)).toMatchObject({ stage: 'done', targets_hit: 2, reason: 'targets reached' });
  }, 60_000);

  it('a ladder is refused with the field, then fills and stops by itself', async () => {
    await begin();
    fleet.simulator.world.setPrice('BTC/USDT', '60000');
    const config = { side: 'buy', size: '0.03', first_price: '59500', last_price: '58500', orders: 3 };
    const asked = { strategy: 'ladder', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper' };
    const refused = await user.call('POST', '/bots/preview', { ...asked, config: { ...config, last_price: '59600' } });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('last_price')]);
    const id = await startBot('ladder', 'BTC/USDT', config);
    await rests(id, 'buy 58500', 'buy 59000', 'buy 59500');
    fleet.simulator.world.setPrice('BTC/USDT', '58400');
    await fleet.until('it has stopped', async () => (await statusOf(id)) === 'stopped');
    expect(await figuresOf(id)).toMatchObject({ filled: '0.03', unfilled: '0', reason: 'all of it has traded' });
  }, 60_000);
});
