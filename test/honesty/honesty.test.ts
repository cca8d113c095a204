/** What is looked into of every strategy: none of ours looks ahead, cheats are caught, and figures forget where they began in the time they ask for. */
import { describe, expect, it } from 'vitest';
import { runBacktest } from '#app/backtest/backtest.ts';
import { runLegsBacktest } from '#app/backtest/legs/legs-backtest.ts';
import { DECISION_CUTS, lookAhead, lookAheadOf } from '#app/honesty/look-ahead.ts';
import { NEAR, recursion } from '#app/honesty/recursion.ts';
import { barsBetween } from '#app/optimize/trial-history.ts';
import { bars, valueIndicator } from '#core/indicator.ts';
import { figureOf } from '#core/indicator-operand.ts';
import { ema } from '#core/indicators/ema.ts';
import type { Strategy } from '#core/strategy.ts';
import { signalStrategy } from '#strategies/_signal-position.ts';
import { ENTER, LEAVE } from '#strategies/_signal-run.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { TEST_PERPETUAL } from '../support/legs-run.ts';
import { CONFIGS, fed, history } from '../support/strategy-histories.ts';
import { TEST_INSTRUMENT } from '../support/strategy-run.ts';
import { CHEATS, HONEST_TWIN } from './cheats.ts';

const BARS = history(4_320);
const SIGNAL = { investment: '1000', timeframe: '1m' };
const instrument = TEST_INSTRUMENT;
const venue = { halfSpreadTicks: 1, latencyMs: 50 };
/** Its backtest is one over several histories; see below. */
const PAIR = 'spot_futures_arbitrage';
const SINGLE = STRATEGIES.filter(({ name }) => name !== PAIR);

describe.each(SINGLE.map((strategy) => [strategy.name, fed(strategy)] as const))('%s', (name, strategy) => {
  const config = CONFIGS[name];

  it('decides the same whatever comes later', async () => {
    if (config === undefined) throw new Error(`give ${name} settings in strategy-histories.ts`);
    const report = await lookAhead({ strategy, config, instrument, bars: BARS, venue });
    expect(report.findings).toEqual([]);
    expect(report.decisions).toBeGreaterThan(0);
    expect(report.cuts).toBeGreaterThan(8);
  });

  it('asks for as many bars as its figures need to forget where they began', () => {
    const { figures, warmUp } = recursion({ strategy, config, instrument, bars: history(20_160) });
    for (const { barsUntilNear, figure } of figures) expect(barsUntilNear ?? Number.POSITIVE_INFINITY, figure).toBeLessThanOrEqual(warmUp ?? 0);
  });
});

it('a strategy of two instruments decides the same whatever comes later', async () => {
  const strategy = STRATEGIES.find(({ name }) => name === PAIR) as Strategy;
  // The perpetual swings around the coin, so that the pair is entered and left.
  const far = { ...BARS };
  for (const column of ['openTicks', 'highTicks', 'lowTicks', 'closeTicks'] as const)
    far[column] = BARS[column].map((ticks, index) => Math.round(ticks * (1.006 + 0.008 * Math.sin(index / 40))));
  const run = (length: number) =>
    runLegsBacktest({
      strategy,
      config: { investment: '1550', entry_percent: '0.5' },
      first: { instrument, bars: barsBetween(BARS, 0, length) },
      others: new Map([[TEST_PERPETUAL.symbol, { instrument: TEST_PERPETUAL, bars: barsBetween(far, 0, length) }]]),
      keepTape: true,
    }).tape;
  const report = await lookAheadOf(PAIR, BARS, run);
  expect(report.findings).toEqual([]);
  expect(report.decisions).toBeGreaterThan(8);
});

describe('a strategy that cheats', () => {
  it.each(CHEATS.map((strategy) => [strategy.name, strategy] as const))('is caught: %s', async (name, strategy) => {
    const { findings, decisions } = await lookAhead({ strategy, config: SIGNAL, instrument, bars: BARS });
    expect(decisions).toBeGreaterThan(2);
    expect(findings.length).toBeGreaterThan(0);
    const [first] = findings;
    expect(first?.whole).not.toBe(first?.cut);
    // It is told at which bar: not after the end of the history that showed it.
    expect(first?.at).toBeLessThanOrEqual(first?.cutAt ?? 0);
    expect((BARS.startAt[first?.bar ?? -1] ?? 0) + BARS.intervalMs).toBeGreaterThanOrEqual(first?.at ?? 0);
    expect((await lookAhead({ strategy, config: SIGNAL, instrument, bars: BARS, isStepped: true })).findings, `${name} is honest step by step`).toEqual([]);
  });

  it('that looks a single bar ahead is caught at the very bar it looked from', async () => {
    const [oneAhead] = CHEATS;
    const { findings } = await lookAhead({ strategy: oneAhead as Strategy, config: SIGNAL, instrument, bars: BARS });
    expect(findings.filter(({ at, cutAt }) => at === cutAt).length).toBe(findings.length);
  });

  it('earns what nobody could, which is why it must be caught', () => {
    const [oneAhead] = CHEATS;
    const run = (isStepped: boolean) =>
      runBacktest({ strategy: oneAhead as Strategy, config: SIGNAL, instrument: { ...instrument, takerFeeRate: '0' }, bars: BARS, isStepped });
    expect(run(false).profitShare).toBeGreaterThan(run(true).profitShare);
  });

  it('has a twin that does not, and that is not caught', async () => {
    const report = await lookAhead({ strategy: HONEST_TWIN, config: SIGNAL, instrument, bars: BARS });
    expect(report.findings).toEqual([]);
    expect(report.decisions).toBeGreaterThan(DECISION_CUTS);
  });
});

describe('a figure that remembers', () => {
  /** A rule over one figure that asks for no more bars than it is told. */
  const rule = (indicator: Parameters<typeof figureOf>[0], settings: Readonly<Record<string, number>>, warmUp: number): Strategy =>
    signalStrategy({
      name: 'remembers',
      title: { en: 'Remembers', ru: 'Помнит' },
      summary: { en: 'Remembers.', ru: 'Помнит.' },
      params: {},
      isMirrored: true,
      warmUp: () => warmUp,
      figures: () => [figureOf(indicator, settings)],
      start: () => ({ above: false }),
      turn: (memory: { above: boolean }, figures) => {
        const isAbove = (figures[0] ?? 0) > 10_000;
        const isNew = isAbove !== memory.above;
        memory.above = isAbove;
        return isNew ? (isAbove ? ENTER : LEAVE) : 0;
      },
    }) as unknown as Strategy;

  it('exponentially is near after as many bars as its weights say', () => {
    const period = 100;
    const { figures } = recursion({ strategy: rule(ema, { period }, 1), config: SIGNAL, instrument, bars: BARS });
    const [{ figure, barsUntilNear }] = figures as [(typeof figures)[number]];
    expect(figure).toBe('ema(100, close)');
    // What is left of the beginning after so many bars is a share of it, which is a few percent of the price here.
    const keeps = (period - 1) / (period + 1);
    const atMost = Math.log(NEAR / 0.3) / Math.log(keeps) + period;
    expect(barsUntilNear).toBeGreaterThan(period);
    expect(barsUntilNear).toBeLessThan(atMost);
  });

  it('for ever is told as such, with the decisions that follow from it', () => {
    const total = valueIndicator({
      name: 'total',
      title: { en: 'Total', ru: 'Сумма' },
      summary: { en: 'Mean of all.', ru: 'Среднее всех.' },
      settings: { all: bars(1) },
      outputs: ['value'],
      warmUp: () => 1,
      start: () => ({ sum: 0, count: 0 }),
      update: (state: { sum: number; count: number }, value: number) => {
        state.sum += value - 10_000;
        state.count += 1;
        return 10_000 + state.sum;
      },
    });
    const report = recursion({ strategy: rule(total as never, { all: 1 }, 1), config: SIGNAL, instrument, bars: BARS });
    expect(report.figures).toEqual([{ figure: 'total(1, close)', barsUntilNear: null, barsUntilSame: null }]);
    expect(report.otherTurns).toBeGreaterThan(0);
  });
});
