/** Channels that the account of the owner reads, over HTTP: who may name them, how, and how many. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_READ_CHANNELS } from '#core/telegram-user/store.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Answer, type Api, type Caller, fieldsOf, openApi } from './_api.ts';

let database: TestStore;
let api: Api;
let owner: Caller;
let eve: Caller;
beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store);
  [owner, eve] = [await api.user(), await api.user()];
});
afterAll(async () => {
  await api.server.close();
  await database.drop();
});

const add = (user: Caller, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
  user.call('POST', '/posts/sources', { kind: 'telegram_channel', name: 'Calls', ...more });
const session = (id: string) => ({ id, userId: owner.id, name: 'Ann', sealed: 'sealed', keyVersion: 1, createdAt: 1 });
const found = (id: number) => ({
  channelId: String(id),
  accessHash: '7731773177317731',
  chatId: `-100${id}`,
  title: `Channel ${id}`,
  place: { pts: 7, lastMessageId: 3 },
});

describe('a channel to be read', () => {
  it('needs a session first, and the refusal says how to begin one', async () => {
    const refused = await add(owner, { channel: '@calls' });
    expect([refused.status, fieldsOf(refused)]).toEqual([422, ['channel']]);
    expect(refused.problem.detail).toContain('argosy telegram login');
    expect(await database.store.telegramUser.keep(session('one'))).toBe(true);
  });

  it('is named by the owner alone', async () => {
    expect((await add(eve, { channel: '@calls' })).problem).toMatchObject({ code: 'forbidden', status: 403 });
    const { id } = (await add(eve)).body;
    expect((await eve.call('PATCH', `/posts/sources/${id}`, { channel: '@calls' })).problem).toMatchObject({ code: 'forbidden' });
    const made = await add(owner, { channel: '@calls' });
    expect(made.body).toMatchObject({ code: null, is_listening: false, reading: { channel: '@calls', title: null, status: 'waiting', problem: null } });
    expect((await eve.call('PATCH', `/posts/sources/${made.body.id}`, { channel: '@mine' })).status).toBe(404);
    await owner.call('DELETE', `/posts/sources/${made.body.id}`);
    expect(await database.store.telegramUser.readings(owner.id)).toEqual([]);
  });

  it.each([
    ['@Calls_1', '@Calls_1'],
    ['https://t.me/calls', '@calls'],
    ['t.me/calls', '@calls'],
    ['-1001234567890', '-1001234567890'],
  ])('may be written as %s', async (written, channel) => {
    const made = await add(owner, { channel: written });
    expect(made.body).toMatchObject({ reading: { channel } });
    await owner.call('DELETE', `/posts/sources/${made.body.id}`);
  });

  it.each(['calls', '@a', '@calls of bob', 'https://t.me/+AbCdEf', 'https://example.org/calls', '-55', '1234', '', '@1calls'])(
    'may not be written as %s',
    async (written) => {
      const refused = await add(owner, { channel: written });
      expect([refused.status, fieldsOf(refused)]).toEqual([422, ['channel']]);
    },
  );

  it('goes with a source of its kind only', async () => {
    expect(fieldsOf(await add(owner, { kind: 'api', channel: '@calls' }))).toEqual(['channel']);
    const { id } = (await add(owner, { kind: 'api' })).body;
    expect(fieldsOf(await owner.call('PATCH', `/posts/sources/${id}`, { channel: '@calls' }))).toEqual(['channel']);
    await owner.call('DELETE', `/posts/sources/${id}`);
  });

  it('shows what it is called and what is wrong with it, and never how the account knows it', async () => {
    const { telegramUser } = database.store;
    const { id } = (await add(owner, { channel: '@calls' })).body;
    const shown = async () => {
      const list = await owner.call('GET', '/posts/sources');
      expect(list.text).not.toContain('7731773177317731');
      return list.body.items.find((source) => source.id === id);
    };
    expect(await telegramUser.bind({ sourceId: id, channel: '@calls' }, found(55))).toBeNull();
    expect(await shown()).toMatchObject({ is_listening: true, reading: { title: 'Channel 55', status: 'reading', problem: null } });
    await telegramUser.note({ sourceId: id, channel: '@calls' }, 'no_access');
    expect(await shown()).toMatchObject({ reading: { status: 'failed', problem: 'no_access' } });
    await telegramUser.move({ sourceId: id, channel: '@calls' }, { pts: 9, lastMessageId: 4 });
    expect(await shown()).toMatchObject({ reading: { status: 'reading', problem: null } });
    // What was read by another name meanwhile changes nothing.
    await telegramUser.move({ sourceId: id, channel: '@former' }, { pts: 1, lastMessageId: 1 });
    expect(await telegramUser.readings(owner.id)).toMatchObject([{ found: { place: { pts: 9, lastMessageId: 4 } } }]);
    await owner.call('PATCH', `/posts/sources/${id}`, { channel: null });
    expect(await shown()).toMatchObject({ is_listening: true, reading: null });
    await owner.call('DELETE', `/posts/sources/${id}`);
  });

  it('is one of so many and no more', async () => {
    const answers = await Promise.all(Array.from({ length: MAX_READ_CHANNELS + 2 }, (_, index) => add(owner, { channel: `@calls${index}` })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MAX_READ_CHANNELS);
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ problem }) => problem.code))).toEqual(new Set(['too_many_kept']));
    const { id } = (await add(owner)).body;
    expect((await owner.call('PATCH', `/posts/sources/${id}`, { channel: '@more' })).problem.code).toBe('too_many_kept');
  });
});

describe('the session', () => {
  it('is one: another takes its place only once it was revoked, and the channels are looked for anew where they were left', async () => {
    const { telegramUser } = database.store;
    const [reading] = await telegramUser.readings(owner.id);
    if (reading === undefined) throw new Error('nothing is read');
    await telegramUser.bind(reading, found(77));
    expect(await telegramUser.keep(session('two'))).toBe(false);
    expect(await telegramUser.mark('one', 'revoked')).toBe(true);
    expect(await telegramUser.mark('one', 'revoked')).toBe(false);
    expect(await telegramUser.mark('one', 'leaving')).toBe(false);
    expect(await telegramUser.keep(session('two'))).toBe(true);
    expect(await telegramUser.session()).toMatchObject({ id: 'two', status: 'active' });
    expect((await telegramUser.readings(owner.id))[0]?.found).toBeNull();
    await telegramUser.bind(reading, { ...found(77), place: { pts: 900, lastMessageId: 800 } });
    expect((await telegramUser.readings(owner.id))[0]?.found?.place).toEqual({ pts: 7, lastMessageId: 3 });
    await telegramUser.drop('one');
    expect(await telegramUser.session()).not.toBeNull();
    await telegramUser.drop('two');
    expect(await telegramUser.session()).toBeNull();
  });
});
