/** Nobody makes himself VIP: every way to a plan but the owner's grant, a code and a proven payment ends where it began. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { MAX_OPEN_CODES } from '#app/plans/plans.ts';
import { GRACE_MS } from '#core/plans/plan.ts';
import { SIGNATURE_AGE_MS, signatureOf } from '#edges/http/payment-signature.ts';
import { type Answer, type Api, ask, type Caller, fieldsOf, openApi, PASSWORD } from '#test/e2e/_api.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';

const SECRET = 'a payment secret that is long enough for this';
const DAY_MS = 86_400_000;

let database: TestStore;
let api: Api;
let owner: Caller;
let serial = 0;

beforeAll(async () => {
  const actors = asyncActorScope();
  database = await createTestStore(actors);
  api = await openApi(database.store, { actors, paymentSecret: SECRET });
  owner = await api.user();
});
afterAll(async () => {
  await api.server.close();
  await database.drop();
});

interface Plan {
  readonly plan: string;
  readonly status: string;
  readonly source: string;
  readonly expires_at: string | null;
  readonly ends_at: string | null;
}

const planOf = async (user: Caller): Promise<Plan> => (await user.call('GET', '/users/me/subscription')).body as unknown as Plan;
const seconds = (shiftMs = 0): string => String(Math.floor((api.clock.now() + shiftMs) / 1_000));
const isoIn = (ms: number): string => new Date(api.clock.now() + ms).toISOString();

function notice(parts: object): string {
  serial += 1;
  return JSON.stringify({ id: `event-${serial}`, type: 'subscription_paid', days: 30, ...parts });
}

function send(body: string, header: string | null): Promise<Answer> {
  return ask(api.server, 'POST', '/api/v1/payments/webhook', body, header === null ? {} : { 'x-argosy-signature': header });
}

function pay(body: string): Promise<Answer> {
  const at = seconds();
  return send(body, `t=${at},v1=${signatureOf(body, at, SECRET)}`);
}

async function codeOf(wish: object): Promise<{ readonly id: string; readonly code: string }> {
  const made = await owner.call('POST', '/admin/redeem-codes', wish);
  expect(made.status, made.text).toBe(201);
  return made.body as unknown as { id: string; code: string };
}

describe('everybody', () => {
  it('has a record from registration on, the owner too, and it is free', async () => {
    const ada = await api.user();
    expect(await planOf(ada)).toEqual({
      plan: 'free',
      status: 'active',
      source: 'registration',
      since: expect.any(String),
      expires_at: null,
      ends_at: null,
      terms: { requests_per_minute: 1_200, signal_delay_seconds: 60, signal_rows: 10, signal_notices_per_hour: 5, sockets: false },
    });
    expect((await planOf(owner)).plan).toBe('free');
    expect(await database.query('select 1 from users u left join subscriptions s on s.user_id = u.id where s.user_id is null')).toEqual([]);
  });
});

describe('a user cannot become VIP', () => {
  it.each([
    ['at registration', 'POST', '/auth/register', { email: 'mallory@example.org', password: PASSWORD, plan: 'vip' }, 422],
    ['by taking it', 'PUT', '/users/me/subscription', { plan: 'vip' }, 403],
    ['with fields that are not his', 'PUT', '/users/me/subscription', { plan: 'free', expires_at: '2099-01-01T00:00:00Z' }, 422],
    ['with a source', 'PUT', '/users/me/subscription', { plan: 'vip', source: 'grant' }, 422],
    ['with somebody else’s name', 'PUT', '/users/me/subscription', { plan: 'vip', user_id: 'x' }, 422],
    ['by a made-up code', 'POST', '/users/me/subscription/redeem', { code: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA' }, 422],
    ['by a code that matches all', 'POST', '/users/me/subscription/redeem', { code: '%' }, 422],
    ['by a code and a plan', 'POST', '/users/me/subscription/redeem', { code: 'x', plan: 'vip', days: 9_999 }, 422],
    ['by an empty code', 'POST', '/users/me/subscription/redeem', { code: '' }, 422],
    ['by making codes', 'POST', '/admin/redeem-codes', { days: 30 }, 403],
    ['by a payment without a signature', 'POST', '/payments/webhook', { id: 'own', type: 'subscription_paid', user_id: 'me' }, 403],
  ] as const)('%s', async (_name, method, url, body, status) => {
    const eve = await api.user();
    expect((await eve.call(method, url, body)).status).toBe(status);
    expect((await planOf(eve)).plan).toBe('free');
  });

  it('by granting it to himself, or by reading who has what', async () => {
    const eve = await api.user();
    for (const [method, url, body] of [
      ['PUT', `/admin/users/${eve.id}/subscription`, { plan: 'vip' }],
      ['GET', '/admin/users', undefined],
      ['GET', '/admin/redeem-codes', undefined],
    ] as const) {
      const answer = await eve.call(method, url, body);
      expect(answer.status, url).toBe(403);
      expect(answer.problem.code).toBe('forbidden');
    }
    expect((await planOf(eve)).plan).toBe('free');
  });

  it('by a code that is for somebody else, used, withdrawn or too old, and is not told which', async () => {
    const [ada, eve] = [await api.user(), await api.user()];
    const [foreign, used, withdrawn, old] = [
      await codeOf({ days: 30, for_user_id: ada.id }),
      await codeOf({ days: 30 }),
      await codeOf({ days: 30 }),
      await codeOf({ days: 30, valid_days: 1 }),
    ];
    expect((await ada.call('POST', '/users/me/subscription/redeem', { code: used.code })).status).toBe(200);
    expect((await owner.call('DELETE', `/admin/redeem-codes/${withdrawn.id}`)).status).toBe(204);
    await database.query('update redeem_codes set valid_until = $2 where id = $1', [old.id, api.clock.now()]);
    const answers = [];
    for (const { code } of [foreign, used, withdrawn, old]) answers.push(await eve.call('POST', '/users/me/subscription/redeem', { code }));
    answers.push(await eve.call('POST', '/users/me/subscription/redeem', { code: 'nobody has made this' }));
    for (const answer of answers) expect({ ...answer.body, request_id: '' }).toEqual({ ...answers[0]?.body, request_id: '' });
    expect(answers[0]?.problem.code).toBe('code_invalid');
    expect((await planOf(eve)).plan).toBe('free');
    expect((await ada.call('POST', '/users/me/subscription/redeem', { code: foreign.code })).status, 'whom it is for may').toBe(200);
  });

  it('and no more than so many codes wait at once', async () => {
    await database.query(
      `insert into redeem_codes (id, code_hash, days, note, valid_until, created_at) select 'c' || n, 'h' || n, 1, '', $1, 0 from generate_series(1, $2) n`,
      [api.clock.now() + DAY_MS, MAX_OPEN_CODES],
    );
    const refused = await owner.call('POST', '/admin/redeem-codes', { days: 1 });
    expect([refused.status, refused.problem.code]).toEqual([409, 'too_many_kept']);
    await database.query(`delete from redeem_codes where note = ''`);
  });

  it('by one code at many places at once', async () => {
    const { code } = await codeOf({ days: 10 });
    const many = await Promise.all(Array.from({ length: 6 }, () => api.user()));
    const answers = await Promise.all(many.map((user) => user.call('POST', '/users/me/subscription/redeem', { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422, 422, 422]);
  });
});

describe('a payment notice', () => {
  it('that is forged, bent, old or for another body opens nothing', async () => {
    const eve = await api.user();
    const body = notice({ user_id: eve.id });
    const other = notice({ user_id: owner.id });
    const at = seconds();
    const late = seconds(-SIGNATURE_AGE_MS - 1_000);
    const early = seconds(SIGNATURE_AGE_MS + 2_000);
    const good = signatureOf(body, at, SECRET);
    for (const header of [
      null,
      '',
      good,
      `v1=${good}`,
      `t=${at}`,
      `t=${at},v1=`,
      `t=${at},v1=${'0'.repeat(64)}`,
      `t=${at},v1=${signatureOf(body, at, 'another secret that is long enough')}`,
      `t=${at},v1=${signatureOf(other, at, SECRET)}`,
      `t=${Number(at) - 1},v1=${good}`,
      `t=${late},v1=${signatureOf(body, late, SECRET)}`,
      `t=${early},v1=${signatureOf(body, early, SECRET)}`,
      `t=${at},v1=${good},v2=x`,
      `t=${at},${Array.from({ length: 6 }, () => `v1=${good}`).join(',')}`,
    ]) {
      const answer = await send(body, header);
      expect(answer.status, String(header)).toBe(403);
      expect(answer.problem.code).toBe('signature_invalid');
      expect(answer.text).not.toContain(good);
    }
    expect((await planOf(eve)).plan).toBe('free');
  });

  it('counts once however often it comes, and at once', async () => {
    const ada = await api.user();
    const body = notice({ user_id: ada.id });
    const answers = await Promise.all(Array.from({ length: 5 }, () => pay(body)));
    expect(answers.map(({ body: receipt }) => (receipt as unknown as { outcome: string }).outcome).sort()).toEqual([
      'applied',
      'repeated',
      'repeated',
      'repeated',
      'repeated',
    ]);
    expect(await planOf(ada)).toMatchObject({
      plan: 'vip',
      status: 'active',
      source: 'payment',
      expires_at: isoIn(30 * DAY_MS),
      ends_at: isoIn(30 * DAY_MS + GRACE_MS),
    });
    await pay(notice({ user_id: ada.id, days: 5 }));
    expect(await planOf(ada)).toMatchObject({ expires_at: isoIn(35 * DAY_MS) });
  });

  it('replayed with another id needs another signature', async () => {
    const eve = await api.user();
    const body = notice({ user_id: eve.id });
    const at = seconds();
    const header = `t=${at},v1=${signatureOf(body, at, SECRET)}`;
    expect((await send(body.replace(/event-\d+/, 'event-mine'), header)).status).toBe(403);
    expect((await planOf(eve)).plan).toBe('free');
  });

  it('that ends a plan ends what was paid for, and nothing that was given', async () => {
    const [ada, bob] = [await api.user(), await api.user()];
    await pay(notice({ user_id: ada.id }));
    await owner.call('PUT', `/admin/users/${bob.id}/subscription`, { plan: 'vip' });
    for (const { id } of [ada, bob]) await pay(notice({ user_id: id, type: 'subscription_ended' }));
    expect((await planOf(ada)).plan).toBe('free');
    expect((await planOf(bob)).plan).toBe('vip');
  });

  it('is read strictly once it is proven, and is not found where no secret is set', async () => {
    for (const [body, fields] of [
      [notice({ user_id: 'nobody' }), ['user_id']],
      [notice({ user_id: owner.id, days: 0 }), ['days']],
      [notice({ user_id: owner.id, days: 1e9 }), ['days']],
      [notice({ user_id: owner.id, plan: 'vip' }), ['plan']],
    ] as const) {
      const answer = await pay(body);
      expect(answer.status, body).toBe(422);
      expect(fieldsOf(answer)).toEqual(fields);
    }
    const bare = await openApi(database.store);
    const body = notice({ user_id: owner.id });
    const at = seconds();
    for (const secret of [SECRET, '', 'null', 'undefined'])
      expect(
        (await ask(bare.server, 'POST', '/api/v1/payments/webhook', body, { 'x-argosy-signature': `t=${at},v1=${signatureOf(body, at, secret)}` })).status,
      ).toBe(404);
  });
});

describe('a plan', () => {
  it('that was given ends when it says, one that was paid for after its grace', async () => {
    const clocked = await openApi(database.store, { paymentSecret: SECRET });
    const [given, paid] = [await clocked.user(), await clocked.user()];
    const start = clocked.clock.now();
    await database.query('update subscriptions set plan = $2, source = $3, expires_at = $4 where user_id = $1', [given.id, 'vip', 'grant', start + 60_000]);
    await database.query('update subscriptions set plan = $2, source = $3, expires_at = $4 where user_id = $1', [paid.id, 'vip', 'payment', start + 60_000]);
    expect([(await planOf(given)).plan, (await planOf(paid)).plan]).toEqual(['vip', 'vip']);
    await clocked.clock.advance(60_000);
    expect(await planOf(given)).toMatchObject({ plan: 'free', status: 'expired' });
    expect(await planOf(paid)).toMatchObject({ plan: 'vip', status: 'grace' });
    const renewed = await clocked.server.inject({ method: 'POST', url: '/auth/login', payload: { email: paid.email, password: PASSWORD } });
    expect(renewed.statusCode).toBe(200);
    await clocked.clock.advance(GRACE_MS);
    const token = (await clocked.server.inject({ method: 'POST', url: '/auth/login', payload: { email: paid.email, password: PASSWORD } })).json().access_token;
    const late = await clocked.server.inject({ url: '/api/v1/users/me/subscription', headers: { authorization: `Bearer ${token}` } });
    expect(late.json()).toMatchObject({ plan: 'free', status: 'expired', ends_at: null });
  });

  it('can be granted by the owner, shortened, taken back and given up', async () => {
    const ada = await api.user();
    const until = isoIn(DAY_MS);
    expect((await owner.call('PUT', `/admin/users/${ada.id}/subscription`, { plan: 'vip', until })).body).toMatchObject({ plan: 'vip', expires_at: until });
    for (const wrong of [isoIn(0), isoIn(-1), isoIn(4_000 * DAY_MS)])
      expect(fieldsOf(await owner.call('PUT', `/admin/users/${ada.id}/subscription`, { plan: 'vip', until: wrong }))).toEqual(['until']);
    expect(fieldsOf(await owner.call('PUT', `/admin/users/${ada.id}/subscription`, { plan: 'free', until }))).toEqual(['until']);
    expect((await owner.call('PUT', '/admin/users/nobody/subscription', { plan: 'vip' })).status).toBe(404);
    expect((await ada.call('PUT', '/users/me/subscription', { plan: 'vip' })).status, 'what one has can be named').toBe(200);
    expect((await ada.call('PUT', '/users/me/subscription', { plan: 'free' })).body).toMatchObject({ plan: 'free', status: 'active' });
    expect((await ada.call('PUT', '/users/me/subscription', { plan: 'vip' })).status).toBe(403);
  });

  it('without an end uses no code up', async () => {
    const ada = await api.user();
    await owner.call('PUT', `/admin/users/${ada.id}/subscription`, { plan: 'vip' });
    const { code } = await codeOf({ days: 5 });
    const answer = await ada.call('POST', '/users/me/subscription/redeem', { code });
    expect(answer.problem.code).toBe('plan_endless');
    expect((await (await api.user()).call('POST', '/users/me/subscription/redeem', { code })).status, 'somebody else can use it').toBe(200);
  });

  it('and every change of it stands in the audit log, without a code', async () => {
    const ada = await api.user();
    const { code } = await codeOf({ days: 5, note: 'for Ada' });
    await ada.call('POST', '/users/me/subscription/redeem', { code });
    await owner.call('PUT', `/admin/users/${ada.id}/subscription`, { plan: 'vip' });
    await ada.call('PUT', '/users/me/subscription', { plan: 'free' });
    await pay(notice({ user_id: ada.id }));
    const log = await ada.call('GET', '/users/me/audit');
    const deeds = (log.body.items as unknown as { action: string; actor: { user_id: string | null } | null }[]).filter(({ action }) =>
      action.startsWith('plan_'),
    );
    expect(deeds.map(({ action, actor }) => [action, actor?.user_id])).toEqual([
      ['plan_paid', null],
      ['plan_given_up', ada.id],
      ['plan_granted', owner.id],
      ['plan_code_redeemed', ada.id],
    ]);
    expect(log.text).not.toContain(code);
    const kept = JSON.stringify([await database.query('select * from redeem_codes'), await database.query('select * from audit_log'), api.lines]);
    expect(kept).not.toContain(code);
    expect(kept).not.toContain(SECRET);
  });
});
