/** Bots, their runs and tapes, as every store keeps them. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '#core/bot-states.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import {
  AT,
  entryOf,
  holdLease,
  makeAccount,
  makeBot,
  makeTradingWorld,
  makeUser,
  newCommit,
  newFill,
  newOrder,
  RECIPE,
  unique,
} from '#test/support/trading-world.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

const store = () => database.store;
const conflict = expect.objectContaining({ name: 'PortError', code: 'store_conflict' });

describe('bots', () => {
  it('are created stopped with the first version of their settings, and told of', async () => {
    const userId = await makeUser(store());
    const account = await makeAccount(store(), userId);
    const bot = await makeBot(store(), userId, account.id);
    expect(bot).toMatchObject({
      userId,
      accountId: account.id,
      configVersion: 1,
      config: { levels: 3 },
      desired: 'stopped',
      status: 'stopped',
      statusReason: '',
      runId: null,
      createdAt: AT,
    });
    expect((await store().facts.ofBot(userId, bot.id, { limit: 5, cursor: null })).items).toMatchObject([
      { type: 'bot_created', data: { bot: bot.name, symbol: 'BTC/USDT' } },
    ]);
  });

  it('are created together with their account, or neither is', async () => {
    const userId = await makeUser(store());
    const account = { id: unique('account'), userId, name: 'Inline', exchange: 'paper', sealed: null, keyVersion: 0, keyHint: null, createdAt: AT };
    const bot = {
      id: unique('bot'),
      userId,
      accountId: account.id,
      name: 'Grid',
      strategy: 'grid',
      symbol: 'BTC/USDT',
      mode: 'paper' as const,
      config: {},
      at: AT,
    };
    await expect(store().bots.create({ ...bot, mode: 'wrong' as never }, account)).rejects.toEqual(conflict);
    expect(await store().accounts.get(userId, account.id)).toBeNull();
    expect(await store().bots.create(bot, account)).toMatchObject({ id: bot.id });
    expect(await store().accounts.get(userId, account.id)).toMatchObject({ name: 'Inline' });
  });

  it('get the next version of their settings only when these are given, and only at rest', async () => {
    const userId = await makeUser(store());
    const bot = await makeBot(store(), userId, (await makeAccount(store(), userId)).id);
    expect(await store().bots.update(userId, bot.id, { name: 'Renamed', at: AT + 1 })).toMatchObject({ name: 'Renamed', configVersion: 1, updatedAt: AT + 1 });
    expect(await store().bots.update(userId, bot.id, { config: { levels: 9 }, at: AT + 2 })).toMatchObject({
      name: 'Renamed',
      configVersion: 2,
      config: { levels: 9 },
    });
    await store().bots.setDesired(userId, bot.id, 'running', AT);
    expect(await store().bots.update(userId, bot.id, { name: 'No', at: AT })).toBe('busy');
    expect(await store().bots.remove(userId, bot.id, AT)).toBe('busy');
    const lease = await holdLease(store(), `bot:${bot.id}`);
    await store().bots.setStatus(lease, bot.id, 'error', 'venue refused', AT);
    expect(await store().bots.update(userId, bot.id, { name: 'Yes', at: AT })).toMatchObject({ name: 'Yes', status: 'error', statusReason: 'venue refused' });
    expect(await database.query('select version, config from bot_configs where bot_id = $1 order by version', [bot.id])).toEqual([
      { version: 1, config: { levels: 3 } },
      { version: 2, config: { levels: 9 } },
    ]);
  });

  it('list their versions page by page, to their user alone', async () => {
    const userId = await makeUser(store());
    const bot = await makeBot(store(), userId, (await makeAccount(store(), userId)).id);
    for (const levels of [4, 5]) await store().bots.update(userId, bot.id, { config: { levels }, at: AT + levels });
    const first = await store().bots.configs(userId, bot.id, { limit: 2, cursor: null });
    const rest = await store().bots.configs(userId, bot.id, { limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...rest.items].map(({ version, config }) => [version, config['levels']])).toEqual([
      [3, 5],
      [2, 4],
      [1, 3],
    ]);
    expect(rest.nextCursor).toBeNull();
    expect(await store().bots.config(userId, bot.id, 2)).toEqual({ version: 2, config: { levels: 4 }, createdAt: AT + 4 });
    expect(await store().bots.config(userId, bot.id, Number.MAX_SAFE_INTEGER)).toBeNull();
    const stranger = await makeUser(store());
    expect((await store().bots.configs(stranger, bot.id, { limit: 2, cursor: null })).items).toEqual([]);
    expect(await store().bots.config(stranger, bot.id, 1)).toBeNull();
  });

  it('are not removed while an order of theirs may be at the venue', async () => {
    const world = await makeTradingWorld(store());
    const order = newOrder(world);
    await store().commit(newCommit(world, { newOrders: [order] }));
    expect(await store().bots.remove(world.userId, world.bot.id, AT)).toBe('busy');
    await store().commit(newCommit(world, { orderChanges: [{ clientOrderId: order.clientOrderId, state: 'rejected' }] }));
    expect(await store().bots.remove(world.userId, world.bot.id, AT)).toBe('removed');
    expect(await store().bots.get(world.userId, world.bot.id)).toBeNull();
    expect(await store().bots.remove(world.userId, world.bot.id, AT)).toBe('missing');
    expect(await store().runs.get(world.runId)).toMatchObject({ endedAt: AT, endReason: 'the bot was removed' });
    expect(await store().orders.get(world.userId, order.id)).toMatchObject({ state: 'rejected' });
  });

  it('are due when they must run or a wish is not met', async () => {
    const userId = await makeUser(store());
    const account = await makeAccount(store(), userId);
    const isDue = async (desired: string, status: string) => {
      const bot = await makeBot(store(), userId, account.id);
      await database.query('update bots set desired = $2, status = $3 where id = $1', [bot.id, desired, status]);
      return (await store().bots.due()).some((due) => due.id === bot.id);
    };
    for (const [desired, status] of [
      ['running', 'running'],
      ['running', 'stopped'],
      ['paused', 'running'],
      ['stopped', 'running'],
      ['stopped', 'error'],
      ['panicked', 'paused'],
    ] as const)
      expect(await isDue(desired, status), `${desired} while ${status}`).toBe(true);
    for (const [desired, status] of [
      ['stopped', 'stopped'],
      ['panicked', 'stopped'],
      ['paused', 'paused'],
      ['running', 'error'],
      ['paused', 'error'],
    ] as const)
      expect(await isDue(desired, status), `${desired} while ${status}`).toBe(false);
  });

  it('are restless when they are due and do not run as they should', async () => {
    const { bot, lease, userId } = await makeTradingWorld(store());
    const isRestless = async () => (await store().bots.due('restless')).some(({ id }) => id === bot.id);
    await store().bots.setDesired(userId, bot.id, 'running', AT);
    await store().bots.setStatus(lease, bot.id, 'starting', '', AT);
    expect(await isRestless(), 'starting').toBe(true);
    await store().bots.setStatus(lease, bot.id, 'running', '', AT);
    expect(await isRestless(), 'running').toBe(false);
    await store().bots.setDesired(userId, bot.id, 'paused', AT);
    expect(await isRestless(), 'running while it is to pause').toBe(true);
    await store().bots.setDesired(userId, bot.id, 'running', AT);
    await database.query(`update leases set expires_at = now() - interval '1 second' where subject = $1`, [lease.subject]);
    expect(await isRestless(), 'with a lease that has run out').toBe(true);
    await store().leases.release(lease);
    expect(await isRestless(), 'with a lease that was given back').toBe(true);
  });

  it('in error are due again once the user wants them to run', async () => {
    const world = await makeTradingWorld(store());
    await store().bots.setDesired(world.userId, world.bot.id, 'running', AT);
    await store().bots.setStatus(world.lease, world.bot.id, 'error', 'refused', AT);
    expect((await store().bots.due()).some((bot) => bot.id === world.bot.id)).toBe(false);
    expect(await store().bots.setDesired(world.userId, world.bot.id, 'running', AT + 5)).toMatchObject({
      desired: 'running',
      status: 'starting',
      statusReason: '',
      updatedAt: AT + 5,
    });
    expect((await store().bots.due()).some((bot) => bot.id === world.bot.id)).toBe(true);
  });

  it('take a status from the owner of the lease only', async () => {
    const world = await makeTradingWorld(store());
    await store().leases.release(world.lease);
    await expect(store().bots.setStatus(world.lease, world.bot.id, 'running', '', AT)).rejects.toMatchObject({ code: 'lease_lost' });
    expect(await store().bots.get(world.userId, world.bot.id)).toMatchObject({ status: 'stopped' });
  });

  it('are counted by status', async () => {
    const fresh = await createTestStore();
    const world = await makeTradingWorld(fresh.store);
    await makeBot(fresh.store, world.userId, world.account.id);
    await fresh.store.bots.setStatus(world.lease, world.bot.id, 'running', '', AT);
    expect(await fresh.store.bots.countByStatus()).toEqual({ running: 1, stopped: 1 });
    await fresh.drop();
  });
});

describe('beginning a run', () => {
  const begin = async (world: Awaited<ReturnType<typeof makeTradingWorld>>, amount: string, available: string, asset = 'USDT', mode: Mode = 'paper') => {
    const bot = await makeBot(store(), world.userId, world.account.id);
    const lease = await holdLease(store(), `bot:${bot.id}`);
    const run = {
      id: unique('run'),
      botId: bot.id,
      userId: world.userId,
      accountId: world.account.id,
      recipe: { ...RECIPE, mode },
      needs: [{ asset, amount }],
      at: AT,
    };
    return { run, bot, lease, begun: await store().bots.beginRun(lease, run, [{ asset, amount: available }]) };
  };

  it('sets nothing aside between play money and real money', async () => {
    const world = await makeTradingWorld(store());
    await database.query(`update exchange_accounts set exchange = 'binance' where id = $1`, [world.account.id]);
    expect((await begin(world, '700', '1000', 'EUR', 'live')).begun).toEqual({ outcome: 'begun' });
    expect((await begin(world, '800', '1000', 'EUR', 'paper')).begun).toEqual({ outcome: 'begun' });
    expect((await begin(world, '400', '1000', 'EUR', 'live')).begun).toEqual({ outcome: 'short', asset: 'EUR', missing: '100' });
    expect((await begin(world, '300', '1000', 'EUR', 'paper')).begun).toEqual({ outcome: 'short', asset: 'EUR', missing: '100' });
  });

  it('stores its recipe and points the bot at it', async () => {
    const world = await makeTradingWorld(store());
    expect(await store().bots.get(world.userId, world.bot.id)).toMatchObject({ runId: world.runId });
    expect(await store().runs.latest(world.userId, world.bot.id)).toMatchObject({
      id: world.runId,
      recipe: RECIPE,
      sequence: 0,
      state: null,
      startedAt: AT,
      endedAt: null,
      endReason: null,
    });
    expect(await store().runs.latest('nobody', world.bot.id)).toBeNull();
  });

  it('sets aside what other runs of the account were promised, to the last digit', async () => {
    const world = await makeTradingWorld(store());
    expect((await begin(world, '500.00000001', '1500')).begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '0.00000001' });
    expect((await begin(world, '500', '1500')).begun).toEqual({ outcome: 'begun' });
    expect((await begin(world, '0.1', '1500')).begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '0.1' });
    expect((await begin(world, '1', '0', 'ETH')).begun).toEqual({ outcome: 'short', asset: 'ETH', missing: '1' });
  });

  it('counts what a run has turned into another asset there, and nothing of runs that have ended', async () => {
    const world = await makeTradingWorld(store());
    const order = newOrder(world, { size: '6' });
    await store().commit(
      newCommit(world, {
        newOrders: [order],
        fills: [newFill(order.clientOrderId, { price: '100', size: '6', feeAmount: '0.006' })],
        orderChanges: [{ clientOrderId: order.clientOrderId, state: 'filled' }],
      }),
    );
    expect((await begin(world, '1100.01', '1500')).begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '0.01' });
    expect((await begin(world, '0.007', '6', 'BTC')).begun).toEqual({ outcome: 'short', asset: 'BTC', missing: '0.001' });
    await store().commit(newCommit(world, { run: { ...entryOf(world, 1), end: { at: AT, reason: 'done' } } }));
    expect((await begin(world, '1500', '1500')).begun).toEqual({ outcome: 'begun' });
  });

  it('sets aside what orders placed by hand hold back', async () => {
    const world = await makeTradingWorld(store());
    await store().orders.request({ ...newOrder(world, { botId: null, runId: null, state: 'initialized', price: '50', size: '2' }), idempotency: null });
    expect((await begin(world, '401', '1500')).begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '1' });
  });

  it('promises the same money to one of several that ask at once', async () => {
    const world = await makeTradingWorld(store());
    const bots = await Promise.all([1, 2, 3, 4].map(() => makeBot(store(), world.userId, world.account.id)));
    const asking = await Promise.all(bots.map(async (bot) => ({ bot, lease: await holdLease(store(), `bot:${bot.id}`) })));
    const available = [{ asset: 'USDT', amount: '1500' }];
    const begun = await Promise.all(
      asking.map(({ bot, lease }) =>
        store().bots.beginRun(
          lease,
          {
            id: unique('run'),
            botId: bot.id,
            userId: world.userId,
            accountId: world.account.id,
            recipe: RECIPE,
            needs: [{ asset: 'USDT', amount: '300' }],
            at: AT,
          },
          available,
        ),
      ),
    );
    expect(begun.map((answer) => answer.outcome).sort()).toEqual(['begun', 'short', 'short', 'short']);
  });

  it('is refused while the last run is open, for a foreign bot, and without the lease', async () => {
    const world = await makeTradingWorld(store());
    const run = { id: unique('run'), botId: world.bot.id, userId: world.userId, accountId: world.account.id, recipe: RECIPE, needs: [], at: AT };
    await expect(store().bots.beginRun(world.lease, run, [])).rejects.toEqual(conflict);
    const stranger = await makeTradingWorld(store());
    await expect(store().bots.beginRun(world.lease, { ...run, botId: stranger.bot.id }, [])).rejects.toEqual(conflict);
    await expect(store().bots.beginRun({ ...world.lease, epoch: 7 }, run, [])).rejects.toMatchObject({ code: 'lease_lost' });
  });
});

describe('runs', () => {
  it('give their tape from any place on, in order', async () => {
    const world = await makeTradingWorld(store());
    for (let sequence = 1; sequence <= 5; sequence += 1) await store().commit(newCommit(world, { run: entryOf(world, sequence) }));
    const tape = await store().runs.tape(world.userId, world.bot.id, world.runId, 2, 2);
    expect(tape.map((entry) => entry.sequence)).toEqual([3, 4]);
  });

  it('keep the newest points of their worth, told from the oldest on, one for each time', async () => {
    const world = await makeTradingWorld(store());
    for (const at of [1, 2, 3]) await store().runs.addEquity([{ lease: world.lease, runId: world.runId, at, profit: `${at}.50`, price: '100' }]);
    await store().runs.addEquity([{ lease: world.lease, runId: world.runId, at: 3, profit: '-9.1', price: '101' }]);
    expect(await store().runs.equity(world.userId, world.bot.id, world.runId, 2)).toEqual([
      { at: 2, profit: '2.5', price: '100' },
      { at: 3, profit: '-9.1', price: '101' },
    ]);
    // What was noted under a lease of former times is nobody's.
    await store().runs.addEquity([{ lease: { ...world.lease, epoch: 9 }, runId: world.runId, at: 4, profit: '0', price: '1' }]);
    expect(await store().runs.equity(world.userId, world.bot.id, world.runId, 1)).toEqual([{ at: 3, profit: '-9.1', price: '101' }]);
  });
});
