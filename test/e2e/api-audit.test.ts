/** Who did what: written with each deed or not at all, seen by whom it concerns, and changed by nobody. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Api, ask, type Caller, GRID, openApi, PASSWORD } from './_api.ts';

const SECRETS = { api_key: 'key-that-nobody-may-read', api_secret: 'secret-that-nobody-may-read' };

let database: TestStore;
let api: Api;
let owner: Caller;
let user: Caller;

beforeAll(async () => {
  const actors = asyncActorScope();
  database = await createTestStore(actors);
  api = await openApi(database.store, { actors });
  owner = await api.user();
  user = await api.user();
});

afterAll(async () => {
  await api.server.close();
  await database.drop();
});

interface Entry {
  readonly actor: { readonly user_id: string | null; readonly address: string | null } | null;
  readonly action: string;
  readonly subject: { readonly kind: string; readonly id: string };
  readonly owner_id: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

async function entries(caller: Caller, url = '/users/me/audit'): Promise<readonly Entry[]> {
  const { status, body } = await caller.call('GET', url);
  expect(status).toBe(200);
  return body.items as unknown as readonly Entry[];
}

describe('the audit log', () => {
  it('tells every deed with who, to what and from where, and no secret', async () => {
    const bea = await api.user();
    const account = (await bea.call('POST', '/accounts', { name: 'Mine', exchange: 'binance', ...SECRETS })).body.id;
    await bea.call('PATCH', `/accounts/${account}`, { name: 'Ours' });
    await bea.call('PATCH', `/accounts/${account}`, { api_key: `${SECRETS.api_key}-2`, api_secret: SECRETS.api_secret });
    const bot = { name: 'Calm', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config: GRID };
    const { id, account_id: paper } = (await bea.call('POST', '/bots', bot)).body;
    await bea.call('PATCH', `/bots/${id}`, { name: 'Calmer', config: { ...GRID, levels: 5 } });
    await bea.call('POST', `/bots/${id}/start`);
    await database.query(`update bots set desired = 'stopped', status = 'stopped' where id = $1`, [id]);
    await bea.call('DELETE', `/bots/${id}`);
    await bea.call('DELETE', `/accounts/${account}`);
    await ask(api.server, 'POST', '/auth/logout', { refresh_token: bea.refreshToken });
    const found = await entries(bea);
    const self = { kind: 'user', id: bea.id };
    const [ofAccount, ofBot] = [
      { kind: 'account', id: account },
      { kind: 'bot', id },
    ];
    expect(found.map(({ action, subject, details }) => [action, subject, details]).toReversed()).toEqual([
      ['user_registered', self, { role: 'user' }],
      ['logged_in', self, {}],
      ['account_created', ofAccount, { name: 'Mine', exchange: 'binance' }],
      ['account_renamed', ofAccount, { name: 'Ours' }],
      ['account_keys_replaced', ofAccount, { exchange: 'binance' }],
      ['account_created', { kind: 'account', id: paper }, expect.objectContaining({ exchange: 'paper' })],
      ['bot_created', ofBot, { name: 'Calm', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', account_id: paper }],
      ['bot_changed', ofBot, { name: 'Calmer', config_version: 2 }],
      ['bot_wanted', ofBot, { desired: 'running' }],
      ['bot_removed', ofBot, {}],
      ['account_removed', ofAccount, {}],
      ['logged_out', self, {}],
    ]);
    for (const { action, actor, owner_id } of found) {
      const isPublic = ['user_registered', 'logged_in', 'logged_out'].includes(action);
      expect(actor, action).toEqual({ user_id: isPublic ? null : bea.id, address: '127.0.0.1' });
      expect(owner_id).toBe(bea.id);
    }
    const everything = JSON.stringify(await database.query('select * from audit_log'));
    for (const secret of [...Object.values(SECRETS), PASSWORD, bea.refreshToken, bea.accessToken]) expect(everything).not.toContain(secret);
  });

  it('tells a user of their own things only, and the owner of all, page by page', async () => {
    expect((await entries(user)).every(({ owner_id }) => owner_id === user.id)).toBe(true);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await owner.call('GET', `/admin/audit?limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.next_cursor;
    }
    const all = await database.query<{ id: string }>('select id from audit_log order by id desc');
    expect(seen).toEqual(all.map(({ id }) => id));
    expect((await user.call('GET', '/users/me/audit?cursor=nonsense')).problem.code).toBe('validation_failed');
  });

  it('tells what the owner does to the installation', async () => {
    await owner.call('POST', '/admin/trading/observe', { reason: 'moving' });
    await owner.call('POST', '/admin/trading/resume');
    await owner.call('PUT', '/admin/log-level', { level: 'debug' });
    await owner.call('POST', '/admin/jobs', { kind: 'retention' });
    await owner.call('POST', '/admin/jobs/job-1/cancel');
    const found = (await entries(owner, '/admin/audit?limit=5')).toReversed();
    expect(found.map(({ action, details }) => [action, details])).toEqual([
      ['observing_set', { is_observing: true, reason: 'moving' }],
      ['observing_set', { is_observing: false, reason: null }],
      ['log_level_set', { level: 'debug' }],
      ['job_begun', { kind: 'retention' }],
      ['job_cancelled', {}],
    ]);
    expect(new Set(found.map(({ actor }) => actor?.user_id))).toEqual(new Set([owner.id]));
  });

  it('tells of kill switches, of what the command line does, and of a token that came twice', async () => {
    await api.store.killSwitch.set(user.id, true, 'too wild', 5);
    await api.store.killSwitch.set(null, false, '', 6);
    const dan = await api.user();
    for (let time = 0; time < 3; time += 1) await ask(api.server, 'POST', '/auth/refresh', { refresh_token: dan.refreshToken });
    expect((await entries(user))[0]).toMatchObject({ actor: null, action: 'kill_switch_set', details: { is_on: true, reason: 'too wild' } });
    expect((await entries(dan)).map(({ action }) => action)).toEqual(['session_closed_reuse', 'logged_in', 'user_registered']);
    const forAll = (await entries(owner, '/admin/audit')).find(({ action, owner_id }) => action === 'kill_switch_set' && owner_id === null);
    expect(forAll).toMatchObject({ subject: { kind: 'installation', id: '' }, details: { is_on: false } });
    await api.store.killSwitch.set(user.id, false, '', 7);
  });

  it('is only added to: the database itself refuses every change', async () => {
    for (const change of [`update audit_log set action = 'nothing'`, 'delete from audit_log', 'truncate audit_log'])
      await expect(database.query(change), change).rejects.toThrow('the audit log is only added to');
  });

  it('has no deed without its entry: what cannot be noted is not done', async () => {
    const { id } = (await user.call('POST', '/accounts', { name: 'Stays', exchange: 'paper' })).body;
    await database.query(`alter table audit_log add constraint full_disk check (action <> 'account_removed') not valid`);
    expect((await user.call('DELETE', `/accounts/${id}`)).problem.code).toBe('store_conflict');
    await database.query('alter table audit_log drop constraint full_disk');
    expect((await user.call('GET', `/accounts/${id}`)).status).toBe(200);
    const before = (await entries(user)).length;
    expect((await user.call('PATCH', '/accounts/nothing', { name: 'x' })).status).toBe(404);
    expect(await entries(user)).toHaveLength(before);
  });
});
