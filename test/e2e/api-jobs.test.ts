/** The owner sees what goes on in the background, and does something about it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { workOn } from '#app/jobs/job-bench.ts';
import type { JobKind, JobParts } from '#app/jobs/job-kind.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type Api, type Caller, fieldsOf, openApi } from './_api.ts';

let database: TestStore;
let api: Api;
let owner: Caller;

beforeEach(async () => {
  database = await createTestStore();
  api = await openApi(database.store);
  owner = await api.user();
});

afterEach(async () => {
  await api.server.close();
  await database.drop();
});

const title = { en: 'Broken', ru: 'Сломано' };
const broken: JobKind = { kind: 'session_cleanup', title, repeat: () => ({ cron: '17 * * * *' }), run: () => Promise.reject(new Error('no such luck')) };

async function work(kinds: readonly JobKind[]): Promise<void> {
  await workOn(api.jobs, kinds, { ...api, log: quietLog(), backups: null, keptFor: { tapesMs: 1, equityMs: 1, eventsMs: 1 } } as unknown as JobParts);
}

it('lists every kind with its last job, and the newest jobs, without what they were given', async () => {
  await work(JOB_KINDS);
  await api.jobs.enqueue('tasks', { kind: 'session_cleanup', data: { mine: 'alone' } });
  await api.jobs.doNext();
  const { status, body, text } = await owner.call('GET', '/admin/jobs');
  expect(status).toBe(200);
  expect(text).not.toContain('alone');
  const done = { id: 'job-1', kind: 'session_cleanup', state: 'completed', result: { removed: 0 }, attempts_made: 1, failure: null };
  expect(body).toMatchObject({ items: [done], next_cursor: null });
  const kinds = (body as unknown as { readonly kinds: readonly { readonly kind: string }[] }).kinds;
  expect(kinds.map(({ kind }) => kind)).toEqual(JOB_KINDS.map(({ kind }) => kind));
  expect(kinds.find(({ kind }) => kind === 'session_cleanup')).toMatchObject({ is_scheduled: true, last: done });
  expect(kinds.find(({ kind }) => kind === 'backup')).toMatchObject({ is_scheduled: false, last: null });
});

it('selects by state and kind', async () => {
  await work([broken]);
  for (const kind of ['retention', 'session_cleanup', 'backup']) await api.jobs.enqueue('tasks', { kind, data: {} });
  await api.jobs.doNext();
  const ids = async (query: string) => (await owner.call('GET', `/admin/jobs?${query}`)).body.items.map(({ id }) => id);
  expect(await ids('state=waiting')).toEqual(['job-3', 'job-2']);
  expect(await ids('state=failed')).toEqual(['job-1']);
  expect(await ids('kind=backup')).toEqual(['job-3']);
  expect(await ids('limit=1')).toEqual(['job-3']);
  expect(fieldsOf(await owner.call('GET', '/admin/jobs?state=bored'))).toEqual(['state']);
});

it('begins a scheduled kind now, once however often it is asked for, and no other', async () => {
  const first = await owner.call('POST', '/admin/jobs', { kind: 'retention' });
  expect([first.status, first.body]).toEqual([202, expect.objectContaining({ kind: 'retention', state: 'waiting', progress: {}, result: null })]);
  expect((await owner.call('POST', '/admin/jobs', { kind: 'retention' })).body.id).toBe(first.body.id);
  const refused = await owner.call('POST', '/admin/jobs', { kind: 'mining' });
  expect([refused.status, fieldsOf(refused), refused.problem.detail]).toEqual([
    422,
    ['kind'],
    'kind must be one of backtest_sweep, backup, market_quotes, optimization_sweep, plan_ends, retention, session_cleanup',
  ]);
});

it('does a failed job again and cancels one that waits; what does not fit its state is refused with where it stands', async () => {
  await work([broken]);
  const { id } = (await owner.call('POST', '/admin/jobs', { kind: 'session_cleanup' })).body;
  const early = await owner.call('POST', `/admin/jobs/${id}/retry`);
  expect([early.status, early.problem.code, early.problem.detail]).toEqual([409, 'job_state_conflict', expect.stringContaining('waiting')]);
  await api.jobs.doNext();
  expect((await owner.call('GET', `/admin/jobs/${id}`)).body).toMatchObject({ state: 'failed', failure: 'no such luck' });
  const late = await owner.call('POST', `/admin/jobs/${id}/cancel`);
  expect([late.status, late.problem.code]).toEqual([409, 'job_state_conflict']);
  const again = await owner.call('POST', `/admin/jobs/${id}/retry`);
  expect([again.status, again.body]).toEqual([202, expect.objectContaining({ id, state: 'waiting', failure: null })]);
  const cancelled = await owner.call('POST', `/admin/jobs/${id}/cancel`);
  expect([cancelled.status, cancelled.body]).toEqual([202, expect.objectContaining({ id, state: 'cancelled' })]);
  expect((await owner.call('GET', `/admin/jobs/${id}`)).status).toBe(404);
});
