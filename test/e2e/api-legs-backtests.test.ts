/** Backtests over several instruments through the API: an arbitrage and a portfolio, in every form that a result is read in, and what is refused. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BacktestDocument } from '#app/backtest/backtest-document.ts';
import { MAX_VENUE_CANDLES } from '#app/backtest/candle-source.ts';
import { workOn } from '#app/jobs/job-bench.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import type { Instrument } from '#core/instrument.ts';
import { CANDLE_INTERVALS, type Candle } from '#core/market-data.ts';
import { Decimal } from '#core/money.ts';
import type { Strategy } from '#core/strategy.ts';
import { grid } from '#strategies/grid.ts';
import { rebalance } from '#strategies/rebalance.ts';
import { spotFuturesArbitrage } from '#strategies/spot-futures-arbitrage.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { plainBench } from '#test/support/plain-bench.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type Api, type Caller, fieldsOf, openApi } from './_api.ts';
import { BTC } from './_venue.ts';

const PERPETUAL: Instrument = {
  ...{ ...BTC, venue: 'binance', symbol: 'BTC/USDT:USDT', kind: 'perpetual', sizeIncrement: '0.001', minSize: '0.001', makerFeeRate: '0.0002' },
  ...{ perpetual: { contractSize: '0.001', fundingIntervalMs: 28_800_000, maxLeverage: 20, maintenanceMarginRate: '0.005' }, takerFeeRate: '0.0005' },
};
const FROM = Date.parse('2023-11-14T07:30:00Z');
const MINUTE_MS = 60_000;
/** For an hour the perpetual is one per cent dearer, then both stand at one price. */
const priceAt = (symbol: string, at: number): string => (at - FROM >= 60 * MINUTE_MS ? '110' : symbol === PERPETUAL.symbol ? '101' : '100');

let database: TestStore;
let api: Api;
let user: Caller;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  const strategies = new Map<string, Strategy>([grid, rebalance, spotFuturesArbitrage].map((each) => [each.name, each as unknown as Strategy]));
  api = await openApi(database.store, { strategies, bench: plainBench(strategies) });
  user = await api.user();
  api.binance.listed.set(PERPETUAL.symbol, PERPETUAL);
  const asked = api.binance.market;
  const market = {
    ...asked,
    candles: async (symbol: string, interval: keyof typeof CANDLE_INTERVALS, from: number, to: number) => candlesOf(symbol, interval, from, to),
  };
  const venues = new Map([['binance', { ...api.binance, market }]]);
  const parts = { store: api.store, clock: api.clock, log: quietLog(), venues, strategies, jobs: async () => api.jobs, bench: plainBench(strategies) };
  await workOn(api.jobs, JOB_KINDS, { ...parts, candleHistory: { coverage: async () => ({ covered: [], candles: 0 }) } } as unknown as JobParts);
});
afterAll(() => database.drop());

function candlesOf(symbol: string, interval: keyof typeof CANDLE_INTERVALS, from: number, to: number): Candle[] {
  const candles: Candle[] = [];
  for (let at = from; at < to; at += CANDLE_INTERVALS[interval]) {
    const price = priceAt(symbol, at);
    candles.push({ startAt: at, open: price, high: price, low: price, close: price, volume: '1' });
  }
  return candles;
}

const csvOf = (symbol: string, minutes = 120, step = 1): string =>
  ['timestamp,open,high,low,close,volume']
    .concat(
      Array.from({ length: minutes / step }, (_, index) => FROM + index * step * MINUTE_MS).map((at) => [at, ...Array(4).fill(priceAt(symbol, at)), 1].join()),
    )
    .join('\n');
const WANTED = {
  ...{ strategy: 'spot_futures_arbitrage', config: { investment: '1550', entry_percent: '0.5' }, exchange: 'binance', symbol: 'BTC/USDT' },
  ...{ interval: '1m', from: '2023-11-14T07:30:00Z', to: '2023-11-14T09:30:00Z', models: { funding_rate: 0.0001 } },
};
const make = async (change: object = {}) => user.call('POST', '/backtests', { ...WANTED, ...change });
const upload = async (text: string, caller = user): Promise<string> => {
  const headers = { authorization: `Bearer ${caller.accessToken}`, 'content-type': 'text/csv' };
  const answer = await api.server.inject({ method: 'POST', url: '/api/v1/datasets?name=file', headers, payload: text });
  return answer.json<{ readonly id: string }>().id;
};
const FROM_FILES = { interval: undefined, from: undefined, to: undefined };
const documentOf = async (id: string) => (await user.call('GET', `/backtests/${id}/result`)).body as unknown as BacktestDocument;
const total = (amounts: readonly string[]): string => Decimal.sum(0, ...amounts).toFixed();

describe('a backtest over several instruments', () => {
  it('is computed by a job, and its parts and legs add up to the whole', async () => {
    const made = await make();
    expect([made.status, made.text]).toEqual([202, expect.any(String)]);
    expect(await api.jobs.doNext(null)).toMatchObject({ result: { outcome: 'done', candles: 120, fills: 4 } });
    const { report, legs = [], fills, ranges, liquidations, candles } = await documentOf(made.body.id);
    const { figures } = report;
    expect([candles, ranges, liquidations]).toEqual([120, [], 0]);
    expect(legs.map(({ symbol }) => symbol)).toEqual(['BTC/USDT', PERPETUAL.symbol]);
    for (const part of ['profit', 'closedProfit', 'floatingProfit', 'funding', 'fees', 'makerFees', 'takerFees', 'capital'] as const)
      expect([part, total(legs.map((leg) => leg.figures[part]))]).toEqual([part, new Decimal(figures[part]).toFixed()]);
    expect(total([figures.closedProfit, figures.floatingProfit, figures.funding])).toBe(new Decimal(figures.profit).toFixed());
    expect(total([report.curve.at(-1)?.equity ?? '0'])).toBe(total([figures.capital, figures.profit]));
    expect(total(report.months.map(({ profit }) => profit))).toBe(new Decimal(figures.profit).toFixed());
    // One settlement of what was held short at 101.
    const short = legs[1]?.figures.sold.size ?? '0';
    expect(Number(figures.funding)).toBeCloseTo(Number(short) * 101 * 0.0001, 4);
    expect(total(fills.map(({ fee }) => fee))).toBe(new Decimal(figures.fees).toFixed());
    expect(fills.map(({ symbol, side }) => [symbol, side])).toEqual(
      expect.arrayContaining([
        ['BTC/USDT', 'buy'],
        ['BTC/USDT', 'sell'],
        [PERPETUAL.symbol, 'sell'],
        [PERPETUAL.symbol, 'buy'],
      ]),
    );
    // What came in less what went out, with what is held at the last price; a purchase of the coin pays its fee out of the coin.
    const flow = fills.map(({ symbol, side, price, size, fee }) => {
      const value = new Decimal(price).times(size);
      return side === 'sell' ? value.minus(fee) : value.neg().minus(symbol === PERPETUAL.symbol ? fee : 0);
    });
    const held = legs.map((leg) => new Decimal(leg.figures.held).times(leg.figures.lastPrice));
    expect(Decimal.sum(figures.funding, ...flow, ...held).toNumber()).toBeCloseTo(Number(figures.profit), 6);
    expect([figures.holdShare, figures.overHoldShare, figures.bought, figures.sold, report.curve[0]?.price]).toEqual([null, null, null, null, null]);
    expect((await user.call('GET', `/backtests/${made.body.id}`)).body).toMatchObject({
      figures: { hold_share: null, profit: figures.profit },
      leg_datasets: null,
    });
  });

  it('states its assumptions of each instrument and honours them', async () => {
    const still = (await make()).body.id;
    await api.jobs.doNext(null);
    const models = { funding_rate: 0.0001, slippage: 0.0005, half_spread_ticks: 2, maker_fee_rate: '0.0004', taker_fee_rate: '0.0004' };
    const dear = (await make({ models })).body.id;
    await api.jobs.doNext(null);
    const [one, other] = [await documentOf(still), await documentOf(dear)];
    expect(one.legs?.map(({ assumptions }) => [assumptions.takerFeeRate, assumptions.margin?.funding ?? null])).toEqual([
      ['0.001', null],
      ['0.0005', '0.0001'],
    ]);
    expect(other.legs?.map(({ assumptions }) => [assumptions.takerFeeRate, assumptions.spread, assumptions.slippage])).toEqual([
      ['0.0004', '0.04', 0.0005],
      ['0.0004', '0.04', 0.0005],
    ]);
    const bought = other.fills.find(({ symbol, side }) => symbol === 'BTC/USDT' && side === 'buy');
    // The ask stands at 100.02; beyond it lie 0.05 % of it, rounded up to an increment.
    expect([one.fills.find(({ symbol, side }) => symbol === 'BTC/USDT' && side === 'buy')?.price, bought?.price]).toEqual(['100', '100.08']);
    expect(Number(bought?.fee)).toBeCloseTo(Number(bought?.size) * 100.08 * 0.0004, 3);
  });

  it('is read as tables whose rows name their instrument, and as a page in both languages', async () => {
    const { id } = (await make()).body;
    await api.jobs.doNext(null);
    for (const table of ['trades', 'orders', 'fills']) {
      const { text } = await user.call('GET', `/backtests/${id}/${table}.csv`);
      const [head = '', ...rows] = text.trimEnd().split('\r\n');
      expect([table, head.split(',', 1)[0], [...new Set(rows.map((row) => row.split(',', 1)[0]))].sort()]).toEqual([
        table,
        'symbol',
        ['BTC/USDT', PERPETUAL.symbol],
      ]);
    }
    expect((await user.call('GET', `/backtests/${id}/equity.csv`)).text.split('\r\n')[1]).toMatch(/^2023-11-14T07:31:00\.000Z,[\d.]+,,0\.\d+$/);
    for (const [language, heading] of Object.entries({ en: 'Instruments', ru: 'Инструменты' })) {
      const { text } = await user.call('GET', `/backtests/${id}/report.html`, undefined, { 'accept-language': language });
      for (const part of [`<h2>${heading}</h2>`, PERPETUAL.symbol]) expect(text).toContain(part);
      for (const wrong of ['NaN', 'undefined', 'null', 'Infinity']) expect(text).not.toContain(wrong);
    }
  });

  it('runs over a file for each instrument, which are all the user’s own', async () => {
    const [spot, perpetual] = [await upload(csvOf('BTC/USDT')), await upload(csvOf(PERPETUAL.symbol))];
    const files = { ...FROM_FILES, dataset_id: spot };
    const made = await make({ ...files, leg_datasets: { [PERPETUAL.symbol]: perpetual } });
    expect(made.body).toMatchObject({ dataset_id: spot, leg_datasets: { [PERPETUAL.symbol]: perpetual } });
    const fromVenue = (await make()).body.id;
    await api.jobs.doNext(null);
    await api.jobs.doNext(null);
    expect((await documentOf(made.body.id)).report.figures).toEqual((await documentOf(fromVenue)).report.figures);

    const others = await upload(csvOf(PERPETUAL.symbol), await api.user());
    const long = await upload(csvOf(PERPETUAL.symbol, 120, 5));
    const refused = async (change: object) => fieldsOf(await make({ ...files, ...change }));
    expect(await refused({})).toEqual(['leg_datasets']);
    expect(await refused({ leg_datasets: { [PERPETUAL.symbol]: others } })).toEqual([`leg_datasets.${PERPETUAL.symbol}`]);
    expect(await refused({ leg_datasets: { [PERPETUAL.symbol]: long } })).toEqual([`leg_datasets.${PERPETUAL.symbol}`]);
    expect(await refused({ leg_datasets: { [PERPETUAL.symbol]: perpetual, 'ETH/USDT': perpetual } })).toEqual(['leg_datasets.ETH/USDT']);
    expect(fieldsOf(await make({ leg_datasets: { [PERPETUAL.symbol]: perpetual } }))).toEqual(['leg_datasets']);
  });

  it('refuses the models that are not there for it by name, and instruments that are not traded', async () => {
    const models = { latency_ms: 100, volume_share: 0.5, fill_rule: 'queue', queue_share: 1, fee_asset: 'quote', slippage: 0.001 };
    const refused = await make({ models });
    expect([refused.status, refused.problem.code]).toEqual([422, 'validation_failed']);
    expect(fieldsOf(refused)).toEqual(['models.latency_ms', 'models.volume_share', 'models.fill_rule', 'models.queue_share', 'models.fee_asset']);
    expect((await make({ symbol: 'ETH/USDT' })).problem).toMatchObject({ code: 'symbol_unknown', errors: [{ field: 'symbol' }] });
  });

  it('is looked into afterwards as one of a single instrument is', async () => {
    const { id } = (await make()).body;
    await api.jobs.doNext(null);
    const check = async (wanted: object) => {
      const asked = await user.call('POST', `/backtests/${id}/checks`, wanted);
      expect(asked.status).toBe(202);
      await api.jobs.doNext(null);
      return (await user.call('GET', `/backtests/${id}/checks/${asked.body.id}`)).body as unknown as {
        state: string;
        result: Record<string, unknown>;
        failure: string;
      };
    };
    const looked = await check({ kind: 'look_ahead' });
    expect(looked).toMatchObject({ state: 'done', result: { strategy: 'spot_futures_arbitrage', findings: [] } });
    expect([Number(looked.result['decisions']) > 0, Number(looked.result['cuts']) > 5]).toEqual([true, true]);
    expect(await check({ kind: 'recursion' })).toMatchObject({ state: 'done', result: { warm_up: null, figures: [], other_turns: 0 } });
    expect(await check({ kind: 'monte_carlo', seed: 1 })).toMatchObject({ state: 'failed', failure: expect.stringContaining('at least 10 closed trades') });
    const walk = { kind: 'walk_forward', ranges: { entry_percent: { values: ['0.5', '1'] } }, search: 'grid', objectives: [{ name: 'profit' }], windows: 2 };
    expect(await check(walk)).toMatchObject({ state: 'failed', failure: expect.stringContaining('at least 250 candles for 2 windows') });
  });

  it('counts the candles of all instruments against the limits', async () => {
    const from = new Date(Date.parse(WANTED.to) - (MAX_VENUE_CANDLES / 2 + 1) * MINUTE_MS).toISOString();
    expect((await make({ from })).problem).toMatchObject({ code: 'backtest_too_large', detail: expect.stringContaining(`${MAX_VENUE_CANDLES + 2} candles`) });
  });

  it('rebalances a portfolio of coins', async () => {
    const config = { investment: '1000', target_percent: '40', coins: [{ symbol: 'ETH/USDT', target_percent: '40' }] };
    const made = await make({ strategy: 'rebalance', config, models: {} });
    expect([made.status, made.text]).toEqual([202, expect.any(String)]);
    await api.jobs.doNext(null);
    const { legs = [], report } = await documentOf(made.body.id);
    expect(legs.map(({ symbol, figures }) => [symbol, figures.fillCount > 0])).toEqual([
      ['BTC/USDT', true],
      ['ETH/USDT', true],
    ]);
    expect(total(legs.map(({ figures }) => figures.profit))).toBe(new Decimal(report.figures.profit).toFixed());
  });
});
