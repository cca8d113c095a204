/** What an optimisation is asked for by, as it is kept: plain data from which the same sets follow on every machine. */
import type { BacktestSettings } from '../backtest/backtest-settings.ts';
import type { Goal } from './goal.ts';
import type { SearchWish } from './search.ts';
import { SEARCHES } from './searches/index.gen.ts';
import type { Axis } from './space.ts';

export interface OptimizationSettings {
  /** What every trial has in common; its `config` has the settings that are not varied. */
  readonly backtest: BacktestSettings;
  readonly axes: readonly Axis[];
  readonly search: { readonly kind: string; readonly trials: number; readonly seed: number };
  readonly goal: Goal;
  /** Share of the history, its end, that no search sees. */
  readonly outOfSample: number;
  /** Whether sets that are among the worse half over the first {@link SCREEN_SHARE} of the history are given up. */
  readonly pruning: boolean;
  /** Trials of one piece of work. */
  readonly chunkTrials: number;
}

/** Of the history that the search sees, what a set that may be given up is looked at first. */
export const SCREEN_SHARE = 0.25;

/** A piece of work: trials that are done together, of one round. */
export interface Chunk {
  readonly chunk: number;
  readonly round: number;
  /** Trials are counted from 0 through all rounds. */
  readonly firstTrial: number;
  readonly trials: number;
}

/** The way its sets are looked for. Throws for one there is not. */
export function searchOf({ search }: Pick<OptimizationSettings, 'search'>) {
  const found = SEARCHES.find(({ kind }) => kind === search.kind);
  if (found === undefined) throw new Error(`there is no search ${search.kind}`);
  return found;
}

export function wishOf({ axes, search }: Pick<OptimizationSettings, 'axes' | 'search'>): SearchWish {
  return { axes, trials: search.trials, seed: search.seed };
}

/** All pieces of work in their sequence. */
export function chunksOf(settings: OptimizationSettings): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let firstTrial = 0;
  for (const [round, count] of searchOf(settings).rounds(wishOf(settings)).entries()) {
    for (let done = 0; done < count; done += settings.chunkTrials) {
      const trials = Math.min(settings.chunkTrials, count - done);
      chunks.push({ chunk: chunks.length, round, firstTrial, trials });
      firstTrial += trials;
    }
  }
  return chunks;
}
