/** Commits that share a transaction: each is still refused or stored by itself, whatever the others are. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Commit } from '#core/store/commit.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { AT, entryOf, makeTradingWorld, newCommit, newFill, newOrder, type TradingWorld } from '#test/support/trading-world.ts';

let database: TestStore;

beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

/** What may be wrong with a commit, and the code it is refused with. */
const FAULTS: Readonly<Record<string, { readonly code: string; readonly spoil: (commit: Commit, world: TradingWorld) => Commit }>> = {
  'a lease that another owner has by now': {
    code: 'lease_lost',
    spoil: (commit) => ({ ...commit, lease: { ...commit.lease, epoch: commit.lease.epoch + 1 } }),
  },
  'a journal with a gap': { code: 'store_conflict', spoil: (commit, world) => ({ ...commit, run: entryOf(world, 2) }) },
  'more than the budget': { code: 'store_conflict', spoil: (commit, world) => ({ ...commit, newOrders: [newOrder(world, { size: '11' })], fills: [] }) },
  'a change of an order that nobody knows': {
    code: 'store_conflict',
    spoil: (commit) => ({ ...commit, orderChanges: [{ clientOrderId: 'nobody', state: 'accepted' }] }),
  },
  'a fill of an order that nobody knows': { code: 'store_conflict', spoil: (commit) => ({ ...commit, fills: [newFill('nobody')] }) },
  'a fill told twice': {
    code: 'store_conflict',
    spoil: (commit) => {
      const fill = newFill(commit.newOrders[0]?.clientOrderId ?? '');
      return { ...commit, fills: [fill, fill] };
    },
  },
  'the account of another': { code: 'store_conflict', spoil: (commit) => ({ ...commit, userId: 'somebody', newOrders: [] }) },
};

async function makeWorlds(count: number): Promise<readonly TradingWorld[]> {
  return await Promise.all(Array.from({ length: count }, () => makeTradingWorld(database.store)));
}

function goodCommit(world: TradingWorld): Commit {
  const order = newOrder(world, { size: '2' });
  const status = { status: 'running', reason: world.bot.id } as const;
  const fact = { dedupeKey: `${order.clientOrderId}:placed`, userId: world.userId, botId: world.bot.id, type: 'order_placed', data: {}, at: AT } as const;
  return newCommit(world, { run: entryOf(world, 1), newOrders: [order], fills: [newFill(order.clientOrderId, { size: '1' })], facts: [fact], status });
}

async function outcomeOf(commit: Commit): Promise<unknown> {
  return await database.store.commit(commit).then(
    () => null,
    (error: { readonly code?: unknown }) => error.code,
  );
}

/** What the books hold of a run: numbers of rows, and how its order and bot stand. */
async function bookedOf(world: TradingWorld): Promise<unknown> {
  const [row] = await database.query(
    `select (select sequence from runs where id = $1)::int as sequence, (select count(*) from journal where run_id = $1)::int as journal,
       (select count(*) from fills where run_id = $1)::int as fills, (select count(*) from facts where bot_id = $2 and type = 'order_placed')::int as facts,
       (select string_agg(filled_size || ' of ' || size, ',') from orders where run_id = $1) as orders,
       (select count(*) from order_events e join orders o on o.id = e.order_id where o.run_id = $1)::int as events,
       (select amount::text from run_positions where run_id = $1 and asset = 'USDT') as spent, (select status_reason from bots where id = $2) as reason`,
    [world.runId, world.bot.id],
  );
  return row;
}

describe('commits made at once', () => {
  it('are made durable by one transaction', async () => {
    const worlds = await makeWorlds(20);
    await Promise.all(worlds.map((world) => database.store.commit(goodCommit(world))));
    const rows = await database.query('select distinct xmin::text from runs where id = any ($1)', [worlds.map(({ runId }) => runId)]);
    expect(rows).toHaveLength(1);
  });

  it('store the good ones whole and refuse exactly the others, whatever is wrong with how many of them', async () => {
    const names = Object.keys(FAULTS);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.constantFrom(...names), { freq: 2 }), { minLength: 2, maxLength: 8 }), async (faults) => {
        const worlds = await makeWorlds(faults.length);
        const commits = worlds.map((world, index) => {
          const fault = FAULTS[faults[index] ?? ''];
          return fault === undefined ? goodCommit(world) : fault.spoil(goodCommit(world), world);
        });
        expect(await Promise.all(commits.map(outcomeOf))).toEqual(faults.map((fault) => FAULTS[fault ?? '']?.code ?? null));
        for (const [index, world] of worlds.entries()) {
          const whole = { sequence: 1, journal: 1, fills: 1, facts: 1, orders: '1 of 2', events: 3, spent: '-100', reason: world.bot.id };
          const nothing = { sequence: 0, journal: 0, fills: 0, facts: 0, orders: null, events: 0, spent: null, reason: '' };
          expect(await bookedOf(world)).toEqual(faults[index] === null ? whole : nothing);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('are refused for the user whose kill switch is on, and stored for the others', async () => {
    const [killed, other] = await makeWorlds(2);
    if (killed === undefined || other === undefined) throw new Error('two worlds were asked for');
    await database.store.killSwitch.set(killed.userId, true, 'enough', AT);
    expect(await Promise.all([killed, other].map((world) => outcomeOf(goodCommit(world))))).toEqual(['trading_killed', null]);
  });

  it('keep the time of each to itself', async () => {
    const worlds = await makeWorlds(3);
    const commits = worlds.map((world, index) => ({ ...goodCommit(world), at: AT + index }));
    await Promise.all(commits.map((commit) => database.store.commit(commit)));
    const stored = await Promise.all(commits.map(({ newOrders }) => database.store.orders.byClientOrderId(newOrders[0]?.clientOrderId ?? '')));
    expect(stored.map((order) => order?.updatedAt)).toEqual([AT, AT + 1, AT + 2]);
  });
});
