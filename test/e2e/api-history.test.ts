/** Candles of the past through the API: what there is, and downloads as jobs of the owner. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { diskHistory } from '#adapters/history/disk.ts';
import { workOn } from '#app/jobs/job-bench.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import { historyDownload } from '#app/jobs/kinds/history-download.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type Api, type Caller, fieldsOf, openApi } from './_api.ts';

const HOUR = 3_600_000;

let database: TestStore;
let directory: string;
let api: Api;
let owner: Caller;

beforeEach(async () => {
  database = await createTestStore();
  directory = mkdtempSync(join(tmpdir(), 'argosy-api-history-'));
  api = await openApi(database.store, { candleHistory: diskHistory(directory) });
  owner = await api.user();
});

afterEach(async () => {
  await api.server.close();
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

async function work(): Promise<void> {
  const parts = { ...api, venues: new Map([[api.paper.id, api.paper]]), candleHistory: diskHistory(directory), log: quietLog() };
  await workOn(api.jobs, [historyDownload], parts as unknown as JobParts);
}

function wish(change: Readonly<Record<string, unknown>> = {}) {
  const from = new Date(Math.floor(api.clock.now() / HOUR) * HOUR - 100 * HOUR).toISOString();
  return { exchange: 'paper', symbols: ['BTC/USDT', 'ETH/USDT'], intervals: ['1h'], from, ...change };
}

// The scripted exchange has no candle in every seventh hour; the last one missing is too young to be a hole.
it('downloads as a job that tells how far it is, and lists what there is to everybody', async () => {
  await work();
  const ordered = await owner.call('POST', '/market/history/downloads', wish());
  expect([ordered.status, ordered.body]).toMatchObject([202, { kind: 'history_download', state: 'waiting' }]);
  const again = await owner.call('POST', '/market/history/downloads', wish());
  expect(again.body.id).toBe(ordered.body.id);
  await api.jobs.doNext();
  const done = await owner.call('GET', `/admin/jobs/${ordered.body.id}`);
  expect(done.body).toMatchObject({
    state: 'completed',
    progress: { share: 1, symbol: 'ETH/USDT', interval: '1h', added: 85 },
    result: {
      series: [
        { symbol: 'BTC/USDT', interval: '1h', added: 85, holes: 14, refused: 0 },
        { symbol: 'ETH/USDT', interval: '1h', added: 85, holes: 14, refused: 0 },
      ],
    },
  });
  const someone = await api.user();
  const { body } = await someone.call('GET', '/market/history?limit=1');
  const first = { exchange: 'paper', symbol: 'BTC/USDT', interval: '1h', candles: 85, holes: 14, damaged: 0, first_at: '2023-11-10T19:00:00.000Z' };
  expect(body).toMatchObject({ items: [first], next_cursor: 'paper BTC/USDT 1h' });
  expect((await someone.call('GET', `/market/history?cursor=${encodeURIComponent('paper BTC/USDT 1h')}`)).body).toMatchObject({
    items: [{ symbol: 'ETH/USDT' }],
    next_cursor: null,
  });
  expect((await someone.call('GET', '/market/history?exchange=binance')).body.items).toEqual([]);
});

it('lists the rest when a file is damaged, and says that one is', async () => {
  await work();
  await owner.call('POST', '/market/history/downloads', wish({ symbols: ['BTC/USDT'] }));
  await api.jobs.doNext();
  writeFileSync(join(directory, 'paper', 'BTC_USDT', '1h', '2020-01.parquet'), 'no');
  expect((await owner.call('GET', '/market/history')).body).toMatchObject({ items: [{ candles: 85, holes: 14, damaged: 1 }] });
});

it('lets go of a download that is cancelled; what has come stays', async () => {
  await work();
  const { body } = await owner.call('POST', '/market/history/downloads', wish());
  expect((await owner.call('POST', `/admin/jobs/${body.id}/cancel`)).body).toMatchObject({ state: 'cancelled' });
  await owner.call('POST', '/market/history/downloads', wish());
  expect(await api.jobs.doNext('cancelled')).toMatchObject({ failure: expect.stringContaining('the job was let go of: cancelled') });
});

it('is the owner’s alone to order', async () => {
  const someone = await api.user();
  expect((await someone.call('POST', '/market/history/downloads', wish())).status).toBe(403);
  expect(await api.jobs.list('tasks', ['waiting'], 10)).toEqual([]);
});

it.each([
  [{ exchange: 'nowhere' }, 'exchange_unknown', ['exchange']],
  [{ symbols: ['NO/SUCH'] }, 'symbol_unknown', ['symbol']],
  [{ symbols: [] }, 'validation_failed', ['symbols']],
  [{ intervals: ['3m'] }, 'validation_failed', ['intervals.0']],
  [{ symbols: Array.from({ length: 15 }, () => 'BTC/USDT'), intervals: ['1m', '5m', '15m', '30m', '1h', '4h', '1d'] }, 'validation_failed', ['symbols']],
  [{ from: '2999-01-01T00:00:00Z' }, 'validation_failed', ['from']],
  [{ from: 'yesterday' }, 'validation_failed', ['from']],
] as const)('refuses %j and names the field', async (change, code, fields) => {
  const answer = await owner.call('POST', '/market/history/downloads', wish(change));
  expect([answer.problem.code, fieldsOf(answer)]).toEqual([code, fields]);
});

it('downloads settlements as a job where the exchange tells them, and names what it does not tell', async () => {
  const page = async (from: number, to: number) => ({ rows: [{ at: Math.ceil(from / HOUR) * HOUR, rate: '0.0001' as const }], until: to });
  const past = (symbol: string) => (symbol === 'BTC/USDT:USDT' ? { funding: { reachMs: null, page } } : {});
  Object.assign(api.paper.market, { past });
  const instruments = new Map(await api.paper.market.instruments());
  const spot = instruments.get('BTC/USDT');
  if (spot === undefined) throw new Error('the scripted exchange trades BTC/USDT');
  instruments.set('BTC/USDT:USDT', { ...spot, symbol: 'BTC/USDT:USDT' });
  Object.assign(api.paper.market, { instruments: async () => instruments });
  await work();
  const refused = await owner.call('POST', '/market/history/downloads', wish({ intervals: ['trades'] }));
  expect(refused.problem).toMatchObject({
    code: 'validation_failed',
    errors: [{ field: 'intervals', message: 'has trades, which paper does not tell of BTC/USDT' }],
  });
  const ordered = await owner.call('POST', '/market/history/downloads', wish({ symbols: ['BTC/USDT:USDT'], intervals: ['funding'] }));
  expect(ordered.status).toBe(202);
  await api.jobs.doNext();
  expect((await owner.call('GET', `/admin/jobs/${ordered.body.id}`)).body).toMatchObject({
    state: 'completed',
    result: { series: [{ symbol: 'BTC/USDT:USDT', interval: 'funding', added: 1, holes: 0, refused: 0 }] },
  });
  expect((await owner.call('GET', '/market/history')).body).toMatchObject({
    items: [{ symbol: 'BTC/USDT:USDT', interval: 'funding', candles: 1, damaged: 0 }],
  });
});
