/** Optimisations through the API: asked for, computed piece by piece by jobs, paused, gone on with, and made into bots. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { workOn } from '#app/jobs/job-bench.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import { SETTLED_OPTIMIZATION_MS } from '#app/jobs/kinds/optimization-sweep.ts';
import type { OpenCrew } from '#app/optimize/evaluate.ts';
import { MAX_UNFINISHED_OPTIMIZATIONS } from '#app/optimize/optimizations.ts';
import { MAX_VALIDATED } from '#app/optimize/ranking.ts';
import { LOOK_EVERY_MS } from '#app/optimize/work.ts';
import type { JobRecord } from '#core/jobs.ts';
import type { Strategy } from '#core/strategy.ts';
import { grid } from '#strategies/grid.ts';
import { movingAverageCross } from '#strategies/moving-average-cross.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { plainBench } from '#test/support/plain-bench.ts';
import { plainCrew } from '#test/support/plain-crew.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type Api, type Caller, fieldsOf, openApi } from './_api.ts';

const STRATEGIES = new Map<string, Strategy>([
  ['grid', grid as Strategy],
  ['moving_average_cross', movingAverageCross as Strategy],
]);
/** 40 days of hours: waves that a crossover can follow. */
const HOURS = 960;
const CSV = [
  'timestamp,open,high,low,close,volume',
  ...Array.from({ length: HOURS }, (_, index) => {
    const price = (hour: number) => 100 + 12 * Math.sin(hour / 17) + 4 * Math.sin(hour / 5);
    const [open, close] = [price(index), price(index + 1)];
    return [1_699_920_000 + index * 3_600, open, Math.max(open, close) + 0.3, Math.min(open, close) - 0.3, close, 500].map((value, column) =>
      column === 0 ? value : value.toFixed(2),
    );
  }).map((row) => row.join()),
].join('\n');

let database: TestStore;
let api: Api;
let user: Caller;
let datasetId: string;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  api = await openApi(database.store, { strategies: STRATEGIES });
  user = await api.user();
  await work(plainCrew(STRATEGIES));
  datasetId = await upload(user);
});
afterAll(() => database.drop());

/** Has the jobs done by a crew. */
async function work(crew: OpenCrew): Promise<void> {
  await workOn(api.jobs, JOB_KINDS, {
    store: api.store,
    clock: api.clock,
    log: quietLog(),
    venues: new Map(),
    strategies: STRATEGIES,
    jobs: async () => api.jobs,
    bench: plainBench(STRATEGIES),
    crew,
  } as unknown as JobParts);
}

async function upload(caller: Caller): Promise<string> {
  const answer = await api.server.inject({
    method: 'POST',
    url: '/api/v1/datasets?name=waves',
    headers: { authorization: `Bearer ${caller.accessToken}`, 'content-type': 'text/csv' },
    payload: CSV,
  });
  return (answer.json() as { id: string }).id;
}

const wanted = (change: object = {}) => ({
  name: 'Crossing',
  strategy: 'moving_average_cross',
  config: { investment: '1000', timeframe: '1h', average: 'sma' },
  exchange: 'binance',
  symbol: 'BTC/USDT',
  dataset_id: datasetId,
  ranges: { fast: { from: 2, to: 11 }, slow: { from: 12, to: 30, step: 2 } },
  search: 'grid',
  objectives: [{ name: 'profit' }],
  min_trades: 2,
  ...change,
});
const make = async (change: object = {}, caller = user) => caller.call('POST', '/optimizations', wanted(change));
const read = async (id: string) => (await user.call('GET', `/optimizations/${id}`)).body as unknown as Item;
const results = async (id: string, query = '?limit=200') => (await user.call('GET', `/optimizations/${id}/results${query}`)).body as unknown as Results;

interface Item {
  readonly state: string;
  readonly trials: number;
  readonly trials_done: number;
  readonly seed: number;
  readonly fingerprint: string;
  readonly summary: Readonly<Record<string, unknown>> | null;
}
interface Results {
  readonly items: readonly {
    readonly rank: number;
    readonly warning: string | null;
    readonly out_of_sample: { readonly profit_share: number } | null;
    readonly in_sample: { readonly profit_share: number; readonly profit_factor: number | null };
    readonly config: Readonly<Record<string, unknown>>;
    readonly scores: readonly number[];
    readonly is_on_front: boolean;
  }[];
  readonly next_cursor: string | null;
}

/** Does what waits until nothing does, or a number of jobs. */
async function doJobs(most = 1_000): Promise<JobRecord[]> {
  const done: JobRecord[] = [];
  for (let job = await api.jobs.doNext(); job !== null; job = done.length < most ? await api.jobs.doNext() : null) done.push(job);
  return done;
}

describe('an optimisation', () => {
  it('tries every set, tells how far it is, and gives the best with their figures out of the sample first', async () => {
    const made = await make();
    expect(made.status).toBe(202);
    expect(made.body).toMatchObject({ state: 'waiting', trials: 100, trials_done: 0, fingerprint: '', summary: null });
    expect((await user.call('GET', `/optimizations/${made.body.id}/results`)).problem.code).toBe('backtest_unfinished');
    await doJobs(1);
    expect(await read(made.body.id)).toMatchObject({ state: 'running', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await doJobs()).every(({ state }) => state === 'completed')).toBe(true);
    const done = await read(made.body.id);
    expect(done).toMatchObject({ state: 'done', trials: 100, trials_done: 100 });
    expect(done.summary).toMatchObject({ refused: 0, pruned: 0, deflated_sharpe: { trials: 100 }, validated: { count: MAX_VALIDATED } });
    const { items } = await results(made.body.id);
    const profits = items.map(({ in_sample: { profit_share } }) => profit_share);
    expect(profits).toEqual([...profits].sort((one, other) => other - one));
    expect(items.map(({ rank }) => rank)).toEqual(items.map((_, index) => index + 1));
    expect(items.filter(({ out_of_sample: outside }) => outside !== null)).toHaveLength(MAX_VALIDATED);
    expect(Object.keys(items[0] ?? {}).slice(0, 2)).toEqual(['rank', 'out_of_sample']);
    expect(items[0]?.config).toMatchObject({ investment: '1000', fast: expect.any(Number), slow: expect.any(Number) });
    const pages = await results(made.body.id, '?limit=3');
    expect(pages.items.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    expect((await results(made.body.id, `?limit=2&cursor=${pages.next_cursor}`)).items.map(({ rank }) => rank)).toEqual([4, 5]);
  });

  it('gives the same for the same seed, whoever does the work and in whatever sequence', async () => {
    const search = { search: 'evolution', trials: 80, seed: 11, objectives: [{ name: 'profit' }, { name: 'expectancy' }], pruning: true };
    const first = (await make(search)).body.id;
    await doJobs();
    const other = (await make(search)).body.id;
    await work(plainCrew(STRATEGIES, 3));
    await doJobs();
    expect(await results(other)).toEqual(await results(first));
    const { summary, fingerprint } = await read(first);
    expect(await read(other)).toMatchObject({ state: 'done', summary, fingerprint, seed: 11 });
    expect(Number(summary?.['pruned'])).toBeGreaterThan(20);
    expect((await results(first)).items.filter((item) => item.is_on_front).length).toBeGreaterThan(1);
  });

  it('makes a bot of a result in one call, which says for ever when it was judged only where it was chosen', async () => {
    const { id } = (await make()).body;
    await doJobs();
    const account = (await user.call('POST', '/accounts', { name: 'Play', exchange: 'paper' })).body.id;
    const { items } = await results(id);
    const deploy = (rank: number, caller = user) => caller.call('POST', `/optimizations/${id}/results/${rank}/deploy`, { name: 'Found', account_id: account });
    const inside = await deploy(MAX_VALIDATED + 1);
    expect(inside.status).toBe(201);
    expect(inside.body).toMatchObject({ status: 'stopped', mode: 'paper', warning: 'in_sample', config: items[MAX_VALIDATED]?.config });
    const bot = `/bots/${inside.body.id}`;
    expect((await user.call('GET', bot)).body).toMatchObject({ warning: 'in_sample' });
    expect((await user.call('PATCH', bot, { name: 'Renamed' })).body).toMatchObject({ warning: 'in_sample' });
    expect((await user.call('PATCH', bot, { config: { ...items[0]?.config, fast: 3 } })).body).toMatchObject({ warning: null });
    const best = items[0];
    expect((await deploy(1)).body).toMatchObject({ warning: best?.warning ?? null, config: best?.config });
    expect(best?.warning).toBe(Number(best?.out_of_sample?.profit_share) > 0 ? null : 'out_of_sample_loss');
    expect((await deploy(9_999)).status).toBe(404);
    expect((await deploy(1, await api.user())).status).toBe(404);
  });

  it('warns of every result where no history was kept from the search', async () => {
    const { id } = (await make({ out_of_sample: 0 })).body;
    await doJobs();
    const { items } = await results(id);
    expect(new Set(items.map(({ warning }) => warning))).toEqual(new Set(['in_sample']));
    expect((await read(id)).summary).toMatchObject({ validated: null });
  });

  it('is told what the strategy refuses, and works trades out where an objective asks for them', async () => {
    const { id } = (
      await make({
        ranges: { fast: { from: 10, to: 40, step: 10 }, slow: { values: [20, 30] } },
        objectives: [{ name: 'profit_factor' }, { name: 'expectancy' }],
      })
    ).body;
    await doJobs();
    const { summary } = await read(id);
    expect(summary).toMatchObject({ refused: 5, refusal: expect.stringContaining('fast') });
    for (const { in_sample: figures } of (await results(id)).items) expect(figures.profit_factor).toBeGreaterThan(0);
  });
});

describe('an optimisation that is interrupted', () => {
  const random = { search: 'random', trials: 200, seed: 5, ranges: { fast: { from: 2, to: 30 }, slow: { from: 31, to: 90 } } };

  it('pauses between pieces, keeps what is done, and goes on to the same end', async () => {
    const straight = (await make(random)).body.id;
    await doJobs();
    const { id } = (await make(random)).body;
    await doJobs(2);
    expect((await user.call('POST', `/optimizations/${id}/pause`)).body).toMatchObject({ state: 'paused', trials_done: 100 });
    await doJobs();
    expect(await read(id)).toMatchObject({ state: 'paused', trials_done: 100 });
    expect((await user.call('POST', `/optimizations/${id}/pause`)).problem.code).toBe('job_state_conflict');
    expect((await user.call('POST', `/optimizations/${id}/resume`)).body).toMatchObject({ state: 'running' });
    await doJobs();
    expect(await read(id)).toMatchObject({ state: 'done', trials_done: 200 });
    expect(await results(id)).toEqual(await results(straight));
  });

  it('loses at most the piece a worker had in hand', async () => {
    const { id } = (await make(random)).body;
    await doJobs(2);
    const failing: OpenCrew = (most) => ({ ...plainCrew(STRATEGIES)(most), ask: () => Promise.reject(new Error('the process is gone')) });
    await work(failing);
    expect(await api.jobs.doNext('closing')).toMatchObject({ state: 'failed' });
    expect(await read(id)).toMatchObject({ state: 'running', trials_done: 100 });
    await work(plainCrew(STRATEGIES));
    await api.clock.advance(SETTLED_OPTIMIZATION_MS + 1);
    await api.jobs.enqueue('tasks', { kind: 'optimization_sweep', data: {} });
    await doJobs();
    expect(await read(id)).toMatchObject({ state: 'done', trials_done: 200 });
  });

  it('ends where it is cancelled or deleted, and counts no longer', async () => {
    const { id } = (await make(random)).body;
    await doJobs(2);
    expect((await user.call('POST', `/optimizations/${id}/cancel`)).body).toMatchObject({ state: 'cancelled' });
    expect((await doJobs()).map(({ result }) => result)).toEqual([{ outcome: 'over' }]);
    expect((await user.call('POST', `/optimizations/${id}/resume`)).problem.code).toBe('job_state_conflict');
    expect((await user.call('DELETE', `/optimizations/${id}`)).status).toBe(204);
    expect((await user.call('GET', `/optimizations/${id}`)).status).toBe(404);
  });

  it('lets go of the piece in hand soon after it was cancelled', async () => {
    const { id } = (await make(random)).body;
    await doJobs(1);
    const closed = Promise.withResolvers<void>();
    let sets = 0;
    await work((most) => {
      const crew = plainCrew(STRATEGIES)(most);
      return {
        ...crew,
        ask: async (member, task) => {
          if (task.type === 'run') {
            sets += 1;
            if (sets === 5) await user.call('POST', `/optimizations/${id}/cancel`);
            await api.clock.advance(LOOK_EVERY_MS);
            if (sets === 7) await closed.promise;
          }
          return crew.ask(member, task);
        },
        close: () => {
          crew.close();
          closed.resolve();
        },
      };
    });
    expect(await api.jobs.doNext()).toMatchObject({ state: 'completed', result: { outcome: 'over' } });
    expect(sets).toBeLessThanOrEqual(7);
    expect(await read(id)).toMatchObject({ state: 'cancelled', trials_done: 0 });
  });

  it('fails with the reason where the candles do not do', async () => {
    const { id } = (await make({ config: { investment: '1000', timeframe: '1h' } })).body;
    await user.call('DELETE', `/datasets/${datasetId}`);
    await doJobs();
    expect((await user.call('GET', `/optimizations/${id}`)).body).toMatchObject({
      state: 'failed',
      failure: 'the file of candles is not there any more; upload it again',
    });
  });
});

describe('an optimisation that cannot be', () => {
  it.each([
    [{ ranges: {} }, ['ranges']],
    [{ ranges: { speed: { from: 1, to: 2 } } }, ['ranges.speed']],
    [{ ranges: { fast: { from: 0, to: 5 } } }, ['ranges.fast.from']],
    [{ ranges: { fast: { from: 9, to: 5 } } }, ['ranges.fast.to']],
    [{ ranges: { fast: { from: 2, to: 5, step: 0.5 } } }, ['ranges.fast.step']],
    [{ ranges: { stop_loss_percent: { from: 1, to: 5 } } }, ['ranges.stop_loss_percent.step']],
    [{ ranges: { stop_loss_percent: { from: 1, to: 50, step: 0.001 } } }, ['ranges.stop_loss_percent.step']],
    [{ config: { investment: '1000', timeframe: '1h' }, ranges: { average: { from: 1, to: 2 } } }, ['ranges.average']],
    [{ config: { investment: '1000', timeframe: '1h' }, ranges: { average: { values: ['sma', 'magic'] } } }, ['ranges.average.values[1]']],
    [{ ranges: { slow: { values: [20, 20] } } }, ['ranges.slow.values']],
    [{ ranges: { fast: { from: 2, to: 400 }, slow: { from: 2, to: 400 } } }, ['ranges']],
    [{ config: { investment: '1000', timeframe: '1h', fast: 5 } }, ['config.fast']],
    [{ config: { investment: '-1', timeframe: '1h' } }, ['config.investment']],
    [{ trials: 50 }, ['trials']],
    [{ search: 'random' }, ['trials']],
    [{ search: 'guess' }, ['search']],
    [{ objectives: [{ name: 'fame' }] }, ['objectives[0].name']],
    [{ objectives: [{ name: 'profit', weight: 1 }, { name: 'sharpe' }] }, ['objectives']],
    [{ objectives: [{ name: 'profit' }, { name: 'profit' }] }, ['objectives[1].name']],
    [{ out_of_sample: 0.95 }, ['out_of_sample']],
    [{ dataset_id: 'nothing' }, ['dataset_id']],
  ])('is refused with the field at fault: %j', async (change, fields) => {
    const answer = await make(change);
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)).toEqual(fields);
  });

  it('is refused beyond as many as a user may have, and is no concern of others', async () => {
    const ids = [];
    for (let index = 0; index < MAX_UNFINISHED_OPTIMIZATIONS; index += 1) ids.push((await make()).body.id);
    expect((await make()).problem.code).toBe('too_many_kept');
    const other = await api.user();
    expect((await other.call('GET', '/optimizations')).body.items).toEqual([]);
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/results'],
      ['POST', '/pause'],
      ['POST', '/resume'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const)
      expect((await other.call(method, `/optimizations/${ids[0]}${path}`)).status).toBe(404);
    expect(fieldsOf(await make({}, other))).toEqual(['dataset_id']);
  });
});
