/** Exchange accounts over HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Api, type Caller, fieldsOf, GRID, openApi } from './_api.ts';

let database: TestStore;
let api: Api;
let user: Caller;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  await database.query('truncate users cascade');
  api = await openApi(database.store);
  user = await api.user();
});
afterAll(() => database.drop());

const KEYS = { api_key: 'KEYKEYKEY1234', api_secret: 'SECRETSECRET' };
const add = (body: object) => user.call('POST', '/accounts', body);
const stored = async () => (await user.call('GET', '/accounts')).body.items;

describe('adding an exchange account', () => {
  it('tries the keys, keeps them to itself and shows the last four characters', async () => {
    const answer = await add({ name: '  Savings ', exchange: 'binance', ...KEYS });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({ id: expect.any(String), name: 'Savings', exchange: 'binance', key_hint: '1234', created_at: '2023-11-14T22:13:20.000Z' });
    expect(answer.headers['location']).toBe(`/api/v1/accounts/${answer.body.id}`);
    expect(api.binance.openSessions.size, 'the session that tried the keys is closed').toBe(0);
  });

  it('needs no keys on paper, and takes none', async () => {
    expect((await add({ name: 'Paper', exchange: 'paper' })).body).toMatchObject({ exchange: 'paper', key_hint: null });
    const refused = await add({ name: 'Paper', exchange: 'paper', ...KEYS });
    expect(refused.status).toBe(422);
    expect(refused.problem.errors).toEqual([
      { field: 'api_key', message: 'is not used by Paper; leave it out' },
      { field: 'api_secret', message: 'is not used by Paper; leave it out' },
    ]);
  });

  it.each([
    ['keys that may withdraw', { api_key: 'withdraw-1234' }, 422, 'key_can_withdraw'],
    ['keys that may not trade', { api_key: 'readonly-1234' }, 422, 'key_cannot_trade'],
    ['keys the exchange does not know', { api_key: 'wrong-1234' }, 422, 'key_rejected'],
    ['an exchange nobody knows', { exchange: 'mtgox' }, 422, 'exchange_unknown'],
    ['a missing secret', { api_secret: undefined }, 422, 'validation_failed'],
    ['a passphrase where there is none', { passphrase: 'abc' }, 422, 'validation_failed'],
    ['a key with blanks', { api_key: 'KEY KEY' }, 422, 'validation_failed'],
    ['an empty name', { name: '   ' }, 422, 'validation_failed'],
    ['a name with control characters', { name: 'a\u0000b' }, 422, 'validation_failed'],
  ])('refuses %s and stores nothing', async (_name, change, status, code) => {
    const answer = await add({ name: 'Savings', exchange: 'binance', ...KEYS, ...change });
    expect(answer.status).toBe(status);
    expect(answer.problem.code).toBe(code);
    expect(await stored()).toEqual([]);
    expect(api.binance.openSessions.size).toBe(0);
  });

  it('refuses a wrong passphrase', async () => {
    const answer = await add({ name: 'Savings', exchange: 'kucoin', ...KEYS, passphrase: 'wrong' });
    expect(answer.problem.code).toBe('key_rejected');
    expect(fieldsOf(answer)).toEqual(['api_key']);
    expect(await stored()).toEqual([]);
  });

  it('stores nothing while the exchange is down, and says when to try again', async () => {
    api.binance.isUp = false;
    const answer = await add({ name: 'Savings', exchange: 'binance', ...KEYS });
    expect(answer.status).toBe(503);
    expect(answer.problem.code).toBe('venue_unavailable');
    expect(answer.headers['retry-after']).toBe('5');
    expect(await stored()).toEqual([]);
  });

  it('refuses a second account on the same key, which would promise the same funds twice', async () => {
    const first = await add({ name: 'Savings', exchange: 'binance', ...KEYS });
    const second = await add({ name: 'Again', exchange: 'binance', ...KEYS });
    expect(second.status).toBe(409);
    expect(second.problem.code).toBe('key_in_use');
    expect(second.problem.detail).toContain(first.body.id);
    const other = await (await api.user()).call('POST', '/accounts', { name: 'Mine', exchange: 'binance', ...KEYS });
    expect(other.problem.code).toBe('key_in_use');
    expect(JSON.stringify(other.problem), 'who has it is not told to others').not.toContain(first.body.id);
    expect(JSON.stringify(other.problem)).not.toContain('Savings');
  });

  it('stores one of two accounts that come with the same key at once, and the key again once that one is removed', async () => {
    const answers = await Promise.all(['One', 'Two'].map((name) => add({ name, exchange: 'binance', ...KEYS })));
    const stored = answers.find((answer) => answer.status === 201);
    const refused = answers.find((answer) => answer.status === 409);
    expect(refused?.problem.code).toBe('key_in_use');
    expect(refused?.problem.detail).toContain(stored?.body.id);
    await user.call('DELETE', `/accounts/${stored?.body.id}`);
    expect((await add({ name: 'Again', exchange: 'binance', ...KEYS })).status).toBe(201);
  });

  it('refuses new keys that another user has', async () => {
    await (await api.user()).call('POST', '/accounts', { name: 'Theirs', exchange: 'binance', ...KEYS });
    const mine = await add({ name: 'Mine', exchange: 'binance', ...KEYS, api_key: 'another-key' });
    const changed = await user.call('PATCH', `/accounts/${mine.body.id}`, { ...KEYS });
    expect(changed.problem.code).toBe('key_in_use');
  });
});

describe('an exchange account', () => {
  it('is listed from the newest, page by page', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await add({ name, exchange: 'paper' });
      await api.clock.advance(1);
    }
    const first = await user.call('GET', '/accounts?limit=2');
    const second = await user.call('GET', `/accounts?limit=2&cursor=${first.body.next_cursor}`);
    const third = await user.call('GET', `/accounts?limit=2&cursor=${second.body.next_cursor}`);
    expect([first, second, third].map(({ body }) => body.items.map(({ name }) => name))).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
    expect(third.body.next_cursor).toBeNull();
  });

  it('is tested and shows balances with the keys that are stored', async () => {
    const { body } = await add({ name: 'Savings', exchange: 'binance', ...KEYS });
    expect((await user.call('POST', `/accounts/${body.id}/test`)).body).toEqual({
      can_trade: true,
      can_trade_perpetuals: null,
      can_withdraw: false,
      is_ip_restricted: null,
      latency_ms: 0,
    });
    expect((await user.call('GET', `/accounts/${body.id}/balances`)).body).toEqual({
      items: [{ asset: 'USDT', free: '1000', locked: '0' }],
      next_cursor: null,
    });
    api.binance.isUp = false;
    expect((await user.call('GET', `/accounts/${body.id}/balances`)).status).toBe(503);
    expect(api.binance.openSessions.size).toBe(0);
  });

  it('shows its positions in perpetuals, and the wallet they draw on', async () => {
    const { body } = await add({ name: 'Savings', exchange: 'binance', ...KEYS });
    const positions = async () => await user.call('GET', `/accounts/${body.id}/positions`);
    expect((await positions()).body, 'of an exchange without perpetuals').toEqual({ items: [], next_cursor: null });
    const figures = { entryPrice: '60000', markPrice: '61000', liquidationPrice: null, unrealisedProfit: '-20', leverage: 5, marginMode: 'isolated' } as const;
    api.binance.positions = [{ symbol: 'BTC/USDT:USDT', size: '-0.02', ...figures }];
    expect((await positions()).body.items).toEqual([
      {
        symbol: 'BTC/USDT:USDT',
        side: 'short',
        quantity: '0.02',
        entry_price: '60000',
        mark_price: '61000',
        liquidation_price: null,
        unrealised_profit: '-20',
        leverage: 5,
        margin_mode: 'isolated',
      },
    ]);
    expect((await user.call('GET', `/accounts/${body.id}/balances?wallet=perpetual`)).body.items).toEqual([{ asset: 'USDT', free: '7', locked: '3' }]);
    expect((await user.call('GET', `/accounts/${body.id}/balances?wallet=margin`)).status).toBe(422);
    api.binance.positions = new PortError('account_mode_unsupported', 'Turn hedge mode off.', { outcome: 'failed' });
    expect((await positions()).problem).toMatchObject({ code: 'account_mode_unsupported', detail: 'Turn hedge mode off.' });
    expect((await (await api.user()).call('GET', `/accounts/${body.id}/positions`)).status).toBe(404);
    expect(api.binance.openSessions.size).toBe(0);
  });

  it('is renamed, and keeps its old keys when new ones are refused', async () => {
    const { body } = await add({ name: 'Savings', exchange: 'binance', ...KEYS });
    expect((await user.call('PATCH', `/accounts/${body.id}`, { name: 'Spare' })).body).toMatchObject({ name: 'Spare', key_hint: '1234' });
    const refused = await user.call('PATCH', `/accounts/${body.id}`, { name: 'Other', api_key: 'withdraw-5678', api_secret: 'x' });
    expect(refused.problem.code).toBe('key_can_withdraw');
    expect((await user.call('GET', `/accounts/${body.id}`)).body).toMatchObject({ name: 'Spare', key_hint: '1234' });
    expect((await user.call('PATCH', `/accounts/${body.id}`, { api_key: 'NEWNEW5678', api_secret: 'x' })).body).toMatchObject({ key_hint: '5678' });
    expect((await user.call('POST', `/accounts/${body.id}/test`)).status).toBe(200);
  });

  it('takes no new keys while a bot works on it, for they may be of another account at the exchange', async () => {
    const { body } = await add({ name: 'Savings', exchange: 'binance', ...KEYS });
    const bot = await user.call('POST', '/bots', { name: 'Calm grid', strategy: 'grid', symbol: 'BTC/USDT', mode: 'live', account_id: body.id, config: GRID });
    await user.call('POST', `/bots/${bot.body.id}/start`);
    const refused = await user.call('PATCH', `/accounts/${body.id}`, { name: 'Other', api_key: 'NEWNEW5678', api_secret: 'x' });
    expect(refused.status).toBe(409);
    expect(refused.problem).toMatchObject({ code: 'bot_running', detail: 'The bot "Calm grid" works on the account; stop it before the keys change.' });
    expect((await user.call('GET', `/accounts/${body.id}`)).body).toMatchObject({ name: 'Savings', key_hint: '1234' });
    expect((await user.call('PATCH', `/accounts/${body.id}`, { name: 'Spare' })).body, 'a name may change at any time').toMatchObject({ name: 'Spare' });
  });

  it('takes no new keys by half', async () => {
    const { body } = await add({ name: 'Savings', exchange: 'binance', ...KEYS });
    expect(fieldsOf(await user.call('PATCH', `/accounts/${body.id}`, { api_key: 'NEWNEW5678' }))).toEqual(['api_secret']);
  });

  it('is deleted, unless bots use it', async () => {
    const { body } = await add({ name: 'Paper', exchange: 'paper' });
    const bot = await user.call('POST', '/bots', { name: 'Calm grid', strategy: 'grid', symbol: 'BTC/USDT', account_id: body.id, config: GRID });
    const refused = await user.call('DELETE', `/accounts/${body.id}`);
    expect(refused.status).toBe(409);
    expect(refused.problem.detail).toContain('Calm grid');
    await user.call('DELETE', `/bots/${bot.body.id}`);
    expect((await user.call('DELETE', `/accounts/${body.id}`)).status).toBe(204);
    expect((await user.call('GET', `/accounts/${body.id}`)).status).toBe(404);
  });
});
