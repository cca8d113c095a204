/** What everybody can look up, the pages for people, and the state of the server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { Store } from '#core/store/store.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { until } from '#test/support/until.ts';
import { type Api, ask, type Caller, fieldsOf, openApi } from './_api.ts';
import { BTC } from './_venue.ts';

let database: TestStore;
let api: Api;
let user: Caller;

beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store);
});
afterAll(() => database.drop());

const get = (path: string, headers: Readonly<Record<string, string>> = {}) => ask(api.server, 'GET', path, undefined, headers);
const down = (): Promise<never> => Promise.reject(new PortError('store_unavailable', 'connection to 10.1.2.3 refused', { outcome: 'failed' }));
const storeDown = (): Store => ({ ...database.store, ping: down, users: { ...database.store.users, count: down } });

describe('the first page', () => {
  it('says what runs, and that nobody has registered yet', async () => {
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('<html lang="en">');
    for (const shown of [
      '9.8.7',
      'PostgreSQL, embedded',
      'Binance',
      'Nobody has registered yet',
      'href="/docs"',
      'href="/redoc"',
      'href="/openapi.json"',
      'href="/health"',
    ])
      expect(page.text).toContain(shown);
    expect(page.text, 'what a venue says of itself is escaped').toContain('&#60;made up&#62; prices');
    expect(page.text, 'nothing is fetched from elsewhere').not.toMatch(/(src|href)="(https?:)?\/\//);
    user = await api.user();
    expect((await get('/')).text).not.toContain('Nobody has registered yet');
  });

  it('counts bots by state and names none of them', async () => {
    const account = (await user.call('POST', '/accounts', { name: 'My secret plan', exchange: 'paper' })).body.id;
    for (const name of ['Alpha', 'Beta'])
      await user.call('POST', '/bots', { name, strategy: 'idle', symbol: 'BTC/USDT', account_id: account, config: { amount: '10' } });
    const { text } = await get('/');
    expect(text).toContain('stopped <b>2</b>');
    for (const hidden of ['Alpha', 'secret plan', user.email, user.id]) expect(text).not.toContain(hidden);
  });

  it('speaks Russian to those who want it, and to those who switch', async () => {
    for (const page of [await get('/', { 'accept-language': 'ru-RU,ru;q=0.9,en;q=0.8' }), await get('/?lang=ru', { 'accept-language': 'en' })]) {
      expect(page.text).toContain('<html lang="ru">');
      expect(page.text).toContain('Демонстрационный рынок');
      expect(page.headers['content-language']).toBe('ru');
    }
    expect((await get('/?lang=en', { 'accept-language': 'ru' })).text).toContain('<html lang="en">');
  });

  it('still comes when the database does not answer, and says so', async () => {
    const server = (await openApi(storeDown())).server;
    const page = await ask(server, 'GET', '/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('The database does not answer');
    expect(page.text).not.toContain('10.1.2.3');
  });
});

describe('documentation', () => {
  it.each([
    '/docs',
    '/docs/static/swagger-ui-bundle.js',
    '/docs/static/swagger-ui.css',
    '/docs/static/swagger-initializer.js',
    '/redoc',
    '/redoc/redoc.standalone.js',
    '/favicon.svg',
    '/first-page.css',
    '/openapi.json',
  ])('serves %s from this machine', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(answer.text.length).toBeGreaterThan(100);
  });

  it('asks no other server for anything: the policy forbids it and the pages do not try', async () => {
    const page = await get('/redoc');
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
    expect(page.headers['content-security-policy']).not.toMatch(/https?:/);
    expect((await get('/redoc/redoc.standalone.js')).text).not.toContain('cdn.redoc.ly');
    for (const path of ['/docs', '/redoc', '/']) {
      const { text } = await get(path);
      expect(text).not.toMatch(/<script(?![^>]*src=)/);
      expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    }
  });
});

describe('health', () => {
  it('is good while the database answers', async () => {
    expect((await get('/health/live')).body).toEqual({ status: 'ok' });
    for (const path of ['/health', '/health/ready']) {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ status: 'ok', version: '9.8.7', uptime_seconds: 0, checks: { database: 'ok' } });
    }
  });

  it('is truthful when the database does not answer', async () => {
    const { server } = await openApi(storeDown());
    for (const path of ['/health', '/health/ready']) {
      const answer = await ask(server, 'GET', path);
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({ status: 'unavailable', checks: { database: 'unavailable' } });
    }
    expect((await ask(server, 'GET', '/health/live')).status).toBe(200);
  });

  it('waits two seconds for the database and no longer', async () => {
    const slow = await openApi({ ...database.store, ping: () => new Promise(() => undefined) });
    const asking = ask(slow.server, 'GET', '/health/ready');
    await until(() => slow.clock.waiting > 0, 'it waits');
    await slow.clock.advance(2_000);
    expect((await asking).status).toBe(503);
  });
});

describe('the catalogue', () => {
  it('lists strategies with the JSON Schema of their settings, in the language asked for', async () => {
    const { body } = await user.call('GET', '/strategies');
    const schema = {
      type: 'object',
      additionalProperties: false,
      required: ['amount'],
      properties: { amount: { type: ['string', 'number'], format: 'decimal', exclusiveMinimum: 0, title: 'Amount', description: 'How much.' } },
    };
    expect(body.items.map(({ name }) => name)).toEqual(['dca', 'grid', 'idle']);
    expect(body.items[0]?.commands.find(({ name }) => name === 'add_funds')).toMatchObject({
      title: 'Add funds',
      params_schema: { required: ['amount'] },
    });
    expect(body.items[2]).toEqual({ name: 'idle', version: 1, title: 'Idle', summary: 'Does nothing.', actions: [], commands: [], config_schema: schema });
    expect((await user.call('GET', '/strategies', undefined, { 'accept-language': 'ru' })).body.items[2]).toMatchObject({ title: 'Покой' });
  });

  it('lists exchanges with what they can do and need', async () => {
    const { body } = await user.call('GET', '/exchanges');
    expect(body.items).toMatchObject([
      { id: 'binance', credentials: ['api_key', 'api_secret'], order_types: ['limit', 'market', 'stop_limit'], notice: null },
      { id: 'kucoin', credentials: ['api_key', 'api_secret', 'passphrase'] },
      { id: 'paper', credentials: [], notice: 'Demonstration market: <made up> prices.' },
    ]);
  });

  it('tells perpetuals from spot, with the terms that only they have', async () => {
    const terms = { contractSize: '0.001', fundingIntervalMs: 28_800_000, maxLeverage: 125, maintenanceMarginRate: '0.004' };
    api.binance.listed.set('BTC/USDT:USDT', { ...BTC, venue: 'binance', symbol: 'BTC/USDT:USDT', kind: 'perpetual', perpetual: terms });
    const list = async (kind: string) => (await user.call('GET', `/market/instruments?exchange=binance&kind=${kind}`)).body.items;
    expect(await list('spot')).toMatchObject(['BTC/USDT', 'ETH/USDT'].map((symbol) => ({ symbol, kind: 'spot', perpetual: null })));
    expect(await list('perpetual')).toMatchObject([
      {
        symbol: 'BTC/USDT:USDT',
        kind: 'perpetual',
        settle: 'USDT',
        perpetual: { contract_size: '0.001', funding_interval_seconds: 28_800, max_leverage: 125, maintenance_margin_rate: '0.004' },
      },
    ]);
    expect((await user.call('GET', '/market/instruments?exchange=binance&kind=future')).status).toBe(422);
    const refused = await user.call('POST', '/bots', {
      name: 'A',
      strategy: 'idle',
      symbol: 'BTC/USDT:USDT',
      mode: 'live',
      config: { amount: '10' },
      exchange: 'binance',
      api_key: 'KEYKEYKEY1234',
      api_secret: 'S',
    });
    expect(refused.problem.errors).toEqual([{ field: 'symbol', message: 'is a perpetual, and this strategy trades spot instruments only' }]);
    api.binance.listed.delete('BTC/USDT:USDT');
  });

  it('pages instruments in the order of their symbols', async () => {
    const first = (await user.call('GET', '/market/instruments?exchange=binance&limit=1')).body;
    expect(first.items).toMatchObject([{ symbol: 'BTC/USDT', exchange: 'binance', price_increment: '0.01', min_value: '5', is_trading: true }]);
    const second = (await user.call('GET', `/market/instruments?exchange=binance&limit=1&cursor=${encodeURIComponent(first.next_cursor ?? '')}`)).body;
    expect(second.items).toMatchObject([{ symbol: 'ETH/USDT' }]);
    expect(second.next_cursor).toBeNull();
  });

  it('tells the price now, or why it cannot', async () => {
    expect((await user.call('GET', '/market/ticker?exchange=binance&symbol=BTC/USDT')).body).toEqual({
      symbol: 'BTC/USDT',
      exchange: 'binance',
      bid: '60000',
      ask: '60000.01',
      at: '2023-11-14T22:13:20.000Z',
      notice: null,
    });
    expect((await user.call('GET', '/market/ticker?exchange=binance&symbol=DOGE/USDT')).problem.code).toBe('symbol_unknown');
    expect((await user.call('GET', '/market/ticker?exchange=mtgox&symbol=BTC/USDT')).problem.code).toBe('exchange_unknown');
    expect(fieldsOf(await user.call('GET', '/market/ticker?exchange=binance'))).toEqual(['symbol']);
  });
});
