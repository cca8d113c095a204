/** Orders placed by hand over HTTP. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseClientOrderId } from '#core/client-order-id.ts';
import type { OrderState } from '#core/order.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { until } from '#test/support/until.ts';
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
const place = (change: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  user.call('POST', '/orders', { account_id: account, ...LIMIT, ...change }, headers);
const count = async () => (await user.call('GET', '/orders')).body.items.length;

describe('placing an order', () => {
  it('stores it under our own name, waits for the venue and tells how it stands', async () => {
    const woken = steward(api, user.id, () => ({ state: 'accepted', venueOrderId: 'V1' }));
    const answer = await place();
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.any(String),
      client_order_id: expect.any(String),
      exchange_order_id: 'V1',
      account_id: account,
      bot_id: null,
      symbol: 'BTC/USDT',
      side: 'buy',
      type: 'limit',
      time_in_force: 'gtc',
      post_only: false,
      reduce_only: false,
      quantity: '0.001',
      price: '59000',
      trigger_price: null,
      status: 'open',
      filled_quantity: '0',
      average_price: null,
      fee: null,
      fee_asset: null,
      fees: [],
      is_cancel_requested: false,
      parent_order_id: null,
      actions: null,
      reason_code: null,
      reason: null,
      created_at: '2023-11-14T22:13:20.000Z',
      updated_at: '2023-11-14T22:13:20.000Z',
    });
    expect(woken).toEqual([{ action: 'place', accountId: account, orderId: answer.body.id }]);
    const [record] = (await api.store.accounts.list(user.id, { limit: 1, cursor: null })).items;
    expect(parseClientOrderId(answer.body.client_order_id)).toMatchObject({ kind: 'account', number: record?.number, epoch: 0, sequence: 1 });
  });

  it('tells fills, average price and fees', async () => {
    steward(api, user.id, () => ({
      state: 'filled',
      venueOrderId: 'V1',
      fills: [
        { tradeId: 'T1', price: '59000', size: '0.0004', feeAsset: 'BTC', feeAmount: '0.0000004' },
        { tradeId: 'T2', price: '58000', size: '0.0006', feeAsset: 'BTC', feeAmount: '0.0000006' },
      ],
    }));
    const { body } = await place();
    expect(body).toMatchObject({ status: 'filled', filled_quantity: '0.001', average_price: '58400', fee: '0.000001', fee_asset: 'BTC' });
    expect((await user.call('GET', `/orders/${body.id}`)).body).toEqual(body);
    expect((await user.call('GET', '/orders')).body.items[0]).toEqual(body);
  });

  it('tells a refusal of the exchange as a rejected order with its reason', async () => {
    steward(api, user.id, () => ({ state: 'rejected', reasonCode: '-2010', reason: 'Account has insufficient balance.' }));
    expect((await place()).body).toMatchObject({ status: 'rejected', reason_code: '-2010', reason: 'Account has insufficient balance.' });
  });

  it('waits for the fills of an order that cannot rest', async () => {
    let turns = 0;
    const woken: string[] = [];
    steward(api, user.id, (order) => {
      turns += 1;
      woken.push(order.id);
      return turns === 1
        ? { state: 'accepted', venueOrderId: 'V1' }
        : { state: 'filled', fills: [{ tradeId: 'T1', price: '60000', size: '0.001', feeAsset: 'USDT', feeAmount: '0.06' }] };
    });
    const placing = place({ type: 'market', price: undefined });
    await until(async () => (await user.call('GET', '/orders?status=open')).body.items.length === 1, 'it is open');
    api.bus.publish('order_commands', { orderId: woken[0] });
    expect((await placing).body).toMatchObject({ status: 'filled', average_price: '60000', fee: '0.06', fee_asset: 'USDT' });
  });

  it('does not wait for ever: without an answer the order is pending after ten seconds', async () => {
    let answered: Answer | null = null;
    const placing = place().then((answer) => (answered = answer));
    for (let second = 0; second < 9; second += 1) await patientAdvance(1_000);
    expect(answered).toBeNull();
    await patientAdvance(1_000);
    expect((await placing).body).toMatchObject({ status: 'pending', exchange_order_id: null });
  });

  it('finds the answer within a second although the word of it was lost', async () => {
    const placing = place();
    await until(async () => (await count()) === 1, 'it is counted');
    const [order] = (await user.call('GET', '/orders')).body.items;
    await database.query(`update orders set state = 'accepted' where id = $1`, [order?.id]);
    await patientAdvance(1_000);
    expect((await placing).body).toMatchObject({ status: 'open' });
  });

  it('counts sequences on, so that no two orders share a name', async () => {
    steward(api, user.id, () => ({ state: 'accepted', venueOrderId: `V${Math.random()}` }));
    const placed = await Promise.all(Array.from({ length: 5 }, () => place()));
    expect(placed.map(({ body }) => parseClientOrderId(body.client_order_id)?.sequence).sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('gives the first order again to a repeated idempotency key, and refuses the key for another order', async () => {
    steward(api, user.id, () => ({ state: 'accepted', venueOrderId: 'V1' }));
    const key = { 'idempotency-key': 'my-key-1' };
    const [first, second] = await Promise.all([place({}, key), place({}, key)]);
    expect(second.body.id).toBe(first.body.id);
    expect((await place({ quantity: '0.0010', price: 59000 }, key)).body.id, 'the same in other words').toBe(first.body.id);
    expect(await count()).toBe(1);
    for (const change of [{ quantity: '0.002' }, { side: 'sell' }, { post_only: true }, { symbol: 'ETH/USDT' }]) {
      const other = await place(change, key);
      expect(other.status).toBe(409);
      expect(other.problem.code).toBe('idempotency_key_reused');
      expect(other.problem.detail).toContain(first.body.id);
      expect(fieldsOf(other)).toEqual(['Idempotency-Key']);
    }
    expect(await count()).toBe(1);
  });

  it('refuses the key for another order also when both come at the same moment', async () => {
    steward(api, user.id, (order) => ({ state: 'accepted', venueOrderId: order.id }));
    const answers = await Promise.all(['0.001', '0.002', '0.003'].map((quantity) => place({ quantity }, { 'idempotency-key': 'my-key-2' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(await count()).toBe(1);
  });

  it('answers a repeated key before it asks anybody: while the exchange is down, the kill switch is on and the account is gone', async () => {
    steward(api, user.id, () => ({ state: 'rejected', reasonCode: '-2010', reason: 'no' }));
    const key = { 'idempotency-key': 'my-key-3' };
    const first = await place({}, key);
    api.paper.isUp = false;
    await api.store.killSwitch.set(user.id, true, 'test', 0);
    await user.call('DELETE', `/accounts/${account}`);
    const again = await place({}, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    await api.store.killSwitch.set(user.id, false, 'test', 0);
  });

  it.each([
    ['a price off the tick', { price: '59000.005' }, 'price', 'must be a multiple of 0.01 USDT, got 59000.005'],
    ['a quantity off the lot', { quantity: '0.000015' }, 'quantity', 'must be a multiple of 0.00001 BTC, got 0.000015'],
    ['a quantity below the minimum value', { quantity: '0.00008' }, 'quantity', 'is worth 4.72 USDT at 59000; the exchange takes orders from 5 USDT'],
    ['a quantity above the maximum', { quantity: '9001' }, 'quantity', 'must be at most 9000 BTC, got 9001'],
    ['no quantity', { quantity: undefined }, 'quantity', 'is required'],
    ['a quantity of zero', { quantity: 0 }, 'quantity', 'must be above 0'],
    ['a negative quantity', { quantity: '-1' }, 'quantity', 'must be above 0'],
    ['a negative zero', { quantity: '-0' }, 'quantity', 'must be above 0'],
    ['NaN', { quantity: 'NaN' }, 'quantity', 'expected a decimal such as "0.5", got "NaN"'],
    ['an exponent in a string', { quantity: '1e-3' }, 'quantity', 'expected a decimal such as "0.5", got "1e-3"'],
    ['true', { quantity: true }, 'quantity', 'must be a decimal such as "0.5"'],
    ['a limit order without a price', { price: undefined }, 'price', 'is required for this type of order'],
    ['a market order with a price', { type: 'market' }, 'price', 'is not used by this type of order; leave it out'],
    ['a trigger where none belongs', { trigger_price: '58000' }, 'trigger_price', 'is not used by this type of order; leave it out'],
    [
      'a price far above the market',
      { price: '66000.02' },
      'price',
      'is more than 10 % above the market (60000 / 60000.01); use a market order if that is meant',
    ],
    ['a type the exchange does not have', { type: 'stop_market', price: undefined, trigger_price: '61000' }, 'type', 'is not offered by this exchange'],
    ['a type nobody knows', { type: 'iceberg' }, 'type', 'must be one of limit, market, stop_limit, stop_market'],
    [
      'post-only that ends at once',
      { post_only: true, time_in_force: 'ioc' },
      'post_only',
      'contradicts time_in_force: an order that must rest cannot end at once',
    ],
    ['an unknown side', { side: 'BUY' }, 'side', 'must be one of buy, sell'],
    ['an unknown field', { leverage: 100 }, 'leverage', 'is not a known field'],
    ['no account and no bot', { account_id: undefined }, 'account_id', 'is required unless bot_id is given; both together are ambiguous'],
    ['an account that is not there', { account_id: 'nope' }, 'account_id', 'is not one of your exchange accounts'],
    ['a symbol that is none', { symbol: 'btcusdt' }, 'symbol', 'must be a symbol such as BTC/USDT'],
  ])('refuses %s, naming the field, and stores nothing', async (_name, change, field, message) => {
    const answer = await place(change);
    expect(answer.status).toBe(422);
    expect(answer.problem.errors).toEqual([{ field, message }]);
    expect(await count()).toBe(0);
  });

  it('says that reduce_only sells no more than the free holding, and that a purchase lessens nothing', async () => {
    const tooMuch = await place({ side: 'sell', price: '61000', reduce_only: true });
    expect(tooMuch.problem.errors).toEqual([{ field: 'quantity', message: 'is more than the free holding of 0 BTC, and reduce_only never sells more' }]);
    const purchase = await place({ reduce_only: true });
    expect(purchase.problem.errors).toEqual([
      { field: 'reduce_only', message: 'contradicts side: at a spot exchange a purchase lessens nothing; only a sale can' },
    ]);
    expect(await count()).toBe(0);
    api.paper.holdings = [{ asset: 'BTC', free: '0.001', locked: '5' }];
    steward(api, user.id, () => ({ state: 'accepted', venueOrderId: 'V1' }));
    expect((await place({ side: 'sell', price: '61000', reduce_only: true })).body).toMatchObject({ status: 'open', reduce_only: true });
  });

  it.each(['1e400', '9007199254740993', '0.12345678901234567'])('refuses the JSON number %s, which is not exact', async (number) => {
    const answer = await user.call('POST', '/orders', `{"account_id":"${account}","symbol":"BTC/USDT","side":"buy","type":"market","quantity":${number}}`);
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)).toEqual(['quantity']);
  });

  it('takes a JSON number that is exact', async () => {
    steward(api, user.id, () => ({ state: 'accepted', venueOrderId: 'V1' }));
    expect((await place({ quantity: 0.001, price: 59000.5 })).body).toMatchObject({ quantity: '0.001', price: '59000.5' });
  });

  it('refuses a symbol the exchange does not trade', async () => {
    const answer = await place({ symbol: 'DOGE/USDT' });
    expect(answer.problem.code).toBe('symbol_unknown');
    expect(fieldsOf(answer)).toEqual(['symbol']);
  });

  it('places nothing while the exchange is down or the kill switch is on', async () => {
    api.paper.isUp = false;
    expect((await place()).problem.code).toBe('venue_unavailable');
    api.paper.isUp = true;
    await api.store.killSwitch.set(user.id, true, 'test', 0);
    const answer = await place();
    expect(answer.status).toBe(409);
    expect(answer.problem.code).toBe('trading_killed');
    expect(await count()).toBe(0);
    await api.store.killSwitch.set(user.id, false, 'test', 0);
  });

  it("goes to the bot's account and among its orders when a bot is named", async () => {
    const bot = (await user.call('POST', '/bots', { name: 'b', strategy: 'grid', symbol: 'BTC/USDT', account_id: account, config: GRID })).body.id;
    steward(api, user.id, () => ({ state: 'accepted', venueOrderId: 'V1' }));
    const { body } = await place({ account_id: undefined, bot_id: bot });
    expect(body).toMatchObject({ account_id: account, bot_id: bot });
    expect((await user.call('GET', `/bots/${bot}/orders`)).body.items.map(({ id }) => id)).toEqual([body.id]);
    expect(fieldsOf(await place({ account_id: undefined, bot_id: bot, symbol: 'ETH/USDT' }))).toEqual(['symbol']);
  });

  it('never sends a real order for a bot that trades on paper', async () => {
    const real = (await user.call('POST', '/accounts', { name: 'Real', exchange: 'binance', api_key: 'KEY1234', api_secret: 'x' })).body.id;
    const bot = (await user.call('POST', '/bots', { name: 'b', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', account_id: real, config: GRID })).body.id;
    const answer = await place({ account_id: undefined, bot_id: bot });
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)).toEqual(['bot_id']);
    expect(await count()).toBe(0);
  });
});

describe('cancelling an order', () => {
  it('notes the wish, wakes the steward and waits for the end', async () => {
    const woken = steward(api, user.id, (order) => (order.cancelRequestedAt === null ? { state: 'accepted', venueOrderId: 'V1' } : { state: 'cancelled' }));
    const { id, client_order_id: clientOrderId } = (await place()).body;
    const cancelled = await user.call('DELETE', `/orders/${id}`);
    expect(cancelled.status).toBe(200);
    expect(cancelled.body).toMatchObject({ status: 'cancelled', is_cancel_requested: true });
    expect(woken.at(-1)).toEqual({ action: 'cancel', accountId: account, orderId: id, clientOrderId });
    const again = await user.call('DELETE', `/orders/${id}`);
    expect(again.status).toBe(409);
    expect(again.problem.code).toBe('order_not_open');
  });

  it('gives the order as it stands when the exchange does not answer in ten seconds', async () => {
    steward(api, user.id, (order) => (order.cancelRequestedAt === null ? { state: 'accepted', venueOrderId: 'V1' } : null));
    const { id } = (await place()).body;
    const cancelling = user.call('DELETE', `/orders/${id}`);
    for (let second = 0; second < 10; second += 1) await patientAdvance(1_000);
    expect((await cancelling).body).toMatchObject({ status: 'open', is_cancel_requested: true });
  });
});

describe('the list of orders', () => {
  it('is filtered by status, symbol and account, and paged', async () => {
    const states: OrderState[] = ['accepted', 'cancelled', 'rejected', 'accepted'];
    steward(api, user.id, (order) => {
      const state = states.shift() ?? 'accepted';
      return { state, ...(state === 'rejected' ? {} : { venueOrderId: `V-${order.clientOrderId}` }) };
    });
    for (let index = 0; index < 4; index += 1) {
      await place();
      await api.clock.advance(1);
    }
    const statuses = async (query: string) => (await user.call('GET', `/orders?${query}`)).body.items.map((item) => item.status);
    expect(await statuses('')).toEqual(['open', 'rejected', 'cancelled', 'open']);
    expect(await statuses('status=open')).toEqual(['open', 'open']);
    expect(await statuses('status=rejected&symbol=BTC/USDT')).toEqual(['rejected']);
    expect(await statuses('symbol=ETH/USDT')).toEqual([]);
    expect(await statuses(`account_id=${account}&limit=3`)).toEqual(['open', 'rejected', 'cancelled']);
    expect(await statuses('side=buy&type=limit')).toHaveLength(4);
    expect(await statuses('side=sell')).toEqual([]);
    expect(await statuses('type=stop_market')).toEqual([]);
    expect(await statuses('created_from=2023-11-14T22:13:20.001Z&created_before=2023-11-14T22:13:20.003Z')).toEqual(['rejected', 'cancelled']);
    expect(await statuses('created_from=2023-11-15T00:13:20.003%2B02:00')).toEqual(['open']);
    const [newest] = (await user.call('GET', '/orders')).body.items;
    for (const id of [newest?.id, newest?.client_order_id, `V-${newest?.client_order_id}`]) expect(await statuses(`search=${id}`), id).toEqual(['open']);
    expect(fieldsOf(await user.call('GET', '/orders?search=ab'))).toEqual(['search']);
    expect(fieldsOf(await user.call('GET', '/orders?created_from=yesterday'))).toEqual(['created_from']);
    expect(fieldsOf(await user.call('GET', '/orders?status=done'))).toEqual(['status']);
    expect(fieldsOf(await user.call('GET', '/orders?limit=201'))).toEqual(['limit']);
    expect(fieldsOf(await user.call('GET', '/orders?cursor=nonsense'))).toEqual(['cursor']);
    expect(fieldsOf(await user.call('GET', '/orders?colour=red'))).toEqual(['colour']);
  });
});

/** Moves the clock once the request in flight has gone to sleep, and lets the database answer. */
async function patientAdvance(ms: number): Promise<void> {
  await until(() => api.clock.waiting > 0, 'the request sleeps');
  await api.clock.advance(ms);
}
