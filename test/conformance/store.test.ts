/** What every store keeps to: each method does what the port says, and nobody reaches another's rows. */
import { AppError } from '#core/errors.ts';
import { isTerminal, type OrderState, TRANSITIONS } from '#core/order.ts';
import type { NewFact } from '#core/facts.ts';
import type { Page, PageRequest } from '#core/store.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { AT, entryOf, holdLease, makeAccount, makeBot, makeTradingWorld, makeUser, newCommit, newFill, newOrder, RECIPE, unique } from '#test/support/trading-world.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TERMINAL_STATES } from '#adapters/store/states.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

const store = () => database.store;
const conflict = expect.objectContaining({ name: 'PortError', code: 'store_conflict' });

async function allPages<Item>(list: (page: PageRequest) => Promise<Page<Item>>, limit: number): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await list({ limit, cursor });
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
  }
}

describe('installation', () => {
  it('has a number that fits a ClientOrderId and stays', async () => {
    const number = await store().installation();
    expect(number).toBeGreaterThan(0);
    expect(number).toBeLessThan(2 ** 25);
    expect(await store().installation()).toBe(number);
    await store().ping();
  });

  it('knows the same final states as the core', () => {
    const states = Object.keys(TRANSITIONS) as OrderState[];
    expect(TERMINAL_STATES.match(/\w+/g)?.sort()).toEqual(states.filter(isTerminal).sort());
  });
});

describe('users', () => {
  it('makes exactly one of many first users the owner', async () => {
    const fresh = await createTestStore();
    const made = await Promise.all(Array.from({ length: 5 }, (_, index) => fresh.store.users.create({ id: `u${index}`, email: `u${index}@example.org`, passwordHash: 'h', at: AT })));
    expect(made.map((user) => user?.role).sort()).toEqual(['owner', 'user', 'user', 'user', 'user']);
    expect(await fresh.store.users.count()).toBe(5);
    await fresh.drop();
  });

  it('takes an e-mail once, however it is written, and finds its user by it', async () => {
    const id = unique('user');
    const user = await store().users.create({ id, email: `${id}@Example.org`, passwordHash: 'hash', at: AT });
    expect(user).toMatchObject({ id, email: `${id}@Example.org`, passwordHash: 'hash', createdAt: AT });
    expect(await store().users.create({ id: unique('user'), email: `${id.toUpperCase()}@EXAMPLE.ORG`, passwordHash: 'h', at: AT })).toBeNull();
    expect(await store().users.byEmail(`${id}@EXAMPLE.org`)).toEqual(user);
    expect(await store().users.byId(id)).toEqual(user);
    expect(await store().users.byId('nobody')).toBeNull();
    expect(await store().users.byEmail('nobody@example.org')).toBeNull();
  });

  it('stores one of two users with one e-mail who register at once', async () => {
    const email = `${unique('twin')}@example.org`;
    const made = await Promise.all([1, 2].map(() => store().users.create({ id: unique('user'), email, passwordHash: 'h', at: AT })));
    expect(made.filter((user) => user !== null)).toHaveLength(1);
  });

  it('refuses a character that cannot be stored by naming it, and stores nothing', async () => {
    await expect(store().users.byEmail('a\0b')).rejects.toEqual(expect.objectContaining({ name: 'AppError', code: 'validation_failed' }));
  });
});

describe('refresh tokens', () => {
  const token = async () => {
    const userId = await makeUser(store());
    const first = { id: unique('token'), userId, familyId: unique('family'), tokenHash: unique('hash'), expiresAt: AT + 1_000 };
    await store().refreshTokens.insert(first);
    return first;
  };
  const next = (expiresAt = AT + 1_000) => ({ id: unique('token'), tokenHash: unique('hash'), expiresAt });

  it('rotate to a successor that works in turn', async () => {
    const first = await token();
    const second = next();
    expect(await store().refreshTokens.rotate(first.tokenHash, second, AT)).toEqual({ outcome: 'rotated', userId: first.userId });
    expect(await store().refreshTokens.rotate(second.tokenHash, next(), AT)).toEqual({ outcome: 'rotated', userId: first.userId });
  });

  it('end the whole family when one is used twice', async () => {
    const first = await token();
    const second = next();
    await store().refreshTokens.rotate(first.tokenHash, second, AT);
    const stolen = next();
    expect(await store().refreshTokens.rotate(first.tokenHash, stolen, AT)).toEqual({ outcome: 'reused' });
    expect(await store().refreshTokens.rotate(second.tokenHash, next(), AT)).toEqual({ outcome: 'invalid' });
    expect(await store().refreshTokens.rotate(stolen.tokenHash, next(), AT)).toEqual({ outcome: 'invalid' });
  });

  it('are invalid when unknown, expired or revoked', async () => {
    const first = await token();
    expect(await store().refreshTokens.rotate('nothing', next(), AT)).toEqual({ outcome: 'invalid' });
    expect(await store().refreshTokens.rotate(first.tokenHash, next(), AT + 1_000)).toEqual({ outcome: 'invalid' });
    await store().refreshTokens.revokeFamilyOf(first.tokenHash, AT);
    await store().refreshTokens.revokeFamilyOf('nothing', AT);
    expect(await store().refreshTokens.rotate(first.tokenHash, next(), AT)).toEqual({ outcome: 'invalid' });
  });

  it('used by several at once let one through, and then the family is over', async () => {
    const first = await token();
    const successors = Array.from({ length: 4 }, () => next());
    const outcomes = await Promise.all(successors.map((successor) => store().refreshTokens.rotate(first.tokenHash, successor, AT)));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['reused', 'reused', 'reused', 'rotated']);
    const after = await Promise.all(successors.map((successor) => store().refreshTokens.rotate(successor.tokenHash, next(), AT)));
    expect(after.map(({ outcome }) => outcome)).toEqual(Array(4).fill('invalid'));
  });
});

describe('accounts', () => {
  it('are created, listed, renamed, given new keys and removed by their user', async () => {
    const userId = await makeUser(store());
    const account = await store().accounts.create({ id: unique('account'), userId, name: 'Main', exchange: 'binance', sealed: 'sealed-1', keyVersion: 1, keyHint: 'abcd', createdAt: AT });
    expect(account.number).toBeGreaterThan(0);
    expect(await store().accounts.get(userId, account.id)).toEqual(account);
    expect(await store().accounts.rename(userId, account.id, 'Second')).toEqual({ ...account, name: 'Second' });
    const rekeyed = await store().accounts.replaceKeys(userId, account.id, { sealed: 'sealed-2', keyVersion: 2, keyHint: 'efgh' });
    expect(rekeyed).toEqual({ ...account, name: 'Second', sealed: 'sealed-2', keyVersion: 2, keyHint: 'efgh' });
    expect((await store().accounts.list(userId, { limit: 10, cursor: null })).items).toEqual([rekeyed]);
    expect(await store().accounts.remove(userId, account.id)).toEqual({ outcome: 'removed' });
    expect(await store().accounts.remove(userId, account.id)).toEqual({ outcome: 'missing' });
    expect(await store().accounts.get(userId, account.id)).toBeNull();
    expect(await database.query('select sealed, key_hint from exchange_accounts where id = $1', [account.id])).toEqual([{ sealed: null, key_hint: null }]);
  });

  it('are not removed while bots or open orders use them', async () => {
    const world = await makeTradingWorld(store());
    expect(await store().accounts.remove(world.userId, world.account.id)).toEqual({ outcome: 'inUse', bots: [world.bot.name], openOrders: 0 });
    const userId = await makeUser(store());
    const account = await makeAccount(store(), userId);
    await store().orders.request({ ...newOrder(world, { userId, accountId: account.id, botId: null, runId: null, state: 'initialized' }), idempotencyKey: null });
    expect(await store().accounts.remove(userId, account.id)).toEqual({ outcome: 'inUse', bots: [], openOrders: 1 });
  });

  it('give out order sequences from 1, each once', async () => {
    const userId = await makeUser(store());
    const account = await makeAccount(store(), userId);
    const given = await Promise.all(Array.from({ length: 20 }, () => store().accounts.nextOrderSequence(userId, account.id)));
    expect([...given].sort((left, right) => Number(left) - Number(right))).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});

describe('bots', () => {
  it('are created stopped with the first version of their settings, and told of', async () => {
    const userId = await makeUser(store());
    const account = await makeAccount(store(), userId);
    const bot = await makeBot(store(), userId, account.id);
    expect(bot).toMatchObject({ userId, accountId: account.id, configVersion: 1, config: { levels: 3 }, desired: 'stopped', status: 'stopped', statusReason: '', runId: null, createdAt: AT });
    expect((await store().facts.ofBot(userId, bot.id, { limit: 5, cursor: null })).items).toMatchObject([{ type: 'bot_created', data: { bot: bot.name, symbol: 'BTC/USDT' } }]);
  });

  it('are created together with their account, or neither is', async () => {
    const userId = await makeUser(store());
    const account = { id: unique('account'), userId, name: 'Inline', exchange: 'paper', sealed: null, keyVersion: 0, keyHint: null, createdAt: AT };
    const bot = { id: unique('bot'), userId, accountId: account.id, name: 'Grid', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper' as const, config: {}, at: AT };
    await expect(store().bots.create({ ...bot, mode: 'wrong' as never }, account)).rejects.toEqual(conflict);
    expect(await store().accounts.get(userId, account.id)).toBeNull();
    expect(await store().bots.create(bot, account)).toMatchObject({ id: bot.id });
    expect(await store().accounts.get(userId, account.id)).toMatchObject({ name: 'Inline' });
  });

  it('get the next version of their settings only when these are given, and only at rest', async () => {
    const userId = await makeUser(store());
    const bot = await makeBot(store(), userId, (await makeAccount(store(), userId)).id);
    expect(await store().bots.update(userId, bot.id, { name: 'Renamed', at: AT + 1 })).toMatchObject({ name: 'Renamed', configVersion: 1, updatedAt: AT + 1 });
    expect(await store().bots.update(userId, bot.id, { config: { levels: 9 }, at: AT + 2 })).toMatchObject({ name: 'Renamed', configVersion: 2, config: { levels: 9 } });
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
    for (const [desired, status] of [['running', 'running'], ['running', 'stopped'], ['paused', 'running'], ['stopped', 'running'], ['stopped', 'error'], ['panicked', 'paused']] as const) expect(await isDue(desired, status), `${desired} while ${status}`).toBe(true);
    for (const [desired, status] of [['stopped', 'stopped'], ['panicked', 'stopped'], ['paused', 'paused'], ['running', 'error'], ['paused', 'error']] as const) expect(await isDue(desired, status), `${desired} while ${status}`).toBe(false);
  });

  it('in error are due again once the user wants them to run', async () => {
    const world = await makeTradingWorld(store());
    await store().bots.setDesired(world.userId, world.bot.id, 'running', AT);
    await store().bots.setStatus(world.lease, world.bot.id, 'error', 'refused', AT);
    expect((await store().bots.due()).some((bot) => bot.id === world.bot.id)).toBe(false);
    expect(await store().bots.setDesired(world.userId, world.bot.id, 'running', AT + 5)).toMatchObject({ desired: 'running', status: 'starting', statusReason: '', updatedAt: AT + 5 });
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
  const begin = async (world: Awaited<ReturnType<typeof makeTradingWorld>>, amount: string, available: string, asset = 'USDT') => {
    const bot = await makeBot(store(), world.userId, world.account.id);
    const lease = await holdLease(store(), `bot:${bot.id}`);
    const run = { id: unique('run'), botId: bot.id, userId: world.userId, accountId: world.account.id, recipe: RECIPE, needs: [{ asset, amount }], at: AT };
    return { run, bot, lease, begun: await store().bots.beginRun(lease, run, [{ asset, amount: available }]) };
  };

  it('stores its recipe and points the bot at it', async () => {
    const world = await makeTradingWorld(store());
    expect(await store().bots.get(world.userId, world.bot.id)).toMatchObject({ runId: world.runId });
    expect(await store().runs.latest(world.userId, world.bot.id)).toMatchObject({ id: world.runId, recipe: RECIPE, sequence: 0, state: null, startedAt: AT, endedAt: null, endReason: null });
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
    await store().commit(newCommit(world, { newOrders: [order], fills: [newFill(order.clientOrderId, { price: '100', size: '6', feeAmount: '0.006' })], orderChanges: [{ clientOrderId: order.clientOrderId, state: 'filled' }] }));
    expect((await begin(world, '1100.01', '1500')).begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '0.01' });
    expect((await begin(world, '0.007', '6', 'BTC')).begun).toEqual({ outcome: 'short', asset: 'BTC', missing: '0.001' });
    await store().commit(newCommit(world, { run: { ...entryOf(world, 1), end: { at: AT, reason: 'done' } } }));
    expect((await begin(world, '1500', '1500')).begun).toEqual({ outcome: 'begun' });
  });

  it('sets aside what orders placed by hand hold back', async () => {
    const world = await makeTradingWorld(store());
    await store().orders.request({ ...newOrder(world, { botId: null, runId: null, state: 'initialized', price: '50', size: '2' }), idempotencyKey: null });
    expect((await begin(world, '401', '1500')).begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '1' });
  });

  it('promises the same money to one of several that ask at once', async () => {
    const world = await makeTradingWorld(store());
    const bots = await Promise.all([1, 2, 3, 4].map(() => begin(world, '300', '1500')));
    expect(bots.map(({ begun }) => begun.outcome).sort()).toEqual(['begun', 'short', 'short', 'short']);
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
    for (const at of [1, 2, 3]) await store().runs.addEquity(world.lease, world.runId, { at, profit: `${at}.50`, price: '100' });
    await store().runs.addEquity(world.lease, world.runId, { at: 3, profit: '-9.1', price: '101' });
    expect(await store().runs.equity(world.userId, world.bot.id, world.runId, 2)).toEqual([{ at: 2, profit: '2.5', price: '100' }, { at: 3, profit: '-9.1', price: '101' }]);
    await expect(store().runs.addEquity({ ...world.lease, epoch: 9 }, world.runId, { at: 4, profit: '0', price: '1' })).rejects.toMatchObject({ code: 'lease_lost' });
  });
});

describe('orders', () => {
  it('are listed from newest to oldest by every filter', async () => {
    const world = await makeTradingWorld(store());
    const orders = [1, 2, 3].map((index) => newOrder(world, { size: '1', createdAt: AT + index }));
    await store().commit(newCommit(world, { newOrders: orders }));
    await store().commit(newCommit(world, { orderChanges: [{ clientOrderId: orders[0]?.clientOrderId ?? '', state: 'cancelled' }] }));
    const list = async (filter: Parameters<ReturnType<typeof store>['orders']['list']>[1]) => (await store().orders.list(world.userId, filter, { limit: 10, cursor: null })).items.map((order) => order.id);
    const ids = orders.map((order) => order.id).reverse();
    for (const filter of [{}, { botId: world.bot.id }, { accountId: world.account.id }, { symbol: 'BTC/USDT' }]) expect(await list(filter)).toEqual(ids);
    expect(await list({ states: ['cancelled'] })).toEqual([orders[0]?.id]);
    expect(await list({ states: ['cancelled', 'submitting'], botId: world.bot.id, symbol: 'BTC/USDT' })).toEqual(ids);
    for (const filter of [{ botId: 'x' }, { accountId: 'x' }, { symbol: 'x' }, { states: [] }]) expect(await list(filter)).toEqual([]);
  });

  it('placed by hand come once for each idempotency key of a user', async () => {
    const world = await makeTradingWorld(store());
    const request = () => ({ ...newOrder(world, { botId: null, runId: null, state: 'initialized', deadlineAt: null }), idempotencyKey: 'key-1' });
    const first = await store().orders.request(request());
    expect(first).toMatchObject({ state: 'initialized', filledSize: '0', filledQuote: '0', deadlineAt: null });
    expect(await store().orders.request(request())).toEqual(first);
    const racing = await Promise.all([1, 2, 3].map(() => store().orders.request({ ...request(), idempotencyKey: 'key-2' })));
    expect(new Set(racing.map((order) => order.id)).size).toBe(1);
    const stranger = await makeTradingWorld(store());
    const theirs = await store().orders.request({ ...newOrder(stranger, { botId: null, runId: null, state: 'initialized' }), idempotencyKey: 'key-1' });
    expect(theirs.id).not.toBe(first.id);
    await expect(store().orders.request({ ...request(), accountId: stranger.account.id, idempotencyKey: null })).rejects.toEqual(conflict);
  });

  it('take a wish to cancel while they are not over', async () => {
    const world = await makeTradingWorld(store());
    const order = newOrder(world);
    await store().commit(newCommit(world, { newOrders: [order] }));
    expect(await store().orders.requestCancel(world.userId, order.id, AT + 1)).toMatchObject({ cancelRequestedAt: AT + 1 });
    expect(await store().orders.requestCancel(world.userId, order.id, AT + 2)).toMatchObject({ cancelRequestedAt: AT + 1 });
    await store().commit(newCommit(world, { orderChanges: [{ clientOrderId: order.clientOrderId, state: 'cancelled' }] }));
    expect(await store().orders.requestCancel(world.userId, order.id, AT + 3)).toBe('notOpen');
    expect(await store().orders.requestCancel(world.userId, 'nothing', AT)).toBeNull();
  });

  it('that are not over are found by account, by run, and by hand, oldest first', async () => {
    const world = await makeTradingWorld(store());
    const [old, young, over] = [newOrder(world, { createdAt: AT, size: '1' }), newOrder(world, { createdAt: AT + 1, size: '1' }), newOrder(world, { state: 'denied' })];
    const byHand = newOrder(world, { botId: null, runId: null, state: 'initialized', createdAt: AT + 2 });
    await store().commit(newCommit(world, { newOrders: [young, old, over] }));
    await store().orders.request({ ...byHand, idempotencyKey: null });
    const idsOf = async (runId?: string | null) => (await store().orders.alive(world.account.id, runId)).map((order) => order.id);
    expect(await idsOf()).toEqual([old.id, young.id, byHand.id]);
    expect(await idsOf(world.runId)).toEqual([old.id, young.id]);
    expect(await idsOf(null)).toEqual([byHand.id]);
  });

  it('are found by the id of either side', async () => {
    const world = await makeTradingWorld(store());
    const order = newOrder(world);
    await store().commit(newCommit(world, { newOrders: [order], orderChanges: [{ clientOrderId: order.clientOrderId, venueOrderId: 'v-77', state: 'accepted' }] }));
    expect(await store().orders.byClientOrderId(order.clientOrderId)).toMatchObject({ id: order.id });
    expect(await store().orders.byVenueOrderId(world.account.id, 'BTC/USDT', 'v-77')).toMatchObject({ id: order.id });
    expect(await store().orders.byVenueOrderId(world.account.id, 'ETH/USDT', 'v-77')).toBeNull();
    expect(await store().orders.byClientOrderId('nothing')).toBeNull();
  });
});

describe('fills', () => {
  it('are listed, known, and summed exactly', async () => {
    const world = await makeTradingWorld(store());
    const [buy, sell] = [newOrder(world, { size: '3' }), newOrder(world, { side: 'sell', size: '1' })];
    const fills = [
      newFill(buy.clientOrderId, { at: AT + 1, price: '0.1', size: '0.2', feeAmount: '0.0002' }),
      newFill(buy.clientOrderId, { at: AT + 2, price: '100', size: '1', feeAsset: 'BNB', feeAmount: '0.01' }),
      newFill(sell.clientOrderId, { at: AT + 3, side: 'sell', price: '110', size: '0.5', feeAsset: 'USDT', feeAmount: '0.055' }),
    ];
    await store().commit(newCommit(world, { newOrders: [buy, sell], fills }));
    const { items } = await store().fills.list(world.userId, { botId: world.bot.id }, { limit: 10, cursor: null });
    expect(items).toEqual([...fills].reverse().map((fill) => ({ ...fill, orderId: fill.side === 'buy' ? buy.id : sell.id, botId: world.bot.id, accountId: world.account.id, userId: world.userId })));
    expect((await store().fills.list(world.userId, { orderId: sell.id }, { limit: 10, cursor: null })).items).toHaveLength(1);
    const asked = [fills[0]?.tradeId ?? '', 'unheard-of'];
    expect(await store().fills.known(world.account.id, 'BTC/USDT', asked)).toEqual(new Set(asked.slice(0, 1)));
    expect(await store().fills.known(world.account.id, 'ETH/USDT', asked)).toEqual(new Set());
    expect(await store().fills.netFlows(world.account.id)).toEqual([{ asset: 'BNB', amount: '-0.01' }, { asset: 'BTC', amount: '0.6998' }, { asset: 'USDT', amount: '-45.075' }]);
    expect(await store().fills.totals(world.userId, world.bot.id, world.runId)).toEqual({
      count: 3,
      boughtSize: '1.2',
      boughtQuote: '100.02',
      soldSize: '0.5',
      soldQuote: '55',
      fees: [{ asset: 'BNB', amount: '0.01' }, { asset: 'BTC', amount: '0.0002' }, { asset: 'USDT', amount: '0.055' }],
    });
    expect(await store().fills.feesOf(world.userId, [buy.id, sell.id, 'nothing'])).toEqual(
      new Map([[buy.id, [{ asset: 'BNB', amount: '0.01' }, { asset: 'BTC', amount: '0.0002' }]], [sell.id, [{ asset: 'USDT', amount: '0.055' }]]]),
    );
  });

  it('of a run without any are zero', async () => {
    const world = await makeTradingWorld(store());
    expect(await store().fills.totals(world.userId, world.bot.id, world.runId)).toEqual({ count: 0, boughtSize: '0', boughtQuote: '0', soldSize: '0', soldQuote: '0', fees: [] });
    expect(await store().fills.netFlows(world.account.id)).toEqual([]);
  });
});

describe('leases', () => {
  it('are held by one of many that ask at once', async () => {
    const subject = unique('bot:lease');
    const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => store().leases.acquire(subject, `owner-${index}`, 60_000)));
    expect(taken.filter((lease) => lease !== null)).toHaveLength(1);
    expect(taken.find((lease) => lease !== null)).toMatchObject({ subject, epoch: 1 });
  });

  it('pass on when they are released or have run out, with a higher epoch each time', async () => {
    const subject = unique('bot:lease');
    const first = await holdLease(store(), subject, 'a');
    expect(await store().leases.acquire(subject, 'b', 1_000)).toBeNull();
    expect(await store().leases.acquire(subject, 'a', 1_000)).toEqual(first);
    await store().leases.release(first);
    const second = await holdLease(store(), subject, 'b');
    expect(second.epoch).toBe(2);
    await store().leases.release(first);
    expect(await store().leases.renew(second, 60_000)).toBe(true);
    await database.query(`update leases set expires_at = clock_timestamp() where subject = $1`, [subject]);
    expect(await holdLease(store(), subject, 'c')).toMatchObject({ epoch: 3 });
  });

  it('get a new epoch even when the one who gave them back returns', async () => {
    const subject = unique('bot:lease');
    const first = await holdLease(store(), subject, 'a');
    await store().leases.release(first);
    expect(await holdLease(store(), subject, 'a')).toMatchObject({ epoch: 2 });
  });

  it('are renewed by their owner only, and only before they run out', async () => {
    const subject = unique('bot:lease');
    const lease = await holdLease(store(), subject, 'a');
    expect(await store().leases.renew({ ...lease, owner: 'b' }, 1_000)).toBe(false);
    expect(await store().leases.renew({ ...lease, epoch: 5 }, 1_000)).toBe(false);
    await database.query(`update leases set expires_at = clock_timestamp() where subject = $1`, [subject]);
    expect(await store().leases.renew(lease, 1_000)).toBe(false);
  });

  it('of others are freed by the one who knows that they are dead', async () => {
    const fresh = await createTestStore();
    const [mine, theirs] = [await holdLease(fresh.store, 'bot:1', 'me'), await holdLease(fresh.store, 'bot:2', 'dead')];
    await fresh.store.leases.expireOthers('me');
    expect(await fresh.store.leases.renew(mine, 1_000)).toBe(true);
    expect(await fresh.store.leases.renew(theirs, 1_000)).toBe(false);
    expect(await fresh.store.leases.acquire('bot:2', 'me', 1_000)).toMatchObject({ epoch: 2 });
    await fresh.drop();
  });
});

describe('facts', () => {
  let fresh: TestStore;
  let userId = '';
  beforeAll(async () => {
    fresh = await createTestStore();
    userId = await makeUser(fresh.store);
  });
  afterAll(() => fresh.drop());
  const fact = (key: string): NewFact => ({ dedupeKey: key, userId, botId: null, type: 'bot_error', data: { reason: 'why' }, at: AT });

  it('are kept once for each key, claimed by one at a time, and told once', async () => {
    for (const key of ['a', 'b', 'c', 'a']) await fresh.store.facts.add(fact(key));
    const [first, second] = await Promise.all([fresh.store.facts.claim(2, 60_000), fresh.store.facts.claim(2, 60_000)]);
    expect([...first, ...second].map((claimed) => claimed.dedupeKey).sort()).toEqual(['a', 'b', 'c']);
    expect(first[0]).toEqual({ ...fact(first[0]?.dedupeKey ?? ''), id: expect.any(String) });
    expect(await fresh.store.facts.claim(9, 60_000)).toEqual([]);
    await fresh.store.facts.told(first.map((claimed) => claimed.id), AT);
    await fresh.query('update facts set claimed_until = clock_timestamp() where told_at is null');
    expect((await fresh.store.facts.claim(9, 60_000)).map((claimed) => claimed.id)).toEqual(second.map((claimed) => claimed.id));
    await fresh.store.facts.told([...first, ...second].map((claimed) => claimed.id), AT + 1);
    expect(await fresh.query('select distinct told_at from facts where id = any ($1)', [first.map((claimed) => claimed.id)])).toEqual([{ told_at: String(AT) }]);
  });
});

describe('stewardship', () => {
  it('is due for accounts with an order that is not over or with an open run', async () => {
    const isDue = async (accountId: string) => (await store().stewardship.due()).some(({ account }) => account.id === accountId);
    const world = await makeTradingWorld(store());
    expect(await isDue(world.account.id)).toBe(true);
    await store().commit(newCommit(world, { run: { ...entryOf(world, 1), end: { at: AT, reason: 'done' } } }));
    expect(await isDue(world.account.id)).toBe(false);
    await store().orders.request({ ...newOrder(world, { botId: null, runId: null, state: 'initialized' }), idempotencyKey: null });
    expect((await store().stewardship.due()).find(({ account }) => account.id === world.account.id)).toEqual({ userId: world.userId, account: world.account });
  });
});

describe('a user', () => {
  it('never reaches the rows of another, by any method that takes a user', async () => {
    const mine = await makeTradingWorld(store());
    const order = newOrder(mine);
    await store().commit(newCommit(mine, { run: entryOf(mine, 1), newOrders: [order], fills: [newFill(order.clientOrderId)] }));
    await store().runs.addEquity(mine.lease, mine.runId, { at: AT, profit: '1', price: '1' });
    const stranger = await makeUser(store());
    const page = { limit: 50, cursor: null };
    const { account, bot, runId } = mine;
    for (const [name, answer] of Object.entries({
      'accounts.get': await store().accounts.get(stranger, account.id),
      'accounts.rename': await store().accounts.rename(stranger, account.id, 'stolen'),
      'accounts.replaceKeys': await store().accounts.replaceKeys(stranger, account.id, { sealed: 's', keyVersion: 1, keyHint: 'h' }),
      'accounts.nextOrderSequence': await store().accounts.nextOrderSequence(stranger, account.id),
      'bots.get': await store().bots.get(stranger, bot.id),
      'bots.update': await store().bots.update(stranger, bot.id, { name: 'stolen', at: AT }),
      'bots.setDesired': await store().bots.setDesired(stranger, bot.id, 'panicked', AT),
      'runs.latest': await store().runs.latest(stranger, bot.id),
      'orders.get': await store().orders.get(stranger, order.id),
      'orders.requestCancel': await store().orders.requestCancel(stranger, order.id, AT),
    }))
      expect(answer, name).toBeNull();
    for (const [name, answer] of Object.entries({
      'accounts.list': (await store().accounts.list(stranger, page)).items,
      'bots.list': (await store().bots.list(stranger, page)).items,
      'orders.list': (await store().orders.list(stranger, { botId: bot.id }, page)).items,
      'fills.list': (await store().fills.list(stranger, { botId: bot.id }, page)).items,
      'facts.ofBot': (await store().facts.ofBot(stranger, bot.id, page)).items,
      'runs.tape': await store().runs.tape(stranger, bot.id, runId, 0, 10),
      'runs.equity': await store().runs.equity(stranger, bot.id, runId, 10),
      'fills.feesOf': [...(await store().fills.feesOf(stranger, [order.id])).keys()],
    }))
      expect(answer, name).toEqual([]);
    expect(await store().fills.totals(stranger, bot.id, runId)).toMatchObject({ count: 0 });
    expect(await store().accounts.remove(stranger, account.id)).toEqual({ outcome: 'missing' });
    expect(await store().bots.remove(stranger, bot.id, AT)).toBe('missing');
    const botOnForeignAccount = { id: unique('bot'), userId: stranger, accountId: account.id, name: 'x', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper' as const, config: {}, at: AT };
    await expect(store().bots.create(botOnForeignAccount)).rejects.toEqual(conflict);
    expect(await store().accounts.get(mine.userId, account.id)).toEqual(account);
    expect(await store().bots.get(mine.userId, bot.id)).toMatchObject({ name: bot.name, desired: 'stopped' });
    expect(await store().orders.get(mine.userId, order.id)).toMatchObject({ cancelRequestedAt: null });
  });

  it("does not reach another run's tape through a bot of their own", async () => {
    const [mine, theirs] = [await makeTradingWorld(store()), await makeTradingWorld(store())];
    await store().commit(newCommit(mine, { run: entryOf(mine, 1) }));
    expect(await store().runs.tape(theirs.userId, theirs.bot.id, mine.runId, 0, 10)).toEqual([]);
    expect(await store().runs.tape(mine.userId, mine.bot.id, mine.runId, 0, 10)).toHaveLength(1);
  });
});

describe('pages', () => {
  it('show every item once, from newest to oldest, also among items of one millisecond', async () => {
    const world = await makeTradingWorld(store());
    const orders = Array.from({ length: 25 }, (_, index) => newOrder(world, { size: '0.1', createdAt: AT + Math.floor(index / 10) }));
    await store().commit(newCommit(world, { newOrders: orders, fills: orders.map((order) => newFill(order.clientOrderId, { size: '0.1', at: order.createdAt })) }));
    for (const limit of [1, 7, 25, 200]) {
      const listed = await allPages((page) => store().orders.list(world.userId, {}, page), limit);
      expect(listed.map((order) => order.id)).toEqual([...orders].sort((left, right) => right.createdAt - left.createdAt || (right.id < left.id ? -1 : 1)).map((order) => order.id));
      expect(new Set((await allPages((page) => store().fills.list(world.userId, {}, page), limit)).map((fill) => fill.tradeId)).size).toBe(25);
    }
  });

  it('do not shift when newer items come in between', async () => {
    const world = await makeTradingWorld(store());
    const place = (createdAt: number) => store().commit(newCommit(world, { newOrders: [newOrder(world, { size: '0.1', createdAt })] }));
    for (const at of [1, 2, 3, 4]) await place(AT + at);
    const first = await store().orders.list(world.userId, {}, { limit: 2, cursor: null });
    await place(AT + 9);
    const second = await store().orders.list(world.userId, {}, { limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map((order) => order.createdAt - AT)).toEqual([4, 3, 2, 1]);
    expect(second.nextCursor).toBeNull();
  });

  it.each(['', 'x', 'bm90IGpzb24', Buffer.from('{}').toString('base64url'), Buffer.from('["1","a"]').toString('base64url'), Buffer.from('[1.5,"a"]').toString('base64url'), Buffer.from('[1,"a","b"]').toString('base64url'), Buffer.from('[1,"\\u0000"]').toString('base64url')])('refuse the cursor %j by naming the field', async (cursor) => {
    const refused = await store().orders.list('nobody', {}, { limit: 10, cursor }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppError);
    expect(refused).toMatchObject({ code: 'validation_failed', issues: [{ field: 'cursor' }] });
  });

  it('refuse a cursor whose place is no running number where one is needed', async () => {
    const cursor = Buffer.from('[1,"abc"]').toString('base64url');
    await expect(store().fills.list('nobody', {}, { limit: 10, cursor })).rejects.toMatchObject({ issues: [{ field: 'cursor' }] });
    await expect(store().facts.ofBot('nobody', 'bot', { limit: 10, cursor })).rejects.toMatchObject({ issues: [{ field: 'cursor' }] });
  });

  it.each([0, -1, 201, 1.5, Number.NaN])('refuse a limit of %s', async (limit) => {
    await expect(store().bots.list('nobody', { limit, cursor: null })).rejects.toMatchObject({ code: 'validation_failed', issues: [{ field: 'limit' }] });
  });
});
