/** Posts over HTTP: sources and their limits, what is read, what came before, and what is nobody else's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNEL_CODE_TTL_MS, POST_PACE, Posts } from '#app/posts/posts.ts';
import { MAX_POST_LENGTH } from '#core/posts/post.ts';
import { MAX_FOLLOWERS, MAX_POST_SOURCES, MAX_POSTS_PER_DAY } from '#core/posts/post-store.ts';
import { grid } from '#strategies/grid.ts';
import { signalFollower } from '#strategies/signal-follower.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Answer, type Api, type Caller, fieldsOf, GRID, openApi } from './_api.ts';

let database: TestStore;
let api: Api;
let ada: Caller;
let eve: Caller;
beforeAll(async () => {
  database = await createTestStore();
  const strategies = new Map([grid, signalFollower].map((each) => [each.name, each as never]));
  api = await openApi(database.store, { strategies });
  [ada, eve] = [await api.user(), await api.user()];
});
afterAll(async () => {
  await api.server.close();
  await database.drop();
});

const add = (user: Caller, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
  user.call('POST', '/posts/sources', { kind: 'api', name: 'My program', ...more });
const send = (user: Caller, source: string, text: string, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
  user.call('POST', '/posts', { source_id: source, message_id: '1', text, ...more });
async function bot(user: Caller, strategy: string, config: object): Promise<string> {
  const made = await user.call('POST', '/bots', { name: strategy, strategy, symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config });
  if (made.status !== 201) throw new Error(made.text);
  return made.body.id;
}

describe('sources', () => {
  it('are made, changed and removed, with the bots that follow them', async () => {
    const user = await api.user();
    const follower = await bot(user, 'signal_follower', { investment: '1000' });
    const made = await add(user, { bot_ids: [follower, follower] });
    expect(made.status, made.text).toBe(201);
    expect(made.body).toMatchObject({ kind: 'api', name: 'My program', bot_ids: [follower], is_listening: true, code: null });
    expect((await user.call('PATCH', `/posts/sources/${made.body.id}`, { name: 'Другое', bot_ids: [] })).body).toMatchObject({ name: 'Другое', bot_ids: [] });
    const channel = await add(user, { kind: 'telegram_channel' });
    expect(channel.body).toMatchObject({ is_listening: false, code: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/) });
    const listed = await user.call('GET', '/posts/sources');
    expect(listed.body.items.map(({ id }) => id)).toEqual([made.body.id, channel.body.id]);
    expect(listed.text).not.toContain('code');
    expect((await user.call('DELETE', `/posts/sources/${made.body.id}`)).status).toBe(204);
    expect((await user.call('GET', '/posts/sources')).body.items).toHaveLength(1);
  });

  it('are followed only by bots of their user that take signals, and by so many', async () => {
    const mine = await bot(ada, 'signal_follower', { investment: '1000' });
    for (const [user, ids] of [
      [ada, ['nothing']],
      [ada, [await bot(ada, 'grid', GRID)]],
      [eve, [mine]],
      [ada, Array.from({ length: MAX_FOLLOWERS + 1 }, () => mine)],
    ] as const) {
      const refused = await add(user, { bot_ids: ids });
      expect([refused.status, fieldsOf(refused)]).toEqual([422, ['bot_ids']]);
    }
    const { id } = (await add(ada)).body;
    expect(fieldsOf(await ada.call('PATCH', `/posts/sources/${id}`, { bot_ids: ['nothing'] }))).toEqual(['bot_ids']);
  });

  it('are so many and no more', async () => {
    const user = await api.user();
    const answers = await Promise.all(Array.from({ length: MAX_POST_SOURCES + 3 }, () => add(user)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MAX_POST_SOURCES);
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ problem }) => problem.code))).toEqual(new Set(['too_many_kept']));
  });

  it('of channels are tied by a code that is good for an hour, and once', async () => {
    const posts = new Posts({
      ...api,
      ids: { next: () => 'x', secret: () => 'aaaaaaaaaaaaaaaa' },
      vault: { fingerprint: (text: string) => `digest ${text}` },
    } as never);
    const { source } = await posts.addSource(ada.id, { kind: 'telegram_channel', name: 'One', botIds: [] });
    expect(await posts.bindChannel('bbbbbbbbbbbbbbbb', '-1')).toBeNull();
    await api.clock.advance(CHANNEL_CODE_TTL_MS);
    expect(await posts.bindChannel('aaaaaaaaaaaaaaaa', '-1')).toBeNull();
    await posts.removeSource(ada.id, source.id);
    await posts.addSource(ada.id, { kind: 'telegram_channel', name: 'Two', botIds: [] });
    expect(await posts.bindChannel('aaaaaaaaaaaaaaaa', '-1')).toMatchObject({ name: 'Two', chatId: '-1' });
    expect(await posts.bindChannel('aaaaaaaaaaaaaaaa', '-2')).toBeNull();
    [ada, eve] = [await api.user(), await api.user()];
  });
});

describe('posts', () => {
  it('are read by the field, refused with a reason, and known again', async () => {
    const { id } = (await add(ada)).body;
    const call = await send(ada, id, 'BTC/USDT LONG 5x\nEntry 67000-67500\nTargets 68000 69000\nStop 66000');
    expect(call.status, call.text).toBe(201);
    expect((call.body as unknown as { readonly results: readonly unknown[] }).results).toMatchObject([
      {
        kind: 'call',
        reason: null,
        claim: null,
        deeds: [],
        reading: {
          instrument: { base: 'BTC', quote: 'USDT', multiplier: 1 },
          side: 'long',
          entry: { kind: 'range', low: '67000', high: '67500', is_zone: false },
          stop: { price: '66000' },
        },
      },
    ]);
    const again = await send(ada, id, 'BTC/USDT SHORT\nEntry 1\nTarget 2');
    expect([again.status, again.body.id, again.body]).toMatchObject([200, call.body.id, { duplicate: true, results: [{ kind: 'call' }] }]);
    const advert = await send(ada, id, 'ETH +300% yesterday, join our VIP', { message_id: '2' });
    expect((advert.body as unknown as { readonly results: readonly unknown[] }).results).toMatchObject([
      { kind: 'refused', reading: null, reason: expect.any(String) },
    ]);
    expect((await ada.call('GET', `/posts/${call.body.id}`)).body).toMatchObject({ id: call.body.id, edit: 0, withdrawn: false });
    expect((await ada.call('GET', `/posts?source_id=${id}`)).body.items.map((post) => post.id).toSorted()).toEqual([advert.body.id, call.body.id].toSorted());
    const first = await ada.call('GET', '/posts?limit=1');
    const second = await ada.call('GET', `/posts?limit=1&cursor=${first.body.next_cursor}`);
    expect(second.body.items[0]?.id).not.toBe(first.body.items[0]?.id);
    expect((await ada.call('DELETE', `/posts/${call.body.id}`)).status).toBe(204);
    expect((await ada.call('GET', `/posts/${call.body.id}`)).body).toMatchObject({ withdrawn: true });
  });

  it('come as one when the same version is sent many times at once', async () => {
    const { id } = (await add(ada)).body;
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(ada, id, 'BTC long 67000, targets 68000, stop 66000')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect((await ada.call('GET', `/posts?source_id=${id}`)).body.items).toHaveLength(1);
  });

  it.each([
    ['text', { text: 'x'.repeat(MAX_POST_LENGTH + 1) }],
    ['message_id', { message_id: "1'; drop table posts" }],
    ['edit', { edit: -1 }],
    ['posted_at', { posted_at: 'yesterday' }],
    ['source_id', { source_id: 'nothing' }],
  ])('with a wrong %s are refused by its name', async (field, change) => {
    const { id } = (await add(await api.user())).body;
    const refused = await ada.call('POST', '/posts', { source_id: id, message_id: '1', text: 'x', ...change });
    // The source is another user's, too: that is told like one that is not there.
    expect([refused.status, fieldsOf(refused)[0]]).toEqual([422, field]);
  });

  it('of channels cannot be sent by hand, and those of others not at all', async () => {
    const forwarded = (await add(ada, { kind: 'telegram_forward' })).body.id;
    const { id } = (await add(ada)).body;
    expect(fieldsOf(await send(ada, forwarded, 'x'))).toEqual(['source_id']);
    expect(fieldsOf(await send(eve, id, 'x'))).toEqual(['source_id']);
    expect((await eve.call('GET', `/posts?source_id=${id}`)).status).toBe(404);
    expect((await eve.call('GET', '/posts')).body.items).toEqual([]);
  });

  it('that flood are refused with when to try again', async () => {
    const { id } = (await add(ada)).body;
    const answers = [];
    for (let index = 0; index <= POST_PACE.capacity; index += 1) answers.push(await send(ada, id, 'hello', { message_id: String(index) }));
    expect(answers.slice(0, -1).every(({ status }) => status === 201)).toBe(true);
    expect([answers.at(-1)?.status, answers.at(-1)?.problem.code, Number(answers.at(-1)?.headers['retry-after'])]).toEqual([429, 'rate_limited', 1]);
  });

  it('are so many in a day and no more', async () => {
    const { id } = (await add(ada)).body;
    await database.query(
      `insert into posts (id, source_id, user_id, message_id, edit, text, first_id, posted_at, received_at)
       select 'p' || n, $1, $2, 'm' || n, 0, '', 'p' || n, $3, $3 from generate_series(1, $4::int) n`,
      [id, ada.id, api.clock.now(), MAX_POSTS_PER_DAY],
    );
    const refused = await send(ada, id, 'hello');
    expect([refused.status, refused.problem.code]).toEqual([429, 'rate_limited']);
  });

  it('that are old are forgotten with what was read in them', async () => {
    const user = await api.user();
    const { id } = (await add(user)).body;
    await send(user, id, 'BTC long 67000, targets 68000, stop 66000');
    expect(await database.store.upkeep.forgetPosts(0, 100)).toBe(0);
    while ((await database.store.upkeep.forgetPosts(api.clock.now() + 1, 1_000)) === 1_000);
    expect((await user.call('GET', '/posts')).body.items).toEqual([]);
    expect(await database.query('select 1 from post_results', [])).toEqual([]);
  });
});
