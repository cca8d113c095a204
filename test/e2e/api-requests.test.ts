/** How requests are read and answered, whatever they are about. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Api, ask, type Caller, fieldsOf, openApi, PASSWORD } from './_api.ts';

let database: TestStore;
let api: Api;
let user: Caller;

beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store);
  user = await api.user();
});
afterAll(() => database.drop());

const login = (body: unknown, headers: Readonly<Record<string, string>> = {}) => ask(api.server, 'POST', '/api/v1/auth/login', body, headers);

describe('a path', () => {
  it('answers the same with its version, without it, and without /api for auth', async () => {
    for (const path of ['/api/v1/auth/me', '/api/auth/me', '/auth/me']) {
      const answer = await api.server.inject({ url: path, headers: { authorization: `Bearer ${user.accessToken}` } });
      expect(answer.json()).toMatchObject({ id: user.id });
    }
    expect((await user.call('GET', '/api/bots?limit=1')).status).toBe(200);
  });

  it('that is unknown is not found, with or without a token', async () => {
    for (const path of [
      '/nope',
      '/api/v1/nope',
      '/api/v2/bots',
      '/auth',
      '/api',
      '/bots',
      '/../etc/passwd',
      '/docs/static/../../package.json',
      '/docs/static/..%2f..%2fpackage.json',
    ]) {
      const answer = await ask(api.server, 'GET', path);
      expect(answer.status, path).toBe(404);
      expect(answer.problem.code).toBe('not_found');
      expect(answer.headers['content-type']).toBe('application/problem+json');
    }
  });

  it('that is known but not with this method says which it takes', async () => {
    const answer = await user.call('PUT', '/bots/some-id');
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('DELETE, GET, HEAD, PATCH');
    expect(answer.problem).toMatchObject({ code: 'method_not_allowed', detail: 'This path takes DELETE, GET, HEAD, PATCH.' });
  });

  it.each(['%', '%zz', '/%E0%A4%A'])('that cannot be read (%s) is refused', async (path) => {
    const answer = await ask(api.server, 'GET', `/${path}`);
    expect(answer.status).toBe(400);
    expect(answer.problem.code).toBe('malformed_request');
  });

  it('with an id that cannot be is simply not there', async () => {
    for (const id of ['x'.repeat(5_000), "1' or '1'='1", '%00', '..%2f..', '💥', '0', '__proto__']) {
      const answer = await user.call('GET', `/bots/${encodeURI(id)}`);
      expect(answer.status, id.slice(0, 20)).toBe(404);
    }
  });
});

describe('a body', () => {
  it.each([
    ['that is no JSON', '{"email": ', 400, 'malformed_request'],
    ['that is nested without end', '['.repeat(10_000) + ']'.repeat(10_000), 400, 'malformed_request'],
    ['that is too large', JSON.stringify({ email: 'a@b.cd', password: 'x'.repeat(70_000) }), 413, 'payload_too_large'],
  ])('%s is refused', async (_name, body, status, code) => {
    const answer = await login(body);
    expect(answer.status).toBe(status);
    expect(answer.problem.code).toBe(code);
  });

  it('of another type is refused', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml']) {
      const answer = await api.server.inject({ method: 'POST', url: '/auth/login', headers: { 'content-type': type }, payload: 'email=a@b.cd&password=x' });
      expect(answer.statusCode, type).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'malformed_request' });
    }
  });

  it.each([
    ['that is missing', '', ['body']],
    ['that is null', 'null', ['body']],
    ['that is a list', '[]', ['body']],
    ['that is a text', '"hello"', ['body']],
    ['without its fields', '{}', ['email', 'password']],
    ['with a field of the wrong type', '{"email": "a@b.cd", "password": {"$ne": null}}', ['password']],
    ['with a field nobody knows', '{"email": "a@b.cd", "password": "x", "role": "owner"}', ['role']],
    ['with a field twice', '{"email": "a@b.cd", "password": "x", "email": "b@b.cd"}', ['email']],
    ['that reaches for prototypes', '{"email": "a@b.cd", "password": "x", "__proto__": {"role": "owner"}}', ['__proto__']],
    [
      'that reaches for constructors',
      '{"email": "a@b.cd", "password": "x", "constructor": {"prototype": {"role": "owner"}}}',
      ['constructor', 'constructor.prototype'],
    ],
  ])('%s is refused, naming the field', async (_name, body, fields) => {
    const answer = await login(body);
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)).toEqual(fields);
    expect(({} as { role?: string }).role).toBeUndefined();
  });
});

describe('an answer', () => {
  it('carries the id of its request, which is in the log as well', async () => {
    const answer = await ask(api.server, 'GET', '/nope', undefined, { 'x-request-id': 'my-request-77' });
    expect(answer.headers['x-request-id']).toBe('my-request-77');
    expect(answer.problem.request_id).toBe('my-request-77');
    expect(api.lines).toContainEqual(
      expect.objectContaining({ level: 'info', message: 'request answered', fields: expect.objectContaining({ requestId: 'my-request-77', status: 404 }) }),
    );
  });

  it('has an id of ours when the one given is none', async () => {
    for (const given of ['short', 'x'.repeat(100), 'a b c d e f g', '<script>alert(1)</script>']) {
      const answer = await ask(api.server, 'GET', '/nope', undefined, { 'x-request-id': given });
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('of refusal is titled in the language asked for', async () => {
    const wrong = { email: 'nobody@example.org', password: PASSWORD };
    expect((await login(wrong)).problem).toMatchObject({
      type: 'urn:argosy:error:invalid_credentials',
      title: 'Wrong e-mail or password',
      status: 401,
      code: 'invalid_credentials',
      remedy: 'Check both and try again.',
      errors: [],
    });
    const russian = await login(wrong, { 'accept-language': 'en;q=0.3, ru;q=0.9' });
    expect(russian.problem).toMatchObject({ title: 'Неверная почта или пароль' });
    expect(russian.headers['content-language']).toBe('ru');
  });

  it('carries the guards of a browser', async () => {
    const { headers } = await ask(api.server, 'GET', '/health');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN', 'referrer-policy': 'no-referrer' });
    expect(headers['strict-transport-security'], 'not on loopback, where there is no TLS').toBeUndefined();
    const abroad = await openApi(database.store, { isLoopback: false });
    expect((await ask(abroad.server, 'GET', '/health')).headers['strict-transport-security']).toContain('max-age=');
  });

  it('says how many requests are left, and refuses those beyond', async () => {
    const narrow = await openApi(database.store, { limits: { requestsPerMinute: { anonymous: 3 } } });
    const first = await ask(narrow.server, 'GET', '/api/v1/bots');
    expect(first.headers['ratelimit-limit']).toBe('3');
    expect(first.headers['ratelimit-remaining']).toBe('2');
    await ask(narrow.server, 'GET', '/');
    await ask(narrow.server, 'GET', '/nope');
    const refused = await ask(narrow.server, 'GET', '/nope');
    expect(refused.status).toBe(429);
    expect(refused.problem.code).toBe('rate_limited');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask(narrow.server, 'GET', '/health')).status, 'whoever watches over the server is never sent away').toBe(200);
  });

  it('to a fault of ours tells nothing of it, while the log tells all', async () => {
    const faulty = await openApi({
      ...database.store,
      users: { ...database.store.users, byEmail: () => Promise.reject(new Error('column "password_hash" at 10.1.2.3')) },
    });
    const answer = await ask(faulty.server, 'POST', '/auth/login', { email: 'a@b.cd', password: PASSWORD });
    expect(answer.status).toBe(500);
    expect(answer.problem).toMatchObject({ code: 'internal_error', detail: 'The request could not be completed because of a fault in the server.' });
    expect(answer.text).not.toContain('10.1.2.3');
    const line = faulty.lines.find(({ level }) => level === 'error');
    expect(String(line?.fields['err'])).toContain('10.1.2.3');
    expect(line?.fields['requestId']).toBe(answer.problem.request_id);
  });
});
