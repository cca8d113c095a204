/** Backtests through the API: asked for, computed by the job, read in every form, compared, deployed; nobody sees another's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { diskHistory } from '#adapters/history/disk.ts';
import type { LiveComparison } from '#app/backtest/against-live.ts';
import { MAX_UNFINISHED } from '#app/backtest/backtests.ts';
import { MAX_UNFINISHED_CHECKS } from '#app/honesty/checks.ts';
import { workOn } from '#app/jobs/job-bench.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import { newCandleColumns } from '#core/history.ts';
import type { JobRecord, StopReason } from '#core/jobs.ts';
import { decimal } from '#core/money.ts';
import { grid } from '#strategies/grid.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { plainBench } from '#test/support/plain-bench.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { RECIPE } from '#test/support/trading-world.ts';
import { type Api, type Caller, fieldsOf, GRID, openApi } from './_api.ts';
import { BTC } from './_venue.ts';

let database: TestStore;
let api: Api;
let user: Caller;
let directory: string;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'argosy-backtests-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const candleHistory = diskHistory(directory);
  api = await openApi(database.store, { candleHistory });
  user = await api.user();
  const strategies = new Map([['grid', grid as never]]);
  const bench = plainBench(strategies, candleHistory);
  const venues = new Map([['binance', api.binance]]);
  await workOn(api.jobs, JOB_KINDS, {
    store: api.store,
    clock: api.clock,
    log: quietLog(),
    venues,
    strategies,
    jobs: async () => api.jobs,
    bench,
    candleHistory,
  } as unknown as JobParts);
});
afterAll(() => database.drop());

const SPAN = { interval: '1m', from: '2023-11-14T10:00:00Z', to: '2023-11-14T12:00:00Z' } as const;
// Prices at the scripted exchange walk between 0.5 and 3.
const CONFIG = { lower_price: '0.5', upper_price: '3', levels: 6, investment: '1000' };
const WANTED = { name: 'Mine', strategy: 'grid', config: CONFIG, exchange: 'binance', symbol: 'BTC/USDT', ...SPAN };
/** 200 minutes around a price. */
const candlesAround = (price: number): string =>
  [
    'timestamp,open,high,low,close,volume',
    ...Array.from({ length: 200 }, (_, index) =>
      [1_700_000_000 + index * 60, price, price * (1.01 + (index % 7) / 100), price * (0.99 - (index % 5) / 100), price, 5].join(),
    ),
  ].join('\n');
const CSV = candlesAround(100);
const FIRST = CSV.split('\n')[1] ?? '';

const make = async (change: object = {}, caller = user) => caller.call('POST', '/backtests', { ...WANTED, ...change });
const work = (stopped: StopReason | null = null): Promise<JobRecord | null> => api.jobs.doNext(stopped);
const upload = (text: string, name = 'file', caller = user) =>
  api.server.inject({
    method: 'POST',
    url: `/api/v1/datasets?name=${name}`,
    headers: { authorization: `Bearer ${caller.accessToken}`, 'content-type': 'text/csv' },
    payload: text,
  });

/** A bot of this user with a run of two hours, on whose tape one purchase stands. */
async function tradedBot(): Promise<{ readonly botId: string }> {
  const account = await user.call('POST', '/accounts', { name: 'Play', exchange: 'paper' });
  const bot = await user.call('POST', '/bots', { name: 'Ran', strategy: 'grid', symbol: 'BTC/USDT', account_id: account.body.id, config: GRID });
  const startedAt = Date.parse(SPAN.from);
  const instrument = { ...BTC, venue: 'binance' };
  const recipe = { ...RECIPE, strategyVersion: grid.version, params: CONFIG, instrument };
  const tape = [
    { event: { type: 'quoteChanged', at: startedAt, bidTicks: 99, askTicks: 101 }, commands: [] },
    { event: { type: 'runStarted', at: startedAt, epoch: 1 }, commands: [] },
    {
      event: {
        ...{ type: 'orderFilled', at: startedAt + 60_000, clientOrderId: 'live' },
        fill: { tradeId: 't', side: 'buy', priceTicks: 100, sizeLots: 500_000, feeGrains: 0, feeAtoms: 0, otherFeeAtoms: 0, isMaker: true },
      },
      commands: [],
    },
  ];
  await database.query(
    `insert into runs (id, user_id, bot_id, account_id, recipe, sequence, started_at, ended_at, end_reason)
     values ('run-${bot.body.id}', '${user.id}', '${bot.body.id}', '${account.body.id}', '${JSON.stringify(recipe)}', 3, ${startedAt}, ${Date.parse(SPAN.to)}, 'stopped')`,
  );
  for (const [index, { event, commands }] of tape.entries())
    await database.query(
      `insert into journal (run_id, sequence, event, commands) values ('run-${bot.body.id}', ${index + 1}, '${JSON.stringify(event)}', '${JSON.stringify(commands)}')`,
    );
  return { botId: bot.body.id };
}

describe('a backtest', () => {
  it('is computed by a job, and read as figures, JSON, tables and a page', async () => {
    const made = await make();
    expect(made.status).toBe(202);
    expect(made.body).toMatchObject({
      state: 'waiting',
      progress: 0,
      figures: null,
      strategy: 'grid',
      exchange: 'binance',
      symbol: 'BTC/USDT',
      interval: '1m',
    });
    const path = `/backtests/${made.body.id}`;
    expect((await user.call('GET', `${path}/result`)).problem).toMatchObject({ code: 'backtest_unfinished', detail: 'The backtest is waiting.' });
    expect(await work()).toMatchObject({ state: 'completed', result: { outcome: 'done', candles: 120 } });

    const done = (await user.call('GET', path)).body as unknown as Record<string, Record<string, unknown>>;
    expect(done).toMatchObject({ state: 'done', progress: 1, failure: '' });
    const document = (await user.call('GET', `${path}/result`)).body as unknown as {
      report: { figures: { profit: string; tradeCount: number } };
      fills: unknown[];
      warnings: { en: string }[];
    };
    expect(done['figures']?.['profit']).toBe(document.report.figures.profit);
    expect(document.fills.length).toBeGreaterThan(0);
    // Each seventh candle of this exchange is missing.
    expect(document.warnings.map(({ en }) => en)[0]).toBe('17 candles were missing and are flat at the close before them, without volume.');
    const trades = await user.call('GET', `${path}/trades.csv`);
    expect(trades.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'content-disposition': 'attachment; filename="trades.csv"' });
    expect(trades.text.trimEnd().split('\r\n')).toHaveLength(document.report.figures.tradeCount + 1);
    for (const table of ['orders', 'fills', 'equity']) expect((await user.call('GET', `${path}/${table}.csv`)).status).toBe(200);
    const page = await user.call('GET', `${path}/report.html`, undefined, { 'accept-language': 'ru' });
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    });
    expect(page.text).toContain('<html lang="ru">');
  });

  it('belongs to its user alone', async () => {
    const { body } = await make();
    await work();
    const other = await api.user();
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/result'],
      ['GET', '/trades.csv'],
      ['GET', '/report.html'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const)
      expect((await other.call(method, `/backtests/${body.id}${path}`)).status).toBe(404);
    expect((await other.call('POST', `/backtests/${body.id}/deploy`, { name: 'x', account_id: 'y' })).status).toBe(404);
    expect((await other.call('GET', `/backtests/compare?ids=${body.id},x`)).status).toBe(404);
    expect((await other.call('GET', '/backtests')).body.items).toEqual([]);
    expect((await user.call('GET', `/backtests/${body.id}`)).status).toBe(200);
  });

  it('is deployed as a bot of the same settings, and only in the version that was tested', async () => {
    const account = await user.call('POST', '/accounts', { name: 'Play', exchange: 'paper' });
    const { body } = await make({ config: { ...CONFIG, investment: '1' } });
    const to = { name: 'Tested', account_id: account.body.id };
    expect((await user.call('POST', `/backtests/${body.id}/deploy`, to)).problem.code).toBe('backtest_unfinished');
    await work();
    // Too little for the smallest order at the first price, which only the candles tell.
    expect((await user.call('GET', `/backtests/${body.id}`)).body).toMatchObject({ state: 'failed', failure: expect.stringContaining('investment') });
    const { id } = (await upload(candlesAround(60_000))).json() as { id: string };
    const { body: good } = await make({ config: GRID, interval: undefined, from: undefined, to: undefined, dataset_id: id });
    await work();
    const bot = await user.call('POST', `/backtests/${good.id}/deploy`, to);
    expect(bot.body).toMatchObject({
      name: 'Tested',
      strategy: 'grid',
      symbol: 'BTC/USDT',
      status: 'stopped',
      config: expect.objectContaining({ levels: 11 }),
    });
    await database.query(`update backtests set settings = (settings::jsonb || '{"strategyVersion": 0}')::json where id = '${good.id}'`);
    expect((await user.call('POST', `/backtests/${good.id}/deploy`, to)).problem).toMatchObject({ status: 409, code: 'strategy_changed' });
  });

  it('is cancelled before or while it runs, and what a worker then brings changes nothing', async () => {
    const { body } = await make();
    expect((await user.call('POST', `/backtests/${body.id}/cancel`)).body).toMatchObject({ state: 'cancelled' });
    expect(await work()).toMatchObject({ result: { outcome: 'over' } });
    const { body: second } = await make();
    await api.store.backtests.begin(second.id, 1);
    await user.call('POST', `/backtests/${second.id}/cancel`);
    await api.store.backtests.finish(second.id, { state: 'done', figures: {}, document: '{}' }, 2);
    expect((await user.call('GET', `/backtests/${second.id}`)).body).toMatchObject({ state: 'cancelled', figures: null });
    expect((await user.call('GET', `/backtests/${second.id}/result`)).problem.code).toBe('backtest_unfinished');
    expect((await user.call('DELETE', `/backtests/${second.id}`)).status).toBe(204);
    expect((await user.call('GET', `/backtests/${second.id}`)).status).toBe(404);
  });

  it('goes on with another worker when its own is closed, and is tried once more when the exchange does not answer', async () => {
    const enqueue = vi.spyOn(api.jobs, 'enqueue');
    const { body } = await make();
    expect(enqueue).toHaveBeenCalledWith('tasks', expect.objectContaining({ kind: 'backtest', attempts: 2 }));
    expect(await work('closing')).toMatchObject({ state: 'failed', failure: 'the job was let go of: closing' });
    expect((await user.call('GET', `/backtests/${body.id}`)).body).toMatchObject({ state: 'running' });
    await api.jobs.retry('tasks', 'job-1');
    api.binance.isUp = false;
    await work();
    expect((await user.call('GET', `/backtests/${body.id}`)).body).toMatchObject({ state: 'running' });
    api.binance.isUp = true;
    await api.jobs.retry('tasks', 'job-1');
    expect(await work()).toMatchObject({ result: { outcome: 'done' } });
  });

  it('that no job stands for any more is asked for again', async () => {
    const { body } = await make();
    expect(await api.jobs.cancel('tasks', 'job-1')).toBe('gone');
    await api.clock.advance(121_000);
    await api.jobs.enqueue('tasks', { kind: 'backtest_sweep', data: {} });
    // Those that other tests have left waiting are found with it.
    expect(await work()).toMatchObject({ kind: 'backtest_sweep', state: 'completed' });
    for (let done = await work(); done !== null; done = await work()) expect(done).toMatchObject({ kind: 'backtest' });
    expect((await user.call('GET', `/backtests/${body.id}`)).body).toMatchObject({ state: 'done' });
  });

  it('takes what the history on this disk has, without a word to the exchange', async () => {
    const { body } = await make();
    const from = Date.parse(SPAN.from);
    const columns = newCandleColumns(120, 60_000);
    for (let minute = 0; minute < 120; minute += 1) {
      columns.startAt[minute] = from + minute * 60_000;
      columns.open[minute] = 1;
      columns.high[minute] = 1.5;
      columns.low[minute] = 0.9;
      columns.close[minute] = 1.25;
      columns.volume[minute] = 10;
    }
    const series = { venue: 'binance', symbol: 'BTC/USDT', interval: '1m' } as const;
    await diskHistory(directory).append(series, columns, [{ from, to: Date.parse(SPAN.to) }], 'keep');
    api.binance.isUp = false;
    expect(await work()).toMatchObject({ result: { outcome: 'done', candles: 120 } });
    const { warnings, report } = (await user.call('GET', `/backtests/${body.id}/result`)).body as unknown as {
      warnings: unknown[];
      report: { curve: { price: string }[] };
    };
    expect([warnings, report.curve.at(-1)?.price]).toEqual([[], '1.25']);
  });

  it('has the rules of its user, and the bot that is made of it has them too', async () => {
    const actions = { on_cancelled_by_exchange: { place_again_times: 2 } };
    const refused = await make({ actions: { take_profit: { percent: '5' } } });
    expect([refused.status, fieldsOf(refused)]).toEqual([422, ['actions.take_profit']]);
    const { body } = await make({ actions });
    expect(body).toMatchObject({ actions: { place_again_times: 2, take_profit: null } });
    expect(await work()).toMatchObject({ result: { outcome: 'done' } });
    const account = await user.call('POST', '/accounts', { name: 'Play', exchange: 'paper' });
    const bot = await user.call('POST', `/backtests/${body.id}/deploy`, { name: 'Ruled', account_id: account.body.id });
    expect([bot.status, bot.body]).toMatchObject([201, { actions: { place_again_times: 2, take_profit: null } }]);
  });

  it('runs over the trades of the history where it is told to, and not without them', async () => {
    const refused = await make({ from_trades: true });
    expect([fieldsOf(refused), refused.problem.detail]).toEqual([['from_trades'], expect.stringContaining('argosy data download binance BTC/USDT -i trades')]);
    const [from, to] = [Date.parse(SPAN.from), Date.parse(SPAN.to)];
    const at = Float64Array.from({ length: 240 }, (_, index) => from + index * 30_000);
    const columns = { price: at.map((_, index) => 1.5 + Math.sin(index / 9) / 2), size: at.map(() => 5), side: at.map(() => 1) };
    await diskHistory(directory).records.put({ venue: 'binance', symbol: 'BTC/USDT', kind: 'trades' }, { length: 240, at, columns }, { from, to });
    const { body } = await make({ from_trades: true });
    expect(await work()).toMatchObject({ result: { outcome: 'done', candles: 120 } });
    const result = (await user.call('GET', `/backtests/${body.id}/result`)).body as unknown as { assumptions: { history: string }; fills: unknown[] };
    expect(result.assumptions.history).toBe('trades');
    expect(result.fills.length).toBeGreaterThan(4);
    expect((await user.call('GET', `/backtests/${body.id}`)).body).toMatchObject({ from_trades: true });
    expect((await user.call('POST', `/backtests/${body.id}/checks`, { kind: 'look_ahead' })).problem.detail).toContain('look into one over candles');
  });

  it(`is one of ${MAX_UNFINISHED} that may wait at once`, async () => {
    for (let count = 0; count < MAX_UNFINISHED; count += 1) expect((await make()).status).toBe(202);
    expect((await make()).problem).toMatchObject({ status: 409, code: 'too_many_kept', detail: `${MAX_UNFINISHED} of your backtests wait or run already.` });
    expect((await make({}, await api.user())).status).toBe(202);
  });

  it.each([
    [{ config: { ...CONFIG, levels: 1 } }, ['config.levels']],
    [{ interval: '7m' }, ['interval']],
    [{ models: { funding_history: true } }, ['models.funding_history']],
    [{ interval: undefined }, ['interval']],
    [{ from: undefined }, ['from']],
    [{ from: '2023-11-14T12:00:00Z' }, ['from']],
    [{ from: '2030-01-01T00:00:00Z', to: undefined }, ['from']],
    [{ models: { slippage: 2 } }, ['models.slippage']],
    [{ models: { fill_rule: 'magic' } }, ['models.fill_rule']],
    [{ models: { funding_rate: 0.5 } }, ['models.funding_rate']],
    [{ models: { volume_share: 0 } }, ['models.volume_share']],
    [{ gaps: 'guess' }, ['gaps']],
    [{ dataset_id: 'x' }, ['dataset_id']],
    [{ dataset_id: 'x', interval: undefined, from: undefined, to: undefined }, ['dataset_id']],
  ])('is refused by the field at fault: %j', async (change, fields) => {
    const answer = await make(change);
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)).toEqual(fields);
  });

  it('is refused for what there is not', async () => {
    expect((await make({ strategy: 'magic' })).problem.code).toBe('strategy_unknown');
    expect((await make({ exchange: 'mtgox' })).problem.code).toBe('exchange_unknown');
    expect((await make({ symbol: 'DOGE/USDT' })).problem.code).toBe('symbol_unknown');
    expect((await make({ from: '2020-01-01T00:00:00Z' })).problem.code).toBe('backtest_too_large');
  });
});

describe('several backtests', () => {
  it('stand side by side with the settings in which they differ', async () => {
    const one = (await make()).body.id;
    const other = (await make({ config: { ...CONFIG, levels: 4 }, models: { slippage: 0.001 } })).body.id;
    await work();
    await work();
    const { body } = await user.call('GET', `/backtests/compare?ids=${other},${one}`);
    const { items, differences } = body as unknown as { items: { id: string; figures: object }[]; differences: object[] };
    expect(items.map(({ id }) => id)).toEqual([other, one]);
    expect(items.every(({ figures }) => figures !== null)).toBe(true);
    expect(differences).toEqual([
      { setting: 'config.levels', values: [4, 6] },
      { setting: 'venue.slippage', values: [0.001, null] },
    ]);
    expect(fieldsOf(await user.call('GET', `/backtests/compare?ids=${one}`))).toEqual(['ids']);
    expect(fieldsOf(await user.call('GET', `/backtests/compare?ids=${one},${one}`))).toEqual(['ids']);
  });
});

describe('a bot that has run', () => {
  it('is explained by its own backtest, and the parts add up to the difference', async () => {
    const { botId } = await tradedBot();
    const made = await user.call('POST', `/bots/${botId}/backtest`, {});
    expect(made.body).toMatchObject({ state: 'waiting', strategy: 'grid', interval: '1m' });
    expect(await work()).toMatchObject({ result: { outcome: 'done' } });
    const { against } = (await user.call('GET', `/backtests/${made.body.id}/result`)).body as unknown as { against: LiveComparison };
    expect(against.counts.extra + against.counts.differs + against.counts.same).toBe(1);
    const sum = Object.values(against.sums).reduce((total, part) => total.plus(part), decimal('0'));
    expect(sum.toFixed()).toBe(against.difference);
    expect((await user.call('GET', `/backtests/${made.body.id}/report.html`)).text).toContain('Live against this backtest');
    const report = (await user.call('GET', `/bots/${botId}/report`)).body as unknown as { figures: object };
    expect(report.figures).toMatchObject({ fill_count: 1, trade_count: 0, fees: '0', closed_profit: '0' });
    const other = await api.user();
    expect((await other.call('POST', `/bots/${botId}/backtest`, {})).status).toBe(404);
    expect((await other.call('GET', `/bots/${botId}/report`)).status).toBe(404);
  });

  it('is refused where it has not run', async () => {
    const account = await user.call('POST', '/accounts', { name: 'Play', exchange: 'paper' });
    const bot = await user.call('POST', '/bots', { name: 'New', strategy: 'grid', symbol: 'BTC/USDT', account_id: account.body.id, config: GRID });
    expect(fieldsOf(await user.call('POST', `/bots/${bot.body.id}/backtest`, {}))).toEqual(['id']);
  });
});

describe('a look into a backtest', () => {
  const WALK = { kind: 'walk_forward', ranges: { levels: { values: [4, 6] } }, search: 'grid', objectives: [{ name: 'profit' }], min_trades: 0 };
  const check = (id: string, body: object, caller = user) => caller.call('POST', `/backtests/${id}/checks`, body);

  it('is computed by a job and tells what it found', async () => {
    // 20 hours, of which a walk is cut into windows.
    const { id } = (await make({ from: '2023-11-13T16:00:00Z' })).body;
    expect((await check(id, { kind: 'look_ahead' })).problem.code).toBe('backtest_unfinished');
    await work();
    const results: Record<string, Record<string, unknown>> = {};
    for (const body of [{ kind: 'look_ahead' }, { kind: 'recursion' }, { kind: 'monte_carlo', seed: 4 }, { ...WALK, windows: 3 }]) {
      const made = await check(id, body);
      expect([made.status, made.body]).toMatchObject([202, { kind: body.kind, state: 'waiting', result: null }]);
      expect(await work()).toMatchObject({ state: 'completed', result: { outcome: 'done' } });
      const done = (await user.call('GET', `/backtests/${id}/checks/${made.body.id}`)).body as unknown as { state: string; result: Record<string, unknown> };
      expect(done).toMatchObject({ state: 'done', progress: 1, failure: '' });
      results[body.kind] = done.result;
    }
    expect(results).toMatchObject({
      look_ahead: { strategy: 'grid', findings: [] },
      recursion: { figures: [], warm_up: null, other_turns: 0 },
      monte_carlo: { seed: 4, samples: 2_000 },
      walk_forward: { windows: [{ in_sample: expect.anything() }, {}, {}] },
    });
    const { items } = (await user.call('GET', `/backtests/${id}/checks`)).body as unknown as { items: { kind: string; id: string }[] };
    expect(items.map(({ kind }) => kind).sort()).toEqual(['look_ahead', 'monte_carlo', 'recursion', 'walk_forward']);
    const other = await api.user();
    const first = `/backtests/${id}/checks/${items[0]?.id}`;
    expect((await check(id, { kind: 'recursion' }, other)).status).toBe(404);
    expect([(await other.call('GET', first)).status, (await other.call('DELETE', first)).status]).toEqual([404, 404]);
    expect((await other.call('GET', `/backtests/${id}/checks`)).status).toBe(404);
    expect((await user.call('DELETE', first)).status).toBe(204);
    expect((await user.call('GET', first)).status).toBe(404);
  }, 60_000);

  it('says what it lacks, and names the field at fault', async () => {
    const { id } = (await make()).body;
    await work();
    const failed = await check(id, { ...WALK, windows: 20 });
    expect(await work()).toMatchObject({ result: { outcome: 'failed' } });
    expect((await user.call('GET', `/backtests/${id}/checks/${failed.body.id}`)).body).toMatchObject({
      state: 'failed',
      failure: 'this needs at least 1150 candles for 20 windows',
    });
    expect(fieldsOf(await check(id, { ...WALK, ranges: { levels: { from: 0, to: 3 } } }))).toEqual(['ranges.levels.from']);
    expect(fieldsOf(await check(id, { ...WALK, windows: 1 }))).toEqual(['windows']);
    expect(fieldsOf(await check(id, { ...WALK, ranges: { levels: { from: 2, to: 300 }, investment: { values: ['900', '1000'] } } }))).toEqual(['ranges']);
    for (let index = 0; index < MAX_UNFINISHED_CHECKS; index += 1) expect((await check(id, { kind: 'recursion' })).status).toBe(202);
    expect((await check(id, { kind: 'recursion' })).problem.code).toBe('too_many_kept');
  });
});

describe('a file of candles', () => {
  it('is uploaded, run over and deleted, each by its user alone', async () => {
    const { id } = (await upload(CSV)).json() as { id: string };
    const config = { lower_price: '95', upper_price: '107', levels: 7, investment: '1000' };
    const wanted = { name: 'File', strategy: 'grid', config, exchange: 'binance', symbol: 'BTC/USDT', dataset_id: id };
    const other = await api.user();
    expect(fieldsOf(await other.call('POST', '/backtests', wanted))).toEqual(['dataset_id']);
    const { body } = await user.call('POST', '/backtests', wanted);
    await work();
    expect((await user.call('GET', `/backtests/${body.id}`)).body).toMatchObject({ state: 'done', dataset_id: id, interval: null });
    expect((await user.call('GET', '/datasets')).body.items).toMatchObject([{ id, candles: 200, interval_ms: 60_000 }]);
    expect((await other.call('DELETE', `/datasets/${id}`)).status).toBe(404);
    expect((await user.call('DELETE', `/datasets/${id}`)).status).toBe(204);
    expect((await user.call('GET', `/backtests/${body.id}/result`)).status).toBe(200);
  });

  it.each([
    ['nonsense', 'line 1: the header has no column timestamp'],
    [`${CSV}\n${FIRST}`, 'line 202: the candle of'],
    [CSV.replace(FIRST, FIRST.replace(',5', ',NaN')), 'line 2: volume "NaN" is not a number'],
    [CSV.replace(FIRST, '1700000000,0,101,0,100,5'), 'line 2: open is zero'],
    [CSV.replace(FIRST, '1700000000,100,90,99,100,5'), 'line 2: high 90 is below low 99'],
  ])('is refused with the line at fault: %#', async (text, detail) => {
    const answer = (await upload(text)).json() as { code: string; detail: string };
    expect(answer.code).toBe('candles_invalid');
    expect(answer.detail).toContain(detail);
  });

  it('is nothing that other paths take', async () => {
    const answer = await api.server.inject({
      method: 'POST',
      url: '/api/v1/backtests',
      headers: { authorization: `Bearer ${user.accessToken}`, 'content-type': 'text/csv' },
      payload: CSV,
    });
    expect(answer.statusCode).toBe(400);
  });
});
