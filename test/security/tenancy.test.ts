/**
 * One user can never reach another's things: every route with an id, taken from the OpenAPI document so that a new route
 * is in the matrix by itself, asked with a stranger's ids.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Relay } from '#app/notices/relay.ts';
import { CHANNELS } from '#core/notices/notice.ts';
import { type Answer, type Api, ask, type Caller, fieldsOf, GRID, openApi } from '#test/e2e/_api.ts';
import { steward, stewardsDone } from '#test/e2e/_steward.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';

let database: TestStore;
let api: Api;
let ada: Caller;
let eve: Caller;
let owned: Readonly<Record<string, string>>;
let routes: readonly { readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; readonly path: string; readonly body: unknown }[];

beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store);
  ada = await api.user();
  eve = await api.user();
  steward(api, ada.id, (order) => ({ state: 'accepted', venueOrderId: order.clientOrderId }));
  const account = (await ada.call('POST', '/accounts', { name: 'Real', exchange: 'binance', api_key: 'ADAKEY1234', api_secret: 'secret' })).body.id;
  const bot = (await ada.call('POST', '/bots', { name: 'Calm grid', strategy: 'grid', symbol: 'BTC/USDT', mode: 'live', account_id: account, config: GRID }))
    .body.id;
  const order = (await ada.call('POST', '/orders', { bot_id: bot, symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.001', price: '59000' })).body.id;
  const span = { interval: '1h', from: '2023-11-01T00:00:00Z', to: '2023-11-03T00:00:00Z' };
  const backtest = (await ada.call('POST', '/backtests', { name: 'Before', strategy: 'grid', exchange: 'binance', symbol: 'BTC/USDT', config: GRID, ...span }))
    .body.id;
  const headers = { authorization: `Bearer ${ada.accessToken}`, 'content-type': 'text/csv' };
  const candles = 'timestamp,open,high,low,close,volume\n60000,1,1,1,1,1\n120000,1,1,1,1,1\n';
  const dataset: string = (await api.server.inject({ method: 'POST', url: '/api/v1/datasets?name=file', headers, payload: candles })).json().id;
  const wanted = { strategy: 'grid', exchange: 'binance', symbol: 'BTC/USDT', dataset_id: dataset, search: 'grid' };
  const varied = { config: { ...GRID, levels: undefined }, ranges: { levels: { values: [10, 20] } } };
  const optimization = (await ada.call('POST', '/optimizations', { ...wanted, ...varied })).body.id;
  await ada.call('PUT', '/notifications/settings', { language: 'en', minimum_severity: 'info', quiet_hours: null, digest: null, channels: {}, sounds: {} });
  await new Relay({ store: database.store, clock: api.clock, log: quietLog(), bus: api.bus, channels: CHANNELS }).deliver();
  const [notice] = (await ada.call('GET', '/notifications')).body.items;
  const [target] = (await ada.call('GET', '/notifications/targets')).body.items;
  const [delivery] = (await ada.call('GET', '/notifications/deliveries?state=waiting')).body.items;
  const told = { notifications: notice?.id ?? '', targets: target?.id ?? '', deliveries: delivery?.id ?? '' };
  await ada.call('POST', `/bots/${bot}/hook`, {});
  const crosses = { kind: 'price_crosses', exchange: 'paper', symbol: 'BTC/USDT', price: '100000' };
  const alert = (await ada.call('POST', '/alerts', { condition: crosses })).body.id;
  const source = (await ada.call('POST', '/posts/sources', { kind: 'api', name: 'Mine' })).body.id;
  const post = (await ada.call('POST', '/posts', { source_id: source, message_id: '1', text: 'hello' })).body.id;
  owned = {
    sources: source,
    posts: post,
    alerts: alert,
    accounts: account,
    bots: bot,
    orders: order,
    backtests: backtest,
    datasets: dataset,
    optimizations: optimization,
    ...told,
  };
  const { paths } = (await ask(api.server, 'GET', '/openapi.json')).body as unknown as {
    readonly paths: Readonly<
      Record<string, Readonly<Record<string, { readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example: unknown }>> } }>>>
    >;
  };
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase() as 'GET',
      path,
      body: operation.requestBody?.content['application/json']?.example,
    })),
  );
});
afterAll(async () => {
  await stewardsDone();
  await database.drop();
});

// What is the owner's alone is refused before an id is looked at: see e2e/api-admin. Signals are everybody's.
const withId = () => routes.filter(({ path }) => path.includes('{id}') && !path.startsWith('/api/v1/admin/') && kindOf(path) !== 'signals');
/** With an id, and whatever else the path names. */
const filled = (path: string, id: unknown): string => path.replace('{id}', String(id)).replace('{rank}', '1').replace('{check}', 'some-check');
const kindOf = (path: string): string => /\/([^/]+)\/\{id\}/.exec(path)?.[1] ?? '';
const bare = ({ body, status, headers }: Answer) => ({
  status,
  body: { ...body, request_id: '' },
  type: headers['content-type'],
  length: headers['content-length'],
});

describe('a stranger', () => {
  it('gets for every route with an id the answer to an id that does not exist, and changes nothing', async () => {
    expect(withId().length).toBeGreaterThanOrEqual(17);
    const before = await snapshot();
    for (const { method, path, body } of withId()) {
      const id = owned[kindOf(path)];
      expect(id, `the matrix needs an example of ${kindOf(path)}`).toBeDefined();
      const foreign = await eve.call(method, filled(path, id), body);
      const missing = await eve.call(method, filled(path, '01a1f7db-0613-7a6b-8ea4-833955f6a7a0'), body);
      expect(foreign.status, `${method} ${path}`).toBe(404);
      expect(bare(foreign), `${method} ${path}`).toEqual(bare(missing));
    }
    expect(await snapshot()).toEqual(before);
  });

  it('is refused without a token everywhere but at the door', async () => {
    for (const { method, path, body } of routes.filter(({ path: route }) => route.startsWith('/api/'))) {
      // The notice of a payment proves itself by its signature: see security/plans.
      if (/\/auth\/(register|login|refresh|logout)$|\/payments\/webhook$/.test(path)) continue;
      // These have keys of their own, and show nothing to whoever has none: see e2e/api-hooks and telegram/bot.
      if (/\/(hooks\/|telegram\/updates)/.test(path)) continue;
      const answer = await ask(api.server, method, filled(path, owned[kindOf(path)]), body);
      expect(answer.status, `${method} ${path}`).toBe(401);
      expect(answer.problem.code).toBe('unauthenticated');
    }
  });

  it("sees nothing of another's in any list", async () => {
    for (const { path } of routes.filter(({ method, path: route }) => method === 'GET' && /\/(accounts|bots|orders)$/.test(route) && !route.includes('{id}'))) {
      expect((await eve.call('GET', path)).body.items, path).toEqual([]);
    }
    for (const query of [`account_id=${owned['accounts']}`, `bot_id=${owned['bots']}`])
      expect((await eve.call('GET', `/orders?${query}`)).body.items).toEqual([]);
  });

  it("cannot use another's account or bot by naming it in a body", async () => {
    const order = { symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.001', price: '59000' };
    const bot = { name: 'x', strategy: 'grid', symbol: 'BTC/USDT', config: GRID, account_id: owned['accounts'] };
    for (const [path, body, field] of [
      ['/orders', { ...order, account_id: owned['accounts'] }, 'account_id'],
      ['/orders', { ...order, bot_id: owned['bots'] }, 'bot_id'],
      ['/bots', bot, 'account_id'],
      ['/bots/preview', { ...bot, name: undefined }, 'account_id'],
    ] as const) {
      const answer = await eve.call('POST', path, body);
      expect(answer.status, path).toBe(422);
      expect(fieldsOf(answer)).toEqual([field]);
    }
    expect((await eve.call('GET', '/orders')).body.items).toEqual([]);
    expect((await eve.call('GET', '/bots')).body.items).toEqual([]);
  });

  it('shares neither idempotency keys nor what a cursor points at', async () => {
    const key = { 'idempotency-key': 'the-same-key' };
    const mine = (await eve.call('POST', '/accounts', { name: 'Paper', exchange: 'paper' })).body.id;
    const order = { symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.001', price: '59000' };
    steward(api, eve.id, (order) => ({ state: 'accepted', venueOrderId: order.clientOrderId }));
    const [hers, his] = [
      await ada.call('POST', '/orders', { ...order, account_id: owned['accounts'] }, key),
      await eve.call('POST', '/orders', { ...order, account_id: mine }, key),
    ];
    expect([hers.status, his.status]).toEqual([201, 201]);
    expect(his.body.id).not.toBe(hers.body.id);
    const cursor = (await ada.call('GET', '/orders?limit=1')).body.next_cursor;
    const page = await eve.call('GET', `/orders?cursor=${cursor}`);
    expect(page.body.items.every((item) => item.account_id === mine)).toBe(true);
  });
});

/** Everything of Ada's that a stranger might have changed. */
async function snapshot(): Promise<unknown> {
  const tables: unknown[] = [];
  for (const table of [
    'exchange_accounts',
    'bots',
    'bot_configs',
    'orders',
    'facts',
    'backtests',
    'datasets',
    'alerts',
    'bot_hooks',
    'notifications',
    'notification_targets',
    'deliveries',
  ])
    tables.push(await database.query(`select * from ${table} order by 1, 2`));
  return tables;
}
