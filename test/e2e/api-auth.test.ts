/** Registration, login and sessions over HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REFRESH_TOKEN_TTL_MS } from '#app/people/users.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { takeFacts } from '#test/support/told-facts.ts';
import { type Api, ask, fieldsOf, openApi, PASSWORD } from './_api.ts';

let database: TestStore;
let api: Api;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  await database.query('truncate users cascade');
  await database.query('update installation set has_owner = false');
  api = await openApi(database.store);
});
afterAll(() => database.drop());

const post = (path: string, body: unknown) => ask(api.server, 'POST', `/api/v1/auth/${path}`, body);

describe('registration', () => {
  it('makes the first user the owner and the next a user', async () => {
    const first = await post('register', { email: ' Ada@Example.ORG ', password: PASSWORD });
    expect(first.status).toBe(201);
    expect(first.body).toEqual({ id: expect.any(String), email: 'ada@example.org', role: 'owner', created_at: '2023-11-14T22:13:20.000Z' });
    expect((await post('register', { email: 'bob@example.org', password: PASSWORD })).body).toMatchObject({ role: 'user' });
  });

  it('refuses an e-mail that is taken, in any spelling', async () => {
    await post('register', { email: 'ada@example.org', password: PASSWORD });
    const again = await post('register', { email: 'ADA@example.org', password: PASSWORD });
    expect(again.status).toBe(409);
    expect(again.problem.code).toBe('email_taken');
  });

  it('lets two who come at once with one e-mail in once', async () => {
    const both = await Promise.all([1, 2].map(() => post('register', { email: 'ada@example.org', password: PASSWORD })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it.each([
    ['too short', 'short12', 'must be at least 8 characters long'],
    [
      'longer than bcrypt reads',
      'x'.repeat(73),
      'is 73 bytes long; at most 72 are taken into account, so a longer one is refused (letters beyond ASCII count two bytes or more)',
    ],
    [
      'longer in bytes than it looks',
      'ж'.repeat(37),
      'is 74 bytes long; at most 72 are taken into account, so a longer one is refused (letters beyond ASCII count two bytes or more)',
    ],
    ['with NUL, where bcrypt would stop', 'long enough\0and more', 'must not contain the character NUL'],
    ['that is the e-mail', 'Ada@example.org', 'must not be the e-mail'],
  ])('refuses a password that is %s', async (_name, password, message) => {
    const answer = await post('register', { email: 'ada@example.org', password });
    expect(answer.status).toBe(422);
    expect(answer.problem.errors).toEqual([{ field: 'password', message }]);
    expect(await database.store.users.count()).toBe(0);
  });

  it('takes a password of exactly 72 bytes and tells it from its neighbour', async () => {
    const password = 'x'.repeat(72);
    expect((await post('register', { email: 'ada@example.org', password })).status).toBe(201);
    expect((await post('login', { email: 'ada@example.org', password })).status).toBe(200);
    expect((await post('login', { email: 'ada@example.org', password: `${'x'.repeat(71)}y` })).status).toBe(401);
    expect((await post('login', { email: 'ada@example.org', password: `${password}x` })).status).toBe(401);
  });

  it.each([
    '',
    'ada',
    'ada@',
    '@example.org',
    'ada@example',
    'a b@example.org',
    `${'a'.repeat(250)}@example.org`,
    'ada@exa\nmple.org',
    'ada@example.org\u0000',
  ])('refuses %j as an e-mail', async (email) => {
    const answer = await post('register', { email, password: PASSWORD });
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)).toEqual(['email']);
  });

  it('is open to the own machine, and by invitation to whom a proxy carries', async () => {
    const open = await openApi(database.store, { isLoopback: false });
    const carried = { 'x-forwarded-for': '203.0.113.7' };
    const register = (email: string, headers = {}) => ask(open.server, 'POST', '/auth/register', { email, password: PASSWORD }, { ...carried, ...headers });
    const owner = await open.user('ada@example.org');
    const second = await register('bob@example.org');
    expect(second.status).toBe(403);
    expect(second.problem.code).toBe('registration_closed');
    expect((await register('bob@example.org', { authorization: `Bearer ${owner.accessToken}` })).body, 'the owner may bring somebody in').toMatchObject({
      role: 'user',
    });
    const bob = await ask(open.server, 'POST', '/auth/login', { email: 'bob@example.org', password: PASSWORD });
    expect((await register('eve@example.org', { authorization: `Bearer ${bob.body.access_token}` })).status, 'nobody else may').toBe(403);
    expect((await register('eve@example.org', { authorization: 'Bearer nonsense' })).problem.code, 'nonsense invites nobody').toBe('registration_closed');
    expect((await ask(open.server, 'POST', '/auth/register', { email: 'eve@example.org', password: PASSWORD })).status, 'on the own machine').toBe(201);
    const closed = await openApi(database.store, { registration: 'closed' });
    expect(
      (
        await ask(
          closed.server,
          'POST',
          '/auth/register',
          { email: 'mallory@example.org', password: PASSWORD },
          { authorization: `Bearer ${owner.accessToken}` },
        )
      ).status,
      'closed is closed',
    ).toBe(403);
  });
});

describe('what a former session has left in a browser', () => {
  it.each(['Bearer nonsense', 'Bearer a.b.c', 'Basic x', ''])('keeps nobody from registering or logging in (%s)', async (authorization) => {
    const body = { email: 'ada@example.org', password: PASSWORD };
    expect((await ask(api.server, 'POST', '/auth/register', body, { authorization })).status).toBe(201);
    expect((await ask(api.server, 'POST', '/auth/login', body, { authorization })).status).toBe(200);
  });

  it('nor does a token that has expired', async () => {
    const user = await api.user('ada@example.org');
    const authorization = `Bearer ${user.accessToken}`;
    await api.clock.advance(3_600_000);
    expect((await user.call('GET', '/auth/me')).status).toBe(401);
    expect((await ask(api.server, 'POST', '/auth/register', { email: 'bob@example.org', password: PASSWORD }, { authorization })).status).toBe(201);
    expect((await ask(api.server, 'POST', '/auth/login', { email: 'bob@example.org', password: PASSWORD }, { authorization })).status).toBe(200);
  });
});

describe('login', () => {
  it('gives a bearer token that shows who I am', async () => {
    const user = await api.user('ada@example.org');
    const me = await user.call('GET', '/auth/me');
    expect(me.status).toBe(200);
    expect(me.body).toMatchObject({ id: user.id, email: 'ada@example.org' });
    expect(me.headers['cache-control']).toBe('no-store');
  });

  it('answers a wrong password and an unknown e-mail alike, down to the byte', async () => {
    await api.user('ada@example.org');
    const wrong = await post('login', { email: 'ada@example.org', password: 'not the password' });
    const unknown = await post('login', { email: 'bob@example.org', password: 'not the password' });
    expect(wrong.status).toBe(401);
    expect({ ...wrong.body, request_id: '' }).toEqual({ ...unknown.body, request_id: '' });
  });

  it('compares a password for an unknown e-mail too', async () => {
    const compared: string[] = [];
    const watched = await openApi(database.store, {
      passwords: {
        hash: async (password) => `hash of ${password}`,
        matches: async (_password, hash) => {
          compared.push(hash);
          return false;
        },
      },
    });
    await ask(watched.server, 'POST', '/auth/login', { email: 'nobody@example.org', password: PASSWORD });
    expect(compared).toHaveLength(1);
    expect(compared[0]).toMatch(/^hash of /);
  });

  it('slows guessing down, says for how long, and lets the right password in again later', async () => {
    await api.user('ada@example.org');
    for (let index = 0; index < 10; index += 1) expect((await post('login', { email: 'ada@example.org', password: `wrong guess ${index}` })).status).toBe(401);
    const refused = await post('login', { email: 'Ada@example.org', password: PASSWORD });
    expect(refused.status).toBe(429);
    expect(refused.problem.code).toBe('rate_limited');
    expect(refused.headers['retry-after']).toBe('30');
    await api.clock.advance(30_000);
    expect((await post('login', { email: 'ada@example.org', password: PASSWORD })).status).toBe(200);
  });

  it('tells of another program than before, by what its request says', async () => {
    const user = await api.user('ada@example.org');
    const login = (agent: string) => ask(api.server, 'POST', '/api/v1/auth/login', { email: 'ada@example.org', password: PASSWORD }, { 'user-agent': agent });
    for (const agent of ['curl/8.1', 'Firefox/140.0', 'Firefox/141.0']) expect((await login(agent)).status).toBe(200);
    const facts = (await takeFacts(database.store)).filter(({ userId, type }) => userId === user.id && type === 'login_new_device');
    expect(facts.map(({ data }) => data)).toEqual(['curl', 'Firefox'].map((device) => ({ address: '127.0.0.1', device })));
  });
});

describe('a session', () => {
  it('goes on with a new pair of tokens at every refresh', async () => {
    const user = await api.user();
    const next = await post('refresh', { refresh_token: user.refreshToken });
    expect(next.status).toBe(200);
    expect(next.body).toMatchObject({ token_type: 'bearer', expires_in: 600 });
    expect(next.body.refresh_token).not.toBe(user.refreshToken);
    expect((await post('refresh', { refresh_token: next.body.refresh_token })).status).toBe(200);
  });

  it('is closed altogether when a refresh token comes a second time', async () => {
    const user = await api.user();
    const next = await post('refresh', { refresh_token: user.refreshToken });
    const reused = await post('refresh', { refresh_token: user.refreshToken });
    expect(reused.status).toBe(401);
    expect(reused.problem.code).toBe('refresh_token_reused');
    expect((await post('refresh', { refresh_token: next.body.refresh_token })).problem.code).toBe('refresh_token_invalid');
  });

  it('lets one of two refreshes at the same moment win, and is closed then', async () => {
    const user = await api.user();
    const both = await Promise.all([1, 2].map(() => post('refresh', { refresh_token: user.refreshToken })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    const winner = both.find(({ status }) => status === 200);
    expect((await post('refresh', { refresh_token: winner?.body.refresh_token })).status).toBe(401);
  });

  it('ends with logout, and another session of the same user goes on', async () => {
    const user = await api.user('ada@example.org');
    const other = await post('login', { email: 'ada@example.org', password: PASSWORD });
    expect((await post('logout', { refresh_token: user.refreshToken })).status).toBe(204);
    expect((await post('refresh', { refresh_token: user.refreshToken })).status).toBe(401);
    expect((await post('refresh', { refresh_token: other.body.refresh_token })).status).toBe(200);
  });

  it('takes logout with a token nobody knows without a word', async () => {
    expect((await post('logout', { refresh_token: 'nobody knows this one' })).status).toBe(204);
  });

  it('lapses after thirty days without a refresh', async () => {
    const user = await api.user();
    await api.clock.advance(REFRESH_TOKEN_TTL_MS);
    expect((await post('refresh', { refresh_token: user.refreshToken })).problem.code).toBe('refresh_token_invalid');
  });

  it('has access tokens that last ten minutes', async () => {
    const user = await api.user();
    await api.clock.advance(599_000);
    expect((await user.call('GET', '/auth/me')).status).toBe(200);
    await api.clock.advance(1_000);
    const late = await user.call('GET', '/auth/me');
    expect(late.status).toBe(401);
    expect(late.problem.detail).toBe('The access token has expired; refresh it.');
    expect(late.headers['www-authenticate']).toBe('Bearer');
  });
});
