/** Alerts over HTTP: set, listed, changed and taken away; what they watch must be there and be one's own. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_ALERTS } from '#core/alerts/alert-store.ts';
import { type Api, type Caller, fieldsOf, GRID, openApi } from '#test/e2e/_api.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';

let database: TestStore;
let api: Api;
let ann: Caller;

beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store);
});
afterAll(async () => {
  await api.server.close();
  await database.drop();
});
beforeEach(async () => {
  ann = await api.user();
});

const CROSSES = { kind: 'price_crosses', exchange: 'paper', symbol: 'BTC/USDT', price: '100000' };
const set = (condition: object, more: object = {}) => ann.call('POST', '/alerts', { condition, ...more });

describe('an alert', () => {
  it('is set with what is left out filled in, shown, changed and taken away', async () => {
    const made = await set({ ...CROSSES, price: 100000 });
    expect(made.status, made.text).toBe(201);
    const { id } = made.body;
    const alert = {
      id,
      condition: { ...CROSSES, direction: 'either' },
      note: '',
      repeats: false,
      cooldown_minutes: 15,
      enabled: true,
      times_triggered: 0,
      triggered_at: null,
      created_at: new Date(api.clock.now()).toISOString(),
    };
    expect(made.body).toEqual(alert);
    expect(made.headers['location']).toBe(`/api/v1/alerts/${id}`);
    const changed = { ...alert, note: 'six digits', repeats: true, cooldown_minutes: 60, enabled: false };
    const change = { note: 'six digits', repeats: true, cooldown_minutes: 60, enabled: false };
    expect((await ann.call('PATCH', `/alerts/${id}`, change)).body).toEqual(changed);
    expect((await ann.call('GET', `/alerts/${id}`)).body).toEqual(changed);
    const moved = { kind: 'price_moves', exchange: 'paper', symbol: 'BTC/USDT', percent: '5', window_minutes: 30, direction: 'down' };
    expect((await ann.call('PATCH', `/alerts/${id}`, { condition: moved })).body).toMatchObject({ condition: moved, note: 'six digits' });
    expect((await ann.call('GET', '/alerts')).body.items.map((each) => each.id)).toEqual([id]);
    expect((await ann.call('DELETE', `/alerts/${id}`)).status).toBe(204);
    expect((await ann.call('GET', `/alerts/${id}`)).status).toBe(404);
  });

  it("watches one's own accounts and bots", async () => {
    const account = (await ann.call('POST', '/accounts', { name: 'Paper', exchange: 'paper' })).body.id;
    const bot = (await ann.call('POST', '/bots', { name: 'x', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', account_id: account, config: GRID })).body
      .id;
    const conditions = [
      { kind: 'balance_below', account_id: account, asset: 'USDT', amount: '100' },
      { kind: 'drawdown_above', bot_id: bot, amount: '10' },
      { kind: 'target_reached', bot_id: bot, amount: '50' },
    ];
    for (const condition of conditions) expect((await set(condition)).body).toMatchObject({ condition });
    ann = await api.user();
    expect(fieldsOf(await set(conditions[0] ?? {}))).toEqual(['condition.account_id']);
    expect(fieldsOf(await set(conditions[1] ?? {}))).toEqual(['condition.bot_id']);
    expect(fieldsOf(await set(conditions[2] ?? {}))).toEqual(['condition.bot_id']);
  });

  it.each([
    ['an exchange that is none', { ...CROSSES, exchange: 'nowhere' }, 'exchange_unknown', ['exchange']],
    ['a symbol that is none', { ...CROSSES, symbol: 'NONE/USDT' }, 'symbol_unknown', ['symbol']],
    ['a price of nothing', { ...CROSSES, price: '0' }, 'validation_failed', ['condition.price']],
    ['funding of spot', { kind: 'funding_beyond', exchange: 'paper', symbol: 'BTC/USDT', percent: '0.05' }, 'validation_failed', ['condition.symbol']],
    [
      'two days',
      { kind: 'price_moves', exchange: 'paper', symbol: 'BTC/USDT', percent: '5', window_minutes: 2_880 },
      'validation_failed',
      ['condition.window_minutes'],
    ],
    ['what another kind has', { ...CROSSES, amount: '5' }, 'validation_failed', ['condition.amount']],
    ['a kind that is none', { kind: 'moon' }, 'validation_failed', ['condition.kind']],
  ])('on %s is refused by name', async (_, condition, code, fields) => {
    const answer = await set(condition);
    expect([answer.problem.code, fieldsOf(answer)], answer.text).toEqual([code, fields]);
  });

  it('is one of so many at most', async () => {
    await database.query(
      `insert into alerts (id, user_id, condition, note, repeats, cooldown_ms, is_on, is_armed, memory, created_at, changed_at)
       select 'alert-' || n, $1, '{}', '', false, 1, false, true, '{}', 1, 1 from generate_series(1, ${MAX_ALERTS}) as n`,
      [ann.id],
    );
    expect((await set(CROSSES)).problem.code).toBe('too_many_kept');
  });
});
