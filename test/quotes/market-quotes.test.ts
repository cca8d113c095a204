/** Quotes of the market from a simulated source to the API: limits told apart, credits kept, stale served as stale. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { coinMarketCap } from '#adapters/feeds/coinmarketcap.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import { marketQuotes } from '#app/jobs/kinds/market-quotes.ts';
import { CREDITS_PER_MONTH, FRESH_MS, KEPT_MS, MENDING_MS, MIN_PAUSE_MS, QUOTES_READ, syncQuotes } from '#app/quotes/market-quotes.ts';
import { type Answer, type Api, type Caller, fieldsOf, openApi } from '#test/e2e/_api.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { CoinMarketCapSimulator, KEY, type QuoteFault } from './coinmarketcap.ts';

let database: TestStore;
let api: Api;
let user: Caller;
let simulator: CoinMarketCapSimulator;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  for (const table of ['market_quotes', 'quote_source']) await database.query(`delete from ${table}`);
  api = await openApi(database.store);
  user = await api.user();
  simulator = await new CoinMarketCapSimulator().listen();
  simulator.updatedAt = api.clock.now() - 30_000;
});
afterEach(() => simulator.close());
afterAll(() => database.drop());

const sync = (apiKey = KEY) =>
  syncQuotes({ store: database.store, source: coinMarketCap({ url: `${simulator.url}/`, apiKey, clock: api.clock }), clock: api.clock, log: quietLog() });
const list = (query = ''): Promise<Answer> => user.call('GET', `/market/cryptocurrencies${query}`);
const symbols = async (query: string): Promise<string[]> => (await list(query)).body.items.map(({ symbol }) => symbol);
const sourceOf = async () => ((await list('?limit=1')).body as unknown as { source: { synced_at: string | null; is_stale: boolean; problem: string } }).source;

describe('a round', () => {
  it('reads the largest by the present API, with the key in a header, and keeps them by number', async () => {
    expect(await sync()).toEqual({ outcome: 'read', quotes: QUOTES_READ, unread: 0, creditsUsed: 1 });
    expect(simulator.requests).toEqual([{ path: '/v3/cryptocurrency/listings/latest', limit: QUOTES_READ, key: KEY }]);
    const page = await list('?limit=4');
    expect(page.body.items[0]).toEqual({
      id: '1',
      name: 'Bitcoin',
      symbol: 'BTC',
      slug: 'coin-1',
      rank: 1,
      price: '100001',
      market_cap: '2000000000000',
      volume_24h: '1000000000',
      change_1h: '0.1',
      change_24h: '1',
      change_7d: '3.5',
      circulating_supply: '19840000',
      chain: null,
      contract: null,
      updated_at: new Date(simulator.updatedAt).toISOString(),
      age_seconds: 30,
      is_stale: false,
    });
    expect(page.body.items.slice(1)).toMatchObject([
      { chain: 'ethereum', contract: '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599' },
      { price: '0.0000000012345' },
      { price: null },
    ]);
    expect(await symbols('?search=c5'), 'two share a symbol').toEqual(['C5', 'C5', ...Array.from({ length: 10 }, (_, index) => `C5${index}`)]);
  });

  it('asks no more than once a minute, and never twice for one round', async () => {
    await sync();
    expect(await sync()).toMatchObject({ outcome: 'rested', until: api.clock.now() + MIN_PAUSE_MS });
    await api.clock.advance(MIN_PAUSE_MS);
    expect((await sync()).outcome).toBe('read');
    expect(simulator.requests).toHaveLength(2);
  });

  it('spends no more credits in a month than there are, and begins anew with the next', async () => {
    await sync();
    await database.query('update quote_source set credits_used = $1', [CREDITS_PER_MONTH]);
    await api.clock.advance(MIN_PAUSE_MS);
    expect(await sync()).toMatchObject({ outcome: 'rested', until: Date.UTC(2023, 11, 1) });
    expect((await sourceOf()).problem).toContain('credits of this month');
    expect(simulator.requests).toHaveLength(1);
    const next = await openApi(database.store);
    await next.clock.advance(Date.UTC(2023, 11, 1) - next.clock.now());
    const source = coinMarketCap({ url: simulator.url, apiKey: KEY, clock: next.clock });
    expect(await syncQuotes({ store: database.store, source, clock: next.clock, log: quietLog() })).toMatchObject({ outcome: 'read', creditsUsed: 1 });
    const rounds = (31 * 86_400_000) / 300_000;
    expect(rounds, 'every five minutes fits a month').toBeLessThanOrEqual(CREDITS_PER_MONTH);
  });
});

describe('what is refused', () => {
  const midnight = Date.UTC(2023, 10, 15);
  it.each<[QuoteFault, string, (now: number) => number | null]>([
    ['minute', 'this minute', (now) => now + 60_000],
    ['address', 'this address', (now) => now + 120_000],
    ['day', 'this day', () => midnight],
    ['month', 'this month', () => Date.UTC(2023, 11, 1)],
    ['codeIn200', 'this month', () => Date.UTC(2023, 11, 1)],
    ['bare429', 'this minute', (now) => now + 90_000],
    ['wrongKey', 'COINMARKETCAP_API_KEY', (now) => now + MENDING_MS],
    ['expired', 'COINMARKETCAP_API_KEY', (now) => now + MENDING_MS],
    ['plan', 'plan of the key', (now) => now + MENDING_MS],
    ['badRequest', 'newer version', (now) => now + MENDING_MS],
    ['serverError', 'does not answer', () => null],
    ['page', 'cannot be read', () => null],
    ['objectQuotes', 'cannot be read', () => null],
    ['empty', 'cannot be read', () => null],
    ['halfBroken', 'cannot be read', () => null],
    ['cutOff', 'does not answer', () => null],
    ['endless', 'does not answer', () => null],
    ['elsewhere', 'does not answer', () => null],
  ])('(%s) is told apart, and what was read before is served as it was', async (fault, problem, until) => {
    await sync();
    const before = (await list('?limit=200')).body.items;
    await api.clock.advance(MIN_PAUSE_MS);
    simulator.faults.push(fault);
    expect(await sync()).toMatchObject({ outcome: 'refused', until: until(api.clock.now()), problem: expect.stringContaining(problem) });
    const after = await list('?limit=200');
    expect(after.body.items.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect((await sourceOf()).problem).toContain(problem);
    expect(JSON.stringify([after.body, await database.query('select * from quote_source')])).not.toContain(KEY);
  });

  it('is not asked again before it can help, and then is', async () => {
    simulator.faults.push('address');
    const refused = await sync();
    await api.clock.advance(MIN_PAUSE_MS);
    expect(await sync()).toMatchObject({ outcome: 'rested', until: refused.outcome === 'refused' ? refused.until : null });
    await api.clock.advance(MIN_PAUSE_MS);
    expect((await sync()).outcome).toBe('read');
    expect((await sourceOf()).problem).toBe('');
  });

  it('costs nothing that is not counted: an answer that was lost is paid for', async () => {
    const lost = coinMarketCap({ url: simulator.url, apiKey: KEY, clock: api.clock });
    const source = { name: lost.name, largest: () => Promise.reject(new Error('the process has died')) };
    await expect(syncQuotes({ store: database.store, source, clock: api.clock, log: quietLog() })).rejects.toThrow();
    expect(await database.query('select credits_used from quote_source')).toEqual([{ credits_used: 1 }]);
  });
});

describe('what is stale', () => {
  it('is marked, each by its own age and all by that of the round', async () => {
    await sync();
    expect(await sourceOf()).toMatchObject({ is_stale: false, problem: '' });
    await api.clock.advance(FRESH_MS + 1);
    const again = await api.server.inject({ method: 'POST', url: '/auth/login', payload: { email: user.email, password: 'correct horse battery' } });
    const answer = await api.server.inject({
      url: '/api/v1/market/cryptocurrencies?limit=1',
      headers: { authorization: `Bearer ${again.json().access_token}` },
    });
    expect(answer.json()).toMatchObject({ items: [{ is_stale: true, age_seconds: 630, price: '100001' }], source: { is_stale: true } });
  });

  it('goes when it was not among those read for a week', async () => {
    await sync();
    await database.query('update market_quotes set synced_at = $1 where id = 200', [api.clock.now() - KEPT_MS]);
    await database.query(
      'insert into market_quotes select 999, name, symbol, slug, 999, price, null, null, null, null, null, null, null, null, updated_at, $1 from market_quotes where id = 1',
      [api.clock.now() - KEPT_MS],
    );
    await api.clock.advance(MIN_PAUSE_MS);
    await sync();
    expect(await database.query('select id from market_quotes where id in (200, 999)')).toEqual([{ id: '200' }]);
  });

  it('is nothing before the first round, and the API says what is missing', async () => {
    expect((await list()).body).toMatchObject({
      items: [],
      source: { synced_at: null, is_stale: true, problem: expect.stringContaining('COINMARKETCAP_API_KEY') },
    });
  });
});

describe('a list', () => {
  beforeEach(async () => {
    await sync();
  });

  it.each([
    ['?limit=3', ['BTC', 'C2', 'C3']],
    ['?limit=2&order=desc', ['C200', 'C199']],
    ['?limit=2&sort=price', ['BTC', 'C2']],
    ['?limit=2&sort=price&order=asc', ['C3', 'C200']],
    ['?limit=2&sort=change_24h', ['C199', 'C197']],
    ['?limit=2&sort=name', ['BTC', 'C10']],
    ['?search=BITCOIN', ['BTC', 'C2']],
    ['?search=%25', []],
  ])('%s', async (query, expected) => {
    expect(await symbols(query)).toEqual(expected);
  });

  it('puts what is not known last, both ways, and turns pages without a repetition', async () => {
    for (const order of ['asc', 'desc']) expect((await symbols(`?limit=200&sort=price&order=${order}`)).at(-1)).toBe('C4');
    const seen = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Answer = await list(`?limit=70&sort=volume_24h${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.body.items.map(({ id }) => id));
      cursor = page.body.next_cursor;
    }
    expect(seen).toHaveLength(QUOTES_READ);
    expect(new Set(seen).size).toBe(QUOTES_READ);
  });

  it.each([
    ['?sort=fame', 'sort'],
    ['?order=up', 'order'],
    ['?limit=201', 'limit'],
    ['?cursor=x', 'cursor'],
  ])('%s is refused, naming the field', async (query, field) => {
    const answer = await list(query);
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)).toEqual([field]);
  });
});

it('is a job every five minutes where there is a key, and none without', async () => {
  const parts = {
    store: database.store,
    clock: api.clock,
    log: quietLog(),
    quoteSource: coinMarketCap({ url: simulator.url, apiKey: KEY, clock: api.clock }),
  } as unknown as JobParts;
  expect(marketQuotes.repeat?.(parts)).toEqual({ cron: '*/5 * * * *' });
  expect(marketQuotes.repeat?.({ ...parts, quoteSource: null })).toBeNull();
  expect(await marketQuotes.run({} as never, parts)).toMatchObject({ outcome: 'read', quotes: QUOTES_READ });
});
