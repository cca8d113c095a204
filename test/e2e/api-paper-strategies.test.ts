/** Bots that a user makes over the API and that trade on the paper venue at prices the test sets: a neutral grid on a perpetual, an infinite grid, a deal with a trailing take profit. */
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

interface Shown {
  readonly side: string;
  readonly price: string;
  readonly status: string;
  readonly reduce_only: boolean;
}

/** Makes a bot on paper and starts it, as a user does; its plan and its id. */
async function startBot(strategy: string, symbol: string, config: Readonly<Record<string, unknown>>) {
  const asked = { strategy, symbol, mode: 'paper', exchange: 'paper', config };
  const preview = await user.call('POST', '/bots/preview', asked);
  expect(preview.status, preview.text).toBe(200);
  const made = await user.call('POST', '/bots', { name: `${strategy} ${symbol}`, ...asked });
  expect(made.status, made.text).toBe(201);
  expect((await user.call('POST', `/bots/${made.body.id}/start`)).status).toBe(202);
  return { id: made.body.id, preview: preview.body.preview };
}

async function book(botId: string): Promise<readonly Shown[]> {
  const { body } = await user.call('GET', `/orders?bot_id=${botId}&limit=200`);
  return (body.items as unknown as readonly Shown[]).filter(({ status }) => status === 'open' || status === 'partially_filled');
}

const prices = (orders: readonly Shown[], side: string) =>
  orders
    .filter((order) => order.side === side)
    .map(({ price }) => Number(price))
    .toSorted((a, b) => a - b);

async function restsAs(botId: string, buys: readonly number[], sells: readonly number[]): Promise<void> {
  const wanted = JSON.stringify([buys, sells]);
  let last = '';
  await fleet
    .until(`it rests as ${wanted}`, async () => {
      const orders = await book(botId);
      last = JSON.stringify([prices(orders, 'buy'), prices(orders, 'sell')]);
      return last === wanted;
    })
    .catch((error: unknown) => {
      throw new Error(`${String(error)}; the book is ${last}`);
    });
}

async function figures(botId: string): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await user.call('GET', `/bots/${botId}/stats`);
  return body as unknown as Readonly<Record<string, unknown>>;
}

describe('over the API, on paper', () => {
  it('a neutral grid on a perpetual goes short and long, earns on both sides, and survives a take-over', async () => {
    await begin();
    fleet.simulator.world.setPrice('BTC/USDT:USDT', '60000');
    const config = { direction: 'neutral', leverage: 3, lower_price: '58000', upper_price: '62000', levels: 5, investment: '3000' };
    const { id, preview } = await startBot('grid', 'BTC/USDT:USDT', config);
    expect(preview).toMatchObject({ needs: [{ asset: 'USDT', amount: '3000' }], figures: { margin: { leverage: 3, margin_mode: 'isolated' } } });
    await restsAs(id, [58000, 59000], [61000, 62000]);
    fleet.simulator.world.setPrice('BTC/USDT:USDT', '61100');
    await restsAs(id, [58000, 59000, 60000], [62000]);
    expect((await book(id)).filter((order) => order.reduce_only).map(({ price }) => price)).toEqual(['60000']);
    await fleet.halt();
    await fleet.start();
    fleet.simulator.world.setPrice('BTC/USDT:USDT', '58900');
    await restsAs(id, [58000], [60000, 61000, 62000]);
    fleet.simulator.world.setPrice('BTC/USDT:USDT', '60100');
    await restsAs(id, [58000, 59000], [61000, 62000]);
    const bot = await fleet.store.bots.get(user.id, id);
    const run = await fleet.store.runs.latest(user.id, bot?.id ?? '');
    expect(run?.state?.position.baseGrains).toBe(0);
    expect(await figures(id)).toMatchObject({ figures: { completed_trades: 2 } });
    await user.call('POST', `/bots/${id}/stop`);
    await fleet.until('it has stopped', async () => (await book(id)).length === 0);
  }, 60_000);

  it('an infinite grid sells on above every line there was, and keeps few orders at the exchange', async () => {
    await begin();
    fleet.simulator.world.setPrice('BTC/USDT', '60000');
    const { id, preview } = await startBot('grid', 'BTC/USDT', {
      range: 'infinite',
      lower_price: '50000',
      step_percent: '5',
      investment: '20000',
      active_orders: 4,
    });
    expect(preview).toMatchObject({ figures: { spacing: 'geometric', orders_at_exchange: 4 } });
    await restsAs(id, [55125, 57881.25], [63814.08, 67004.78]);
    for (const price of ['66000', '71000', '74000', '78000']) {
      fleet.simulator.world.setPrice('BTC/USDT', price);
      await fleet.until(`orders stand around ${price}`, async () => {
        const [buys, sells] = [prices(await book(id), 'buy'), prices(await book(id), 'sell')];
        return buys.length + sells.length === 4 && Math.max(...buys) < Number(price) && Math.min(...sells) > Number(price);
      });
    }
    expect(await figures(id)).toMatchObject({ figures: { completed_trades: 5 } });
  }, 60_000);

  it('a deal follows the price with its trailing take profit and sells when it turns', async () => {
    await begin();
    fleet.simulator.world.setPrice('BTC/USDT', '60000');
    const config = {
      base_order_size: '1000',
      safety_orders: 1,
      safety_order_size: '1000',
      price_step_percent: '2',
      take_profit_percent: '2',
      trailing_take_profit_percent: '1',
      max_deals: 1,
    };
    const { id } = await startBot('dca', 'BTC/USDT', config);
    // Two per cent below what the base order paid.
    await restsAs(id, [58805.89], []);
    fleet.simulator.world.setPrice('BTC/USDT', '58700');
    await restsAs(id, [], []);
    fleet.simulator.world.setPrice('BTC/USDT', '61000');
    fleet.simulator.world.setPrice('BTC/USDT', '63000');
    await fleet.until('the high is seen', async () => {
      const run = await fleet.store.runs.latest(user.id, id);
      return (run?.state?.bidTicks ?? 0) >= 6_299_000;
    });
    expect((await user.call('GET', `/bots/${id}`)).body).toMatchObject({ status: 'running' });
    fleet.simulator.world.setPrice('BTC/USDT', '62300');
    await fleet.until('the deal is over and the bot with it', async () => (await fleet.store.bots.get(user.id, id))?.status === 'stopped');
    const { body } = await user.call('GET', `/bots/${id}/events`);
    const texts = (body.items as unknown as readonly { readonly message?: string; readonly text?: string }[]).map(
      (event) => event.message ?? event.text ?? JSON.stringify(event),
    );
    expect(
      texts.some((text) => /Deal 1 ended \(trailing take profit: 62\d+(\.\d+)? is 1 % below the highest price\) with \d/.test(text)),
      texts.join('\n'),
    ).toBe(true);
  }, 60_000);
});
