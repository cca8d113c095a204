/** A bot on a perpetual of each venue that has them, over the venue's own protocol: long, short, reduced, taken over, funded, paused, flat, and begun anew. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import type { BotRecord } from '#core/store/bots.ts';
import { Fleet } from '../support/fleet.ts';
import { walker } from '../support/walker.ts';
import { KEY } from '../venues/_world.ts';

const SYMBOL = 'BTC/USDT:USDT';
const FUNDING_MS = 8 * 3_600_000;

let fleet: Fleet;
afterEach(() => fleet.close());

async function startBot(): Promise<BotRecord> {
  const id = randomIds.next();
  const { userId, accountId } = fleet;
  const bot = await fleet.store.bots.create({
    ...{ id, userId, accountId, name: 'Walker', strategy: 'walker', symbol: SYMBOL, mode: 'live', config: {}, at: systemClock.now() },
  });
  await fleet.want(bot.id, 'running');
  return bot;
}

function held(): string {
  return fleet.simulator.world.exchange.perpetuals.position(KEY.account, SYMBOL).size;
}

async function isResting(botId: string): Promise<boolean> {
  return (await fleet.orders(botId)).some((order) => order.tag === 'resting' && order.state === 'accepted') && (await fleet.agrees(botId));
}

async function isBooked(): Promise<boolean> {
  const booked = (await fleet.store.fills.list(fleet.userId, {}, { limit: 200, cursor: null })).items;
  return booked.length === fleet.simulator.truth.fills().length;
}

async function become(botId: string, desired: 'paused' | 'running' | 'panicked', status: string): Promise<void> {
  await fleet.want(botId, desired);
  await fleet.until(`the bot is ${status}`, async () => (await fleet.bot(botId)).status === status);
}

describe.each(['binance', 'bybit', 'okx', 'bitget'] as const)('on %s', (venue) => {
  it('a bot trades a perpetual, is taken over, is paid funding once, pauses, resumes, closes all, and begins anew', async () => {
    fleet = await Fleet.open({ venue });
    fleet.strategies.set('walker', walker as never);
    const { world } = fleet.simulator;
    const bot = await startBot();
    await fleet.until('the last order rests', () => isResting(bot.id));
    await fleet.until('all is booked', isBooked);
    expect(held()).toBe('-0.02');
    expect(world.exchange.perpetuals.position(KEY.account, SYMBOL)).toMatchObject({ leverage: 5, marginMode: 'isolated' });
    const [told] = (await fleet.orders(bot.id)).filter((order) => order.reasonCode === 'reduce_only');
    expect(told).toMatchObject({ state: 'denied', size: '0.031' });

    // Nobody is there when funding is settled.
    await fleet.halt();
    world.exchange.perpetuals.setFundingRate(SYMBOL, '0.0001');
    world.skewMs += FUNDING_MS;
    world.setPrice(SYMBOL, '60000');
    const [paid] = world.exchange.perpetuals.fundingSince(KEY.account, SYMBOL, 0);
    expect(Number(paid?.amount)).toBeGreaterThan(0);
    await fleet.start();
    const funding = async (): Promise<number> => (await fleet.store.runs.latest(fleet.userId, bot.id))?.state?.position.fundingAtoms ?? 0;
    await fleet.until('the funding is booked', async () => (await funding()) > 0);
    // An atom is a tick of 0.1 times a lot of 0.001.
    expect(await funding()).toBe(Math.floor(Number(paid?.amount) * 10_000));
    await fleet.until('the order still rests', () => isResting(bot.id));

    await become(bot.id, 'paused', 'paused');
    expect(fleet.simulator.truth.openOrders()).toEqual([]);
    expect(held()).toBe('-0.02');
    await become(bot.id, 'running', 'running');
    await become(bot.id, 'panicked', 'stopped');
    expect(held()).toBe('0');
    await fleet.until('all is booked', isBooked);
    expect((await fleet.orders(bot.id)).find((order) => order.tag === 'exit')).toMatchObject({ side: 'buy', size: '0.02', reduceOnly: true, state: 'filled' });
    const { length, difference } = await fleet.replay(bot.id);
    expect([difference, length > 10]).toEqual([null, true]);

    await become(bot.id, 'running', 'running');
    await fleet.until('it holds a position again', async () => held() === '-0.02' && (await isResting(bot.id)));
    await become(bot.id, 'panicked', 'stopped');
    expect(held()).toBe('0');
    expect(fleet.simulator.truth.openOrders()).toEqual([]);
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    await fleet.until('all is booked', isBooked);
  }, 180_000);

  it('a liquidation reaches the books as an order of its own, once', async () => {
    fleet = await Fleet.open({ venue });
    fleet.strategies.set('walker', walker as never);
    const { world } = fleet.simulator;
    const bot = await startBot();
    await fleet.until('the last order rests', () => isResting(bot.id));
    // A short at five times its margin: a fifth more is more than it can bear.
    world.setPrice(SYMBOL, '75000');
    expect(held()).toBe('0');
    await fleet.until('the liquidation is told', async () =>
      (await fleet.orders(bot.id)).some((order) => order.tag === 'liquidation' && order.state === 'filled'),
    );
    expect((await fleet.orders(bot.id)).filter((order) => order.tag === 'liquidation')).toMatchObject([
      { side: 'buy', size: '0.02', reduceOnly: true, reasonCode: 'liquidated_by_exchange' },
    ]);
    await fleet.until('all is booked', isBooked);
    await fleet.until('the order that was taken off is over in the books too', () => fleet.agrees(bot.id));
  }, 120_000);
});
