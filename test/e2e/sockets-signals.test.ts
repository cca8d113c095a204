/** The socket of the signals, over the wire: for VIP as long as that lasts, and true to the store whatever was missed. */
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHECK_MS } from '#app/live/attendance.ts';
import { POST_LOOK_MS } from '#app/live/post-signals.ts';
import { STORE_LAG_MS } from '#app/live/signal-stream.ts';
import { POST_SIGNALS_TOPIC } from '#core/posts/claim-signal.ts';
import { aSignal } from '#core/signals/signal.fixture.ts';
import { SIGNALS_TOPIC, type Signal, type SignalNews } from '#core/signals/signal.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { SocketClient } from '#test/support/socket-client.ts';
import { type Api, type Caller, openApi } from './_api.ts';

let database: TestStore;
let api: Api;
let owner: Caller;
let vip: Caller;
let host: string;
let clients: SocketClient[] = [];
let sequence = 0;
const EPOCH = 1;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  for (const table of ['signals', 'removed_signals', 'signal_choices']) await database.query(`delete from ${table}`);
  api = await openApi(database.store);
  await api.server.listen({ host: '127.0.0.1', port: 0 });
  host = `127.0.0.1:${(api.server.server.address() as AddressInfo).port}`;
  owner ??= await api.user();
  vip = await api.user();
  await grant(vip);
  sequence = 0;
});
afterEach(async () => {
  for (const { socket } of clients) socket.terminate();
  await Promise.all(clients.map(({ closed }) => closed));
  clients = [];
  await api.server.close();
});
afterAll(() => database.drop());

async function grant(user: Caller, until?: number): Promise<void> {
  const body = { plan: 'vip', ...(until === undefined ? {} : { until: new Date(until).toISOString() }) };
  const answer = await api.server.inject({
    method: 'PUT',
    url: `/api/v1/admin/users/${user.id}/subscription`,
    headers: { authorization: `Bearer ${owner.accessToken}` },
    payload: body,
  });
  expect(answer.statusCode).toBe(200);
}

async function keep(...signals: readonly Signal[]): Promise<void> {
  const lease = await database.store.leases.acquire('scanner:signals', 'tests', 60_000);
  if (lease === null) throw new Error('the lease is held by another');
  await database.store.signals.keep(lease, { signals, points: [], outcomes: [] });
}

function tell(change: SignalNews['change'], signal: Signal): void {
  sequence += 1;
  api.bus.publish(SIGNALS_TOPIC, { epoch: EPOCH, sequence, change, signal } satisfies SignalNews as unknown as Record<string, unknown>);
}

async function following(user: Caller, wish: object = {}): Promise<SocketClient> {
  const made = new SocketClient(`ws://${host}/ws/signals`);
  clients.push(made);
  await made.opened();
  made.say({ type: 'auth', token: user.accessToken });
  await made.of('ready');
  made.say({ type: 'subscribe', ...wish });
  await made.of('subscribed');
  return made;
}

describe('who gets in', () => {
  it('VIP alone', async () => {
    const free = await api.user();
    const made = new SocketClient(`ws://${host}/ws/signals`);
    clients.push(made);
    await made.opened();
    made.say({ type: 'auth', token: free.accessToken }).say({ type: 'subscribe' });
    expect(await made.closed).toMatchObject({ code: 4403 });
    expect(made.messages.filter(({ type }) => type !== 'hello')).toEqual([]);
    expect((await following(vip)).messages.some(({ type }) => type === 'ready')).toBe(true);
  });

  it('no longer than the plan lasts: to the moment it runs out, and when it is taken back', async () => {
    const soon = await api.user();
    await grant(soon, api.clock.now() + 3_000);
    const [ending, taken] = [await following(soon), await following(vip)];
    await api.clock.advance(CHECK_MS);
    ending.say({ type: 'ping' });
    await ending.of('pong');
    await api.clock.advance(CHECK_MS);
    expect(await ending.closed).toMatchObject({ code: 4403 });
    expect((await vip.call('PUT', '/users/me/subscription', { plan: 'free' })).status).toBe(200);
    expect(await taken.closed).toMatchObject({ code: 4403 });
  });

  it('and its end is found when no word of it comes', async () => {
    const made = await following(vip);
    await database.query(`update subscriptions set plan = 'free' where user_id = $1`, [vip.id]);
    await api.clock.advance(CHECK_MS);
    expect(await made.closed).toMatchObject({ code: 4403 });
  });
});

describe('what is told', () => {
  it('what is open, then every change, and the end', async () => {
    await keep(aSignal({ id: 'a' }), aSignal({ id: 'over', state: 'closed', closedAt: 1 }));
    const made = await following(vip);
    expect((await made.of('snapshot')).items).toMatchObject([{ key: 'a', data: { id: 'a', net_percent: '2.2963', is_delayed: false } }]);
    tell('opened', aSignal({ id: 'b', base: 'BBB' }));
    expect((await made.change('signals', 'b')).data).toMatchObject({ base: 'BBB', version: 1 });
    tell('changed', aSignal({ id: 'b', base: 'BBB', version: 3, netPercent: '3' }));
    tell('changed', aSignal({ id: 'b', base: 'BBB', version: 2, netPercent: '2' }));
    tell('closed', aSignal({ id: 'b', base: 'BBB', version: 4, state: 'closed', closedAt: 5, closeReason: 'spread_gone' }));
    expect((await made.change('signals', 'b')).data, 'what is older is not told').toMatchObject({ version: 3, net_percent: '3' });
    expect((await made.change('signals', 'b')).data).toMatchObject({ version: 4, state: 'closed', close_reason: 'spread_gone' });
  });

  it('by the filter of each connection, and what leaves it is told as gone', async () => {
    await keep(aSignal({ id: 'a', base: 'AAA', netPercent: '1' }), aSignal({ id: 'q', quarantine: 'implausible' }));
    const made = await following(vip, { filter: { min_net_percent: '2', bases: ['AAA', 'BBB'], venues: ['mexc'], scanners: ['mexc-spot-futures'] } });
    const all = await following(vip, { filter: { quarantined: true } });
    expect((await made.of('snapshot')).items).toEqual([]);
    expect((await all.of('snapshot')).items).toHaveLength(2);
    tell('changed', aSignal({ id: 'a', base: 'AAA', version: 2, netPercent: '2.5' }));
    expect((await made.change('signals')).data).toMatchObject({ net_percent: '2.5' });
    tell('opened', aSignal({ id: 'c', base: 'CCC', netPercent: '9' }));
    tell('changed', aSignal({ id: 'a', base: 'AAA', version: 3, netPercent: '1.9' }));
    expect(await made.change('signals')).toMatchObject({ key: 'a', data: null });
  });

  it('not what its user has muted or hidden, from then on', async () => {
    await keep(aSignal({ id: 'a', base: 'AAA' }), aSignal({ id: 'b', base: 'BBB' }), aSignal({ id: 'c', base: 'CCC' }));
    await vip.call('PUT', '/signals/choices', { muted_symbols: ['AAA'] });
    const made = await following(vip);
    expect((await made.of('snapshot')).items?.map(({ key }) => key).sort()).toEqual(['b', 'c']);
    expect((await vip.call('DELETE', '/signals/b')).status).toBe(204);
    await expect
      .poll(() => {
        tell('changed', aSignal({ id: 'b', base: 'BBB', version: 2 + sequence }));
        return made.messages.some(({ key, data }) => key === 'b' && data === null);
      })
      .toBe(true);
  });

  it('no more what the owner has removed, whatever its scanner tells', async () => {
    await keep(aSignal({ id: 'a' }));
    const made = await following(vip);
    await made.of('snapshot');
    await api.server.inject({ method: 'DELETE', url: '/api/v1/signals/a', headers: { authorization: `Bearer ${owner.accessToken}` } });
    expect((await made.change('signals', 'a')).data).toBeNull();
    tell('changed', aSignal({ id: 'a', version: 2 }));
    tell('opened', aSignal({ id: 'b' }));
    expect((await made.change('signals')).key).toBe('b');
  });
});

describe('signals out of posts', () => {
  const AT = 1_790_000_000_000;
  const CHECK = { status: 'confirmed', liveSpread: '5', reason: '', at: AT } as const;

  /** A post of the user with a claim, and what notes a signal of it, or another state of that, as the watch of claims does. */
  async function claimOf(
    user: Caller,
  ): Promise<{ readonly id: string; readonly note: (parts?: Partial<Signal>) => Promise<void>; readonly forget: () => Promise<void> }> {
    const { posts } = api.store;
    const [sourceId, id] = [`source-${user.id}`, `claim-${user.id}`];
    await posts.addSource({ id: sourceId, userId: user.id, kind: 'api', name: 'mine', botIds: [], code: null, channel: null, at: AT });
    const post = {
      id: `post-${user.id}`,
      sourceId,
      userId: user.id,
      messageId: '1',
      edit: 0,
      text: '',
      replyTo: null,
      postedAt: AT,
      receivedAt: AT,
      checkAt: AT,
    };
    await posts.keep({ ...post, results: [{ id, event: { kind: 'refused', reason: 'empty', detail: '' } }] });
    const note = async (parts: Partial<Signal> = {}): Promise<void> => {
      await posts.noteCheck(id, CHECK, aSignal({ id, scanner: 'post', base: 'PST', ...parts }), null, null);
      api.bus.publish(POST_SIGNALS_TOPIC, {});
    };
    return { id, note, forget: async () => void (await posts.removeSource(user.id, sourceId)) };
  }

  it('are told to their user as the others are, and to nobody else', async () => {
    const other = await api.user();
    await grant(other);
    const claim = await claimOf(vip);
    await claim.note();
    const [mine, filtered, foreign] = [await following(vip), await following(vip, { filter: { min_net_percent: '3' } }), await following(other)];
    expect((await mine.of('snapshot')).items).toMatchObject([{ key: claim.id, data: { origin: 'post', base: 'PST', state: 'open' } }]);
    expect((await filtered.of('snapshot')).items).toEqual([]);
    expect((await foreign.of('snapshot')).items).toEqual([]);
    await claim.note({ version: 2, netPercent: '3.5' });
    expect((await mine.change('signals', claim.id)).data).toMatchObject({ version: 2, net_percent: '3.5' });
    expect((await filtered.change('signals', claim.id)).data).toMatchObject({ version: 2 });
    await claim.note({ version: 3, state: 'closed', closedAt: AT + 9, closeReason: 'spread_gone' });
    expect((await mine.change('signals', claim.id)).data).toMatchObject({ state: 'closed', close_reason: 'spread_gone' });
    tell('opened', aSignal({ id: 'last' }));
    await foreign.change('signals', 'last');
    expect(foreign.messages.some(({ key }) => key === claim.id)).toBe(false);
    const later = await following(vip);
    expect((await later.of('snapshot')).items?.map(({ key }) => key)).toEqual(['last']);
  });

  it('are seen without a word on the bus within seconds, and when they are gone with their source', async () => {
    const claim = await claimOf(vip);
    const made = await following(vip);
    await made.of('snapshot');
    await api.store.posts.noteCheck(claim.id, CHECK, aSignal({ id: claim.id, scanner: 'post' }), null, null);
    await api.clock.advance(POST_LOOK_MS);
    expect((await made.change('signals', claim.id)).data).toMatchObject({ state: 'open' });
    await claim.forget();
    await api.clock.advance(POST_LOOK_MS);
    expect((await made.change('signals', claim.id)).data).toBeNull();
  });
});

describe('what was missed', () => {
  it('is asked of the store when a number is missing: opened, changed and closed', async () => {
    await keep(aSignal({ id: 'a', updatedAt: api.clock.now() - STORE_LAG_MS - 1 }), aSignal({ id: 'b' }));
    const made = await following(vip);
    await made.of('snapshot');
    tell('changed', aSignal({ id: 'b', version: 2 }));
    await made.change('signals', 'b');
    await keep(aSignal({ id: 'a', version: 5, state: 'closed', closedAt: 9, closeReason: 'stale' }), aSignal({ id: 'c' }));
    sequence += 1;
    tell('changed', aSignal({ id: 'b', version: 3 }));
    await made.change('signals', 'b');
    const [one, two] = [await made.change('signals'), await made.change('signals')];
    expect([one, two].map(({ key, data }) => [key, data?.['state']])).toEqual([
      ['c', 'open'],
      ['a', 'closed'],
    ]);
  });

  it('is replayed to whoever comes back, and a restarted server sends everything', async () => {
    await keep(aSignal({ id: 'a' }));
    const first = await following(vip);
    const { epoch } = first.messages.find(({ type }) => type === 'subscribed') ?? {};
    tell('changed', aSignal({ id: 'a', version: 2 }));
    const { seq } = await first.change('signals');
    await first.close();
    tell('changed', aSignal({ id: 'a', version: 3 }));
    tell('opened', aSignal({ id: 'b' }));
    const back = await following(vip, { resume: { epoch, seq } });
    expect(back.messages.find(({ type }) => type === 'subscribed')).toMatchObject({ mode: 'replay', epoch });
    expect([(await back.change('signals')).data, (await back.change('signals')).key]).toMatchObject([{ version: 3 }, 'b']);
    const other = await openApi(database.store);
    await other.server.listen({ host: '127.0.0.1', port: 0 });
    const moved = new SocketClient(`ws://127.0.0.1:${(other.server.server.address() as AddressInfo).port}/ws/signals`);
    await moved.opened();
    moved.say({ type: 'auth', token: vip.accessToken }).say({ type: 'subscribe', resume: { epoch, seq } });
    expect(await moved.of('subscribed')).toMatchObject({ mode: 'snapshot' });
    expect((await moved.of('snapshot')).items).toHaveLength(1);
    await moved.close();
    await other.server.close();
  });
});
