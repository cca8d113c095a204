/** Optimisations over several instruments through the API: what the search says of a set is what a backtest of it says, in and out of the sample. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BacktestDocument } from '#app/backtest/backtest-document.ts';
import { workOn } from '#app/jobs/job-bench.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import type { Instrument } from '#core/instrument.ts';
import { CANDLE_INTERVALS, type Candle } from '#core/market-data.ts';
import type { Strategy } from '#core/strategy.ts';
import { rebalance } from '#strategies/rebalance.ts';
import { spotFuturesArbitrage } from '#strategies/spot-futures-arbitrage.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { plainBench } from '#test/support/plain-bench.ts';
import { plainCrew } from '#test/support/plain-crew.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type Api, type Caller, fieldsOf, openApi } from './_api.ts';
import { BTC } from './_venue.ts';

const PERPETUAL: Instrument = {
  ...{ ...BTC, venue: 'binance', symbol: 'BTC/USDT:USDT', kind: 'perpetual', sizeIncrement: '0.001', minSize: '0.001', makerFeeRate: '0.0002' },
  ...{ perpetual: { contractSize: '0.001', fundingIntervalMs: 28_800_000, maxLeverage: 20, maintenanceMarginRate: '0.005' }, takerFeeRate: '0.0005' },
};
const HOUR_MS = 3_600_000;
const FROM = Date.parse('2023-09-01T00:00:00Z');
const HOURS = 40 * 24;
const STRATEGIES = new Map<string, Strategy>([rebalance, spotFuturesArbitrage].map((each) => [each.name, each as unknown as Strategy]));

/** The coin goes up and down by waves; the perpetual stands up to two per cent above it and one below, ETH goes its own way. */
function priceAt(symbol: string, at: number): string {
  const hour = (at - FROM) / HOUR_MS;
  const coin = 100 + 8 * Math.sin(hour / 60) + 3 * Math.sin(hour / 11);
  if (symbol === PERPETUAL.symbol) return (coin * (1.005 + 0.015 * Math.sin(hour / 9) * (1 + 0.3 * Math.sin(hour / 200)))).toFixed(2);
  return (symbol === BTC.symbol ? coin : 100 + 10 * Math.cos(hour / 45)).toFixed(2);
}

function candlesOf(symbol: string, intervalMs: number, from: number, to: number): Candle[] {
  const candles: Candle[] = [];
  for (let at = from; at < to; at += intervalMs) {
    const [open, close] = [priceAt(symbol, at), priceAt(symbol, at + intervalMs)];
    const isUp = Number(close) >= Number(open);
    candles.push({ startAt: at, open, high: isUp ? close : open, low: isUp ? open : close, close, volume: '500' });
  }
  return candles;
}

let database: TestStore;
let api: Api;
let user: Caller;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  api = await openApi(database.store, { strategies: STRATEGIES, bench: plainBench(STRATEGIES) });
  user = await api.user();
  api.binance.listed.set(PERPETUAL.symbol, PERPETUAL);
  const candles = async (symbol: string, interval: keyof typeof CANDLE_INTERVALS, from: number, to: number) =>
    candlesOf(symbol, CANDLE_INTERVALS[interval], from, to);
  const venues = new Map([['binance', { ...api.binance, market: { ...api.binance.market, candles } }]]);
  const parts = { store: api.store, clock: api.clock, log: quietLog(), venues, strategies: STRATEGIES, jobs: async () => api.jobs };
  const more = { bench: plainBench(STRATEGIES), crew: plainCrew(STRATEGIES, 2), candleHistory: { coverage: async () => ({ covered: [], candles: 0 }) } };
  await workOn(api.jobs, JOB_KINDS, { ...parts, ...more } as unknown as JobParts);
});
afterAll(() => database.drop());

const timeOf = (hour: number): string => new Date(FROM + hour * HOUR_MS).toISOString();
const RUN = {
  ...{ strategy: 'spot_futures_arbitrage', config: { investment: '1550' }, exchange: 'binance', symbol: 'BTC/USDT', interval: '1h' },
  ...{ from: timeOf(0), to: timeOf(HOURS), models: { funding_rate: 0.0001, slippage: 0.0002 } },
};
const RANGES = { entry_percent: { from: '0.1', to: '1', step: '0.2' }, exit_percent: { values: ['-0.5', '0', '0.2'] } };
const WANTED = { ...RUN, ranges: RANGES, search: 'grid', objectives: [{ name: 'sharpe' }], out_of_sample: 0 };
const make = (change: object = {}) => user.call('POST', '/optimizations', { ...WANTED, ...change });

interface Results {
  readonly items: readonly {
    readonly config: Readonly<Record<string, unknown>>;
    readonly in_sample: Figures;
    readonly out_of_sample: Figures | null;
  }[];
}
type Figures = Readonly<Record<string, number | null>>;

async function doJobs(): Promise<void> {
  for (let job = await api.jobs.doNext(); job !== null; job = await api.jobs.doNext()) expect(job.state).toBe('completed');
}

async function searched(change: object = {}) {
  const made = await make(change);
  expect([made.status, made.text]).toEqual([202, expect.any(String)]);
  await doJobs();
  const record = (await user.call('GET', `/optimizations/${made.body.id}`)).body as unknown as Readonly<Record<string, unknown>>;
  const answer = await user.call('GET', `/optimizations/${made.body.id}/results?limit=200`);
  return { id: made.body.id, record, items: (answer.body as unknown as Results).items };
}

/** Figures of a backtest as results of a search have them. */
async function tested(config: unknown, change: object = {}): Promise<Figures> {
  const { id } = (await user.call('POST', '/backtests', { ...RUN, config, ...change })).body;
  await doJobs();
  const { report } = (await user.call('GET', `/backtests/${id}/result`)).body as unknown as BacktestDocument;
  const { profitShare, annualReturn, drawdownShare, sharpe, sortino, calmar, profitFactor, expectancy, fillCount, capital } = report.figures;
  return {
    ...{ profit_share: profitShare, annual_return: annualReturn, drawdown: drawdownShare, sharpe, sortino, calmar, profit_factor: profitFactor },
    ...{ expectancy: expectancy === null ? null : Number(expectancy) / Number(capital), trades: fillCount, hold_share: null },
  };
}

describe('an optimisation over several instruments', () => {
  it('says of its best set what a backtest of it says, for every objective', async () => {
    for (const name of ['profit', 'sharpe', 'sortino', 'calmar', 'drawdown', 'profit_factor', 'expectancy']) {
      const { record, items } = await searched({ objectives: [{ name }] });
      expect([name, record['failure'], record['state'], record['trials_done']]).toEqual([name, '', 'done', 15]);
      const [best] = items;
      expect([name, best?.in_sample]).toEqual([name, await tested(best?.config)]);
      expect(Number(best?.in_sample['trades'])).toBeGreaterThan(8);
      // Those that would leave beyond where they enter are refused; days and sets are enough to judge the choosing by.
      expect(record['summary']).toMatchObject({ refused: 1, overfitting: expect.any(Number), deflated_sharpe: { trials: 14 } });
    }
    expect(new Set((await searched()).items.map((item) => JSON.stringify(item.in_sample))).size).toBeGreaterThan(7);
  }, 120_000);

  it('shows the search no price of any instrument that lies out of its sample', async () => {
    const { items } = await searched({ out_of_sample: 0.3 });
    const split = HOURS * 0.7;
    const [best] = items;
    expect(best?.in_sample).toEqual(await tested(best?.config, { to: timeOf(split) }));
    expect(best?.out_of_sample).toEqual(await tested(best?.config, { from: timeOf(split) }));
  });

  it('gives the same from files as from the exchange, and wants one for each instrument', async () => {
    const upload = async (symbol: string, intervalMs = HOUR_MS): Promise<string> => {
      const rows = candlesOf(symbol, intervalMs, FROM, FROM + HOURS * HOUR_MS).map(({ startAt, open, high, low, close, volume }) =>
        [startAt, open, high, low, close, volume].join(),
      );
      const headers = { authorization: `Bearer ${user.accessToken}`, 'content-type': 'text/csv' };
      const payload = ['timestamp,open,high,low,close,volume', ...rows].join('\n');
      return (await api.server.inject({ method: 'POST', url: '/api/v1/datasets?name=file', headers, payload })).json<{ readonly id: string }>().id;
    };
    const files = { dataset_id: await upload(BTC.symbol), interval: undefined, from: undefined, to: undefined };
    const legs = { leg_datasets: { [PERPETUAL.symbol]: await upload(PERPETUAL.symbol) } };
    const evolution = { search: 'evolution', trials: 12, seed: 3, pruning: true, objectives: [{ name: 'profit' }, { name: 'drawdown' }] };
    const fromFiles = await searched({ ...files, ...legs, ...evolution });
    const fromVenue = await searched(evolution);
    expect(fromFiles.items).toEqual(fromVenue.items);
    expect(fromFiles.record['fingerprint']).toBe(fromVenue.record['fingerprint']);
    expect(fromFiles.record['summary']).toMatchObject({ pruned: expect.any(Number), scored: 6 });
    expect(fieldsOf(await make(files))).toEqual(['leg_datasets']);
    const other = await make({ ...files, leg_datasets: { [PERPETUAL.symbol]: await upload(PERPETUAL.symbol, 2 * HOUR_MS) } });
    expect(fieldsOf(other)).toEqual([`leg_datasets.${PERPETUAL.symbol}`]);
  });

  it('refuses what does not go with several instruments by field', async () => {
    expect(fieldsOf(await make({ models: { latency_ms: 50 } }))).toEqual(['models.latency_ms']);
    expect(fieldsOf(await make({ actions: { take_profit: { percent: '1' } } }))).toEqual(['actions.take_profit']);
  });

  it('makes a bot of a result, and varies what a portfolio of coins is kept by', async () => {
    const config = { investment: '1000', target_percent: '40', coins: [{ symbol: 'ETH/USDT', target_percent: '40' }], when: 'band' };
    const ranges = { band_percent: { values: ['2', '3', '5'] } };
    const { id, items } = await searched({ strategy: 'rebalance', config, ranges, models: {}, objectives: [{ name: 'profit' }] });
    expect(items).toHaveLength(3);
    expect(items[0]?.in_sample).toEqual(await tested(items[0]?.config, { strategy: 'rebalance', models: {} }));
    const account = (await user.call('POST', '/accounts', { name: 'Play', exchange: 'paper' })).body.id;
    const made = await user.call('POST', `/optimizations/${id}/results/1/deploy`, { name: 'Found', account_id: account });
    expect([made.status, made.body.config]).toEqual([201, items[0]?.config]);
  });
});

describe('a walk forward over several instruments', () => {
  it('chooses in each window and trades what follows, as backtests of both parts do', async () => {
    const { id } = (await user.call('POST', '/backtests', { ...RUN, config: { investment: '1550', entry_percent: '0.5' } })).body;
    await doJobs();
    const walk = { kind: 'walk_forward', ranges: RANGES, search: 'grid', objectives: [{ name: 'profit' }], min_trades: 2, windows: 3 };
    const asked = await user.call('POST', `/backtests/${id}/checks`, walk);
    expect([asked.status, asked.text]).toEqual([202, expect.any(String)]);
    await doJobs();
    const { state, result } = (await user.call('GET', `/backtests/${id}/checks/${asked.body.id}`)).body as unknown as {
      readonly state: string;
      readonly result: { readonly profit: number; readonly windows: readonly Readonly<Record<string, unknown>>[] };
    };
    expect([state, result.windows.length]).toEqual(['done', 3]);
    for (const window of result.windows) {
      const [from, split, to] = ['in_from', 'out_from', 'out_to'].map((name) => new Date(Number(window[name])).toISOString());
      expect(window['in_sample']).toMatchObject(await tested(window['config'], { from, to: split }));
      expect(window['out_of_sample']).toMatchObject(await tested(window['config'], { from: split, to }));
    }
    const kept = result.windows.reduce((equity, window) => equity * (1 + Number((window['out_of_sample'] as Figures)['profit_share'])), 1);
    expect(result.profit).toBeCloseTo(kept - 1, 12);
  });
});
