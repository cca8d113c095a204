/** Users, their sessions and exchange accounts, as every store keeps them. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TERMINAL_STATES } from '#adapters/store/states.ts';
import { isTerminal, type OrderState, TRANSITIONS } from '#core/order.ts';
import type { Store } from '#core/store/store.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { AT, makeAccount, makeTradingWorld, makeUser, newOrder, unique } from '#test/support/trading-world.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

const store = () => database.store;

/** Opens all connections, so that what is asked for together really runs together. */
async function warm(of: Store = store()): Promise<void> {
  await Promise.all(Array.from({ length: 5 }, () => of.ping()));
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
    await warm(fresh.store);
    const made = await Promise.all(
      Array.from({ length: 5 }, (_, index) => fresh.store.users.create({ id: `u${index}`, email: `u${index}@example.org`, passwordHash: 'h', at: AT })),
    );
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
    await warm();
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
    expect(await store().refreshTokens.rotate(first.tokenHash, second, AT)).toEqual({ outcome: 'rotated', userId: first.userId, familyId: first.familyId });
    expect(await store().refreshTokens.rotate(second.tokenHash, next(), AT)).toEqual({ outcome: 'rotated', userId: first.userId, familyId: first.familyId });
  });

  it('tell which sessions go on', async () => {
    const [going, ended, lapsed] = [await token(), await token(), await token()];
    await store().refreshTokens.rotate(going.tokenHash, next(AT + 9_000), AT);
    expect(await store().refreshTokens.revokeFamilyOf(ended.tokenHash, AT)).toEqual({ userId: ended.userId, familyId: ended.familyId });
    const families = [going, ended, lapsed].map(({ familyId }) => familyId);
    expect(await store().refreshTokens.aliveAmong([...families, 'nobody'], AT + 1_000)).toEqual(new Set([going.familyId]));
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
    await warm();
    const outcomes = await Promise.all(successors.map((successor) => store().refreshTokens.rotate(first.tokenHash, successor, AT)));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['reused', 'reused', 'reused', 'rotated']);
    const after = await Promise.all(successors.map((successor) => store().refreshTokens.rotate(successor.tokenHash, next(), AT)));
    expect(after.map(({ outcome }) => outcome)).toEqual(Array(4).fill('invalid'));
  });
});

describe('accounts', () => {
  it('are created, listed, renamed, given new keys and removed by their user', async () => {
    const userId = await makeUser(store());
    const account = await store().accounts.create({
      id: unique('account'),
      userId,
      name: 'Main',
      exchange: 'binance',
      sealed: 'sealed-1',
      keyVersion: 1,
      keyHint: 'abcd',
      createdAt: AT,
    });
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
    await store().orders.request({
      ...newOrder(world, { userId, accountId: account.id, botId: null, runId: null, state: 'initialized' }),
      idempotency: null,
    });
    expect(await store().accounts.remove(userId, account.id)).toEqual({ outcome: 'inUse', bots: [], openOrders: 1 });
  });

  it('give out order sequences from 1, each once', async () => {
    const userId = await makeUser(store());
    const account = await makeAccount(store(), userId);
    await warm();
    const given = await Promise.all(Array.from({ length: 20 }, () => store().accounts.nextOrderSequence(userId, account.id)));
    expect([...given].sort((left, right) => Number(left) - Number(right))).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});
