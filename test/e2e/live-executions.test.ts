/** An indicator strategy, a TWAP and an iceberg against a simulated exchange over the wire, each taken over in the middle: nothing is doubled. */
import { afterEach, describe, expect, it } from 'vitest';
import { Fleet } from '../support/fleet.ts';

let fleet: Fleet;
afterEach(() => fleet.close());

const SYMBOL = 'BTC/USDT';
const MINUTE_MS = 60_000;

const filled = () => fleet.simulator.truth.fills().reduce((sum, { size }) => sum + Number(size), 0);
const sold = () => fleet.simulator.truth.fills().filter(({ side }) => side === 'sell').length;

async function takeOver(): Promise<void> {
  await fleet.halt();
  await fleet.start();
}

describe('a live strategy of an indicator', () => {
  let minutes = 0;

  /** A minute closes at this price: the venue's clock runs ahead for the one print that begins the next. */
  function close(price: string): void {
    const { world } = fleet.simulator;
    world.skewMs = minutes * MINUTE_MS;
    world.setPrice(SYMBOL, price);
    minutes += 1;
    world.skewMs = minutes * MINUTE_MS;
    world.setPrice(SYMBOL, price);
    world.skewMs = 0;
  }

  /** Closes at one price, then at the other; again where the stream of bars was still on its way. */
  async function turn(from: string, to: string, what: string, hasCome: () => boolean): Promise<void> {
    for (let tries = 0; tries < 8 && !hasCome(); tries += 1) {
      for (const price of [from, from, from, to]) close(price);
      await fleet.until(what, hasCome, 2_000).catch(() => undefined);
    }
    await fleet.until(what, hasCome);
  }

  it('enters and leaves by the closes of its bars, over take-overs in between', { timeout: 60_000 }, async () => {
    minutes = 0;
    fleet = await Fleet.open();
    const config = { investment: '1000', timeframe: '1m', average: 'sma', fast: 1, slow: 3, stop_loss_percent: '20' };
    const bot = await fleet.startGrid({ strategy: 'moving_average_cross', config });
    await fleet.until('it runs', async () => (await fleet.bot(bot.id)).status === 'running');
    await turn('59700', '60100', 'it has bought', () => filled() > 0);
    await fleet.until('books and venue agree', () => fleet.agrees(bot.id));
    const bought = filled();
    await takeOver();
    await fleet.until('it runs again', async () => (await fleet.bot(bot.id)).status === 'running');
    await turn('60200', '59500', 'it has sold', () => sold() > 0);
    await fleet.until('books and venue agree', () => fleet.agrees(bot.id));
    // One purchase and one sale of it, whatever was told again at the take-over.
    expect(filled()).toBeLessThanOrEqual(2 * bought);
    expect((await fleet.orders(bot.id)).map(({ side }) => side).toSorted()).toEqual(['buy', 'sell']);
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    expect((await fleet.replay(bot.id)).difference).toBeNull();
  });
});

describe('a live TWAP', () => {
  it('goes on with the next slice after a take-over', async () => {
    fleet = await Fleet.open();
    const config = { side: 'buy', size: '0.06', duration_minutes: 1, slices: 60, jitter_percent: '0' };
    const bot = await fleet.startGrid({ strategy: 'twap', config });
    await fleet.until('two slices have traded', () => fleet.simulator.truth.fills().length >= 2);
    await takeOver();
    const before = fleet.simulator.truth.fills().length;
    await fleet.until('more have traded', () => fleet.simulator.truth.fills().length >= before + 2);
    await fleet.want(bot.id, 'stopped');
    await fleet.until('it has stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    const { items } = await fleet.store.fills.list(fleet.userId, {}, { limit: 200, cursor: null });
    expect(items).toHaveLength(fleet.simulator.truth.fills().length);
    expect((await fleet.replay(bot.id)).difference).toBeNull();
  });
});

describe('a live iceberg', () => {
  it('shows one part at a time to its end, over a take-over while a part trades', async () => {
    fleet = await Fleet.open();
    const config = { side: 'buy', size: '0.01', price: '59000', visible_size: '0.004', variance_percent: '0' };
    const bot = await fleet.startGrid({ strategy: 'iceberg', config });
    const open = () => fleet.simulator.truth.openOrders();
    await fleet.until('the first part rests', async () => open().length === 1 && (await fleet.agrees(bot.id)));
    await fleet.halt();
    // It trades while nobody is there.
    fleet.simulator.world.setPrice(SYMBOL, '58900');
    fleet.simulator.world.setPrice(SYMBOL, '60000');
    expect(open()).toEqual([]);
    await fleet.start();
    await fleet.until('the next part rests', async () => open().length === 1 && (await fleet.agrees(bot.id)));
    expect(filled()).toBeCloseTo(0.004, 9);
    fleet.simulator.world.setPrice(SYMBOL, '58900');
    await fleet.until('it is done', async () => (await fleet.bot(bot.id)).status === 'stopped');
    expect(filled()).toBeCloseTo(0.01, 9);
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    expect((await fleet.replay(bot.id)).difference).toBeNull();
  });
});
