/** Which process runs a bot is for its user to see; which processes there are, for the owner alone. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { leaseSubject } from '#core/store/store.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Api, type Caller, GRID, openApi } from './_api.ts';

const RUNNER = { id: 'runner-1', host: 'grid-bot-1', pid: 7, version: '9.8.7', roles: ['bots'], botTypes: ['grid'] };

let database: TestStore;
let api: Api;
let owner: Caller;
let user: Caller;

beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store);
  owner = await api.user();
  user = await api.user();
});

afterAll(async () => {
  await api.server.close();
  await database.drop();
});

it('a bot tells which process runs it and since when, and nothing while none does', async () => {
  const bot = { name: 'Calm', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config: GRID };
  const { id } = (await user.call('POST', '/bots', bot)).body;
  expect((await user.call('GET', `/bots/${id}`)).body).toMatchObject({ id, runner: null });
  await api.store.runners.beat(RUNNER, 60_000);
  const lease = await api.store.leases.acquire(leaseSubject('bot', id), RUNNER.id, 60_000);
  expect((await user.call('GET', `/bots/${id}`)).body).toMatchObject({
    runner: { id: 'runner-1', host: 'grid-bot-1', since: expect.stringMatching(/^\d{4}-.*Z$/) },
  });
  if (lease !== null) await api.store.leases.release(lease);
  expect((await user.call('GET', `/bots/${id}`)).body).toMatchObject({ runner: null });
});

it('the owner sees every process with what it holds', async () => {
  await api.store.runners.beat(RUNNER, 60_000);
  await api.store.runners.beat({ ...RUNNER, id: 'runner-2', botTypes: null, roles: ['bots', 'worker'] }, 60_000);
  await api.store.leases.acquire('bot:some', 'runner-2', 60_000);
  await api.store.leases.acquire('account:some', 'runner-2', 60_000);
  const { status, body } = await owner.call('GET', '/admin/runners');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    items: [
      { id: 'runner-1', host: 'grid-bot-1', pid: 7, roles: ['bots'], bot_types: ['grid'], bots: 0, accounts: 0 },
      { id: 'runner-2', bot_types: null, roles: ['bots', 'worker'], bots: 1, accounts: 1 },
    ],
    next_cursor: null,
  });
});

it('the first page counts processes by role once there is more than one', async () => {
  const page = (await api.server.inject('/')).payload;
  expect(page).toContain('bots <b>2</b>');
  expect(page).toContain('worker <b>1</b>');
});
