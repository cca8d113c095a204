/** The part of the store that keeps backtests: what was asked for, how far it is, and what came of it. Types only. */
import type { Page, PageRequest } from './page.ts';

export type BacktestState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/** Plain data that survives JSON; its form is the app's. */
type Plain = Readonly<Record<string, unknown>>;

export interface BacktestRecord {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly state: BacktestState;
  readonly settings: Plain;
  /** Share that is done, 0 to 1. */
  readonly progress: number;
  /** The figures of its report; `null` before it is done. */
  readonly figures: Plain | null;
  /** Why it failed; empty otherwise. */
  readonly failure: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** A file of candles that a user has given. */
export interface DatasetRecord {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly candles: number;
  readonly intervalMs: number;
  /** When its first candle opened and its last one closed. */
  readonly startAt: number;
  readonly endAt: number;
  readonly bytes: number;
  readonly createdAt: number;
}

export interface BacktestStore {
  /** `unfinished` and `kept` are how many of the user there may be with this one; refused with the limit that is reached. */
  create(
    backtest: { readonly id: string; readonly userId: string; readonly name: string; readonly settings: Plain; readonly at: number },
    limits: { readonly unfinished: number; readonly kept: number },
  ): Promise<BacktestRecord | 'unfinished' | 'kept'>;
  list(userId: string, page: PageRequest): Promise<Page<BacktestRecord>>;
  get(userId: string, id: string): Promise<BacktestRecord | null>;
  /** Takes one up that waits, or goes on with one that was under way; `null` when it is over or gone. */
  begin(id: string, at: number): Promise<BacktestRecord | null>;
  /** `false` when it is not to go on. */
  progress(id: string, share: number): Promise<boolean>;
  /** Ends one that runs; without effect on one that is over. `document` is text. */
  finish(
    id: string,
    end: { readonly state: 'done'; readonly figures: Plain; readonly document: string } | { readonly state: 'failed'; readonly failure: string },
    at: number,
  ): Promise<void>;
  /** `over` when there is nothing to cancel. */
  cancel(userId: string, id: string, at: number): Promise<'cancelled' | 'over' | 'missing'>;
  /** With its document. `false` when there is none. */
  remove(userId: string, id: string): Promise<boolean>;
  document(userId: string, id: string): Promise<string | null>;
  /** Ids of those that wait or run and were asked for before a time, oldest first. */
  unfinished(before: number, limit: number): Promise<readonly string[]>;
  /** Refused with `kept` when the user has as many already. */
  /** `packed` is its text, compressed with gzip. */
  addDataset(dataset: DatasetRecord, packed: Uint8Array, kept: number): Promise<'added' | 'kept'>;
  datasets(userId: string, page: PageRequest): Promise<Page<DatasetRecord>>;
  dataset(userId: string, id: string): Promise<DatasetRecord | null>;
  /** Its text, compressed with gzip. */
  packedDataset(userId: string, id: string): Promise<Uint8Array | null>;
  removeDataset(userId: string, id: string): Promise<boolean>;
}
