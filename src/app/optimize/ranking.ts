/** What comes of all trials together: the best of them in their sequence, and what is to be known of so much choosing. */
import type { OptimizationResult } from '#core/store/optimizations.ts';
import { type DeflatedSharpe, deflatedSharpe } from '../honesty/deflated-sharpe.ts';
import { overfittingProbability } from '../honesty/overfitting.ts';
import { scoresOf } from './goal.ts';
import type { OptimizationSettings } from './optimization-settings.ts';
import { rankedPlaces } from './pareto.ts';
import type { Tried } from './search.ts';
import { configAt, type Point } from './space.ts';
import type { TrialFigures } from './trial-figures.ts';
import type { TrialOutcome } from './trial-worker.ts';

/** Results that are kept; the rest is counted. */
export const MAX_RESULTS = 1_000;
/** The best that are tried on the history that the search did not see. More would be choosing by it. */
export const MAX_VALIDATED = 20;

/** A trial and what came of it. */
export interface DoneTrial {
  readonly point: Point;
  readonly outcome: TrialOutcome;
}

export interface Ranked {
  readonly trial: number;
  readonly point: Point;
  readonly scores: readonly number[];
  readonly isOnFront: boolean;
  readonly figures: TrialFigures;
}

export interface OptimizationSummary {
  /** How many sets have a score, have none for want of trades or days, were refused by the strategy, were given up. */
  readonly scored: number;
  readonly unscored: number;
  readonly refused: number;
  readonly pruned: number;
  /** Why the strategy refused the first of those it did. */
  readonly refusal: string;
  /** Of the best set over the history the search saw; `null` where none has a score. */
  readonly deflatedSharpe: DeflatedSharpe | null;
  /** Probability that choosing the best chooses luck; `null` where too little is known. */
  readonly overfitting: number | null;
  /** How much of the in-sample profit of the validated was left out of the sample, on average; `null` where nothing was validated. */
  readonly validated: { readonly count: number; readonly profitable: number; readonly inSampleProfit: number; readonly outOfSampleProfit: number } | null;
}

/** What a search knows of trials. */
export function triedOf({ point, outcome }: DoneTrial, { goal }: Pick<OptimizationSettings, 'goal'>): Tried {
  return { point, scores: outcome.state === 'done' ? scoresOf(goal, outcome.figures) : null };
}

/** Those that have a score, the best first. */
export function rankedTrials(trials: readonly DoneTrial[], settings: Pick<OptimizationSettings, 'goal'>): readonly Ranked[] {
  const scored = trials.flatMap(({ point, outcome }, trial) => {
    const scores = outcome.state === 'done' ? scoresOf(settings.goal, outcome.figures) : null;
    return scores === null || outcome.state !== 'done' ? [] : [{ trial, point, scores, figures: outcome.figures }];
  });
  return rankedPlaces(scored.map(({ scores }) => scores)).map(({ place, front }) => ({
    ...(scored[place] as Omit<Ranked, 'isOnFront'>),
    isOnFront: front === 0,
  }));
}

/** `validated` has the outcomes of the best over what the search did not see, in their sequence. */
export function resultsOf(
  ranked: readonly Ranked[],
  validated: readonly TrialOutcome[],
  { axes, backtest }: OptimizationSettings,
): readonly OptimizationResult[] {
  return ranked.slice(0, MAX_RESULTS).map(({ trial, point, scores, isOnFront, figures }, index) => {
    const outside = validated[index];
    return {
      rank: index + 1,
      trial,
      config: configAt(axes, point, backtest.config as Readonly<Record<string, unknown>>),
      scores,
      isOnFront,
      inSample: shown(figures),
      outOfSample: outside?.state === 'done' ? shown(outside.figures) : null,
    };
  });
}

export function summaryOf(trials: readonly DoneTrial[], ranked: readonly Ranked[], validated: readonly TrialOutcome[]): OptimizationSummary {
  const counts = { done: 0, refused: 0, pruned: 0 };
  for (const { outcome } of trials) counts[outcome.state] += 1;
  const moments = trials.flatMap(({ outcome }) => (outcome.state === 'done' && outcome.figures.moments.count > 0 ? [outcome.figures.moments] : []));
  const [best] = ranked;
  return {
    scored: ranked.length,
    unscored: counts.done - ranked.length,
    refused: counts.refused,
    pruned: counts.pruned,
    refusal: trials.flatMap(({ outcome }) => (outcome.state === 'refused' ? [outcome.reason] : []))[0] ?? '',
    deflatedSharpe:
      best === undefined
        ? null
        : deflatedSharpe(
            best.figures.moments,
            moments.map(({ sharpe }) => sharpe),
            trials.length - counts.refused,
          ),
    overfitting: overfittingProbability(moments),
    validated: validation(ranked, validated),
  };
}

function validation(ranked: readonly Ranked[], validated: readonly TrialOutcome[]): OptimizationSummary['validated'] {
  const outside = validated.flatMap((outcome, index) =>
    outcome.state === 'done' ? [{ inside: ranked[index]?.figures.profitShare ?? 0, profit: outcome.figures.profitShare }] : [],
  );
  if (outside.length === 0) return null;
  const mean = (of: (each: { inside: number; profit: number }) => number) => outside.reduce((sum, each) => sum + of(each), 0) / outside.length;
  return {
    count: outside.length,
    profitable: outside.filter(({ profit }) => profit > 0).length,
    inSampleProfit: mean(({ inside }) => inside),
    outOfSampleProfit: mean(({ profit }) => profit),
  };
}

/** Sums by block are for what is computed from all trials together. */
function shown({ moments: { blocks: _, ...moments }, ...figures }: TrialFigures): Readonly<Record<string, unknown>> {
  return { ...figures, moments };
}
