/** Wire shapes of optimisations: what one is asked for by, how far it is, and its results. */
import { z } from 'zod';
import { MAX_OBJECTIVES } from '#app/optimize/goal.ts';
import { OBJECTIVES } from '#app/optimize/objectives/index.gen.ts';
import { MAX_OUT_OF_SAMPLE, MAX_TRIALS, type NewOptimization as NewOptimizationInput, optimizationSettings } from '#app/optimize/optimizations.ts';
import { MAX_VALIDATED, type OptimizationSummary } from '#app/optimize/ranking.ts';
import { SEARCHES } from '#app/optimize/searches/index.gen.ts';
import { MAX_AXES, MAX_VALUES } from '#app/optimize/space.ts';
import type { OptimizationRecord } from '#core/store/optimizations.ts';
import { backtestInput, NewBacktest } from './backtests.ts';
import { isoTime, isoTimeOrNull, pageOf, textInput, timeOutput } from './shared-pieces.ts';

const STATES = ['waiting', 'running', 'paused', 'done', 'failed', 'cancelled'] as const;
const kindsOf = (kinds: readonly string[]) => kinds as [string, ...string[]];
const RANGES = { fast: { from: 5, to: 30, step: 5 }, average: { values: ['sma', 'ema'] } };
const OBJECTIVE_NAMES = OBJECTIVES.map(({ name }) => name);

const number = z.union([z.string().max(40), z.number()]);
const Range = z.union(
  [
    z.strictObject({
      from: number.describe('The lowest value.'),
      to: number.describe('The highest value.'),
      step: number.optional().describe('From one value to the next; 1 for whole numbers where left out.'),
    }),
    z.strictObject({ values: z.array(z.union([z.string().max(200), z.number(), z.boolean()])).describe(`The values to try, up to ${MAX_VALUES}.`) }),
  ],
  { error: 'must have from and to, with a step, or a list of values' },
);

export const NewOptimization = z
  .strictObject({
    ...NewBacktest.shape,
    name: textInput(80).default('Optimisation').describe('Your own name for it.'),
    config: NewBacktest.shape.config.default({}).describe('Settings of the strategy that are the same in all sets.'),
    ranges: z
      .record(z.string().max(80), Range)
      .describe(`For each setting that is varied, up to ${MAX_AXES}: \`from\`, \`to\` and \`step\` of a number, or a list of \`values\`.`),
    search: z.enum(kindsOf(SEARCHES.map(({ kind }) => kind))).describe(SEARCHES.map(({ kind, summary }) => `\`${kind}\`: ${summary.en}`).join(' ')),
    trials: z.int().min(1).max(MAX_TRIALS).optional().describe(`Sets to try, up to ${MAX_TRIALS}; left out for \`grid\`, which tries all.`),
    seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe('Whatever chance decides follows from it; one is made where it is left out.'),
    objectives: z
      .array(
        z.strictObject({
          name: z
            .string()
            .max(40)
            .describe(`One of ${OBJECTIVE_NAMES.join(', ')}.`),
          weight: z.number().min(-1e6).max(1e6).optional().describe('Its part in the weighted sum; for all objectives or for none.'),
        }),
      )
      .min(1)
      .max(MAX_OBJECTIVES)
      .default([{ name: 'sharpe' }])
      .describe('What is to be as large as possible. Several are pursued at once, unless they have weights: then the weighted sum is.'),
    min_trades: z.int().min(0).max(1_000_000).default(10).describe('Sets with fewer executions have no score.'),
    out_of_sample: z
      .number()
      .min(0)
      .max(MAX_OUT_OF_SAMPLE)
      .default(0.3)
      .describe(`Share of the history, its end, that the search does not see and on which the best ${MAX_VALIDATED} are tried afterwards.`),
    pruning: z
      .boolean()
      .default(false)
      .describe('Gives up sets early: those of a piece of work that are in its worse half over the first quarter of the history the search sees.'),
  })
  .meta({
    id: 'NewOptimization',
    description: 'An optimisation to be computed.',
    examples: [
      {
        name: 'Crossover',
        strategy: 'moving_average_cross',
        config: { slow: 50, investment: '1000', timeframe: '1h' },
        exchange: 'binance',
        symbol: 'BTC/USDT',
        interval: '1h',
        from: '2025-01-01T00:00:00Z',
        to: '2026-11-01T00:00:00Z',
        ranges: RANGES,
        search: 'grid',
        objectives: [{ name: 'sharpe' }],
      },
    ],
  });

const Summary = z
  .object({
    scored: z.int().describe('Sets that have a score.'),
    unscored: z.int().describe('Sets without: too few trades, or too few days for the figure.'),
    refused: z.int().describe('Sets that the strategy does not take.'),
    refusal: z.string().describe('Why it did not take the first of them; empty where it took all.'),
    pruned: z.int().describe('Sets that were given up early.'),
    deflated_sharpe: z
      .object({
        trials: z.int().describe('How many sets were tried.'),
        observed: z.number().describe('Sharpe ratio of a day of the best set.'),
        expected_best: z.number().describe('What the best of as many worthless sets is to be expected to show.'),
        probability: z.number().nullable().describe('Probability that the best set is better than that.'),
      })
      .nullable()
      .describe('How far the best set can be believed, given how many were tried; `null` where none has a score.'),
    overfitting: z.number().nullable().describe('Probability that choosing the best set chooses luck; `null` where too little is known.'),
    validated: z
      .object({
        count: z.int().describe('How many of the best were tried out of the sample.'),
        profitable: z.int().describe('How many of those earned something there.'),
        in_sample_profit: z.number().describe('Their profit where they were chosen, on average, as a share of the capital.'),
        out_of_sample_profit: z.number().describe('Their profit where they were not.'),
      })
      .nullable()
      .describe('The best sets on history the search did not see; `null` where none was left for it.'),
  })
  .meta({
    id: 'OptimizationSummary',
    description: 'What is to be known of all sets together.',
    examples: [
      {
        scored: 10,
        unscored: 2,
        refused: 0,
        refusal: '',
        pruned: 0,
        deflated_sharpe: { trials: 12, observed: 0.06, expected_best: 0.05, probability: 0.6 },
        overfitting: 0.4,
        validated: { count: 10, profitable: 4, in_sample_profit: 0.12, out_of_sample_profit: -0.01 },
      },
    ],
  });

export const OptimizationItem = z
  .object({
    id: z.string().describe('Its id.'),
    name: z.string().describe('Your own name for it.'),
    state: z.enum(STATES).describe('`waiting` for a worker, `running`, `paused`, `done`, `failed`, or `cancelled`.'),
    trials: z.int().describe('Sets to try.'),
    trials_done: z.int().describe('Sets that have been tried.'),
    strategy: z.string().describe('The strategy.'),
    strategy_version: z.int().describe('Its version then.'),
    exchange: z.string().describe('Whose instrument it runs on.'),
    symbol: z.string().describe('What it trades.'),
    config: z.record(z.string(), z.unknown()).describe('Settings that are the same in all sets.'),
    ranges: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()]))).describe('The values tried of each setting that is varied.'),
    search: z.string().describe('The way sets are looked for.'),
    seed: z.number().describe('What chance decided follows from it.'),
    objectives: z
      .array(
        z.object({ name: z.string().describe('The objective.'), weight: z.number().nullable().describe('Its part in the weighted sum; `null` without one.') }),
      )
      .describe('What is to be as large as possible.'),
    out_of_sample: z.number().describe('Share of the history that the search does not see.'),
    fingerprint: z.string().describe('SHA-256 of the candles; empty before they are read. The same fingerprint, settings and seed give the same results.'),
    failure: z.string().describe('Why it failed; empty otherwise.'),
    summary: Summary.nullable().describe('What is to be known of all sets together; `null` before it is done.'),
    created_at: timeOutput.describe('When it was asked for.'),
    started_at: timeOutput.nullable().describe('When a worker took it up.'),
    ended_at: timeOutput.nullable().describe('When it was over.'),
  })
  .meta({
    id: 'Optimization',
    description: 'An optimisation: what was asked for and how far it is.',
    examples: [
      {
        id: '0198f5a4-2c1c-7c33-9b1e-ffff1d2b3c4d',
        name: 'Crossover',
        state: 'running',
        trials: 12,
        trials_done: 8,
        strategy: 'moving_average_cross',
        strategy_version: 2,
        exchange: 'binance',
        symbol: 'BTC/USDT',
        config: { slow: 50, investment: '1000', timeframe: '1h' },
        ranges: { fast: [5, 10, 15, 20, 25, 30], average: ['sma', 'ema'] },
        search: 'grid',
        seed: 42,
        objectives: [{ name: 'sharpe', weight: null }],
        out_of_sample: 0.3,
        fingerprint: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
        failure: '',
        summary: null,
        created_at: '2026-11-20T07:00:00.000Z',
        started_at: '2026-11-20T07:00:01.000Z',
        ended_at: null,
      },
    ],
  });
export const OptimizationPage = pageOf('OptimizationPage', OptimizationItem, 'Optimisations, newest first.');

export function optimizationInput(body: z.output<typeof NewOptimization>): NewOptimizationInput {
  const { ranges, search, trials, seed, objectives, min_trades: leastTrades, out_of_sample: outOfSample, pruning, ...backtest } = body;
  return {
    backtest: backtestInput(backtest),
    ranges: ranges as NewOptimizationInput['ranges'],
    search,
    trials,
    seed,
    goal: { objectives, leastTrades },
    outOfSample,
    pruning,
  };
}

export function presentOptimization(record: OptimizationRecord): z.output<typeof OptimizationItem> {
  const { id, name, state, trials, trialsDone, fingerprint, failure, summary } = record;
  const { backtest, axes, search, goal, outOfSample } = optimizationSettings(record);
  return {
    id,
    name,
    state,
    trials,
    trials_done: trialsDone,
    strategy: backtest.strategy,
    strategy_version: backtest.strategyVersion,
    exchange: backtest.source.exchange,
    symbol: backtest.instrument.symbol,
    config: backtest.config as Record<string, unknown>,
    ranges: Object.fromEntries(axes.map((axis) => [axis.name, [...axis.values]])),
    search: search.kind,
    seed: search.seed,
    objectives: goal.objectives.map((objective) => ({ name: objective.name, weight: objective.weight ?? null })),
    out_of_sample: outOfSample,
    fingerprint,
    failure,
    summary: summary === null ? null : presentSummary(summary as unknown as OptimizationSummary),
    created_at: isoTime(record.createdAt),
    started_at: isoTimeOrNull(record.startedAt),
    ended_at: isoTimeOrNull(record.endedAt),
  };
}

function presentSummary({ deflatedSharpe, validated, ...counts }: OptimizationSummary): z.output<typeof Summary> {
  return {
    ...counts,
    deflated_sharpe:
      deflatedSharpe === null
        ? null
        : {
            trials: deflatedSharpe.trials,
            observed: deflatedSharpe.observed,
            expected_best: deflatedSharpe.expectedBest,
            probability: deflatedSharpe.probability,
          },
    validated:
      validated === null
        ? null
        : {
            count: validated.count,
            profitable: validated.profitable,
            in_sample_profit: validated.inSampleProfit,
            out_of_sample_profit: validated.outOfSampleProfit,
          },
  };
}
