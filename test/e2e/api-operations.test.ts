/** What whoever operates an installation reads and sets: who may see its figures, who may stop it from trading. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promMetrics } from '#adapters/metrics.ts';
import type { HealthReport } from '#core/health.ts';
import type { LogLevel } from '#edges/http/parts.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Api, ask, type Caller, openApi } from './_api.ts';

const TOKEN = 'a-token-for-watching-that-is-long-enough';
const ABROAD = { 'x-forwarded-for': '203.0.113.7' };
const report: HealthReport = {
  status: 'degraded',
  checks: [
    { name: 'database', isVital: true, status: 'ok', detail: '', tookMs: 1 },
    { name: 'venues', isVital: false, status: 'degraded', detail: 'no contact with okx', tookMs: 2, figures: { okx_streams_down: 1 } },
  ],
};

let database: TestStore;
let api: Api;
let owner: Caller;
let user: Caller;
let level: LogLevel = 'info';

beforeAll(async () => {
  database = await createTestStore();
  const open = promMetrics({ version: '9.8.7', dataDirectory: '/', withRuntime: false });
  api = await openApi(database.store, {
    metrics: open.metrics,
    exposition: { contentType: open.contentType, read: () => open.exposition() },
    watchToken: TOKEN,
    health: { read: async (scope) => (scope === 'all' ? report : { status: 'ok', checks: report.checks.slice(0, 1) }) },
    logLevel: {
      get: () => level,
      set: (wanted) => {
        level = wanted;
      },
    },
  });
  owner = await api.user();
  user = await api.user();
});

afterAll(async () => {
  await api.server.close();
  await database.drop();
});

const get = (url: string, headers: Readonly<Record<string, string>>) => ask(api.server, 'GET', url, undefined, headers);
const bearer = (token: string) => ({ ...ABROAD, authorization: `Bearer ${token}` });

describe('/metrics', () => {
  it('is open on this machine, to the owner, and to whoever has the token for watching', async () => {
    for (const headers of [{}, bearer(owner.accessToken), bearer(TOKEN)]) {
      const answer = await get('/metrics', headers);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(answer.text).toContain('argosy_build_info{version="9.8.7"} 1');
    }
  });

  it.each([
    ['nobody', () => ABROAD],
    ['another user', () => bearer(user.accessToken)],
    ['a wrong token', () => bearer(`${TOKEN}.`)],
    ['a token in the wrong place', () => ({ ...ABROAD, authorization: TOKEN })],
  ])('does not exist for %s from elsewhere', async (_who, headers) => {
    const answer = await get('/metrics', headers());
    expect([answer.status, answer.problem.code]).toEqual([404, 'not_found']);
  });

  it('does not exist where figures are not kept', async () => {
    const plain = await openApi(database.store);
    expect((await ask(plain.server, 'GET', '/metrics')).status).toBe(404);
    await plain.server.close();
  });

  it('counts requests by route, not by address', async () => {
    await owner.call('GET', '/bots/0123456789');
    await owner.call('GET', '/bots/9876543210');
    const { text } = await get('/metrics', {});
    expect(text).toContain('argosy_http_requests_total{method="GET",route="/api/v1/bots/:id",status="404"} 2');
    expect(text).toContain('argosy_http_request_duration_seconds_count{route="/api/v1/bots/:id"} 2');
  });
});

describe('/health', () => {
  it('says what is amiss, and why to those who operate it', async () => {
    const checks = { database: 'ok', venues: 'degraded' };
    for (const headers of [{}, bearer(owner.accessToken), bearer(TOKEN)]) {
      const answer = await get('/health', headers);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        status: 'degraded',
        checks,
        details: [{ name: 'database' }, { name: 'venues', detail: 'no contact with okx', figures: { okx_streams_down: 1 } }],
      });
    }
    for (const headers of [ABROAD, bearer(user.accessToken)]) {
      const answer = await get('/health', headers);
      expect(answer.body).toMatchObject({ status: 'degraded', checks });
      expect(answer.body).not.toHaveProperty('details');
    }
  });

  it('is ready when what is vital works, whatever else does not', async () => {
    expect((await get('/health/ready', ABROAD)).body).toEqual({ status: 'ok', version: '9.8.7', uptime_seconds: 0, checks: { database: 'ok' } });
  });
});

describe('the owner', () => {
  it('stops the whole installation from trading and lets it trade again', async () => {
    expect((await owner.call('GET', '/admin/trading')).body).toEqual({ mode: 'trading', since: null, reason: null });
    const observing = await owner.call('POST', '/admin/trading/observe', { reason: 'moving house' });
    expect(observing.body).toEqual({ mode: 'observe_only', since: '2023-11-14T22:13:20.000Z', reason: 'moving house' });
    const account = await user.call('POST', '/accounts', { name: 'Paper', exchange: 'paper' });
    const order = { account_id: account.body.id, symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.001', price: '50000' };
    expect((await user.call('POST', '/orders', order)).problem.code).toBe('observe_only');
    const bot = await user.call('POST', '/bots', {
      name: 'Idle',
      strategy: 'idle',
      symbol: 'BTC/USDT',
      mode: 'paper',
      config: { amount: '1' },
      account_id: account.body.id,
    });
    expect((await user.call('POST', `/bots/${bot.body.id}/start`)).problem.code).toBe('observe_only');
    expect((await get('/', {})).text).toContain('moving house');
    expect((await owner.call('POST', '/admin/trading/resume')).body).toEqual({ mode: 'trading', since: null, reason: null });
    expect((await user.call('POST', `/bots/${bot.body.id}/start`)).status).toBe(202);
    expect(api.lines.filter(({ message }) => /the installation/.test(message)).map(({ message }) => message)).toEqual([
      'the installation observes only from now on',
      'the installation trades again',
    ]);
  });

  it('changes how much is logged at once', async () => {
    expect((await owner.call('PUT', '/admin/log-level', { level: 'debug' })).body).toEqual({ level: 'debug' });
    expect(level).toBe('debug');
    expect((await owner.call('GET', '/admin/log-level')).body).toEqual({ level: 'debug' });
    expect((await owner.call('PUT', '/admin/log-level', { level: 'loud' })).problem.code).toBe('validation_failed');
  });

  it.each([
    ['GET', '/admin/trading'],
    ['POST', '/admin/trading/observe'],
    ['POST', '/admin/trading/resume'],
    ['GET', '/admin/log-level'],
    ['PUT', '/admin/log-level'],
  ] as const)('alone may %s %s', async (method, path) => {
    const body = method === 'GET' ? undefined : path.endsWith('level') ? { level: 'info' } : {};
    expect((await user.call(method, path, body)).problem.code).toBe('forbidden');
    expect((await ask(api.server, method, `/api/v1${path}`, body)).status).toBe(401);
    expect(await database.store.operations.observing()).toBeNull();
  });
});
