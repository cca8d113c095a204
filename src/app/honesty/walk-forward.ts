/**
 * What would have come of optimising again and again: in each window sets are chosen on its first part and traded on what follows.
 * Only the second parts count; laid end to end they are a history that no choice has seen.
 * @see Robert Pardo, "The Evaluation and Optimization of Trading Strategies", 2008
 */
import type { Bars } from '#core/bars/bars.ts';
import { type Goal, scoresOf } from '../optimize/goal.ts';
import { searchOf } from '../optimize/optimization-settings.ts';
import { rankedPlaces } from '../optimize/pareto.ts';
import type { Tried } from '../optimize/search.ts';
import { type Axis, configAt } from '../optimize/space.ts';
import type { TrialFigures } from '../optimize/trial-figures.ts';
import { barsBetween } from '../optimize/trial-history.ts';
import type { Config, TrialOutcome } from '../optimize/trial-worker.ts';

/** The first part of a window is so many times as long as the second. */
export const IN_TO_OUT = 3;
/** Bars of a second part: fewer are no trading. */
export const LEAST_OUT_BARS = 50;

export interface WalkForwardWish {
  readonly axes: readonly Axis[];
  readonly config: Config;
  readonly search: { readonly kind: string; readonly trials: number; readonly seed: number };
  readonly goal: Goal;
  readonly windows: number;
}

export interface WalkForwardWindow {
  readonly inFrom: number;
  readonly outFrom: number;
  readonly outTo: number;
  /** What was chosen, and what it did in both parts; `null` where no set had a score, and nothing was traded. */
  readonly config: Config | null;
  readonly inSample: TrialFigures | null;
  readonly outOfSample: TrialFigures | null;
}

export interface WalkForwardReport {
  readonly windows: readonly WalkForwardWindow[];
  /** Profit of the second parts one after the other, as a share, each with the capital of before. */
  readonly profit: number;
  /** Profit of a bar out of the sample over that in it: 1 keeps all of what the search promised; `null` where it promised nothing. */
  readonly efficiency: number | null;
  readonly profitableWindows: number;
}

/** Runs a set over bars, with those before for warming up. */
export type TrySet = (config: Config, bars: Bars, before: Bars) => TrialOutcome | Promise<TrialOutcome>;

/** `null` where the history is too short for so many windows. */
export async function walkForward(
  bars: Bars,
  wish: WalkForwardWish,
  trySet: TrySet,
  onWindow: (share: number) => void = () => undefined,
): Promise<WalkForwardReport | null> {
  const outBars = Math.floor(bars.length / (wish.windows + IN_TO_OUT));
  if (outBars < LEAST_OUT_BARS) return null;
  const windows: WalkForwardWindow[] = [];
  for (let index = 0; index < wish.windows; index += 1) {
    windows.push(await walk(bars, index * outBars, outBars, wish, trySet));
    onWindow((index + 1) / wish.windows);
  }
  const outside = windows.map(({ outOfSample }) => outOfSample?.profitShare ?? 0);
  const inside = windows.reduce((sum, { inSample }) => sum + (inSample?.profitShare ?? 0), 0) / IN_TO_OUT;
  return {
    windows,
    profit: outside.reduce((equity, share) => equity * (1 + share), 1) - 1,
    efficiency: inside > 0 ? outside.reduce((sum, share) => sum + share, 0) / inside : null,
    profitableWindows: outside.filter((share) => share > 0).length,
  };
}

async function walk(bars: Bars, from: number, outBars: number, wish: WalkForwardWish, trySet: TrySet): Promise<WalkForwardWindow> {
  const split = from + IN_TO_OUT * outBars;
  const [before, inside, outside] = [barsBetween(bars, 0, from), barsBetween(bars, from, split), barsBetween(bars, split, split + outBars)];
  const span = { inFrom: startOf(bars, from), outFrom: startOf(bars, split), outTo: startOf(bars, split + outBars - 1) + bars.intervalMs };
  const best = await bestOf(wish, (config) => trySet(config, inside, before));
  if (best === null) return { ...span, config: null, inSample: null, outOfSample: null };
  const outcome = await trySet(best.config, outside, barsBetween(bars, 0, split));
  return { ...span, config: best.config, inSample: best.figures, outOfSample: outcome.state === 'done' ? outcome.figures : null };
}

/** Searches as an optimisation does, one set after the other. */
async function bestOf(
  { axes, config, search, goal }: WalkForwardWish,
  evaluate: (config: Config) => TrialOutcome | Promise<TrialOutcome>,
): Promise<{ config: Config; figures: TrialFigures } | null> {
  const way = searchOf({ search });
  const wish = { axes, trials: search.trials, seed: search.seed };
  const tried: (Tried & { readonly outcome: TrialOutcome })[] = [];
  for (const round of way.rounds(wish).keys())
    for (const point of way.propose(wish, round, [...tried])) {
      const outcome = await evaluate(configAt(axes, point, config));
      tried.push({ point, outcome, scores: outcome.state === 'done' ? scoresOf(goal, outcome.figures) : null });
    }
  const scored = tried.flatMap(({ point, outcome, scores }) =>
    scores === null || outcome.state !== 'done' ? [] : [{ point, scores, figures: outcome.figures }],
  );
  const [first] = rankedPlaces(scored.map(({ scores }) => scores));
  const best = first === undefined ? undefined : scored[first.place];
  return best === undefined ? null : { config: configAt(axes, best.point, config), figures: best.figures };
}

function startOf(bars: Bars, index: number): number {
  return bars.startAt[index] ?? 0;
}
