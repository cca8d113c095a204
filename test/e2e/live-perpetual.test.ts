/** A bot on a perpetual of the paper venue, through the real runner and database: long, turned short, reduced, stopped, resumed and replayed. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import type { BotRecord } from '#core/store/bots.ts';
import { Fleet } from '../support/fleet.ts';
import { walker } from '../support/walker.ts';

const SYMBOL = 'BTC/USDT:USDT';
let fleet: Fleet;
afterEach(() => fleet.close());

async function startBot(change: Partial<Pick<BotRecord, 'strategy' | 'symbol'>> = {}): Promise<BotRecord> {
  const id = randomIds.next();
  const { userId, accountId } = fleet;
  const made = { id, userId, accountId, name: `Walker ${id}`, strategy: 'walker', symbol: SYMBOL, mode: 'paper', config: {}, at: systemClock.now() } as const;
  const bot = await fleet.store.bots.create({ ...made, ...change });
  await fleet.want(bot.id, 'running');
  return bot;
}

async function positionOf(bot: BotRecord): Promise<string> {
  const run = await fleet.store.runs.latest(fleet.userId, bot.id);
  return String((run?.state?.position.baseGrains ?? 0) / 10_000);
}

describe('a bot on a perpetual', () => {
  it('goes long, turns short, reduces, survives a restart, and is flat after a panic, with books that agree', async () => {
    fleet = await Fleet.open();
    fleet.strategies.set('walker', walker as never);
    const bot = await startBot();
    await fleet.until('the last order rests', async () => (await fleet.orders(bot.id)).some((order) => order.tag === 'resting' && order.state === 'accepted'));
    expect(await positionOf(bot)).toBe('-20');
    const told = [...(await fleet.orders(bot.id))]
      .reverse()
      .map(({ side, size, reduceOnly, state, reasonCode }) => [side, size, reduceOnly, state, reasonCode]);
    expect(told).toEqual([
      ['buy', '0.02', false, 'filled', null],
      ['sell', '0.05', false, 'filled', null],
      ['buy', '0.031', true, 'denied', 'reduce_only'],
      ['buy', '0.01', true, 'filled', null],
      ['buy', '0.01', true, 'accepted', null],
    ]);
    expect(await fleet.store.fills.paperPositions(fleet.accountId)).toMatchObject([{ symbol: SYMBOL, size: '-0.02', leverage: 5, marginMode: 'isolated' }]);

    await fleet.halt();
    await fleet.start();
    await fleet.until('the bot runs again', async () => (await fleet.bot(bot.id)).status === 'running');
    expect(await fleet.store.fills.paperPositions(fleet.accountId)).toMatchObject([{ size: '-0.02' }]);
    await fleet.want(bot.id, 'panicked');
    await fleet.until('the bot has stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
    expect(await positionOf(bot)).toBe('0');
    expect((await fleet.orders(bot.id)).find((order) => order.tag === 'exit')).toMatchObject({ side: 'buy', size: '0.02', reduceOnly: true, state: 'filled' });
    expect((await fleet.orders(bot.id)).find((order) => order.tag === 'resting')?.state).toBe('cancelled');

    expect(await fleet.store.fills.paperPositions(fleet.accountId)).toEqual([]);
    const run = await fleet.store.runs.latest(fleet.userId, bot.id);
    const [flow] = await fleet.store.fills.paperFlows(fleet.accountId);
    // Fees are rounded up to atoms, one a fill.
    expect(Number(flow?.amount)).toBeCloseTo((run?.state?.position.realisedAtoms ?? 0) * 0.0001, 2);
    const { length, difference } = await fleet.replay(bot.id);
    expect([difference, length > 10]).toEqual([null, true]);
  }, 60_000);

  it('has its position to itself: a second bot on the symbol is refused, and so is a strategy for spot', async () => {
    fleet = await Fleet.open();
    fleet.strategies.set('walker', walker as never);
    const bot = await startBot();
    await fleet.until('the position stands', async () => (await positionOf(bot)) !== '0');
    const second = await startBot();
    await fleet.until('the second is refused', async () => (await fleet.bot(second.id)).status === 'error');
    expect((await fleet.bot(second.id)).statusReason).toMatch(/trades BTC\/USDT:USDT on this account; one position cannot serve two$/);
    await fleet.want(bot.id, 'stopped');
    await fleet.until('the first has stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
    const third = await startBot();
    await fleet.until('the third is refused', async () => (await fleet.bot(third.id)).status === 'error');
    expect((await fleet.bot(third.id)).statusReason).toMatch(/the account holds a position of .* in BTC\/USDT:USDT already/);
    const saver = await fleet.startGrid({ strategy: 'rebalance', mode: 'paper', symbol: 'ETH/USDT:USDT', config: { investment: '1000' } });
    await fleet.until('the strategy for spot is refused', async () => (await fleet.bot(saver.id)).status === 'error');
    expect((await fleet.bot(saver.id)).statusReason).toBe(
      'the strategy "rebalance" cannot trade ETH/USDT:USDT: it is a perpetual, and this strategy trades spot instruments only',
    );
  }, 60_000);
});
