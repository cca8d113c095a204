/** Access tokens that are forged, bent or meant for something else open nothing. */
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomIds } from '#adapters/ids.ts';
import { ACCESS_TOKEN_TTL_S, AccessTokens, MAX_REMEMBERED } from '#edges/http/access-tokens.ts';
import { type Api, type Caller, openApi } from '#test/e2e/_api.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const SECRET = 'the secret of this test, long enough';
const key = new TextEncoder().encode(SECRET);
let database: TestStore;
let api: Api;
let ada: Caller;

beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store, { jwtSecret: SECRET });
  ada = await api.user();
});
afterAll(() => database.drop());

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const seconds = () => Math.floor(api.clock.now() / 1000);
const statusWith = async (authorization: string): Promise<number> => (await api.server.inject({ url: '/auth/me', headers: { authorization } })).statusCode;

interface Bent {
  readonly alg?: string;
  readonly typ?: string;
  readonly iss?: string;
  readonly aud?: string;
  readonly exp?: number | null;
  readonly key?: Uint8Array;
  readonly sid?: string | null;
}

function token({
  alg = 'HS256',
  typ = 'at+jwt',
  iss = 'argosy',
  aud = 'argosy:api',
  exp = seconds() + 60,
  key: with_ = key,
  sid = 'session',
}: Bent): Promise<string> {
  const jwt = new SignJWT(sid === null ? {} : { sid })
    .setProtectedHeader({ alg, typ })
    .setIssuer(iss)
    .setAudience(aud)
    .setSubject(ada.id)
    .setIssuedAt(seconds());
  return (exp === null ? jwt : jwt.setExpirationTime(exp)).sign(with_);
}

it('opens with a token that is right in every part', async () => {
  expect(await statusWith(`Bearer ${await token({})}`)).toBe(200);
});

it.each([
  ['signed with another secret', { key: new TextEncoder().encode('another secret that is long enough!!') }],
  ['of another algorithm with the same secret', { alg: 'HS512', key: new TextEncoder().encode(SECRET.repeat(2)) }],
  ['of another kind', { typ: 'JWT' }],
  ['for another audience', { aud: 'argosy:ws' }],
  ['of another issuer', { iss: 'somebody' }],
  ['without an end', { exp: null }],
  ['of no session', { sid: null }],
  ['that has ended', { exp: 1_700_000_000 }],
] as const)('refuses a token %s', async (_name, bent) => {
  expect(await statusWith(`Bearer ${await token(bent)}`)).toBe(401);
});

it('refuses a token without a signature, and one whose owner was exchanged', async () => {
  const claims = { sub: ada.id, sid: 'session', iss: 'argosy', aud: 'argosy:api', iat: seconds(), exp: seconds() + 60 };
  const [header = '', , signature = ''] = (await token({})).split('.');
  for (const forged of [
    `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`,
    `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.x`,
    `${header}.${encode({ ...claims, sub: 'somebody else' })}.${signature}`,
  ]) {
    expect(await statusWith(`Bearer ${forged}`)).toBe(401);
  }
});

it('refuses whatever else stands in the header', async () => {
  const good = await token({});
  for (const header of ['', 'Bearer', 'Bearer ', `Basic ${good}`, good, `Bearer ${good} ${good}`, `Bearer ${good}x`, `Bearer ${ada.refreshToken}`])
    expect(await statusWith(header), header.slice(0, 12)).toBe(401);
});

it('takes no token from the address, where it would be written down', async () => {
  const good = await token({});
  for (const query of [`access_token=${good}`, `token=${good}`]) expect((await api.server.inject({ url: `/auth/me?${query}` })).statusCode).toBe(401);
});

it('refuses to work with a secret that can be guessed', () => {
  expect(() => new AccessTokens('short', new ManualClock(), randomIds)).toThrow(/fewer than 32 characters/);
});

it('refuses a token that it has accepted before as soon as it has ended', async () => {
  const clock = new ManualClock();
  const tokens = new AccessTokens(SECRET, clock, randomIds);
  const header = `Bearer ${await tokens.issue({ userId: 'ada', sessionId: 's' })}`;
  expect([await tokens.userOf(header), await tokens.userOf(header)]).toEqual(['ada', 'ada']);
  await clock.advance(ACCESS_TOKEN_TTL_S * 1_000 - 1);
  expect(await tokens.userOf(header)).toBe('ada');
  await clock.advance(1);
  await expect(tokens.userOf(header)).rejects.toMatchObject({ code: 'unauthenticated' });
});

it('remembers so many tokens at most, and opens with those it has forgotten all the same', async () => {
  const tokens = new AccessTokens(SECRET, new ManualClock(), randomIds);
  const first = `Bearer ${await tokens.issue({ userId: 'first', sessionId: 's' })}`;
  await tokens.userOf(first);
  for (let count = 0; count < MAX_REMEMBERED; count += 100)
    await Promise.all(Array.from({ length: 100 }, async () => tokens.userOf(`Bearer ${await tokens.issue({ userId: 'other', sessionId: 's' })}`)));
  expect(tokens.remembered).toBe(MAX_REMEMBERED);
  expect(await tokens.userOf(first)).toBe('first');
});
