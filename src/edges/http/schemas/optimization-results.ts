/** Wire shapes of the results of optimisations: what each of the best sets did, out of the sample first. */
import { z } from 'zod';
import { MAX_TRIALS, warningOf } from '#app/optimize/optimizations.ts';
import type { TrialFigures } from '#app/optimize/trial-figures.ts';
import type { OptimizationResult } from '#core/store/optimizations.ts';
import { IdParams, pageOf } from './shared-pieces.ts';

const FIGURES_EXAMPLE = {
  profit_share: 0.12,
  annual_return: 0.2,
  drawdown: 0.08,
  sharpe: 1.1,
  sortino: 1.6,
  calmar: 2.5,
  profit_factor: null,
  expectancy: null,
  trades: 48,
  hold_share: 0.05,
};
const Figures = z
  .object({
    profit_share: z.number().describe('Profit as a share of the capital.'),
    annual_return: z.number().nullable().describe('The same compounded to a year; `null` for less than 30 days.'),
    drawdown: z.number().describe('The deepest fall from a peak, as a share.'),
    sharpe: z.number().nullable().describe('Sharpe ratio of a year; `null` for fewer than ten days.'),
    sortino: z.number().nullable().describe('Sortino ratio of a year.'),
    calmar: z.number().nullable().describe('Yearly return over the deepest drawdown.'),
    profit_factor: z.number().nullable().describe('Gains of closed trades over losses; `null` also where no objective asks for it.'),
    expectancy: z.number().nullable().describe('Profit of a closed trade as a share of the capital; `null` also where no objective asks for it.'),
    trades: z.int().describe('Executions.'),
    hold_share: z.number().nullable().describe('What the same capital would have earned turned into base and held; `null` of several instruments.'),
  })
  .meta({ id: 'TrialFigures', description: 'Figures of one set over one part of the history.', examples: [FIGURES_EXAMPLE] });

export const ResultItem = z
  .object({
    rank: z.int().describe('From 1, the best by the objectives over the history that the search saw.'),
    out_of_sample: Figures.nullable().describe('Over history that the search did not see: what to look at first. `null` where the set was not tried there.'),
    warning: z
      .enum(['in_sample', 'out_of_sample_loss'])
      .nullable()
      .describe('What a bot made of it will carry: it was only judged where it was chosen, or it earned nothing elsewhere.'),
    in_sample: Figures.describe('Over the history it was chosen on; always better than what is to be expected.'),
    config: z.record(z.string(), z.unknown()).describe('Settings of the strategy.'),
    scores: z.array(z.number()).describe('Value of each objective, or of their weighted sum.'),
    is_on_front: z.boolean().describe('Whether no other set is better in every objective.'),
    trial: z.int().describe('Which trial it was, from 0.'),
  })
  .meta({
    id: 'OptimizationResult',
    description: 'One of the best sets.',
    examples: [
      {
        rank: 1,
        out_of_sample: { ...FIGURES_EXAMPLE, profit_share: 0.01, sharpe: 0.2 },
        warning: null,
        in_sample: FIGURES_EXAMPLE,
        config: { fast: 10, slow: 50, investment: '1000', timeframe: '1h' },
        scores: [1.1],
        is_on_front: true,
        trial: 3,
      },
    ],
  });
export const ResultPage = pageOf('OptimizationResultPage', ResultItem, 'The best sets, the best first.');

export const RankParams = IdParams.extend({
  rank: z.coerce.number().int().min(1).max(MAX_TRIALS).describe('Rank of the result.'),
});

export function presentResult(result: OptimizationResult): z.output<typeof ResultItem> {
  const { rank, trial, config, scores, isOnFront, inSample, outOfSample } = result;
  return {
    rank,
    out_of_sample: outOfSample === null ? null : presentFigures(outOfSample),
    warning: warningOf(result),
    in_sample: presentFigures(inSample),
    config: { ...config },
    scores: [...scores],
    is_on_front: isOnFront,
    trial,
  };
}

function presentFigures(kept: Readonly<Record<string, unknown>>): z.output<typeof Figures> {
  const { profitShare, annualReturn, drawdown, sharpe, sortino, calmar, profitFactor, expectancy, trades, holdShare } = kept as unknown as TrialFigures;
  return {
    profit_share: profitShare,
    annual_return: annualReturn,
    drawdown,
    sharpe,
    sortino,
    calmar,
    profit_factor: profitFactor,
    expectancy,
    trades,
    hold_share: holdShare,
  };
}
