/** Orders, fills and the pages of lists, as every store keeps them. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#core/errors.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { AT, makeTradingWorld, newCommit, newFill, newOrder } from '#test/support/trading-world.ts';

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

async function allPages<Item>(list: (page: PageRequest) => Promise<Page<Item>>, limit: number): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await list({ limit, cursor });
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
  }
}

describe('orders', () => {
  it('are listed from newest to oldest by every filter', async () => {
    const world = await makeTradingWorld(store());
    const orders = [1, 2, 3].map((index) => newOrder(world, { size: '1', createdAt: AT + index }));
    await store().commit(newCommit(world, { newOrders: orders }));
    await store().commit(newCommit(world, { orderChanges: [{ clientOrderId: orders[0]?.clientOrderId ?? '', state: 'cancelled' }] }));
    const list = async (filter: Parameters<ReturnType<typeof store>['orders']['list']>[1]) =>
      (await store().orders.list(world.userId, filter, { limit: 10, cursor: null })).items.map((order) => order.id);
    const ids = orders.map((order) => order.id).reverse();
    for (const filter of [{}, { botId: world.bot.id }, { accountId: world.account.id }, { symbol: 'BTC/USDT' }]) expect(await list(filter)).toEqual(ids);
    expect(await list({ states: ['cancelled'] })).toEqual([orders[0]?.id]);
    expect(await list({ states: ['cancelled', 'submitting'], botId: world.bot.id, symbol: 'BTC/USDT' })).toEqual(ids);
    for (const filter of [{ botId: 'x' }, { accountId: 'x' }, { symbol: 'x' }, { states: [] }]) expect(await list(filter)).toEqual([]);
  });

  it('are found by side, kind, time and the beginning of any of their ids', async () => {
    const world = await makeTradingWorld(store());
    const buy = newOrder(world, { size: '1', createdAt: AT + 10, clientOrderId: 'a_b%c\\d-1' });
    const sell = newOrder(world, { size: '1', side: 'sell', createdAt: AT + 20, clientOrderId: 'aXb%c\\d-2' });
    const market = newOrder(world, { size: '1', side: 'sell', type: 'market', price: null, createdAt: AT + 30, clientOrderId: 'zz-3' });
    const stranger = await makeTradingWorld(store());
    await store().commit(newCommit(stranger, { newOrders: [newOrder(stranger, { clientOrderId: 'a_b%c\\d-4' })] }));
    await store().commit(
      newCommit(world, { newOrders: [buy, sell, market], orderChanges: [{ clientOrderId: 'zz-3', state: 'accepted', venueOrderId: '28457_1' }] }),
    );
    const list = async (filter: Parameters<ReturnType<typeof store>['orders']['list']>[1]) =>
      (await allPages((page) => store().orders.list(world.userId, filter, page), 1)).map((order) => order.clientOrderId);
    expect(await list({ side: 'buy' })).toEqual([buy.clientOrderId]);
    expect(await list({ type: 'market' })).toEqual(['zz-3']);
    expect(await list({ side: 'sell', createdFrom: AT + 20, createdBefore: AT + 30 }), 'from inclusive, to exclusive').toEqual([sell.clientOrderId]);
    expect(await list({ states: ['accepted', 'unknown'] }), 'none of them terminal').toEqual(['zz-3']);
    expect(await list({ search: 'a_b%c\\d' }), 'wildcards are letters').toEqual([buy.clientOrderId]);
    expect(await list({ search: '28457_' })).toEqual(['zz-3']);
    expect(await list({ search: market.id })).toEqual(['zz-3']);
    expect(await list({ search: '8457' }), 'from the beginning only').toEqual([]);
  });

  it('are searched by index when there are many', async () => {
    const world = await makeTradingWorld(store());
    await database.query(
      `insert into orders (id, client_order_id, venue_order_id, user_id, account_id, symbol, side, type, time_in_force, post_only, size, state, tag, created_at, updated_at)
       select 'many-' || n, md5(n::text), md5((-n)::text), $1, $2, 'BTC/USDT', 'buy', 'limit', 'gtc', false, 1, case when n % 100 = 0 then 'accepted' else 'filled' end, '', n, n
       from generate_series(1, 5000) n`,
      [world.userId, world.account.id],
    );
    await database.query('analyze orders');
    const plan = async (condition: string) =>
      JSON.stringify(
        await database.query(
          `explain select * from orders o where o.user_id = '${world.userId}' and ${condition} order by o.created_at desc, o.id desc limit 50`,
        ),
      );
    const search = await plan(`(o.id = 'abcdef' or o.client_order_id like 'abcdef%' or o.venue_order_id like 'abcdef%')`);
    for (const part of ['BitmapOr', 'orders_pkey', 'orders_client_order_id', 'orders_venue_order_id_search']) expect(search).toContain(part);
    expect(await plan(`o.state = any ('{accepted}') and o.state not in ('denied', 'filled', 'rejected', 'cancelled', 'expired')`)).toContain('orders_open');
  });

  it('placed by hand come once for each idempotency key of a user', async () => {
    const world = await makeTradingWorld(store());
    const request = () => ({
      ...newOrder(world, { botId: null, runId: null, state: 'initialized', deadlineAt: null }),
      idempotency: { key: 'key-1', request: '' },
    });
    const first = await store().orders.request(request());
    expect(first).toMatchObject({ state: 'initialized', filledSize: '0', filledQuote: '0', deadlineAt: null });
    expect(await store().orders.request(request())).toEqual(first);
    await warm();
    const racing = await Promise.all([1, 2, 3].map(() => store().orders.request({ ...request(), idempotency: { key: 'key-2', request: '' } })));
    expect(new Set(racing.map((order) => order.id)).size).toBe(1);
    const stranger = await makeTradingWorld(store());
    const theirs = await store().orders.request({
      ...newOrder(stranger, { botId: null, runId: null, state: 'initialized' }),
      idempotency: { key: 'key-1', request: '' },
    });
    expect(theirs.id).not.toBe(first.id);
    await expect(store().orders.request({ ...request(), accountId: stranger.account.id, idempotency: null })).rejects.toEqual(conflict);
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
    const [old, young, over] = [
      newOrder(world, { createdAt: AT, size: '1' }),
      newOrder(world, { createdAt: AT + 1, size: '1' }),
      newOrder(world, { state: 'denied' }),
    ];
    const byHand = newOrder(world, { botId: null, runId: null, state: 'initialized', createdAt: AT + 2 });
    await store().commit(newCommit(world, { newOrders: [young, old, over] }));
    await store().orders.request({ ...byHand, idempotency: null });
    const idsOf = async (runId?: string | null) => (await store().orders.alive(world.account.id, runId)).map((order) => order.id);
    expect(await idsOf()).toEqual([old.id, young.id, byHand.id]);
    expect(await idsOf(world.runId)).toEqual([old.id, young.id]);
    expect(await idsOf(null)).toEqual([byHand.id]);
  });

  it('are found by the id of either side', async () => {
    const world = await makeTradingWorld(store());
    const order = newOrder(world);
    await store().commit(
      newCommit(world, { newOrders: [order], orderChanges: [{ clientOrderId: order.clientOrderId, venueOrderId: 'v-77', state: 'accepted' }] }),
    );
    expect(await store().orders.byClientOrderId(order.clientOrderId)).toMatchObject({ id: order.id });
    expect(await store().orders.byVenueOrderId(world.account.id, 'BTC/USDT', 'v-77')).toMatchObject({ id: order.id });
    expect(await store().orders.byVenueOrderId(world.account.id, 'ETH/USDT', 'v-77')).toBeNull();
    expect(await store().orders.byClientOrderId('nothing')).toBeNull();
  });
});

describe('the life of an order', () => {
  const lifeOf = async (userId: string, id: string, limit = 50) =>
    (await allPages((page) => store().orders.life(userId, id, page), limit))
      .reverse()
      .map(({ type, at, tradeId, reasonCode }) => [type, at, tradeId ?? reasonCode]);

  it("of a bot is written with every change, in the changes' sequence", async () => {
    const world = await makeTradingWorld(store());
    const order = newOrder(world);
    const { clientOrderId } = order;
    await store().commit(newCommit(world, { newOrders: [order], at: AT + 1 }));
    await store().commit(newCommit(world, { orderChanges: [{ clientOrderId, state: 'accepted', at: AT + 2 }] }));
    await store().commit(
      newCommit(world, {
        orderChanges: [
          { clientOrderId, state: 'partiallyFilled', at: AT + 3 },
          { clientOrderId, state: 'cancelling', at: AT + 4, reasonCode: 'by_bot' },
        ],
        fills: [newFill(clientOrderId, { tradeId: 'life-1' })],
      }),
    );
    expect((await store().orders.get(world.userId, order.id))?.reasonCode, 'why a cancel is wanted is no end').toBeNull();
    await store().commit(
      newCommit(world, { orderChanges: [{ clientOrderId, state: 'cancelled', at: AT + 5, reasonCode: 'cancelled_on_request', reason: 'as asked' }] }),
    );
    const life = [
      ['requested', AT, null],
      ['submitting', AT + 1, null],
      ['accepted', AT + 2, null],
      ['fill', AT + 3, 'life-1'],
      ['cancel_requested', AT + 4, 'by_bot'],
      ['cancelled', AT + 5, 'cancelled_on_request'],
    ];
    for (const limit of [1, 2, 200]) expect(await lifeOf(world.userId, order.id, limit)).toEqual(life);
    expect(await store().orders.get(world.userId, order.id)).toMatchObject({ reasonCode: 'cancelled_on_request', reason: 'as asked' });
    expect(await lifeOf('somebody else', order.id)).toEqual([]);
  });

  it('of an order placed by hand begins when it is asked for, and tells the wish to cancel once', async () => {
    const world = await makeTradingWorld(store());
    const order = newOrder(world, { botId: null, runId: null, state: 'initialized', deadlineAt: null });
    const request = { ...order, idempotency: { key: 'life-key', request: '' } };
    await store().orders.request(request);
    await store().orders.request(request);
    await store().orders.requestCancel(world.userId, order.id, AT + 1);
    await store().orders.requestCancel(world.userId, order.id, AT + 2);
    expect(await lifeOf(world.userId, order.id)).toEqual([
      ['requested', AT, null],
      ['cancel_requested', AT + 1, 'by_user'],
    ]);
  });

  it('does not tell what was not committed', async () => {
    const world = await makeTradingWorld(store());
    const order = newOrder(world);
    await store().commit(newCommit(world, { newOrders: [order] }));
    const refused = newCommit(world, { orderChanges: [{ clientOrderId: order.clientOrderId, state: 'accepted' }], fills: [newFill('nobody')] });
    await expect(store().commit(refused)).rejects.toEqual(conflict);
    expect((await lifeOf(world.userId, order.id)).map(([type]) => type)).toEqual(['requested', 'submitting']);
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
    expect(items).toEqual(
      [...fills]
        .reverse()
        .map((fill) => ({ ...fill, orderId: fill.side === 'buy' ? buy.id : sell.id, botId: world.bot.id, accountId: world.account.id, userId: world.userId })),
    );
    expect((await store().fills.list(world.userId, { orderId: sell.id }, { limit: 10, cursor: null })).items).toHaveLength(1);
    const asked = [fills[0]?.tradeId ?? '', 'unheard-of'];
    expect(await store().fills.known(world.account.id, 'BTC/USDT', asked)).toEqual(new Set(asked.slice(0, 1)));
    expect(await store().fills.known(world.account.id, 'ETH/USDT', asked)).toEqual(new Set());
    expect(await store().fills.paperFlows(world.account.id)).toEqual([
      { asset: 'BNB', amount: '-0.01' },
      { asset: 'BTC', amount: '0.6998' },
      { asset: 'USDT', amount: '-45.075' },
    ]);
    await database.query(`update exchange_accounts set exchange = 'binance' where id = $1`, [world.account.id]);
    expect(await store().fills.paperFlows(world.account.id), 'of runs in paper mode on a real account').toHaveLength(3);
    await database.query(`update runs set recipe = jsonb_set(recipe::jsonb, '{mode}', '"live"')::json where id = $1`, [world.runId]);
    expect(await store().fills.paperFlows(world.account.id), 'of live runs').toEqual([]);
    expect(await store().orders.aliveOnPaper(world.account.id), 'of live runs').toEqual([]);
    expect(await store().fills.totals(world.userId, world.bot.id, world.runId)).toEqual({
      count: 3,
      boughtSize: '1.2',
      boughtQuote: '100.02',
      soldSize: '0.5',
      soldQuote: '55',
      fees: [
        { asset: 'BNB', amount: '0.01' },
        { asset: 'BTC', amount: '0.0002' },
        { asset: 'USDT', amount: '0.055' },
      ],
    });
    expect(await store().fills.feesOf(world.userId, [buy.id, sell.id, 'nothing'])).toEqual(
      new Map([
        [
          buy.id,
          [
            { asset: 'BNB', amount: '0.01' },
            { asset: 'BTC', amount: '0.0002' },
          ],
        ],
        [sell.id, [{ asset: 'USDT', amount: '0.055' }]],
      ]),
    );
  });

  it('of a run without any are zero', async () => {
    const world = await makeTradingWorld(store());
    expect(await store().fills.totals(world.userId, world.bot.id, world.runId)).toEqual({
      count: 0,
      boughtSize: '0',
      boughtQuote: '0',
      soldSize: '0',
      soldQuote: '0',
      fees: [],
    });
    expect(await store().fills.paperFlows(world.account.id)).toEqual([]);
  });
});

describe('pages', () => {
  it('show every item once, from newest to oldest, also among items of one millisecond', async () => {
    const world = await makeTradingWorld(store());
    const orders = Array.from({ length: 25 }, (_, index) => newOrder(world, { size: '0.1', createdAt: AT + Math.floor(index / 10) }));
    await store().commit(
      newCommit(world, { newOrders: orders, fills: orders.map((order) => newFill(order.clientOrderId, { size: '0.1', at: order.createdAt })) }),
    );
    for (const limit of [1, 7, 25, 200]) {
      const listed = await allPages((page) => store().orders.list(world.userId, {}, page), limit);
      expect(listed.map((order) => order.id)).toEqual(
        [...orders].sort((left, right) => right.createdAt - left.createdAt || (right.id < left.id ? -1 : 1)).map((order) => order.id),
      );
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

  it.each([
    '',
    'x',
    'bm90IGpzb24',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('["1","a"]').toString('base64url'),
    Buffer.from('[1.5,"a"]').toString('base64url'),
    Buffer.from('[1,"a","b"]').toString('base64url'),
    Buffer.from('[1,"\\u0000"]').toString('base64url'),
  ])('refuse the cursor %j by naming the field', async (cursor) => {
    const refused = await store()
      .orders.list('nobody', {}, { limit: 10, cursor })
      .catch((error: unknown) => error);
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
