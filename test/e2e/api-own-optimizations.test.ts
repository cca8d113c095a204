/** Optimisations and checks of users' own strategies over HTTP, with a real database, real threads and a real sandbox. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diskHistory } from '#adapters/history/disk.ts';
import { randomIds } from '#adapters/ids.ts';
import { workOn } from '#app/jobs/job-bench.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import { OwnStrategies } from '#app/own-strategies/own-strategies.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import { threadBench } from '#roles/_backtest-bench.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { threadCrews } from '#roles/_trial-crew.ts';
import { example } from '#test/sandbox/examples.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type Api, type Caller, openApi } from './_api.ts';

const HOURS = 1_500;
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
let sandbox: StrategySandbox;
let api: Api;
let ada: Caller;
let datasetId: string;

const crews = threadCrews(2);
afterAll(() => crews.close());

beforeAll(async () => {
  database = await createTestStore();
  sandbox = openStrategySandbox({ startsPerMinute: 500 });
  const own = new OwnStrategies({ store: database.store, sandbox, clock: new ManualClock(), ids: randomIds });
  api = await openApi(database.store, { own });
  ada = await api.user();
  await workOn(api.jobs, JOB_KINDS, {
    store: api.store,
    clock: api.clock,
    log: quietLog(),
    venues: new Map(),
    strategies: new Map(),
    own,
    jobs: async () => api.jobs,
    bench: threadBench('no history'),
    crew: crews.open,
    candleHistory: diskHistory('nowhere/at/all'),
  } as unknown as JobParts);
  await ada.call('POST', '/strategies', { files: example('dip-buyer.ts') });
  const made = await api.server.inject({
    method: 'POST',
    url: '/api/v1/datasets?name=waves',
    headers: { authorization: `Bearer ${ada.accessToken}`, 'content-type': 'text/csv' },
    payload: CSV,
  });
  datasetId = (made.json() as { id: string }).id;
});
afterAll(async () => {
  await sandbox.close();
  await database.drop();
});

const MARKET = { strategy: 'custom:dip-buyer', exchange: 'binance', symbol: 'BTC/USDT' };
const wanted = (change: object = {}) => ({
  name: 'Dips',
  ...MARKET,
  dataset_id: datasetId,
  config: { budget: '1000' },
  ranges: { dip_percent: { from: 2, to: 8, step: 2 }, profit_percent: { values: ['1', '3'] } },
  search: 'grid',
  objectives: [{ name: 'profit' }],
  min_trades: 1,
  ...change,
});

async function doJobs(): Promise<void> {
  for (let job = await api.jobs.doNext(); job !== null; job = await api.jobs.doNext()) expect(job.state).toBe('completed');
}

const bodyOf = async (path: string) => (await ada.call('GET', path)).body as unknown as Record<string, unknown>;
interface Result {
  readonly config: Readonly<Record<string, unknown>>;
  readonly in_sample: { readonly profit_share: number; readonly trades: number };
  readonly out_of_sample: object | null;
}
const resultsOf = async (id: string) => (await bodyOf(`/optimizations/${id}/results?limit=200`))['items'] as readonly Result[];

describe('an optimisation of an own strategy', () => {
  it('tries every set in the sandbox and comes to what a backtest of each comes to; a result becomes a bot of that very version', async () => {
    const made = await ada.call('POST', '/optimizations', wanted({ out_of_sample: 0 }));
    expect(made.status, made.text).toBe(202);
    expect(made.body).toMatchObject({ strategy: 'custom:dip-buyer@1', trials: 8 });
    await doJobs();
    expect(await bodyOf(`/optimizations/${made.body.id}`)).toMatchObject({ state: 'done', trials_done: 8, summary: { refused: 0 } });
    const items = await resultsOf(made.body.id);
    expect(items).toHaveLength(8);
    const [best] = items;
    expect(best?.in_sample.trades).toBeGreaterThan(1);
    const backtest = await ada.call('POST', '/backtests', { name: 'Best', ...MARKET, dataset_id: datasetId, config: best?.config });
    await doJobs();
    expect(await bodyOf(`/backtests/${backtest.body.id}`)).toMatchObject({ figures: { profit_share: best?.in_sample.profit_share } });
    const account = (await ada.call('POST', '/accounts', { name: 'Play', exchange: 'paper' })).body.id;
    const bot = await ada.call('POST', `/optimizations/${made.body.id}/results/1/deploy`, { name: 'Found', account_id: account });
    expect(bot.status, bot.text).toBe(201);
    expect(bot.body).toMatchObject({ strategy: 'custom:dip-buyer@1', warning: 'in_sample', config: best?.config });
  }, 90_000);

  it('is validated out of the sample, gives up the worse half where it is told to, and names what the strategy refuses', async () => {
    const search = { search: 'random', trials: 24, seed: 3, pruning: true };
    const ranges = { dip_percent: { from: 1, to: 9, step: '0.5' }, budget: { values: ['1', '1000', '2000', '3000'] } };
    const made = await ada.call('POST', '/optimizations', wanted({ ...search, ranges, config: { profit_percent: '1' } }));
    expect(made.status, made.text).toBe(202);
    await doJobs();
    const { state, summary } = (await bodyOf(`/optimizations/${made.body.id}`)) as { state: string; summary: Record<string, unknown> };
    expect(state).toBe('done');
    expect(summary).toMatchObject({ refused: expect.any(Number), refusal: expect.stringContaining('budget') });
    expect(Number(summary['pruned'])).toBeGreaterThan(3);
    expect((await resultsOf(made.body.id)).filter((item) => item.out_of_sample !== null).length).toBeGreaterThan(1);
  }, 90_000);

  it('is nobody else’s to ask for, and names a setting that there is none of', async () => {
    const eve = await api.user();
    expect((await eve.call('POST', '/optimizations', wanted())).problem.code).toBe('strategy_unknown');
    expect((await ada.call('POST', '/optimizations', wanted({ strategy: 'custom:dip-buyer@7' }))).problem.code).toBe('strategy_unknown');
    const none = await ada.call('POST', '/optimizations', wanted({ ranges: { speed: { from: 1, to: 2 } } }));
    expect(none.problem).toMatchObject({ code: 'validation_failed', detail: expect.stringContaining('speed') });
  }, 60_000);
});

describe('a backtest of an own strategy', () => {
  async function backtest(): Promise<string> {
    const made = await ada.call('POST', '/backtests', { name: 'Dips', ...MARKET, dataset_id: datasetId, config: { dip_percent: '4', profit_percent: '2' } });
    await doJobs();
    return made.body.id;
  }
  async function check(id: string, wish: object): Promise<Record<string, unknown>> {
    const made = await ada.call('POST', `/backtests/${id}/checks`, wish);
    expect(made.status, made.text).toBe(202);
    await doJobs();
    return await bodyOf(`/backtests/${id}/checks/${made.body.id}`);
  }

  it('is run over histories that end earlier, and decides the same up to there', async () => {
    const looked = await check(await backtest(), { kind: 'look_ahead' });
    expect(looked).toMatchObject({ state: 'done', result: { strategy: 'custom:dip-buyer@1', findings: [] } });
    expect((looked['result'] as { decisions: number; cuts: number }).decisions).toBeGreaterThan(8);
    expect((looked['result'] as { decisions: number; cuts: number }).cuts).toBeGreaterThan(10);
  }, 90_000);

  it('is walked forward: what is chosen in each window trades on what follows', async () => {
    const wish = { kind: 'walk_forward', search: 'grid', windows: 3, objectives: [{ name: 'profit' }], min_trades: 1 };
    const walked = await check(await backtest(), { ...wish, ranges: { dip_percent: { values: ['2', '4', '6'] } } });
    expect(walked).toMatchObject({ state: 'done', result: { windows: [{}, {}, {}] } });
    const { windows } = walked['result'] as { windows: readonly { config: object | null; out_of_sample: object | null }[] };
    for (const { config, out_of_sample } of windows) {
      expect(config).toMatchObject({ dip_percent: expect.stringMatching(/^[246]$/), profit_percent: '2' });
      expect(out_of_sample).not.toBeNull();
    }
  }, 90_000);

  it('has its trades mixed, and no figures that could depend on where the history began', async () => {
    const id = await backtest();
    expect(await check(id, { kind: 'recursion' })).toMatchObject({ state: 'done', result: { figures: [], other_turns: 0 } });
    const mixed = await check(id, { kind: 'monte_carlo', seed: 1 });
    expect([mixed['state'], mixed['failure']]).toEqual(['done', '']);
  }, 90_000);
});
