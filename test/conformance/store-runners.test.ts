/** Who is there and who holds what, on the database's clock. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunnerAnnouncement } from '#core/store/runners.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { holdLease, makeTradingWorld, unique } from '#test/support/trading-world.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

const store = () => database.store;
const announcement = (change: Partial<RunnerAnnouncement> = {}): RunnerAnnouncement => ({
  id: unique('runner'),
  host: 'machine',
  pid: 4711,
  version: '1.2.3',
  roles: ['bots'],
  botTypes: null,
  ...change,
});
const expire = (id: string, interval: string) =>
  database.query(`update runners set expires_at = clock_timestamp() - interval '${interval}' where id = $1`, [id]);
const liveIds = async (): Promise<readonly string[]> => (await store().runners.live()).map(({ id }) => id);

it('a runner is there from its first sign of life until its term is over, and again after the next', async () => {
  const runner = announcement({ botTypes: ['grid', 'custom'], roles: ['bots', 'worker'] });
  const present = await store().runners.beat(runner, 60_000);
  expect(present.find(({ id }) => id === runner.id)).toEqual({
    ...runner,
    startedAt: expect.any(Number),
    seenAt: expect.any(Number),
    bots: 0,
    accounts: 0,
  });
  await expire(runner.id, '1 second');
  expect(await liveIds()).not.toContain(runner.id);
  await store().runners.beat(runner, 60_000);
  expect(await liveIds()).toContain(runner.id);
});

it('one that leaves is gone at once, and what it holds stays held', async () => {
  const runner = announcement();
  await store().runners.beat(runner, 60_000);
  const subject = unique('bot:left');
  await holdLease(store(), subject, runner.id);
  await store().runners.leave(runner.id);
  expect(await liveIds()).not.toContain(runner.id);
  expect(await store().runners.holding(subject)).toMatchObject({ id: runner.id });
});

it('counts the leases that are live, of bots and of accounts apart', async () => {
  const runner = announcement();
  for (const name of ['bot:one', 'bot:two', 'bot:over', 'account:one']) await holdLease(store(), unique(name), runner.id);
  await database.query(`update leases set expires_at = clock_timestamp() where owner = $1 and subject like 'bot:over%'`, [runner.id]);
  const present = await store().runners.beat(runner, 60_000);
  expect(present.find(({ id }) => id === runner.id)).toMatchObject({ bots: 2, accounts: 1 });
});

it('tells who holds a lease and since when, and nobody when it is free or has run out', async () => {
  const runner = announcement({ host: 'elsewhere' });
  await store().runners.beat(runner, 60_000);
  const subject = unique('bot:held');
  expect(await store().runners.holding(subject)).toBeNull();
  const before = Date.now();
  const lease = await holdLease(store(), subject, runner.id);
  const held = await store().runners.holding(subject);
  expect(held).toMatchObject({ id: runner.id, host: 'elsewhere' });
  expect(Math.abs((held?.since ?? 0) - before)).toBeLessThan(60_000);
  await store().leases.renew(lease, 60_000);
  expect(await store().runners.holding(subject)).toEqual(held);
  await store().leases.release(lease);
  expect(await store().runners.holding(subject)).toBeNull();
  const silent = await holdLease(store(), subject, unique('never-announced'));
  expect(await store().runners.holding(subject)).toMatchObject({ id: silent.owner, host: null });
});

it('forgets the dead an hour after they were last heard of', async () => {
  const [old, recent] = [announcement(), announcement()];
  for (const runner of [old, recent]) await store().runners.beat(runner, 60_000);
  await expire(old.id, '2 hours');
  await expire(recent.id, '10 minutes');
  await store().runners.beat(announcement(), 60_000);
  const rows = await database.query<{ id: string }>('select id from runners where id = any($1)', [[old.id, recent.id]]);
  expect(rows.map(({ id }) => id)).toEqual([recent.id]);
});

it('says of every bot that is due, and every account, whose lease it was and whether it still is', async () => {
  const world = await makeTradingWorld(store());
  const standing = async () => ({
    bot: (await store().bots.due()).find(({ id }) => id === world.bot.id)?.lease,
    account: (await store().stewardship.due()).find(({ account }) => account.id === world.account.id)?.lease,
  });
  await store().bots.setDesired(world.userId, world.bot.id, 'running', 1);
  expect(await standing()).toEqual({ bot: { owner: world.lease.owner, isLive: true }, account: null });
  await database.query('update leases set expires_at = clock_timestamp() where subject = $1', [world.lease.subject]);
  const steward = await holdLease(store(), `account:${world.account.id}`, 'steward');
  expect(await standing()).toEqual({ bot: { owner: world.lease.owner, isLive: false }, account: { owner: 'steward', isLive: true } });
  await store().leases.release(steward);
  await store().leases.release(world.lease);
  expect(await standing()).toEqual({ bot: null, account: null });
});
