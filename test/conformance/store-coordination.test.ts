/** What keeps owners and users apart: leases, the outbox, stewardship, and nobody reaching the rows of another. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewFact } from '#core/facts.ts';
import type { Store } from '#core/store/store.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { takeFacts } from '#test/support/told-facts.ts';
import { AT, entryOf, holdLease, makeTradingWorld, makeUser, newCommit, newFill, newOrder, unique } from '#test/support/trading-world.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

const store = () => database.store;
const conflict = expect.objectContaining({ name: 'PortError', code: 'store_conflict' });

/** Opens all connections, so that what is asked for together really runs together. */
async function warm(of: Store = store()): Promise<void> {
  await Promise.all(Array.from({ length: 5 }, () => of.ping()));
}

describe('leases', () => {
  it('are held by one of many that ask at once', async () => {
    const subject = unique('bot:lease');
    await warm();
    const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => store().leases.acquire(subject, `owner-${index}`, 60_000)));
    expect(taken.filter((lease) => lease !== null)).toHaveLength(1);
    expect(taken.find((lease) => lease !== null)).toMatchObject({ subject, epoch: 1 });
  });

  it('pass on when they are released or have run out, with a higher epoch each time', async () => {
    const subject = unique('bot:lease');
    const first = await holdLease(store(), subject, 'a');
    expect(await store().leases.acquire(subject, 'b', 1_000)).toBeNull();
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

  it('get a new epoch even when their owner takes them again, which a late release of the former does not end', async () => {
    const subject = unique('bot:lease');
    const first = await holdLease(store(), subject, 'a');
    const again = await holdLease(store(), subject, 'a');
    expect(again.epoch).toBe(2);
    await store().leases.release(first);
    expect(await store().leases.renew(first, 60_000)).toBe(false);
    expect(await store().leases.renew(again, 60_000)).toBe(true);
  });

  it('are renewed by their owner only, and only before they run out', async () => {
    const subject = unique('bot:lease');
    const lease = await holdLease(store(), subject, 'a');
    expect(await store().leases.renew({ ...lease, owner: 'b' }, 1_000)).toBe(false);
    expect(await store().leases.renew({ ...lease, epoch: 5 }, 1_000)).toBe(false);
    await database.query(`update leases set expires_at = clock_timestamp() where subject = $1`, [subject]);
    expect(await store().leases.renew(lease, 1_000)).toBe(false);
  });

  it('are renewed together, but for those of others, those that have run out and those that a commit holds', async () => {
    const [mine, locked, over, theirs] = await Promise.all(['a', 'a', 'a', 'b'].map((owner) => holdLease(store(), unique('bot:lease'), owner)));
    if (mine === undefined || locked === undefined || over === undefined || theirs === undefined) throw new Error('no leases');
    await database.query(`update leases set expires_at = clock_timestamp() where subject = $1`, [over.subject]);
    await database.query('begin');
    await database.query('select 1 from leases where subject = $1 for update', [locked.subject]);
    const renewed = await store().leases.renewAll([mine, locked, over, { ...theirs, owner: 'a' }], 60_000);
    await database.query('commit');
    expect([...renewed]).toEqual([mine.subject]);
    expect(await store().leases.renew(locked, 60_000)).toBe(true);
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

  it('are kept once for each key, and told once, by one at a time, in their order', async () => {
    for (const key of ['a', 'b', 'c', 'a']) await fresh.store.facts.add(fact(key));
    const rounds = await Promise.all([takeFacts(fresh.store, 2), takeFacts(fresh.store, 2)]);
    const rest = await takeFacts(fresh.store);
    expect([...rounds.flat(), ...rest].map((told) => told.dedupeKey)).toEqual(['a', 'b', 'c']);
    expect(rounds.flat()[0]).toEqual({ ...fact('a'), id: expect.any(String) });
    expect(await takeFacts(fresh.store)).toEqual([]);
  });
});

describe('a fact that cannot be told', () => {
  it('waits longer after each try, then is parked, and keeps no other waiting', async () => {
    const fresh = await createTestStore();
    try {
      const userId = await makeUser(fresh.store);
      for (const key of ['bad', 'good']) await fresh.store.facts.add({ dedupeKey: key, userId, botId: null, type: 'bot_error', data: {}, at: AT });
      const patience = { firstPauseMs: 10_000, longestPauseMs: 15_000, tries: 3 };
      const [{ id: bad = '' } = {}] = await fresh.query<{ id: string }>("select id::text from facts where dedupe_key = 'bad'");
      const pause = async () =>
        (await fresh.query('select round(extract(epoch from claimed_until - clock_timestamp())) as s from facts where dedupe_key = $1', ['bad']))[0];
      expect(await fresh.store.facts.failed(bad, 'no', patience)).toBe('waiting');
      expect(Number(((await pause()) as { s: string }).s)).toBeCloseTo(10, -1);
      expect((await takeFacts(fresh.store)).map((fact) => fact.dedupeKey)).toEqual(['good']);
      await fresh.store.facts.failed(bad, 'no', patience);
      expect(await fresh.store.facts.parked()).toBe(0);
      expect(await fresh.store.facts.failed(bad, 'still no', patience)).toBe('parked');
      expect(await fresh.store.facts.parked()).toBe(1);
      await fresh.query('update facts set claimed_until = clock_timestamp()');
      expect(await takeFacts(fresh.store)).toEqual([]);
      expect(await fresh.query('select failures, problem from facts where dedupe_key = $1', ['bad'])).toEqual([{ failures: 3, problem: 'still no' }]);
    } finally {
      await fresh.drop();
    }
  });
});

describe('stewardship', () => {
  it('is due for accounts with an order that is not over or with an open run', async () => {
    const isDue = async (accountId: string) => (await store().stewardship.due()).some(({ account }) => account.id === accountId);
    const [world, running] = [await makeTradingWorld(store()), await makeTradingWorld(store())];
    await store().commit(newCommit(running, { newOrders: [newOrder(running)] }));
    expect(await isDue(world.account.id)).toBe(true);
    await store().commit(newCommit(world, { run: { ...entryOf(world, 1), end: { at: AT, reason: 'done' } } }));
    expect(await isDue(world.account.id)).toBe(false);
    await store().orders.request({ ...newOrder(world, { botId: null, runId: null, state: 'initialized' }), idempotency: null });
    expect((await store().stewardship.due()).find(({ account }) => account.id === world.account.id)).toEqual({
      userId: world.userId,
      account: world.account,
      lease: null,
      hasOrders: true,
    });
    const hasOrders = (await store().stewardship.due()).find(({ account }) => account.id === running.account.id)?.hasOrders;
    expect(hasOrders, 'the orders of its runs are not for a steward').toBe(false);
  });
});

describe('a user', () => {
  it('never reaches the rows of another, by any method that takes a user', async () => {
    const mine = await makeTradingWorld(store());
    const order = newOrder(mine);
    await store().commit(newCommit(mine, { run: entryOf(mine, 1), newOrders: [order], fills: [newFill(order.clientOrderId)] }));
    await store().runs.addEquity([{ lease: mine.lease, runId: mine.runId, at: AT, profit: '1', price: '1' }]);
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
    const botOnForeignAccount = {
      id: unique('bot'),
      userId: stranger,
      accountId: account.id,
      name: 'x',
      strategy: 'grid',
      symbol: 'BTC/USDT',
      mode: 'paper' as const,
      config: {},
      at: AT,
    };
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
