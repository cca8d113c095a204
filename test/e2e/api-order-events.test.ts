/** What happened to orders, and cancelling many of them, over HTTP. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Answer, type Api, type Caller, fieldsOf, GRID, openApi } from './_api.ts';
import { steward, stewardsDone } from './_steward.ts';

let database: TestStore;
let api: Api;
let user: Caller;
let account: string;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  await database.query('truncate users cascade');
  api = await openApi(database.store);
  user = await api.user();
  account = (await user.call('POST', '/accounts', { name: 'Paper', exchange: 'paper' })).body.id;
});
afterEach(stewardsDone);
afterAll(() => database.drop());

const LIMIT = { symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.001', price: '59000' };
const place = (change: object = {}) => user.call('POST', '/orders', { account_id: account, ...LIMIT, ...change });

describe('cancelling many orders', () => {
  const cancel = (body: object) => user.call('POST', '/orders/cancel', body);
  const results = (answer: Answer) => answer.body.items.map((item) => (item as unknown as { readonly result: string }).result);

  it('says of each order what happens, in the sequence asked for, and wakes who owns it', async () => {
    const woken = steward(api, user.id, (order) =>
      order.cancelRequestedAt !== null ? null : order.size === '0.002' ? { state: 'rejected' } : { state: 'accepted', venueOrderId: order.id },
    );
    const [open, over] = [(await place()).body, (await place({ quantity: '0.002' })).body];
    woken.length = 0;
    const answer = await cancel({ ids: [over.id, 'nothing', open.id, open.id] });
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({
      items: [
        { id: over.id, result: 'not_open', status: 'rejected', client_order_id: over.client_order_id },
        { id: 'nothing', result: 'not_found', status: null, client_order_id: null },
        { id: open.id, result: 'cancelling', status: 'open', client_order_id: open.client_order_id },
      ],
      has_more: false,
    });
    expect(woken).toEqual([{ action: 'cancel', accountId: account, orderId: open.id, clientOrderId: open.client_order_id }]);
    expect((await user.call('GET', `/orders/${open.id}`)).body).toMatchObject({ is_cancel_requested: true });
  });

  it('takes an account, one of its symbols, or a bot', async () => {
    steward(api, user.id, (order) => (order.cancelRequestedAt === null ? { state: 'accepted', venueOrderId: order.id } : null));
    const bot = (await user.call('POST', '/bots', { name: 'b', strategy: 'grid', symbol: 'BTC/USDT', account_id: account, config: GRID })).body.id;
    const other = (await user.call('POST', '/accounts', { name: 'Other', exchange: 'paper' })).body.id;
    const btc = (await place()).body.id;
    const eth = (await place({ symbol: 'ETH/USDT' })).body.id;
    const ofBot = (await place({ account_id: undefined, bot_id: bot })).body.id;
    await place({ account_id: other });
    const chosen = async (body: object) => (await cancel(body)).body.items.map(({ id }) => id).sort();
    expect(await chosen({ bot_id: bot })).toEqual([ofBot]);
    expect(await chosen({ account_id: account, symbol: 'ETH/USDT' })).toEqual([eth]);
    expect(await chosen({ account_id: account })).toEqual([btc, eth, ofBot].sort());
  });

  it('takes a hundred orders at most, and says when there are more', async () => {
    await database.query(
      `insert into orders (id, client_order_id, user_id, account_id, symbol, side, type, time_in_force, post_only, size, state, tag, created_at, updated_at)
       select 'o' || n, 'c' || n, $1, $2, 'BTC/USDT', 'buy', 'limit', 'gtc', false, 1, 'accepted', '', n, n from generate_series(1, 150) n`,
      [user.id, account],
    );
    const first = await cancel({ account_id: account });
    expect([first.body.items.length, (first.body as unknown as { readonly has_more: boolean }).has_more]).toEqual([100, true]);
    const second = await cancel({ account_id: account });
    const wished = await database.query<{ count: number }>(`select count(*) as count from orders where cancel_requested_at is not null`);
    expect(Number(wished[0]?.count), 'those not asked for yet come first').toBe(150);
    expect(second.body.items).toHaveLength(100);
    expect(fieldsOf(await cancel({ ids: Array.from({ length: 101 }, (_, index) => `o${index}`) }))).toEqual(['ids']);
  });

  it("does not touch another user's orders", async () => {
    steward(api, user.id, (order) => ({ state: 'accepted', venueOrderId: order.id }));
    const { id } = (await place()).body;
    const stranger = await api.user();
    const answer = await stranger.call('POST', '/orders/cancel', { ids: [id] });
    expect(results(answer)).toEqual(['not_found']);
    for (const body of [{ account_id: account }, { bot_id: 'nope' }]) expect((await stranger.call('POST', '/orders/cancel', body)).status).toBe(422);
    expect((await user.call('GET', `/orders/${id}`)).body).toMatchObject({ is_cancel_requested: false });
  });

  it.each([
    ['nothing', {}, 'ids'],
    ['no ids', { ids: [] }, 'ids'],
    ['two selections', { ids: ['a'], bot_id: 'b' }, 'ids'],
    ['a symbol without an account', { ids: ['a'], symbol: 'BTC/USDT' }, 'symbol'],
  ])('refuses %s', async (_name, body, field) => {
    expect(fieldsOf(await cancel(body))).toEqual([field]);
  });
});

describe('the life of an order', () => {
  it('tells every event with its time and reason, newest first, in pages', async () => {
    steward(api, user.id, (order) =>
      order.cancelRequestedAt === null
        ? { state: 'partiallyFilled', venueOrderId: 'V1', fills: [{ tradeId: 'T1', price: '59000', size: '0.0004', feeAsset: 'BTC', feeAmount: '0' }] }
        : { state: 'cancelled', reasonCode: 'cancelled_on_request', reason: 'it was cancelled as asked' },
    );
    const { id } = (await place()).body;
    await api.clock.advance(1_000);
    await user.call('DELETE', `/orders/${id}`);
    const { body } = await user.call('GET', `/orders/${id}/events`);
    expect(body.items.map((event) => event.type)).toEqual(['cancelled', 'cancel_requested', 'fill', 'requested']);
    expect(body.items[0]).toEqual({
      id: expect.any(String),
      type: 'cancelled',
      at: '2023-11-14T22:13:21.000Z',
      price: null,
      quantity: null,
      trade_id: null,
      reason_code: 'cancelled_on_request',
      reason: 'it was cancelled as asked',
      related_order_id: null,
    });
    expect(body.items[2]).toMatchObject({ price: '59000', quantity: '0.0004', trade_id: 'T1', at: '2023-11-14T22:13:20.000Z' });
    const first = await user.call('GET', `/orders/${id}/events?limit=3`);
    const rest = await user.call('GET', `/orders/${id}/events?limit=3&cursor=${first.body.next_cursor}`);
    expect([...first.body.items, ...rest.body.items]).toEqual(body.items);
    expect(rest.body.next_cursor).toBeNull();
    expect((await user.call('GET', '/orders/nothing/events')).status).toBe(404);
  });
});
