/** Bots with strategies of their user's own: real database, paper venue and simulated exchange, and a real sandbox. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import type { ProgramFile, StrategySandbox } from '#core/sandbox/port.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { Fleet } from '../support/fleet.ts';
import { example } from './examples.ts';

let sandbox: StrategySandbox;
let fleet: Fleet;
beforeAll(() => {
  sandbox = openStrategySandbox();
});
afterEach(() => fleet.close());
afterAll(() => sandbox.close());

async function startOwn(files: readonly ProgramFile[], config: Readonly<Record<string, unknown>> = {}, mode: 'live' | 'paper' = 'live') {
  const { own } = fleet;
  if (own === undefined) throw new Error('the fleet has no sandbox');
  const { version } = await own.upload(fleet.userId, files, '');
  const pinned = await own.find(fleet.userId, `custom:${version.name}@${version.version}`);
  return await fleet.startGrid({ strategy: pinned?.reference ?? '', config, mode });
}

describe('a bot with a strategy of its own', () => {
  it('bids, moves on a take-over, and does what it is told', async () => {
    fleet = await Fleet.open({ sandbox });
    const bot = await startOwn(example('hourly-bid.ts'), { below_percent: '0.5' });
    await fleet.until('the bid rests', async () => fleet.simulator.truth.openOrders().length === 1 && (await fleet.agrees(bot.id)));
    const [bid] = fleet.simulator.truth.openOrders();
    expect(bid).toMatchObject({ side: 'buy' });
    await fleet.halt();
    await fleet.start();
    const price = await fleet.price('binance', 'BTC/USDT');
    fleet.simulator.world.setPrice('BTC/USDT', String(Math.round(price * 0.99)));
    await fleet.until('the bid is filled', async () => (await fleet.orders(bot.id)).some((order) => order.state === 'filled'));
    await fleet.store.commands.request({
      commandId: randomIds.next(),
      botId: bot.id,
      userId: fleet.userId,
      name: 'sell_all',
      params: {},
      at: systemClock.now(),
    });
    await fleet.until(
      'all is sold',
      async () => (await fleet.orders(bot.id)).filter((order) => order.state === 'filled' && order.side === 'sell').length === 1,
    );
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    expect((await fleet.bot(bot.id)).status).toBe('running');
    await fleet.want(bot.id, 'stopped');
    await fleet.until('it is stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
  });
});
