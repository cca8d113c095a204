/** Users' own strategies over several instruments through the API: backtest, bot, deployment, and what is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomIds } from '#adapters/ids.ts';
import type { BacktestDocument } from '#app/backtest/backtest-document.ts';
import { workOn } from '#app/jobs/job-bench.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import { OwnStrategies } from '#app/own-strategies/own-strategies.ts';
import { CANDLE_INTERVALS, type Candle } from '#core/market-data.ts';
import { Decimal } from '#core/money.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { example, LEGS_EXAMPLE } from '#test/sandbox/examples.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { plainBench } from '#test/support/plain-bench.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type Api, type Caller, fieldsOf, openApi } from './_api.ts';
import { BTC } from './_venue.ts';

const HOUR_MS = 3_600_000;
const ETH = { ...BTC, venue: 'binance', symbol: 'ETH/USDT', base: 'ETH' };
const FROM = Date.parse('2023-11-05T00:00:00Z');

let database: TestStore;
let sandbox: StrategySandbox;
let api: Api;
let user: Caller;

/** One coin goes round the other, so that their ratio turns again and again. */
function priceAt(symbol: string, at: number): number {
  const hour = (at - FROM) / HOUR_MS;
  return symbol === ETH.symbol ? 2_000 + 100 * Math.sin(hour / 9) : 30_000 + 300 * Math.sin(hour / 5);
}

function candlesOf(symbol: string, interval: keyof typeof CANDLE_INTERVALS, from: number, to: number): Candle[] {
  const length = CANDLE_INTERVALS[interval];
  return Array.from({ length: (to - from) / length }, (_, index) => {
    const startAt = from + index * length;
    const [open, close] = [priceAt(symbol, startAt), priceAt(symbol, startAt + length)];
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    return { startAt, open: open.toFixed(2), high: high.toFixed(2), low: low.toFixed(2), close: close.toFixed(2), volume: '50' };
  });
}

beforeAll(async () => {
  database = await createTestStore();
  sandbox = openStrategySandbox({ startsPerMinute: 500 });
  const own = new OwnStrategies({ store: database.store, sandbox, clock: new ManualClock(), ids: randomIds });
  api = await openApi(database.store, { own });
  user = await api.user();
  api.binance.listed.set(ETH.symbol, ETH);
  const market = {
    ...api.binance.market,
    candles: async (symbol: string, interval: keyof typeof CANDLE_INTERVALS, from: number, to: number) => candlesOf(symbol, interval, from, to),
  };
  await workOn(api.jobs, JOB_KINDS, {
    ...{ store: api.store, clock: api.clock, log: quietLog(), venues: new Map([['binance', { ...api.binance, market }]]), strategies: new Map(), own },
    ...{ jobs: async () => api.jobs, bench: plainBench(new Map()), candleHistory: { coverage: async () => ({ covered: [], candles: 0 }) } },
  } as unknown as JobParts);
  const uploaded = await user.call('POST', '/strategies', { files: example(LEGS_EXAMPLE) });
  expect(uploaded.status, uploaded.text).toBe(201);
});
afterAll(async () => {
  await sandbox.close();
  await database.drop();
});

const WANTED = {
  ...{ strategy: 'custom:pair-rotation', config: { period: 24, width: '1' }, exchange: 'binance', symbol: 'BTC/USDT' },
  ...{ interval: '1h', from: '2023-11-05T00:00:00Z', to: '2023-11-14T12:00:00Z' },
};

describe('an own strategy over several instruments', () => {
  it('goes through a backtest with the candles of both, warmed up, and is deployed; checks and searches are refused by name', async () => {
    const made = await user.call('POST', '/backtests', { name: 'Pair', ...WANTED });
    expect(made.status, made.text).toBe(202);
    await api.jobs.doNext(null);
    const done = (await user.call('GET', `/backtests/${made.body.id}`)).body as unknown as Record<string, unknown>;
    expect(done).toMatchObject({ state: 'done', strategy: 'custom:pair-rotation@1' });
    const document = (await user.call('GET', `/backtests/${made.body.id}/result`)).body as unknown as BacktestDocument;
    expect(document.legs?.map(({ symbol }) => symbol)).toEqual(['BTC/USDT', 'ETH/USDT']);
    const { figures } = document.report;
    expect(figures.fillCount).toBeGreaterThan(10);
    expect(Decimal.sum(0, ...(document.legs ?? []).map((leg) => leg.figures.profit)).toFixed()).toBe(figures.profit);
    expect((document.fills[0]?.at ?? 0) - FROM, 'it was warm within its first day').toBeLessThan(24 * HOUR_MS);
    const account = (await user.call('POST', '/accounts', { name: 'Play', exchange: 'paper' })).body.id;
    const deployed = await user.call('POST', `/backtests/${made.body.id}/deploy`, { name: 'Pair', account_id: account, mode: 'paper' });
    expect(deployed.status, deployed.text).toBe(201);
    expect(deployed.body).toMatchObject({ strategy: 'custom:pair-rotation@1', config: { other_symbol: 'ETH/USDT' } });
    const check = await user.call('POST', `/backtests/${made.body.id}/checks`, { kind: 'look_ahead' });
    expect([check.status, check.problem.detail]).toEqual([422, expect.stringContaining('over several instruments, which cannot be looked into yet')]);
    const search = {
      ...WANTED,
      config: {},
      ranges: { period: { from: 10, to: 20, step: 5 } },
      search: 'grid',
      name: 'Search',
      objectives: [{ name: 'profit' }],
    };
    const refused = await user.call('POST', '/optimizations', search);
    expect([refused.status, refused.problem.detail]).toEqual([422, expect.stringContaining('such cannot be optimised yet')]);
  }, 60_000);

  it('is refused with an instrument that is not traded, that is there twice, or whose budget its plan refuses', async () => {
    const account = (await user.call('POST', '/accounts', { name: 'Refusing', exchange: 'paper' })).body.id;
    const make = (config: object) =>
      user.call('POST', '/bots', { name: 'Pair', strategy: 'custom:pair-rotation', symbol: 'BTC/USDT', mode: 'paper', account_id: account, config });
    const absent = await make({ other_symbol: 'NOPE/USDT' });
    expect([absent.problem.code, fieldsOf(absent)]).toEqual(['symbol_unknown', ['symbol']]);
    const twice = await make({ other_symbol: 'BTC/USDT' });
    expect(twice.problem.detail).toContain('BTC/USDT is named twice');
    expect(fieldsOf(await make({ budget: '1' }))).toEqual(['config.budget']);
    expect((await user.call('POST', '/backtests', { name: 'Pair', ...WANTED, config: { other_symbol: 'NOPE/USDT' } })).problem.code).toBe('symbol_unknown');
  }, 60_000);
});
