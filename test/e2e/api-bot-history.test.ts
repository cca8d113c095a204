/** What a bot has done, over HTTP: a short run is written through the store as the runner does. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { formatClientOrderId } from '#core/client-order-id.ts';
import { newRunState } from '#core/engine/run-state.ts';
import type { Lease } from '#core/store/leases.ts';
import type { RunRecipe } from '#core/store/runs.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Api, type Caller, fieldsOf, openApi } from './_api.ts';
import { BTC } from './_venue.ts';

let database: TestStore;
let api: Api;
let user: Caller;
let account: string;
let bot: string;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  await database.query('truncate users cascade');
  api = await openApi(database.store);
  user = await api.user();
  account = (await user.call('POST', '/accounts', { name: 'Paper', exchange: 'paper' })).body.id;
  bot = (await user.call('POST', '/bots', { name: 'b', strategy: 'idle', symbol: 'BTC/USDT', account_id: account, config: { amount: '1000' } })).body.id;
});
afterAll(() => database.drop());

const AT = 1_700_000_000_000;
const RUN = 'run-1';

/** Buys 0.01 at 60000 for a fee of 0.00001 BTC, then the price rises to 63000. */
async function run(): Promise<Lease> {
  const { store } = api;
  const lease = await store.leases.acquire(`bot:${bot}`, 'test', 60_000);
  if (lease === null) throw new Error('the lease is taken');
  const limits = { budgetAtoms: 10_000_000_000, maxOrderAtoms: 10_000_000_000, maxOpenOrders: 10, priceCollar: 0.1, ordersPerMinute: 60 };
  const recipe: RunRecipe = {
    strategy: 'idle',
    strategyVersion: 1,
    params: {},
    instrument: { ...BTC, venue: 'paper' },
    feeAsset: 'received',
    limits,
    lentGrains: 0,
    installation: 1,
    botNumber: 1,
    mode: 'paper',
  };
  const needs = [{ asset: 'USDT', amount: '1000' }];
  await store.bots.beginRun(lease, { id: RUN, botId: bot, userId: user.id, accountId: account, recipe, needs, at: AT }, needs);
  const clientOrderId = formatClientOrderId({ installation: 1, kind: 'bot', number: 1 }, 1, 1);
  const state = newRunState(1, 60);
  Object.assign(state, { phase: 'running', bidTicks: 6_300_000, askTicks: 6_300_002 });
  Object.assign(state.position, { baseGrains: 9_990_000, quoteAtoms: -6_000_000_000, costAtoms: 6_000_000_000, feesAtoms: 6_000_000, fillCount: 1 });
  await store.commit({
    lease,
    userId: user.id,
    accountId: account,
    botId: bot,
    run: {
      id: RUN,
      entries: [
        { sequence: 1, event: { type: 'quoteChanged', at: AT, bidTicks: 6_000_000, askTicks: 6_000_001 }, commands: [] },
        { sequence: 2, event: { type: 'runStarted', at: AT, epoch: 1 }, commands: [{ type: 'setTimer', name: 'x', at: AT + 1 }] },
        { sequence: 3, event: { type: 'timerFired', at: AT + 1, name: 'x' }, commands: [] },
      ],
      state,
      end: null,
    },
    newOrders: [
      {
        id: 'order-1',
        clientOrderId,
        userId: user.id,
        accountId: account,
        botId: bot,
        runId: RUN,
        symbol: 'BTC/USDT',
        side: 'buy',
        type: 'market',
        timeInForce: 'gtc',
        postOnly: false,
        price: null,
        triggerPrice: null,
        size: '0.01',
        state: 'submitting',
        reasonCode: null,
        reason: null,
        tag: 'x',
        deadlineAt: AT + 5_000,
        createdAt: AT,
      },
    ],
    orderChanges: [{ clientOrderId, state: 'filled', venueOrderId: 'V1' }],
    fills: [
      {
        tradeId: 'T1',
        venueOrderId: 'V1',
        clientOrderId,
        symbol: 'BTC/USDT',
        side: 'buy',
        price: '60000',
        size: '0.01',
        feeAsset: 'BTC',
        feeAmount: '0.00001',
        isMaker: false,
        at: AT,
      },
    ],
    facts: [{ dedupeKey: 'f1', userId: user.id, botId: bot, type: 'order_filled', data: { price: '60000' }, at: AT }],
    status: { status: 'running', reason: '' },
    at: AT,
  });
  return lease;
}

describe('what a bot has done', () => {
  it('is nothing before its first run', async () => {
    expect((await user.call('GET', `/bots/${bot}/stats`)).body).toMatchObject({
      run_id: null,
      total_profit: '0',
      fill_count: 0,
      uptime_seconds: 0,
      hold_profit: null,
    });
    expect((await user.call('GET', `/bots/${bot}/equity`)).body).toEqual({ items: [], next_cursor: null });
    expect((await user.call('GET', `/bots/${bot}/tape`)).body).toMatchObject({ run_id: null, items: [] });
    expect((await user.call('GET', `/bots/${bot}/fills`)).body).toEqual({ items: [], next_cursor: null });
  });

  it('is told in figures after fees, against holding', async () => {
    await run();
    await api.clock.advance(90_500);
    expect((await user.call('GET', `/bots/${bot}/stats`)).body).toEqual({
      bot_id: bot,
      status: 'stopping',
      run_id: RUN,
      started_at: '2023-11-14T22:13:20.000Z',
      ended_at: null,
      uptime_seconds: 90,
      base_asset: 'BTC',
      quote_asset: 'USDT',
      last_price: '63000.01',
      base_held: '0.00999',
      average_cost: '60060.0601',
      realised_profit: '0',
      floating_profit: '29.37',
      total_profit: '29.37',
      total_profit_rate: '0.02937',
      hold_profit: '50',
      profit_over_hold: '-20.63',
      fees_total: '0.6',
      funding_total: null,
      legs: [],
      leverage: null,
      liquidation_price: null,
      fees: [{ asset: 'BTC', amount: '0.00001' }],
      fill_count: 1,
      bought_quantity: '0.01',
      bought_value: '600',
      sold_quantity: '0',
      sold_value: '0',
      open_orders: 0,
      figures: {},
    });
  });

  it('is listed as orders, fills and events', async () => {
    await run();
    expect((await user.call('GET', `/bots/${bot}/orders`)).body.items).toMatchObject([
      { id: 'order-1', status: 'filled', average_price: '60000', fee: '0.00001', fee_asset: 'BTC', bot_id: bot },
    ]);
    expect((await user.call('GET', `/bots/${bot}/fills`)).body.items).toEqual([
      {
        trade_id: 'T1',
        order_id: 'order-1',
        bot_id: bot,
        account_id: account,
        symbol: 'BTC/USDT',
        side: 'buy',
        price: '60000',
        quantity: '0.01',
        fee: '0.00001',
        fee_asset: 'BTC',
        is_maker: false,
        at: '2023-11-14T22:13:20.000Z',
      },
    ]);
    expect((await user.call('GET', `/bots/${bot}/events`)).body.items).toContainEqual(
      expect.objectContaining({ type: 'order_filled', at: '2023-11-14T22:13:20.000Z', data: { price: '60000' } }),
    );
  });

  it('plays its tape from the beginning, page by page', async () => {
    await run();
    const first = (await user.call('GET', `/bots/${bot}/tape?limit=2`)).body;
    expect(first).toMatchObject({ run_id: RUN, price_increment: '0.01', size_increment: '0.00001', next_cursor: '2' });
    expect(first.items).toMatchObject([
      { sequence: 1, event: { type: 'quoteChanged', bidTicks: 6_000_000 }, commands: [] },
      { sequence: 2, event: { type: 'runStarted' }, commands: [{ type: 'setTimer', name: 'x' }] },
    ]);
    const second = (await user.call('GET', `/bots/${bot}/tape?limit=2&cursor=${first.next_cursor}`)).body;
    expect(second.items).toMatchObject([{ sequence: 3 }]);
    expect(second.next_cursor).toBeNull();
    expect(fieldsOf(await user.call('GET', `/bots/${bot}/tape?cursor=-1`))).toEqual(['cursor']);
  });

  it('draws its profit over time', async () => {
    const lease = await run();
    await api.store.runs.addEquity([{ lease: lease, runId: RUN, at: AT + 60_000, profit: '29.37', price: '63000' }]);
    expect((await user.call('GET', `/bots/${bot}/equity`)).body.items).toEqual([{ at: '2023-11-14T22:14:20.000Z', profit: '29.37', price: '63000' }]);
  });
});
