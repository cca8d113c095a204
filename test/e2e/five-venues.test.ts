/** The main job on each venue's own protocol, by name: a grid that trades, is taken over, pauses, resumes, stops, and can be replayed. */
import { afterEach, describe, expect, it } from 'vitest';
import { Fleet } from '../support/fleet.ts';
import { SIMULATED_VENUES } from '../venues/_simulators.ts';

let fleet: Fleet;
afterEach(() => fleet.close());

async function rests(botId: string): Promise<void> {
  await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(botId)));
}

/** Moves the price and waits until the books have what that executed. */
async function move(price: string): Promise<void> {
  fleet.simulator.world.setPrice('BTC/USDT', price);
  const executed = () => fleet.simulator.truth.fills().length;
  await fleet.until(
    'the executions are booked',
    async () => (await fleet.store.fills.list(fleet.userId, {}, { limit: 200, cursor: null })).items.length === executed(),
  );
}

describe.each(SIMULATED_VENUES)('on %s', (venue) => {
  it('a grid trades, is taken over, pauses, resumes and stops, and its tape replays', async () => {
    fleet = await Fleet.open({ venue });
    const bot = await fleet.startGrid();
    await rests(bot.id);
    await move('59400');
    await move('60100');
    await fleet.halt();
    fleet.simulator.world.setPrice('BTC/USDT', '58900');
    await fleet.start();
    await rests(bot.id);
    await fleet.want(bot.id, 'paused');
    await fleet.until('the bot is paused', async () => (await fleet.bot(bot.id)).status === 'paused');
    expect(fleet.simulator.truth.openOrders()).toEqual([]);
    await fleet.want(bot.id, 'running');
    await rests(bot.id);
    await move('59600');
    await rests(bot.id);
    await fleet.want(bot.id, 'stopped');
    await fleet.until('the bot has stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
    expect(fleet.simulator.truth.openOrders()).toEqual([]);
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    const { length, difference } = await fleet.replay(bot.id);
    expect(difference).toBeNull();
    expect(length).toBeGreaterThan(30);
  }, 180_000);
});
