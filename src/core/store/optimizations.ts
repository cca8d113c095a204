/** The part of the store that keeps optimisations: what was asked for, the candles, each piece of work that is done, and the results. Types only. */
import type { Page, PageRequest } from './page.ts';

/** A paused one goes on where it stood. */
export type OptimizationState = 'waiting' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled';

/** Plain data that survives JSON; its form is the app's. */
type Plain = Readonly<Record<string, unknown>>;

export interface OptimizationRecord {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly state: OptimizationState;
  readonly settings: Plain;
  /** Sets to try, and those that have been. */
  readonly trials: number;
  readonly trialsDone: number;
  /** SHA-256 of the bars, in hex; empty before that. */
  readonly fingerprint: string;
  /** What is to be known of all trials together; `null` before it is done. */
  readonly summary: Plain | null;
  /** Why it failed; empty otherwise. */
  readonly failure: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** One of the best sets. */
export interface OptimizationResult {
  /** From 1, the best. */
  readonly rank: number;
  /** Which trial it was, from 0. */
  readonly trial: number;
  readonly config: Plain;
  readonly scores: readonly number[];
  /** Whether no other set is better in every objective. */
  readonly isOnFront: boolean;
  /** Over the history that the search saw. */
  readonly inSample: Plain;
  /** Over the end of the history, which it did not; `null` where that was not computed. */
  readonly outOfSample: Plain | null;
}

export interface OptimizationStore {
  /** `unfinished` and `kept` are how many of the user there may be with this one; refused with the limit that is reached. */
  create(
    optimization: {
      readonly id: string;
      readonly userId: string;
      readonly name: string;
      readonly settings: Plain;
      readonly trials: number;
      readonly at: number;
    },
    limits: { readonly unfinished: number; readonly kept: number },
  ): Promise<OptimizationRecord | 'unfinished' | 'kept'>;
  list(userId: string, page: PageRequest): Promise<Page<OptimizationRecord>>;
  get(userId: string, id: string): Promise<OptimizationRecord | null>;
  /** For whoever works on it: begins one that waits; `null` when it is over or gone. */
  begin(id: string, at: number): Promise<OptimizationRecord | null>;
  /** Keeps the bars that all trials run on and their fingerprint; those of before stay where there are any. */
  keepCandles(id: string, bytes: Uint8Array): Promise<void>;
  /** `null` where there are none yet. */
  candles(id: string): Promise<Uint8Array | null>;
  /** Keeps what came of a piece of work, once; `false` when nothing is to be kept any more. `content` is text. */
  keepChunk(id: string, chunk: { readonly chunk: number; readonly trials: number; readonly content: string }): Promise<boolean>;
  /** Numbers of those that are done. */
  chunksDone(id: string): Promise<readonly number[]>;
  /** Those that are done up to one, in their sequence. */
  chunksBefore(id: string, chunk: number): Promise<readonly string[]>;
  /** Ends one that works, with its results; without effect on one that is over. Its candles and pieces are let go of. */
  finish(
    id: string,
    end:
      | { readonly state: 'done'; readonly summary: Plain; readonly results: readonly OptimizationResult[] }
      | { readonly state: 'failed'; readonly failure: string },
    at: number,
  ): Promise<void>;
  /** Pauses, goes on with, or ends one. `over` where there is nothing to change. */
  change(userId: string, id: string, to: 'paused' | 'running' | 'cancelled', at: number): Promise<'changed' | 'over' | 'missing'>;
  /** With its results. `false` when there is none. */
  remove(userId: string, id: string): Promise<boolean>;
  /** The best first. */
  results(userId: string, id: string, page: PageRequest): Promise<Page<OptimizationResult>>;
  result(userId: string, id: string, rank: number): Promise<OptimizationResult | null>;
  /** Ids of those that wait or run and were asked for before a time, oldest first. */
  unfinished(before: number, limit: number): Promise<readonly string[]>;
}
