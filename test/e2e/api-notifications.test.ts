import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { takeFacts } from '#test/support/told-facts.ts';
import { type Api, type Caller, fieldsOf, openApi } from './_api.ts';

let database: TestStore;
let api: Api;
let ada: Caller;
let eve: Caller;
beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store, { channels: ['telegram', 'email', 'browser', 'webhook', 'discord', 'slack'], webPushKey: async () => 'the-public-key' });
  ada = await api.user();
  eve = await api.user();
});
afterAll(async () => {
  await api.server.close();
  await database.drop();
});

const tell = async (userId: string, key: string, type: 'bot_error' | 'order_filled' = 'bot_error'): Promise<void> => {
  await database.store.facts.add({ dedupeKey: key, userId, botId: null, type, data: { bot: 'Grid', reason: 'why', api_key: 'not to be shown' }, at: 1_000 });
  await takeFacts(database.store);
};
/** The answer as it is, past the fields that other tests look at. */
const wire = async (caller: Caller, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) => {
  const { status, body: answer } = await caller.call(method, path, body);
  return { status, body: answer as unknown as Record<string, unknown> };
};

describe('the list of notifications', () => {
  it('has each event once, in the language of its user, with the values it shows and no others', async () => {
    for (const key of ['one', 'two', 'one']) await tell(ada.id, key);
    const { body } = await wire(ada, 'GET', '/notifications?limit=1');
    expect(body).toMatchObject({
      items: [
        {
          type: 'bot_error',
          severity: 'critical',
          title: 'Grid: The bot has stopped with an error',
          text: 'why',
          data: { bot: 'Grid', reason: 'why' },
          sound: 'alarm',
          read_at: null,
        },
      ],
      unread_count: 2,
    });
    expect(JSON.stringify(body)).not.toContain('not to be shown');
    const next = await wire(ada, 'GET', `/notifications?limit=1&cursor=${String(body['next_cursor'])}`);
    expect(next.body).toMatchObject({ items: [{ type: 'bot_error' }], next_cursor: null });
    expect((await wire(eve, 'GET', '/notifications')).body).toMatchObject({ items: [], unread_count: 0 });
  });

  it('is read one by one, up to one, and as a whole', async () => {
    await tell(ada.id, 'three', 'order_filled');
    const ids = (await ada.call('GET', '/notifications')).body.items.map(({ id }) => id);
    expect(await wire(ada, 'POST', `/notifications/${ids[0]}/read`)).toMatchObject({ status: 200, body: { unread_count: 2 } });
    expect((await wire(ada, 'GET', '/notifications?unread=true')).body['items']).toMatchObject([{ id: ids[1] }, { id: ids[2] }]);
    expect((await wire(eve, 'POST', `/notifications/${ids[0]}/read`)).status).toBe(404);
    expect((await wire(ada, 'POST', '/notifications/no-number/read')).status).toBe(404);
    expect((await wire(ada, 'POST', '/notifications/read-all', { up_to: ids[2] })).body).toEqual({ unread_count: 1 });
    expect((await wire(ada, 'POST', '/notifications/read-all', {})).body).toEqual({ unread_count: 0 });
  });
});

describe('the settings of notifications', () => {
  const wanted = {
    language: 'ru',
    minimum_severity: 'warning',
    quiet_hours: { from: '22:30', to: '07:00', time_zone: 'Europe/Moscow' },
    digest: { every_minutes: 30, events: ['order_filled'] },
    channels: { telegram: { is_on: false, events: null, minimum_severity: null }, email: { is_on: true, events: ['bot_error'], minimum_severity: 'critical' } },
    sounds: { order_filled: 'none' },
  };

  it('begin with what is sensible, in the language of whoever registers', async () => {
    const { body } = await wire(eve, 'GET', '/notifications/settings');
    expect(body).toMatchObject({ language: 'en', minimum_severity: 'info', quiet_hours: null, channels: { email: { minimum_severity: 'warning' } } });
    expect(body['available_channels']).toEqual(['telegram', 'email', 'browser', 'webhook', 'discord', 'slack']);
    const registration = { email: 'olga@example.org', password: 'correct horse battery' };
    const olga = await eve.call('POST', '/auth/register', registration, { 'accept-language': 'ru' });
    expect((await database.store.notices.settings(olga.body.id)).language).toBe('ru');
  });

  it('are kept as they are put, and speak at once', async () => {
    expect(await wire(ada, 'PUT', '/notifications/settings', wanted)).toMatchObject({ status: 200, body: wanted });
    expect((await wire(ada, 'GET', '/notifications/settings')).body).toMatchObject(wanted);
    expect((await wire(ada, 'GET', '/notifications?limit=1')).body).toMatchObject({ items: [{ title: 'Grid: Ордер исполнен', sound: 'none' }] });
  });

  it.each([
    [{ quiet_hours: { from: '22:30', to: '7', time_zone: 'Europe/Moscow' } }, 'quiet_hours.to'],
    [{ quiet_hours: { from: '22:30', to: '07:00', time_zone: 'Mars/Olympus' } }, 'quiet_hours.time_zone'],
    [{ digest: { every_minutes: 4, events: [] } }, 'digest.every_minutes'],
    [{ language: 'de' }, 'language'],
    [{ sounds: { order_filled: 'trumpet' } }, 'sounds.order_filled'],
  ])('name what is wrong in %j', async (change, field) => {
    const answer = await ada.call('PUT', '/notifications/settings', { ...wanted, ...change });
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)).toEqual([field]);
  });
});

describe('the addresses of notifications', () => {
  it('of a webhook tell their secret once, and are stored sealed', async () => {
    const url = 'https://hooks.example.com/in/0123-the-address-is-a-key';
    const added = await wire(ada, 'POST', '/notifications/targets', { channel: 'webhook', url });
    expect(added).toMatchObject({
      status: 201,
      body: { channel: 'webhook', hint: 'hooks.example.com', is_on: true, secret: expect.stringMatching(/^[\w-]{43}$/) },
    });
    const list = await wire(ada, 'GET', '/notifications/targets');
    expect(list.body['items']).toMatchObject([{ channel: 'webhook' }, { channel: 'email', hint: ada.email }]);
    const rows = JSON.stringify(await database.query('select * from notification_targets'));
    for (const text of ['the-address-is-a-key', String(added.body['secret'])]) {
      expect(JSON.stringify(list.body)).not.toContain(text);
      expect(rows).not.toContain(text);
    }
    const again = await wire(ada, 'POST', '/notifications/targets', { channel: 'webhook', url });
    expect(again.body['id']).toBe(added.body['id']);
    expect(again.body['secret']).not.toBe(added.body['secret']);
    expect((await wire(eve, 'DELETE', `/notifications/targets/${String(added.body['id'])}`)).status).toBe(404);
    expect((await wire(ada, 'DELETE', `/notifications/targets/${String(added.body['id'])}`)).status).toBe(204);
  });

  it.each(['ftp://example.com', 'https://name:password@example.com/', 'no address'])('are not %s', async (url) => {
    const answer = await ada.call('POST', '/notifications/targets', { channel: 'slack', url });
    expect([answer.status, fieldsOf(answer)]).toEqual([422, ['url']]);
  });

  it('are ten of a channel at most', async () => {
    for (let number = 0; number < 10; number += 1)
      expect((await wire(eve, 'POST', '/notifications/targets', { channel: 'discord', url: `https://discord.example/${number}` })).status).toBe(201);
    const one = await eve.call('POST', '/notifications/targets', { channel: 'discord', url: 'https://discord.example/10' });
    expect([one.status, one.problem.code]).toEqual([409, 'too_many_kept']);
  });

  it('of a browser come and go by what the browser knows', async () => {
    const keys = {
      p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
      auth: 'tBHItJI5svbpez7KI4CCXg',
    };
    const endpoint = 'https://push.example.com/send/abc';
    expect((await wire(ada, 'GET', '/notifications/web-push/key')).body).toEqual({ public_key: 'the-public-key' });
    expect((await wire(ada, 'POST', '/notifications/web-push', { endpoint, expirationTime: null, keys })).status).toBe(201);
    const refused = await ada.call('POST', '/notifications/web-push', { endpoint, keys: { ...keys, auth: 'short' } });
    expect([refused.status, fieldsOf(refused)]).toEqual([422, ['keys.auth']]);
    expect((await wire(ada, 'POST', '/notifications/web-push/unsubscribe', { endpoint })).status).toBe(204);
    expect((await wire(ada, 'GET', '/notifications/targets')).body['items']).toHaveLength(1);
  });
});

describe('a test of a channel', () => {
  it('goes where it is asked for and nowhere else', async () => {
    expect((await wire(ada, 'POST', '/notifications/test', { channel: 'email' })).status).toBe(202);
    expect((await takeFacts(database.store)).map(({ type, data }) => [type, data])).toEqual([['notification_test', { channel: 'email' }]]);
  });

  it.each([
    ['fcm', 'is not set up'],
    ['telegram', 'has no address'],
  ])('of %s says that it %s', async (channel, why) => {
    const answer = await ada.call('POST', '/notifications/test', { channel });
    expect([answer.status, fieldsOf(answer)]).toEqual([422, ['channel']]);
    expect(answer.problem.detail).toContain(why);
  });
});

describe('what did not get through', () => {
  it('is seen by its user and the owner, and sent once more', async () => {
    await database.store.notices.putSettings(eve.id, { ...(await database.store.notices.settings(eve.id)), channels: {}, digest: null }, 1);
    await database.store.facts.add({ dedupeKey: 'lost', userId: eve.id, botId: null, type: 'bot_error', data: {}, at: 1_000 });
    await database.store.notices.spread(10, (facts, recipients) =>
      facts.map((fact) => ({
        fact,
        deliveries: (recipients.get(fact.userId)?.targets ?? [])
          .filter(({ channel }) => channel === 'email')
          .map(({ id, channel }) => ({ targetId: id, channel, isGathered: false, dueAt: 0 })),
      })),
    );
    const [batch] = await database.store.notices.claim('email', 5, 5, 1_000);
    await database.store.notices.dead(batch?.items.map(({ id }) => id) ?? [], 'answered 400');
    const [letter] = (await eve.call('GET', '/notifications/deliveries')).body.items;
    expect(letter).toMatchObject({ channel: 'email', hint: eve.email, state: 'dead', tries: 1, problem: 'answered 400', type: 'bot_error' });
    expect((await wire(ada, 'GET', '/notifications/deliveries')).body['items']).toEqual([]);
    expect((await wire(ada, 'GET', '/admin/notifications/deliveries')).body['items']).toMatchObject([{ user_id: eve.id }]);
    expect((await wire(eve, 'GET', '/admin/notifications/deliveries')).status).toBe(403);
    const path = `/notifications/deliveries/${letter?.id}/retry`;
    expect((await wire(ada, 'POST', path)).status).toBe(404);
    expect((await wire(eve, 'POST', path)).status).toBe(202);
    const again = await eve.call('POST', path);
    expect([again.status, again.problem.code]).toEqual([409, 'delivery_state_conflict']);
    await database.store.notices.dead([letter?.id ?? ''], 'answered 400');
    expect((await wire(ada, 'POST', `/admin${path}`)).status).toBe(202);
  });
});
