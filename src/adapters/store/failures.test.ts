/** What the store says when the database is away, breaks off or refuses: the right code and outcome, and never a secret. */
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { Store } from '#core/store/store.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type SeveringProxy, severingProxy } from '#test/support/severing-proxy.ts';
import { AT, entryOf, makeAccount, makeTradingWorld, makeUser, newCommit, newOrder, type TradingWorld, unique } from '#test/support/trading-world.ts';
import { openStore } from './store.ts';

let database: TestDatabase;
let proxy: SeveringProxy;
let store: Store;
let world: TradingWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await severingProxy(database.url);
  store = await openStore({ url: proxy.url, log: quietLog(), maxConnections: 2 });
});
afterAll(async () => {
  await store.close();
  await proxy.close();
  await database.drop();
});
beforeEach(async () => {
  world = await makeTradingWorld(store);
});

const caught = async (work: Promise<unknown>): Promise<PortError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PortError)) throw new Error(`expected a PortError, got ${inspect(error)}`);
  return error;
};

describe('a connection that breaks', () => {
  it('at the commit, after it was carried out, leaves the outcome unknown, and the rows are there', async () => {
    const order = newOrder(world);
    proxy.severAt('commit\0', 'beforeAnswer');
    const error = await caught(store.commit(newCommit(world, { run: entryOf(world, 1), newOrders: [order] })));
    expect(error).toMatchObject({ code: 'store_unavailable', outcome: 'unknown' });
    expect(await store.orders.byClientOrderId(order.clientOrderId)).toMatchObject({ state: 'submitting' });
    expect(await store.runs.get(world.runId)).toMatchObject({ sequence: 1 });
  });

  it('at the commit, before it arrived, leaves the outcome unknown too, and no row', async () => {
    const order = newOrder(world);
    proxy.severAt('commit\0', 'beforeArrival');
    expect(await caught(store.commit(newCommit(world, { run: entryOf(world, 1), newOrders: [order] })))).toMatchObject({
      code: 'store_unavailable',
      outcome: 'unknown',
    });
    expect(await store.orders.byClientOrderId(order.clientOrderId)).toBeNull();
    await store.commit(newCommit(world, { run: entryOf(world, 1), newOrders: [order] }));
  });

  it('before the commit was sent has failed for certain', async () => {
    const order = newOrder(world);
    proxy.severAt('insert_orders\0', 'beforeAnswer');
    expect(await caught(store.commit(newCommit(world, { run: entryOf(world, 1), newOrders: [order] })))).toMatchObject({
      code: 'store_unavailable',
      outcome: 'failed',
    });
    expect(await store.orders.byClientOrderId(order.clientOrderId)).toBeNull();
  });

  it('during a statement that commits by itself leaves the outcome unknown', async () => {
    proxy.severAt('next_order_sequence\0', 'beforeAnswer');
    expect(await caught(store.accounts.nextOrderSequence(world.userId, world.account.id))).toMatchObject({ outcome: 'unknown' });
    // It has been done, so this one is the second.
    expect(await store.accounts.nextOrderSequence(world.userId, world.account.id)).toBe(2);
  });

  it('while nobody uses it harms nobody', async () => {
    await Promise.all([store.ping(), store.ping()]);
    await database.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
    await expect
      .poll(
        () =>
          store.ping().then(
            () => 'well',
            () => 'away',
          ),
        { interval: 5 },
      )
      .toBe('well');
  });
});

describe('a database that is away', () => {
  it('fails for certain when no connection can be made, without naming the password', async () => {
    const url = 'postgresql://argosy:top-secret@127.0.0.1:1/argosy';
    const error = await caught(openStore({ url, log: quietLog() }));
    expect(error).toMatchObject({ code: 'store_unavailable', outcome: 'failed' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('top-secret');
  });

  it('fails for certain when the password is wrong, without naming it', async () => {
    const error = await caught(openStore({ url: database.url.replace(/:[^:@]*@/, ':top-secret@'), log: quietLog() }));
    expect(error).toMatchObject({ code: 'configuration_invalid', outcome: 'failed', message: expect.stringContaining('password authentication failed') });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('top-secret');
  });
});

describe('a refusal of the database', () => {
  it('never carries what stood in the row', async () => {
    const userId = await makeUser(store);
    const account = await makeAccount(store, userId);
    const error = await caught(store.accounts.create({ ...account, sealed: 'sealed-secret', keyHint: 'hint' }));
    expect(error).toMatchObject({ code: 'store_conflict', outcome: 'failed' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('sealed-secret');
    const broken = await caught(store.users.create({ id: unique('user'), email: null as never, passwordHash: 'hash-secret', at: AT }));
    expect(broken).toMatchObject({ code: 'store_conflict' });
    expect(inspect(broken, { depth: 9, showHidden: true })).not.toContain('hash-secret');
  });
});
