/** Bots over HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BotStatus, DesiredState } from '#core/bot-states.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Api, type Caller, fieldsOf, GRID, openApi } from './_api.ts';

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
afterAll(() => database.drop());

const create = (change: object = {}) =>
  user.call('POST', '/bots', { name: 'Calm grid', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', account_id: account, config: GRID, ...change });
const bots = async () => (await user.call('GET', '/bots')).body.items;
const accounts = async () => (await user.call('GET', '/accounts')).body.items;
const KEYS = { api_key: 'KEYKEYKEY1234', api_secret: 'SECRETSECRET' };

describe('creating a bot', () => {
  it('stores it stopped, with all its settings, and shows what it will do', async () => {
    const answer = await create();
    expect(answer.status).toBe(201);
    expect(answer.headers['location']).toBe(`/api/v1/bots/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      name: 'Calm grid',
      account_id: account,
      strategy: 'grid',
      symbol: 'BTC/USDT',
      mode: 'paper',
      config: { ...GRID, spacing: 'arithmetic' },
      config_version: 1,
      status: 'stopped',
      status_reason: '',
      run_id: null,
      preview: { symbol: 'BTC/USDT', exchange: 'paper', bid: '60000', ask: '60000.01', needs: [{ asset: 'USDT', amount: '1000' }], figures: { cells: 10 } },
    });
    const { preview: _preview, ...bot } = answer.body;
    expect((await user.call('GET', `/bots/${answer.body.id}`)).body).toEqual({ ...bot, runner: null });
    const [event] = (await user.call('GET', `/bots/${answer.body.id}/events`)).body.items;
    expect(event).toMatchObject({ type: 'bot_created' });
  });

  it('makes the account in the same step when exchange and keys are given', async () => {
    const { body } = await create({ account_id: undefined, exchange: 'binance', mode: 'live', ...KEYS });
    const made = (await accounts()).find(({ id }) => id === body.account_id);
    expect(made).toMatchObject({ name: 'Calm grid', exchange: 'binance', key_hint: '1234' });
    expect(body).toMatchObject({ mode: 'live', preview: { exchange: 'binance' } });
  });

  it('finds an account on the same key again instead of making a second', async () => {
    const first = await create({ account_id: undefined, exchange: 'binance', mode: 'live', ...KEYS });
    const second = await create({ account_id: undefined, exchange: 'binance', mode: 'live', ...KEYS });
    expect(second.status).toBe(201);
    expect(second.body.account_id).toBe(first.body.account_id);
    expect(await accounts()).toHaveLength(2);
  });

  it('trades on paper, whatever exchange the account is at, unless told otherwise', async () => {
    const { body } = await create({ account_id: undefined, exchange: 'binance', mode: undefined, ...KEYS });
    expect(body).toMatchObject({ mode: 'paper', preview: { exchange: 'paper' } });
  });

  it.each([
    ['settings the strategy does not have', { config: { ...GRID, colour: 'red' } }, 'validation_failed', ['config.colour']],
    ['a setting of the wrong type', { config: { ...GRID, levels: '11' } }, 'validation_failed', ['config.levels']],
    ['an empty config', { config: {} }, 'validation_failed', ['config.lower_price']],
    [
      'a config without a range or a count',
      { config: { lower_price: '50000', investment: '1000' } },
      'validation_failed',
      ['config.upper_price', 'config.levels'],
    ],
    ['a config that is a list', { config: [] }, 'validation_failed', ['config']],
    ['prices in the wrong order', { config: { ...GRID, lower_price: '80000' } }, 'validation_failed', ['config.upper_price']],
    ['a price off the tick', { config: { ...GRID, lower_price: '50000.001' } }, 'validation_failed', ['config.lower_price']],
    ['a negative investment', { config: { ...GRID, investment: '-5' } }, 'validation_failed', ['config.investment']],
    ['an investment too small for the exchange', { config: { ...GRID, investment: '20' } }, 'validation_failed', ['config.investment']],
    ['a strategy nobody knows', { strategy: 'martingale' }, 'strategy_unknown', ['strategy']],
    ['a symbol the exchange does not trade', { symbol: 'DOGE/USDT' }, 'symbol_unknown', ['symbol']],
    ['live trading on a paper account', { mode: 'live' }, 'validation_failed', ['mode']],
    ['an account that is not there', { account_id: 'nope' }, 'validation_failed', ['account_id']],
    ['an exchange nobody knows', { account_id: undefined, exchange: 'mtgox' }, 'exchange_unknown', ['exchange']],
    ['neither account nor exchange', { account_id: undefined }, 'validation_failed', ['account_id']],
    ['both account and exchange', { exchange: 'paper' }, 'validation_failed', ['account_id']],
    ['keys with an account', KEYS, 'validation_failed', ['api_key']],
    ['keys that may withdraw', { account_id: undefined, exchange: 'binance', api_key: 'withdraw-1', api_secret: 'x' }, 'key_can_withdraw', []],
    [
      'good keys with bad settings',
      { account_id: undefined, exchange: 'binance', mode: 'live', ...KEYS, config: { ...GRID, levels: 1 } },
      'validation_failed',
      ['config.levels'],
    ],
    ['a name too long', { name: 'x'.repeat(81) }, 'validation_failed', ['name']],
  ])('refuses %s and leaves nothing behind', async (_name, change, code, fields) => {
    const before = (await accounts()).length;
    const answer = await create(change);
    expect(answer.problem.code).toBe(code);
    expect(fieldsOf(answer)).toEqual(fields);
    expect(await bots()).toEqual([]);
    expect(await accounts()).toHaveLength(before);
  });

  it('checks settings by themselves while the venue is down, and says that there is no preview', async () => {
    api.paper.isUp = false;
    expect((await create()).body).toMatchObject({ status: 'stopped', preview: null });
    expect(fieldsOf(await create({ config: { ...GRID, levels: 1 } }))).toEqual(['config.levels']);
  });

  it('says what is wrong, and the remedy, in the language of whoever asks', async () => {
    const body = { name: 'x', strategy: 'grid', symbol: 'BTC/USDT', exchange: 'paper', config: { ...GRID, levels: 1 } };
    const russian = await user.call('POST', '/bots', body, { 'accept-language': 'ru' });
    expect(russian.problem).toMatchObject({
      title: 'Некоторые поля заполнены неверно',
      detail: 'config.levels должно быть от 2 до 500, указано 1',
      errors: [{ field: 'config.levels', message: 'должно быть от 2 до 500, указано 1' }],
    });
    const english = await user.call('POST', '/bots', body, { 'accept-language': 'en' });
    expect(english.problem).toMatchObject({ errors: [{ field: 'config.levels', message: 'must be between 2 and 500, got 1' }] });
  });

  it('refuses figures too large to be computed exactly', async () => {
    const answer = await create({ config: { ...GRID, investment: '999999999999999999999999' } });
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)[0]).toMatch(/^config/);
    expect(await bots()).toEqual([]);
  });
});

describe('a preview', () => {
  it('shows profit per grid after fees and stores nothing', async () => {
    const answer = await user.call('POST', '/bots/preview', { strategy: 'grid', symbol: 'BTC/USDT', exchange: 'binance', mode: 'live', config: GRID });
    expect(answer.status).toBe(200);
    expect(answer.body.preview).toMatchObject({ exchange: 'binance', figures: { profit_per_grid: { currency: 'USDT' } } });
    expect(await bots()).toEqual([]);
    expect(fieldsOf(await user.call('POST', '/bots/preview', { strategy: 'grid', symbol: 'BTC/USDT', exchange: 'binance', config: {} }))).toContain(
      'config.lower_price',
    );
  });
});

describe('changing a bot', () => {
  it('gives new settings the next version, whole', async () => {
    const { id } = (await create()).body;
    expect((await user.call('PATCH', `/bots/${id}`, { name: 'Busy grid' })).body).toMatchObject({ name: 'Busy grid', config_version: 1 });
    expect((await user.call('PATCH', `/bots/${id}`, { config: { ...GRID, levels: 21 } })).body).toMatchObject({ config_version: 2, config: { levels: 21 } });
    expect(fieldsOf(await user.call('PATCH', `/bots/${id}`, { config: { levels: 21 } }))).toContain('config.lower_price');
    expect(fieldsOf(await user.call('PATCH', `/bots/${id}`, { symbol: 'ETH/USDT' }))).toEqual(['symbol']);
  });

  it('goes back to the settings of a former version, as the next one', async () => {
    const { id } = (await create()).body;
    await user.call('PATCH', `/bots/${id}`, { config: { ...GRID, levels: 21 } });
    expect((await user.call('PATCH', `/bots/${id}`, { config_version: 1 })).body).toMatchObject({ config_version: 3, config: { levels: GRID.levels } });
    const { items } = (await user.call('GET', `/bots/${id}/versions`)).body as unknown as {
      readonly items: readonly { readonly version: number; readonly config: { readonly levels: number } }[];
    };
    expect(items.map(({ version, config }) => [version, config.levels])).toEqual([
      [3, GRID.levels],
      [2, 21],
      [1, GRID.levels],
    ]);
    for (const refused of [{ config_version: 9 }, { config_version: 9e15 }, { config_version: 0 }, { config_version: 1, config: GRID }])
      expect(fieldsOf(await user.call('PATCH', `/bots/${id}`, refused))).toEqual(['config_version']);
  });

  it('is refused while the bot is at work, and so is deleting it', async () => {
    const { id } = (await create()).body;
    await user.call('POST', `/bots/${id}/start`);
    for (const answer of [await user.call('PATCH', `/bots/${id}`, { name: 'x' }), await user.call('DELETE', `/bots/${id}`)]) {
      expect(answer.status).toBe(409);
      expect(answer.problem).toMatchObject({ code: 'bot_running', detail: 'The bot is starting; stop it first.' });
    }
  });

  it('deletes a bot that is stopped', async () => {
    const { id } = (await create()).body;
    expect((await user.call('DELETE', `/bots/${id}`)).status).toBe(204);
    expect((await user.call('GET', `/bots/${id}`)).status).toBe(404);
    expect(await bots()).toEqual([]);
  });
});

describe('rules on a bot', () => {
  const AGAIN = { on_cancelled_by_exchange: { place_again_times: 3 } };
  const SHOWN = { on_filled: null, place_again_times: 3, cancel_rest_after_seconds: null, take_profit: null, stop_loss: null };

  it('are kept beside the settings of its strategy and change with them, each as the next version', async () => {
    const made = (await create({ actions: AGAIN })).body;
    expect(made).toMatchObject({ actions: SHOWN, config_version: 1 });
    expect(made.config).not.toHaveProperty('actions');
    const changed = await user.call('PATCH', `/bots/${made.id}`, { config: { ...GRID, levels: 5 } });
    expect(changed.body).toMatchObject({ actions: SHOWN, config: { levels: 5 }, config_version: 2 });
    expect((await user.call('PATCH', `/bots/${made.id}`, { name: 'Other' })).body).toMatchObject({ actions: SHOWN, config_version: 2 });
    const without = await user.call('PATCH', `/bots/${made.id}`, { actions: null });
    expect(without.body).toMatchObject({ actions: null, config: { levels: 5 }, config_version: 3 });
    expect((await create({ name: 'Plain' })).body).toMatchObject({ actions: null });
  });

  it.each([
    ['what the strategy decides by itself', { take_profit: { percent: '3' } }, ['actions.take_profit']],
    ['none', {}, ['actions']],
    ['a price of an order', { stop_loss: { trigger_price: '50000' } }, ['actions.stop_loss', 'actions.stop_loss']],
  ])('are refused when they name %s', async (_name, actions, fields) => {
    const answer = await create({ actions });
    expect(answer.problem.code).toBe('validation_failed');
    expect(fieldsOf(answer)).toEqual(fields);
    expect((await user.call('POST', '/bots/preview', { strategy: 'grid', symbol: 'BTC/USDT', account_id: account, config: GRID, actions })).status).toBe(422);
  });
});

describe('commands of a strategy', () => {
  const DCA = { base_order_size: '100', take_profit_percent: '2', extra_funds: '100' };
  const running = async (change: object = { strategy: 'dca', config: DCA }): Promise<string> => {
    const { id } = (await create(change)).body;
    await database.query(`update bots set status = 'running', desired = 'running', run_id = 'run' where id = $1`, [id]);
    return id;
  };

  it('are kept in canonical form, and wake the runner', async () => {
    const id = await running();
    const woken: unknown[] = [];
    api.bus.subscribe('bot_commands', (message) => woken.push(message));
    const answer = await user.call('POST', `/bots/${id}/commands`, { name: 'add_funds', params: { amount: 50 } });
    expect([answer.status, answer.body]).toEqual([202, { id: expect.any(String), name: 'add_funds', params: { amount: '50' } }]);
    expect(await api.store.commands.due()).toEqual([{ commandId: answer.body.id, botId: id, name: 'add_funds', params: { amount: '50' } }]);
    expect(woken).toEqual([{ botId: id, strategy: 'dca' }]);
  });

  it.each([
    ['another strategy has', { name: 'rebalance_now' }, ['name']],
    ['nobody has', { name: 'constructor' }, ['name']],
    ['lack a parameter', { name: 'add_funds' }, ['params.amount']],
    ['have one too many', { name: 'close_deal', params: { amount: '5' } }, ['params.amount']],
  ])('that %s are refused', async (_, body, fields) => {
    const answer = await user.call('POST', `/bots/${await running()}/commands`, body);
    expect([answer.status, answer.problem.code, fieldsOf(answer)]).toEqual([422, 'validation_failed', fields]);
  });

  it('are refused by a bot that is not running, one without any, and one of somebody else', async () => {
    const stopped = (await create({ strategy: 'dca', config: DCA })).body.id;
    expect((await user.call('POST', `/bots/${stopped}/commands`, { name: 'close_deal' })).problem.code).toBe('bot_state_conflict');
    const grid = await running({});
    expect((await user.call('POST', `/bots/${grid}/commands`, { name: 'close_deal' })).problem.detail).toContain('known are change_grid');
    const other = await api.user();
    for (const path of ['commands', 'commands/preview']) expect((await other.call('POST', `/bots/${grid}/${path}`, { name: 'close_deal' })).status).toBe(404);
  });
});

describe('telling a bot what to do', () => {
  const stand = (id: string, status: BotStatus, desired: DesiredState) =>
    database.query('update bots set status = $2, desired = $3 where id = $1', [id, status, desired]);

  it('notes the wish, wakes the runner and answers 202', async () => {
    const { id } = (await create()).body;
    const woken: unknown[] = [];
    api.bus.subscribe('bot_commands', (message) => woken.push(message));
    const answer = await user.call('POST', `/bots/${id}/start`);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ id, status: 'starting' });
    expect(woken).toEqual([{ botId: id, strategy: 'grid' }]);
    expect((await api.store.bots.get(user.id, id))?.desired).toBe('running');
  });

  const cases: readonly (readonly [BotStatus, DesiredState, string, readonly string[]])[] = [
    ['stopped', 'stopped', 'stopped', ['start']],
    ['stopped', 'running', 'starting', ['stop', 'pause', 'panic']],
    ['starting', 'running', 'starting', ['stop', 'pause', 'panic']],
    ['running', 'running', 'running', ['stop', 'pause', 'panic']],
    ['running', 'paused', 'pausing', ['start', 'stop', 'panic']],
    ['paused', 'paused', 'paused', ['start', 'stop', 'panic']],
    ['paused', 'running', 'starting', ['stop', 'pause', 'panic']],
    ['running', 'stopped', 'stopping', ['panic']],
    ['stopping', 'stopped', 'stopping', ['panic']],
    ['stopping', 'panicked', 'stopping', ['panic']],
    ['error', 'running', 'error', ['start', 'stop', 'panic']],
  ];
  it.each(cases)('allows for a bot that is %s and wanted %s, thus %s, only %s', async (status, desired, visible, allowed) => {
    const { id } = (await create()).body;
    for (const action of ['start', 'stop', 'pause', 'panic']) {
      await stand(id, status, desired);
      expect((await user.call('GET', `/bots/${id}`)).body).toMatchObject({ status: visible });
      const answer = await user.call('POST', `/bots/${id}/${action}`);
      expect(answer.status, action).toBe(allowed.includes(action) ? 202 : 409);
      if (answer.status === 409)
        expect(answer.problem).toMatchObject({ code: 'bot_state_conflict', detail: expect.stringContaining(`The bot is ${visible};`) });
    }
  });

  it('starts no bot while the kill switch is on, and stops one all the same', async () => {
    const { id } = (await create()).body;
    await api.store.killSwitch.set(user.id, true, 'test', 0);
    expect((await user.call('POST', `/bots/${id}/start`)).problem.code).toBe('trading_killed');
    await stand(id, 'running', 'running');
    expect((await user.call('POST', `/bots/${id}/stop`)).status).toBe(202);
    await api.store.killSwitch.set(user.id, false, 'test', 0);
  });

  it('takes an empty body, whatever its type', async () => {
    const { id } = (await create()).body;
    expect((await user.call('POST', `/bots/${id}/start`, '')).status).toBe(202);
  });
});
