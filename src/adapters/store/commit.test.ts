/** The transaction around trading state: whole or not at all, fenced, gapless, within budget, and derived from fills. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leaseSubject } from '#core/store/store.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { AT, entryOf, holdLease, makeTradingWorld, newCommit, newFill, newOrder, type TradingWorld, unique } from '#test/support/trading-world.ts';

let database: TestStore;
let world: TradingWorld;

beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());
beforeEach(async () => {
  world = await makeTradingWorld(database.store);
});

const commit = (changes: Parameters<typeof newCommit>[1]) => database.store.commit(newCommit(world, changes));
const refusal = (code: string, message: string | RegExp) =>
  expect.objectContaining({
    name: 'PortError',
    code,
    outcome: 'failed',
    message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
  });

async function rowCounts(): Promise<Record<string, number>> {
  const [row] = await database.query<Record<string, string>>(
    `select (select count(*) from journal where run_id = $1) as journal, (select count(*) from orders where run_id = $1) as orders,
       (select count(*) from fills where run_id = $1) as fills, (select count(*) from facts where user_id = $2 and type <> 'bot_created') as facts,
       (select count(*) from run_positions where run_id = $1) as positions, (select sequence from runs where id = $1) as sequence`,
    [world.runId, world.userId],
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)]));
}

/** Waits until so many statements of this database wait for a lock. */
async function waiting(count: number): Promise<void> {
  await expect
    .poll(async () => {
      await database.query('select pg_stat_clear_snapshot()');
      return (await database.query(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).length;
    })
    .toBe(count);
}

/** Does something while a commit stands before its last part, the facts. */
async function duringCommit(changes: Parameters<typeof newCommit>[1], meanwhile: () => Promise<void>): Promise<'committed'> {
  await database.query('begin');
  await database.query('lock table facts in access exclusive mode');
  const committing = commit(changes);
  await waiting(1);
  await meanwhile().finally(() => database.query('rollback'));
  await committing;
  return 'committed';
}

const NOTHING = { journal: 0, orders: 0, fills: 0, facts: 0, positions: 0, sequence: 0 };

describe('a whole commit', () => {
  it('makes journal, orders, fills, facts, state and status visible together', async () => {
    const order = newOrder(world, { size: '2' });
    const fact = { dedupeKey: unique('fact'), userId: world.userId, botId: world.bot.id, type: 'order_placed' as const, data: { price: '100' }, at: AT };
    await commit({ run: entryOf(world, 1), newOrders: [order], facts: [fact], status: { status: 'running', reason: 'all well' } });
    await commit({
      run: entryOf(world, 2),
      orderChanges: [{ clientOrderId: order.clientOrderId, state: 'partiallyFilled', venueOrderId: 'v-1' }],
      fills: [newFill(order.clientOrderId, { size: '0.5', price: '99.5', feeAmount: '0.0005' })],
      at: AT + 1,
    });
    expect(await rowCounts()).toEqual({ journal: 2, orders: 1, fills: 1, facts: 1, positions: 2, sequence: 2 });
    expect(await database.store.orders.byClientOrderId(order.clientOrderId)).toMatchObject({
      ...order,
      state: 'partiallyFilled',
      venueOrderId: 'v-1',
      filledSize: '0.5',
      filledQuote: '49.75',
      cancelRequestedAt: null,
      updatedAt: AT + 1,
    });
    expect(await database.store.bots.get(world.userId, world.bot.id)).toMatchObject({ status: 'running', statusReason: 'all well', runId: world.runId });
    const run = await database.store.runs.get(world.runId);
    expect(run).toMatchObject({ sequence: 2, endedAt: null, recipe: { strategy: 'grid' }, state: { phase: 'created' } });
    expect(await database.store.runs.tape(world.userId, world.bot.id, world.runId, 1, 10)).toEqual([
      { sequence: 2, event: { type: 'pauseRequested', at: AT + 2 }, commands: [] },
    ]);
  });

  it('ends the run and sets what is wanted of the bot to stopped', async () => {
    await database.store.bots.setDesired(world.userId, world.bot.id, 'running', AT);
    await commit({ run: { ...entryOf(world, 1), end: { at: AT + 9, reason: 'take profit' } }, status: { status: 'stopped', reason: 'take profit' } });
    expect(await database.store.runs.get(world.runId)).toMatchObject({ endedAt: AT + 9, endReason: 'take profit' });
    expect(await database.store.bots.get(world.userId, world.bot.id)).toMatchObject({ desired: 'stopped', status: 'stopped' });
    await expect(commit({ run: entryOf(world, 2) })).rejects.toEqual(refusal('store_conflict', 'has ended'));
  });

  it('keeps the order of keys in events, commands and state, on which a replay depends', async () => {
    const state = { ...entryOf(world, 1).state, strategy: { zebra: 1, alpha: 2, nested: { b: 1, a: 2 } } };
    await commit({ run: { ...entryOf(world, 1), state } });
    const run = await database.store.runs.get(world.runId);
    expect(JSON.stringify(run?.state)).toBe(JSON.stringify(state));
  });
});

describe('a refused commit leaves nothing, whatever part of it is refused', () => {
  const fact = () => ({ dedupeKey: unique('fact'), userId: world.userId, botId: world.bot.id, type: 'order_placed' as const, data: {}, at: AT });

  it('when the last of its parts breaks a rule of the database', async () => {
    const order = newOrder(world);
    const broken = { ...fact(), type: null as never };
    await expect(commit({ run: entryOf(world, 1), newOrders: [order], fills: [newFill(order.clientOrderId)], facts: [fact(), broken] })).rejects.toEqual(
      refusal('store_conflict', 'breaks a rule'),
    );
    expect(await rowCounts()).toEqual(NOTHING);
    expect(await database.store.orders.byClientOrderId(order.clientOrderId)).toBeNull();
  });

  it('when the journal has a gap, repeats a line or starts too late', async () => {
    await expect(commit({ run: entryOf(world, 2), newOrders: [newOrder(world)] })).rejects.toEqual(refusal('store_conflict', 'goes on with 1, not with 2'));
    expect(await rowCounts()).toEqual(NOTHING);
    await commit({ run: entryOf(world, 1) });
    await expect(commit({ run: entryOf(world, 1), newOrders: [newOrder(world)] })).rejects.toEqual(refusal('store_conflict', 'goes on with 2, not with 1'));
    const [one, three] = [entryOf(world, 2).entries[0], entryOf(world, 4).entries[0]];
    await expect(commit({ run: { ...entryOf(world, 2), entries: [one, three].flatMap((entry) => entry ?? []) } })).rejects.toEqual(
      refusal('store_conflict', 'goes on with 3, not with 4'),
    );
    expect(await rowCounts()).toEqual({ ...NOTHING, journal: 1, sequence: 1 });
  });

  it('when a fill is in the ledger already', async () => {
    const order = newOrder(world);
    const fill = newFill(order.clientOrderId);
    await commit({ run: entryOf(world, 1), newOrders: [order], fills: [fill] });
    await expect(commit({ run: entryOf(world, 2), fills: [newFill(order.clientOrderId), fill] })).rejects.toEqual(refusal('store_conflict', 'fills_trade'));
    expect(await rowCounts()).toEqual({ ...NOTHING, journal: 1, sequence: 1, orders: 1, fills: 1, positions: 2 });
    expect(await database.store.orders.byClientOrderId(order.clientOrderId)).toMatchObject({ filledSize: '1' });
  });

  it('when a fill names an order that is not known, or the other side or symbol of one', async () => {
    const order = newOrder(world);
    await commit({ newOrders: [order] });
    for (const fill of [newFill('nobody'), newFill(order.clientOrderId, { side: 'sell' }), newFill(order.clientOrderId, { symbol: 'ETH/USDT' })])
      await expect(commit({ run: entryOf(world, 1), fills: [fill] })).rejects.toEqual(refusal('store_conflict', 'of 1 fills only 0'));
    expect(await rowCounts()).toEqual({ ...NOTHING, orders: 1 });
  });

  it('when a ClientOrderId was given before', async () => {
    const order = newOrder(world, { size: '1' });
    await commit({ newOrders: [order] });
    await expect(commit({ run: entryOf(world, 1), newOrders: [newOrder(world, { clientOrderId: order.clientOrderId })] })).rejects.toEqual(
      refusal('store_conflict', 'orders_client_order_id'),
    );
    expect(await rowCounts()).toEqual({ ...NOTHING, orders: 1 });
  });

  it('when an order is changed that is unknown, over, or sent before', async () => {
    const open = newOrder(world, { size: '1' });
    const done = newOrder(world, { size: '1' });
    await commit({ newOrders: [open, done] });
    await commit({ orderChanges: [{ clientOrderId: done.clientOrderId, state: 'cancelled' }] });
    for (const change of [
      { clientOrderId: 'nobody', state: 'accepted' as const },
      { clientOrderId: done.clientOrderId, state: 'accepted' as const },
      { clientOrderId: open.clientOrderId, state: 'submitting' as const },
    ])
      await expect(commit({ run: entryOf(world, 1), orderChanges: [change] })).rejects.toEqual(refusal('store_conflict', change.clientOrderId));
    await commit({ orderChanges: [{ clientOrderId: done.clientOrderId, state: 'cancelled', reason: 'told twice' }] });
    expect(await database.store.orders.byClientOrderId(done.clientOrderId)).toMatchObject({ state: 'cancelled', reason: 'told twice' });
    expect(await rowCounts()).toEqual({ ...NOTHING, orders: 2 });
  });

  it('when two orders would have one order at the venue', async () => {
    const [first, second] = [newOrder(world, { size: '1' }), newOrder(world, { size: '1' })];
    await commit({ newOrders: [first, second], orderChanges: [{ clientOrderId: first.clientOrderId, state: 'accepted', venueOrderId: 'v-9' }] });
    await expect(commit({ orderChanges: [{ clientOrderId: second.clientOrderId, state: 'accepted', venueOrderId: 'v-9' }] })).rejects.toEqual(
      refusal('store_conflict', 'orders_venue_order_id'),
    );
  });
});

describe('the fence', () => {
  it('refuses a former owner after another has taken over, and lets the new one go on', async () => {
    await database.query(`update leases set expires_at = now() - interval '1 second' where subject = $1`, [world.lease.subject]);
    const next = await holdLease(database.store, world.lease.subject, 'owner-2');
    expect(next.epoch).toBe(world.lease.epoch + 1);
    await expect(commit({ run: entryOf(world, 1), newOrders: [newOrder(world)] })).rejects.toEqual(
      refusal('lease_lost', 'is not held by this process any more'),
    );
    expect(await rowCounts()).toEqual(NOTHING);
    await commit({ lease: next, run: entryOf(world, 1) });
    expect(await rowCounts()).toEqual({ ...NOTHING, journal: 1, sequence: 1 });
  });

  it('refuses an owner whose term has run out, even while nobody else has come', async () => {
    await database.query(`update leases set expires_at = now() - interval '1 millisecond' where subject = $1`, [world.lease.subject]);
    await expect(commit({ run: entryOf(world, 1) })).rejects.toEqual(refusal('lease_lost', world.lease.subject));
  });

  it('holds the lease from its check to its end, so that nobody takes over in between', async () => {
    const fact = { dedupeKey: unique('fact'), userId: world.userId, botId: null, type: 'bot_error' as const, data: {}, at: AT };
    const outcome = await duringCommit({ run: entryOf(world, 1), facts: [fact] }, async () => {
      await expect(database.query('select 1 from leases where subject = $1 for update nowait', [world.lease.subject])).rejects.toThrow('could not obtain lock');
    });
    expect(outcome).toBe('committed');
    expect(await rowCounts()).toEqual({ ...NOTHING, journal: 1, sequence: 1, facts: 1 });
  });

  it('refuses the lease of another bot, and rows of another user, account or bot', async () => {
    const stranger = await makeTradingWorld(database.store);
    await expect(commit({ lease: stranger.lease })).rejects.toThrow('came with the lease of');
    await expect(commit({ userId: stranger.userId })).rejects.toEqual(refusal('store_conflict', 'do not belong together'));
    await expect(commit({ newOrders: [newOrder(stranger)] })).rejects.toEqual(refusal('store_conflict', 'does not belong to the user'));
    const theirs = newOrder(stranger);
    await database.store.commit(newCommit(stranger, { newOrders: [theirs] }));
    await expect(commit({ orderChanges: [{ clientOrderId: theirs.clientOrderId, state: 'cancelled' }] })).rejects.toEqual(
      refusal('store_conflict', 'unknown on this account'),
    );
    await expect(commit({ fills: [newFill(theirs.clientOrderId)] })).rejects.toEqual(refusal('store_conflict', 'of 1 fills only 0'));
    await expect(commit({ run: { ...entryOf(world, 1), id: stranger.runId } })).rejects.toEqual(refusal('store_conflict', 'there is no run'));
  });

  it('lets only one of two commits of the same sequence through', async () => {
    const outcomes = await Promise.allSettled([
      commit({ run: entryOf(world, 1), newOrders: [newOrder(world)] }),
      commit({ run: entryOf(world, 1), newOrders: [newOrder(world)] }),
    ]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await rowCounts()).toEqual({ ...NOTHING, journal: 1, sequence: 1, orders: 1 });
  });
});

describe('the kill switch', () => {
  it.each([
    ['of the user', () => world.userId],
    ['of the installation', () => null],
  ])('%s stops new orders and nothing else', async (_name, subject) => {
    const order = newOrder(world, { size: '1' });
    await commit({ run: entryOf(world, 1), newOrders: [order] });
    await database.store.killSwitch.set(subject(), true, 'test', AT);
    expect(await database.store.killSwitch.isOn(world.userId)).toBe(true);
    expect(await database.store.killSwitch.onAmong([world.userId])).toEqual(new Set([world.userId]));
    await expect(commit({ run: entryOf(world, 2), newOrders: [newOrder(world)] })).rejects.toEqual(refusal('trading_killed', 'kill switch is on'));
    await commit({
      run: entryOf(world, 2),
      newOrders: [newOrder(world, { state: 'denied', reasonCode: 'trading_halted' })],
      orderChanges: [{ clientOrderId: order.clientOrderId, state: 'cancelling' }],
    });
    await database.store.killSwitch.set(subject(), false, 'test', AT);
    expect(await database.store.killSwitch.isOn(world.userId)).toBe(false);
    expect(await database.store.killSwitch.onAmong([world.userId])).toEqual(new Set());
    await commit({ run: entryOf(world, 3), newOrders: [newOrder(world)] });
  });

  it('of another user stops nothing here', async () => {
    const stranger = await makeTradingWorld(database.store);
    await database.store.killSwitch.set(stranger.userId, true, 'test', AT);
    await commit({ newOrders: [newOrder(world)] });
  });

  it('waits for a commit that is placing, so that after it has returned nothing more can be placed', async () => {
    const fact = { dedupeKey: unique('fact'), userId: world.userId, botId: null, type: 'bot_error' as const, data: {}, at: AT };
    const order: string[] = [];
    let setting: Promise<unknown> = Promise.resolve();
    await duringCommit({ newOrders: [newOrder(world)], facts: [fact] }, async () => {
      setting = database.store.killSwitch.set(world.userId, true, 'test', AT).then(() => order.push('switch'));
      await waiting(2);
      order.push('still placing');
    });
    await setting;
    expect(order).toEqual(['still placing', 'switch']);
    await expect(commit({ newOrders: [newOrder(world)] })).rejects.toEqual(refusal('trading_killed', 'kill switch'));
  });
});

describe('the budget', () => {
  it('is what the run was promised, to the last digit', async () => {
    await commit({ newOrders: [newOrder(world, { price: '100', size: '9.99999' })] });
    await expect(commit({ newOrders: [newOrder(world, { price: '100', size: '0.00002' })] })).rejects.toEqual(
      refusal('store_conflict', "budget: the run's open buy orders come to 1000.001 USDT, its budget has 1000 USDT left"),
    );
    await commit({ newOrders: [newOrder(world, { price: '100', size: '0.00001' })] });
    await expect(commit({ newOrders: [newOrder(world, { price: '0.00000001', size: '0.00000001' })] })).rejects.toEqual(refusal('store_conflict', 'budget'));
  });

  it('counts an order in doubt in full, and frees what ends unfilled', async () => {
    const order = newOrder(world, { price: '100', size: '10' });
    await commit({ newOrders: [order] });
    await commit({ orderChanges: [{ clientOrderId: order.clientOrderId, state: 'unknown' }] });
    await expect(commit({ newOrders: [newOrder(world, { size: '1' })] })).rejects.toEqual(refusal('store_conflict', 'budget'));
    await commit({ orderChanges: [{ clientOrderId: order.clientOrderId, state: 'rejected' }] });
    await commit({ newOrders: [newOrder(world, { price: '100', size: '10' })] });
  });

  it('counts what fills have spent at their price, and gives back what sales have earned less fees', async () => {
    const buy = newOrder(world, { price: '100', size: '10' });
    await commit({
      newOrders: [buy],
      fills: [newFill(buy.clientOrderId, { price: '90', size: '10' })],
      orderChanges: [{ clientOrderId: buy.clientOrderId, state: 'filled' }],
    });
    await expect(commit({ newOrders: [newOrder(world, { price: '100.01', size: '1' })] })).rejects.toEqual(refusal('store_conflict', 'has 100 USDT left'));
    const sell = newOrder(world, { side: 'sell', price: '110', size: '5' });
    await commit({ newOrders: [sell], fills: [newFill(sell.clientOrderId, { side: 'sell', price: '110', size: '5', feeAsset: 'USDT', feeAmount: '0.55' })] });
    await expect(commit({ newOrders: [newOrder(world, { price: '649.46', size: '1' })] })).rejects.toEqual(refusal('store_conflict', 'has 649.45 USDT left'));
    await commit({ newOrders: [newOrder(world, { price: '649.45', size: '1' })] });
  });

  it('counts only the part of an order that is still open', async () => {
    const buy = newOrder(world, { price: '100', size: '10' });
    await commit({ newOrders: [buy], fills: [newFill(buy.clientOrderId, { price: '100', size: '4' })] });
    await commit({ orderChanges: [{ clientOrderId: buy.clientOrderId, state: 'partiallyFilled' }] });
    await expect(commit({ newOrders: [newOrder(world, { price: '1', size: '1' })] })).rejects.toEqual(
      refusal('store_conflict', 'come to 601 USDT, its budget has 600 USDT left'),
    );
  });

  it('leaves market orders out until they are filled, and sells altogether', async () => {
    const market = newOrder(world, { type: 'market', price: null, size: '50' });
    await commit({ newOrders: [market, newOrder(world, { side: 'sell', price: '100', size: '1000' })] });
    await commit({ fills: [newFill(market.clientOrderId, { price: '100', size: '9' })] });
    await expect(commit({ newOrders: [newOrder(world, { price: '101', size: '1' })] })).rejects.toEqual(refusal('store_conflict', 'has 100 USDT left'));
  });
});

describe('orders placed by hand', () => {
  it('are sent once: requested as initialized, made submitting by the steward with their deadline', async () => {
    const lease = await holdLease(database.store, leaseSubject('account', world.account.id));
    const order = newOrder(world, { botId: null, runId: null, state: 'initialized', deadlineAt: null });
    await database.store.orders.request({ ...order, idempotency: null });
    const steward = { lease, botId: null, run: null };
    await database.store.killSwitch.set(world.userId, true, 'test', AT);
    await expect(commit({ ...steward, orderChanges: [{ clientOrderId: order.clientOrderId, state: 'submitting', deadlineAt: AT + 9 }] })).rejects.toEqual(
      refusal('trading_killed', 'kill switch'),
    );
    await database.store.killSwitch.set(world.userId, false, 'test', AT);
    await commit({ ...steward, orderChanges: [{ clientOrderId: order.clientOrderId, state: 'submitting', deadlineAt: AT + 9 }] });
    expect(await database.store.orders.get(world.userId, order.id)).toMatchObject({ state: 'submitting', deadlineAt: AT + 9 });
    await expect(commit({ ...steward, orderChanges: [{ clientOrderId: order.clientOrderId, state: 'submitting', deadlineAt: AT + 99 }] })).rejects.toEqual(
      refusal('store_conflict', 'already sent'),
    );
  });
});

describe('what is derived from fills', () => {
  it('agrees with the ledger after any sequence of fills', async () => {
    const order = newOrder(world, { price: '3', size: '300' });
    await commit({ newOrders: [order] });
    for (let index = 1; index <= 20; index += 1)
      await commit({
        fills: [
          newFill(order.clientOrderId, { price: `1.${index}`, size: `0.00${index}`, feeAsset: index % 3 === 0 ? 'BNB' : 'BTC', feeAmount: `0.0000${index}` }),
        ],
      });
    const held = await database.query('select asset, trim_scale(amount) as amount from run_positions where run_id = $1 order by asset', [world.runId]);
    const summed = await database.query('select asset, trim_scale(sum(amount)) as amount from fill_flows where run_id = $1 group by asset order by asset', [
      world.runId,
    ]);
    expect(held).toEqual(summed);
    expect(held).toHaveLength(3);
    const totals = await database.store.fills.totals(world.userId, world.bot.id, world.runId);
    const stored = await database.store.orders.byClientOrderId(order.clientOrderId);
    expect({ size: stored?.filledSize, quote: stored?.filledQuote }).toEqual({ size: totals.boughtSize, quote: totals.boughtQuote });
    expect(totals).toMatchObject({ count: 20, soldSize: '0', soldQuote: '0' });
  });
});
