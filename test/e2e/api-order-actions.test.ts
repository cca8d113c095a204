/** Automatic actions of orders over HTTP: how they are given, checked, shown and called off. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Api, type Caller, openApi } from './_api.ts';
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

describe('automatic actions', () => {
  const actions = (rules: object, change: object = {}) => place({ actions: rules, ...change });

  it('are stored with the order and shown with how they stand', async () => {
    steward(api, user.id, () => ({ state: 'accepted', venueOrderId: 'V1' }));
    const { body } = await actions({
      on_cancelled_by_exchange: { place_again_times: 3 },
      on_partially_filled: { cancel_rest_after_seconds: 60 },
      take_profit: { percent: '3.5' },
      stop_loss: { trigger_price: 58000 },
    });
    const shown = {
      status: 'active',
      on_filled: null,
      place_again_times: 3,
      cancel_rest_after_seconds: 60,
      take_profit: { price: null, percent: '3.5' },
      stop_loss: { price: '58000', percent: null },
    };
    expect(body).toMatchObject({ status: 'open', parent_order_id: null, actions: shown });
    expect((await user.call('GET', '/orders')).body.items[0]).toMatchObject({ actions: shown });
    const [alive] = await api.store.actions.alive(account);
    expect(alive?.actions.plan).toMatchObject({
      placeAgainTimes: 3,
      cancelRestAfterMs: 60_000,
      takeProfit: { kind: 'share', millionths: 35_000 },
      stopLoss: { kind: 'price', ticks: 5_800_000 },
      stopType: 'stopLimit',
    });
  });

  it('belong to the request that a key stands for', async () => {
    steward(api, user.id, () => ({ state: 'accepted', venueOrderId: 'V1' }));
    const key = { 'idempotency-key': 'with-actions' };
    const rules = { on_filled: { step: '500' } };
    const first = await place({ actions: rules }, key);
    expect((await place({ actions: rules }, key)).body.id).toBe(first.body.id);
    expect((await place({ actions: { on_filled: { step: '501' } } }, key)).problem.code).toBe('idempotency_key_reused');
    expect((await place({}, key)).problem.code).toBe('idempotency_key_reused');
    expect(await database.query('select 1 from order_actions')).toHaveLength(1);
  });

  it('are called off by their user, once, and only where there are some', async () => {
    const woken = steward(api, user.id, (order) => (order.state === 'initialized' ? { state: 'accepted', venueOrderId: order.id } : null));
    const { id } = (await actions({ on_filled: { step_percent: '1' } })).body;
    const answer = await user.call('DELETE', `/orders/${id}/actions`);
    expect(answer.status).toBe(202);
    expect(woken.at(-1)).toEqual({ action: 'callOff', accountId: account, orderId: id });
    expect((await api.store.actions.of(user.id, [id])).get(id)?.calledOffAt).toBe(api.clock.now());
    await database.query('update order_actions set is_active = false');
    expect((await user.call('DELETE', `/orders/${id}/actions`)).problem.code).toBe('order_not_open');
    expect((await user.call('DELETE', `/orders/${(await place()).body.id}/actions`)).status).toBe(404);
  });

  it('keep their account from being removed', async () => {
    steward(api, user.id, () => ({ state: 'filled', fills: [{ tradeId: 'T1', price: '59000', size: '0.001', feeAsset: 'BTC', feeAmount: '0' }] }));
    await actions({ stop_loss: { percent: '5' } });
    expect((await user.call('DELETE', `/accounts/${account}`)).problem.code).toBe('account_in_use');
    await database.query('update order_actions set is_active = false');
    expect((await user.call('DELETE', `/accounts/${account}`)).status).toBe(204);
  });

  it.each([
    ['no rule', {}, {}, 'actions', 'must name at least one rule'],
    [
      'two ways to close',
      { on_filled: { step: '500' }, stop_loss: { percent: '1' } },
      {},
      'actions.on_filled',
      'contradicts take_profit and stop_loss: both would close the same position',
    ],
    ['a step in both measures', { on_filled: { step: '500', step_percent: '1' } }, {}, 'actions.on_filled', 'give exactly one of step and step_percent'],
    ['a step off the tick', { on_filled: { step: '0.005' } }, {}, 'actions.on_filled', 'step must be a multiple of 0.01 USDT, got 0.005'],
    [
      'placing again a market order',
      { on_cancelled_by_exchange: { place_again_times: 1 } },
      { type: 'market', price: undefined },
      'actions.on_cancelled_by_exchange',
      'is possible for limit orders that are good till cancelled only',
    ],
    [
      'placing again too often',
      { on_cancelled_by_exchange: { place_again_times: 11 } },
      {},
      'actions.on_cancelled_by_exchange.place_again_times',
      'must be at most 10',
    ],
    [
      'a rest that cannot rest',
      { on_partially_filled: { cancel_rest_after_seconds: 5 } },
      { time_in_force: 'ioc' },
      'actions.on_partially_filled',
      'is possible only for orders that can rest',
    ],
    ['a profit below the price', { take_profit: { price: '58999' } }, {}, 'actions.take_profit', 'must be above the price of the order, 59000, got 58999'],
    ['a stop above the price', { stop_loss: { trigger_price: '59000' } }, {}, 'actions.stop_loss', 'must be below the price of the order, 59000, got 59000'],
    [
      'a profit above the price of a sale',
      { take_profit: { price: '62000' } },
      { side: 'sell', price: '61000' },
      'actions.take_profit',
      'must be below the price of the order, 61000, got 62000',
    ],
    [
      'a stop so low that nothing is left to sell',
      { stop_loss: { percent: '99' } },
      {},
      'actions.stop_loss',
      'would be too small for an order of its own at this exchange; the order must be larger',
    ],
    ['a price beyond the market', { take_profit: { price: '1000001' } }, {}, 'actions.take_profit', 'leads to a price outside what the exchange takes'],
    [
      'a percent that is not one',
      { take_profit: { percent: '0.00001' } },
      {},
      'actions.take_profit',
      'percent must be above 0, at most 1000, with up to 4 decimals, got 0.00001',
    ],
    ['an unknown rule', { on_moonrise: {} }, {}, 'actions.on_moonrise', 'is not a known field'],
  ])('refuses %s, naming the field, and stores nothing', async (_name, rules, change, field, message) => {
    const answer = await actions(rules, change);
    expect(answer.problem.errors).toEqual([{ field, message }]);
    expect(await count()).toBe(0);
  });
});
