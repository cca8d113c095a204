/** The socket of a user's own things, over the wire: who gets in, what is told, and what happens to whoever breaks the rules. */
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_MS } from '#app/live/attendance.ts';
import { LOOK_MS } from '#app/live/own-streams.ts';
import { Relay } from '#app/notices/relay.ts';
import { TICKET_TTL_MS } from '#edges/http/routes/sockets.ts';
import { AUTH_PATIENCE_MS, MESSAGES_AT_ONCE, SOCKETS_PER_USER } from '#edges/http/sockets/connection.ts';
import { MAX_MESSAGE_BYTES } from '#edges/http/sockets/messages.ts';
import { BEAT_MS } from '#edges/http/sockets/socket-house.ts';
import { SOCKETS_PER_ADDRESS, UNKNOWN_PER_ADDRESS } from '#edges/http/sockets/socket-room.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { SocketClient } from '#test/support/socket-client.ts';
import { type Api, ask, type Caller, GRID, openApi } from './_api.ts';
import { steward, stewardsDone } from './_steward.ts';

let database: TestStore;
let api: Api;
let host: string;
let clients: SocketClient[] = [];

beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store, { origins: ['https://trade.example.com'] });
  await api.server.listen({ host: '127.0.0.1', port: 0 });
  host = `127.0.0.1:${(api.server.server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const { socket } of clients) socket.terminate();
  await Promise.all(clients.map(({ closed }) => closed));
  clients = [];
  await stewardsDone();
});
afterAll(async () => {
  await api.server.close();
  await database.drop();
});

function client(path: string, options: ConstructorParameters<typeof SocketClient>[1] = {}): SocketClient {
  const made = new SocketClient(`ws://${host}${path}`, options);
  clients.push(made);
  return made;
}

async function ticketOf(user: Caller): Promise<string> {
  const made = await user.call('POST', '/ws/ticket');
  expect(made.status).toBe(201);
  return (made.body as unknown as { ticket: string }).ticket;
}

/** Connected and following. */
async function following(user: Caller, wish: object = {}): Promise<SocketClient> {
  const made = client(`/ws?ticket=${await ticketOf(user)}`);
  await made.of('ready');
  made.say({ type: 'subscribe', ...wish });
  await made.of('subscribed');
  return made;
}

/**
 * Lets time pass until something has come: a look at the store that is under way puts the next one off. Time passes no faster than
 * the database answers, so that sessions do not run out on a busy machine.
 */
async function looked<Result>(awaited: Promise<Result>): Promise<Result> {
  let isThere = false;
  void awaited.finally(() => (isThere = true)).catch(() => undefined);
  while (!isThere) {
    await api.clock.advance(LOOK_MS);
    for (let answers = 0; answers < 12 && !isThere; answers += 1) await database.store.ping();
  }
  return awaited;
}

async function bot(user: Caller, name = 'Calm'): Promise<string> {
  return (await user.call('POST', '/bots', { name, strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config: GRID })).body.id;
}

describe('who gets in', () => {
  it('a ticket once, and its session’s user', async () => {
    const ada = await api.user();
    const ticket = await ticketOf(ada);
    expect(await client(`/ws?ticket=${ticket}`).of('ready')).toEqual({
      type: 'ready',
      user_id: ada.id,
      topics: ['bots', 'orders', 'notices', 'jobs', 'backtests'],
    });
    expect((await client(`/ws?ticket=${ticket}`).closed).code).toBe(4401);
    expect(JSON.stringify([await database.query('select * from socket_tickets'), api.lines])).not.toContain(ticket);
  });

  it('a ticket that another process has made', async () => {
    const ada = await api.user();
    const other = await openApi(database.store);
    const made = await other.server.inject({ method: 'POST', url: '/api/ws/ticket', headers: { authorization: `Bearer ${ada.accessToken}` } });
    expect((await client(`/ws?ticket=${made.json().ticket}`).of('ready')).user_id).toBe(ada.id);
    await other.server.close();
  });

  it('no ticket that is old, or made up', async () => {
    const ada = await api.user();
    const ticket = await ticketOf(ada);
    await api.clock.advance(TICKET_TTL_MS);
    for (const wrong of [ticket, 'made-up', '', '%00']) expect((await client(`/ws?ticket=${wrong}`).closed).code, wrong).toBe(4401);
  });

  it('an access token in the first message, and none in the address', async () => {
    const ada = await api.user();
    const made = await client(`/ws?token=${ada.accessToken}&access_token=${ada.accessToken}`).opened();
    expect(await made.of('hello')).toEqual({ type: 'hello', auth: 'required', seconds: AUTH_PATIENCE_MS / 1_000 });
    made.say({ type: 'auth', token: ada.accessToken });
    expect((await made.of('ready')).user_id).toBe(ada.id);
    const other = await api.user();
    made.say({ type: 'auth', token: other.accessToken });
    expect((await made.closed).code, 'it does not become somebody else').toBe(4401);
  });

  it.each([
    ['a token that is none', { type: 'auth', token: 'a.b.c' }, 4401],
    ['a wish before it is known who asks', { type: 'subscribe' }, 4401],
    ['words it does not know', { type: 'subscribe', topics: ['signals'] }, 4400],
    ['fields it does not know', { type: 'auth', token: 'x', user_id: 'me' }, 4400],
    ['no JSON', 'hello', 4400],
    ['a list', [], 4400],
  ])('not with %s', async (_name, message, code) => {
    const made = await client('/ws').opened();
    made.say(message);
    expect((await made.closed).code).toBe(code);
  });

  it('nobody who keeps silent', async () => {
    const made = await client('/ws').opened();
    await made.of('hello');
    await api.clock.advance(AUTH_PATIENCE_MS);
    expect((await made.closed).code).toBe(4408);
  });

  it('pages of our own and those that are named, no others', async () => {
    const headers = (origin: string) => ({ headers: { origin } });
    for (const origin of [`http://${host}`, 'https://trade.example.com']) await client('/ws', headers(origin)).opened();
    for (const origin of ['https://evil.example', 'null', `http://${host}.evil.example`, `http://evil@${host}:1`, 'https://trade.example.com.evil.example']) {
      const refused = await client('/ws', headers(origin)).refused();
      expect(refused.status, origin).toBe(403);
      expect(refused.body).toContain('origin_refused');
    }
  });

  it('no plain request', async () => {
    const answer = await ask(api.server, 'GET', '/ws');
    expect(answer.status).toBe(400);
    expect(answer.problem.code).toBe('malformed_request');
  });
});

describe('what is told', () => {
  it('everything there is, then every change: bots, orders and notices', async () => {
    const ada = await api.user();
    const calm = await bot(ada);
    const made = await following(ada);
    const snapshots = [];
    for (let topic = 0; topic < 5; topic += 1) snapshots.push(await made.of('snapshot'));
    expect(snapshots.map(({ topic, items }) => [topic, items?.length])).toEqual([
      ['bots', 1],
      ['orders', 0],
      ['notices', 0],
      ['jobs', 0],
      ['backtests', 0],
    ]);
    expect(snapshots[0]?.items?.[0]).toMatchObject({ key: calm, data: { name: 'Calm', status: 'stopped' } });
    await ada.call('PATCH', `/bots/${calm}`, { name: 'Calmer' });
    const second = await bot(ada, 'Second');
    expect((await looked(made.change('bots', calm))).data).toMatchObject({ name: 'Calmer' });
    expect((await looked(made.change('bots', second))).data).toMatchObject({ name: 'Second' });
    const told = made.any(({ topic, data }) => topic === 'notices' && data?.['bot_id'] === second);
    await new Relay({ ...api, log: quietLog(), channels: [] }).deliver();
    expect((await looked(told)).data).toMatchObject({ type: 'bot_created', severity: 'info', title: 'Bot created', unread_count: 2 });
    await ada.call('DELETE', `/bots/${second}`);
    expect((await looked(made.change('bots', second))).data).toBeNull();
    const seqs = made.messages.flatMap(({ type, seq }) => (type === 'change' ? [seq] : []));
    expect(seqs).toEqual([...seqs].sort((one, other) => Number(one) - Number(other)));
  });

  it('an order from its first to its last state', async () => {
    const ada = await api.user();
    const account = (await ada.call('POST', '/accounts', { name: 'Paper', exchange: 'paper' })).body.id;
    const made = await following(ada, { topics: ['orders'] });
    steward(api, ada.id, (order) =>
      order.cancelRequestedAt === null ? { state: 'accepted', venueOrderId: order.id } : { state: 'cancelled', venueOrderId: order.id },
    );
    const { id } = (
      await looked(ada.call('POST', '/orders', { account_id: account, symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.001', price: '50000' }))
    ).body;
    expect((await looked(made.next(({ key, data }) => key === id && data?.['status'] === 'open'))).data).toMatchObject({
      side: 'buy',
      quantity: '0.001',
      filled_quantity: '0',
      average_price: null,
    });
    await looked(ada.call('DELETE', `/orders/${id}`));
    await stewardsDone();
    const end = await looked(made.next(({ key, data }) => key === id && data?.['status'] === 'cancelled'));
    expect(end.seq).toBeGreaterThan(1);
    const again = await following(ada, { topics: ['orders'] });
    expect((await again.of('snapshot')).items, 'what is over is not among what is there').toEqual([]);
  });

  it('a backtest as a job and as itself', async () => {
    const ada = await api.user();
    const made = await following(ada, { topics: ['jobs', 'backtests'] });
    const span = { interval: '1h', from: '2023-11-01T00:00:00Z', to: '2023-11-03T00:00:00Z' };
    const { id } = (await ada.call('POST', '/backtests', { name: 'Before', strategy: 'grid', exchange: 'binance', symbol: 'BTC/USDT', config: GRID, ...span }))
      .body;
    expect((await looked(made.change('jobs', id))).data).toMatchObject({ kind: 'backtest', name: 'Before', state: 'waiting', progress: 0 });
    expect((await looked(made.change('backtests', id))).data).toMatchObject({ name: 'Before' });
    await ada.call('POST', `/backtests/${id}/cancel`);
    expect((await looked(made.change('backtests', id))).data).toMatchObject({ state: 'cancelled' });
  });

  it('to each only what is the own, whatever is asked for', async () => {
    const [ada, eve] = [await api.user(), await api.user()];
    const calm = await bot(ada);
    const spying = await following(eve, { filter: { bot_ids: [calm] } });
    const watching = await following(ada);
    await ada.call('PATCH', `/bots/${calm}`, { name: 'Secret' });
    const hers = await bot(ada, 'Hidden');
    await looked(watching.change('bots', hers));
    const own = await bot(eve, 'Mine');
    spying.say({ type: 'subscribe', topics: ['bots'] });
    await looked(spying.next(({ data, items }) => data?.['name'] === 'Mine' || items?.some(({ key }) => key === own) === true));
    for (const word of ['Secret', 'Hidden', calm, hers]) expect(JSON.stringify(spying.messages)).not.toContain(word);
  });

  it('by the filter and the topics of each connection, which may change', async () => {
    const ada = await api.user();
    const [one, two] = [await bot(ada, 'One'), await bot(ada, 'Two')];
    const made = await following(ada, { topics: ['bots'], filter: { bot_ids: [one] } });
    expect((await made.of('snapshot')).items?.map(({ key }) => key)).toEqual([one]);
    await ada.call('PATCH', `/bots/${two}`, { name: 'Two again' });
    await ada.call('PATCH', `/bots/${one}`, { name: 'One again' });
    expect((await looked(made.change('bots'))).key).toBe(one);
    made.say({ type: 'subscribe', topics: ['bots'], filter: { bot_ids: [two] } });
    expect((await made.of('snapshot')).items?.map(({ key }) => key)).toEqual([two]);
  });
});

describe('whoever comes back', () => {
  it('goes on where it was, without a snapshot', async () => {
    const ada = await api.user();
    const calm = await bot(ada);
    const first = await following(ada, { topics: ['bots'] });
    await first.of('snapshot');
    const { epoch } = first.messages.find(({ type }) => type === 'subscribed') ?? {};
    await ada.call('PATCH', `/bots/${calm}`, { name: 'Before' });
    const { seq } = await looked(first.change('bots', calm));
    await first.close();
    await ada.call('PATCH', `/bots/${calm}`, { name: 'Meanwhile' });
    const back = client(`/ws?ticket=${await ticketOf(ada)}`);
    await back.of('ready');
    back.say({ type: 'subscribe', topics: ['bots'], resume: { epoch, seq } });
    expect(await back.of('subscribed')).toMatchObject({ mode: 'replay', epoch });
    expect((await looked(back.change('bots', calm))).data).toMatchObject({ name: 'Meanwhile' });
    expect(back.messages.filter(({ type }) => type === 'snapshot')).toEqual([]);
  });

  it.each([
    ['from another epoch', { epoch: 'another', seq: 0 }],
    ['from a place that is still to come', { epoch: null, seq: 1_000_000 }],
  ])('%s gets everything', async (_name, place) => {
    const ada = await api.user();
    await bot(ada);
    const first = await following(ada, { topics: ['bots'] });
    const { epoch } = first.messages.find(({ type }) => type === 'subscribed') ?? {};
    const back = await following(ada, { topics: ['bots'], resume: { epoch: place.epoch ?? epoch, seq: place.seq } });
    expect((await back.of('snapshot')).items).toHaveLength(1);
  });
});

describe('a socket ends', () => {
  it('with its session, at once when it is told and soon when it is not', async () => {
    const ada = await api.user();
    const [told, other] = [await following(ada), await following(await api.user())];
    await ask(api.server, 'POST', '/auth/logout', { refresh_token: ada.refreshToken });
    expect(await told.closed).toMatchObject({ code: 4401 });
    const eve = await api.user();
    const untold = await following(eve);
    await database.query('update refresh_tokens set revoked_at = 1 where user_id = $1', [eve.id]);
    await api.clock.advance(CHECK_MS);
    expect(await untold.closed).toMatchObject({ code: 4401 });
    expect(CHECK_MS).toBeLessThan(5_000);
    other.say({ type: 'ping', id: 7 });
    expect(await other.of('pong')).toMatchObject({ id: 7, seq: expect.any(Number), epoch: expect.any(String) });
  });

  it('when it gives no sign of life', async () => {
    const ada = await api.user();
    const alive = await following(ada);
    const dead = client(`/ws?ticket=${await ticketOf(ada)}`, { autoPong: false });
    await dead.of('ready');
    const pinged = new Promise((resolve) => alive.socket.once('ping', resolve));
    await api.clock.advance(BEAT_MS);
    await pinged;
    alive.say({ type: 'ping' });
    await alive.of('pong');
    await api.clock.advance(BEAT_MS);
    expect((await dead.closed).code).toBe(1006);
    alive.say({ type: 'ping' });
    await alive.of('pong');
  });

  it('after too many words, or too large a one', async () => {
    const ada = await api.user();
    const chatty = await following(ada);
    for (let count = 0; count <= MESSAGES_AT_ONCE; count += 1) chatty.say({ type: 'ping' });
    expect((await chatty.closed).code).toBe(4429);
    const loud = await following(ada);
    loud.say('x'.repeat(MAX_MESSAGE_BYTES + 1));
    expect((await loud.closed).code).toBe(1009);
    const binary = await following(ada);
    binary.socket.send(Buffer.from('{"type":"ping"}'));
    expect((await binary.closed).code).toBe(4400);
  });

  it('when its user has too many, and the address too many that are unknown', async () => {
    const ada = await api.user();
    const open = [];
    for (let count = 0; count < SOCKETS_PER_USER; count += 1) open.push(await following(ada));
    expect((await client(`/ws?ticket=${await ticketOf(ada)}`).closed).code).toBe(4429);
    await open[0]?.close();
    const again = async (): Promise<boolean> => {
      const made = client(`/ws?ticket=${await ticketOf(ada)}`);
      return Promise.race([made.of('ready').then(() => true), made.closed.then(() => false)]).catch(() => false);
    };
    await expect.poll(again).toBe(true);
    const unknown = [];
    for (let count = 0; count < UNKNOWN_PER_ADDRESS; count += 1) unknown.push(await client('/ws').opened());
    const refused = await client('/ws').refused();
    expect(refused.status).toBe(429);
    expect(refused.body).toContain('rate_limited');
  });
});

describe('an address', () => {
  it('has so many sockets at most, whoever they belong to', async () => {
    for (let count = 0; count < SOCKETS_PER_ADDRESS / SOCKETS_PER_USER; count += 1) {
      const user = await api.user();
      for (let each = 0; each < SOCKETS_PER_USER; each += 1) await client(`/ws?ticket=${await ticketOf(user)}`).of('ready');
    }
    expect((await client('/ws').refused()).status).toBe(429);
  });
});

describe('a server that ends', () => {
  it('says goodbye with a code that means: come back', async () => {
    const ending = await openApi(database.store);
    await ending.server.listen({ host: '127.0.0.1', port: 0 });
    const user = await ending.user();
    const made = new SocketClient(`ws://127.0.0.1:${(ending.server.server.address() as AddressInfo).port}/ws`);
    await made.opened();
    made.say({ type: 'auth', token: user.accessToken }).say({ type: 'subscribe' });
    await made.of('subscribed');
    await ending.server.close();
    expect((await made.closed).code).toBe(1001);
  });
});
