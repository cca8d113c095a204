/** The part of the store that keeps what was looked into of backtests afterwards. Types only. */

/** Plain data that survives JSON; its form is the app's. */
type Plain = Readonly<Record<string, unknown>>;

export interface CheckRecord {
  readonly id: string;
  readonly backtestId: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly settings: Plain;
  /** Share that is done, 0 to 1. */
  readonly progress: number;
  readonly result: Plain | null;
  /** Why it failed; empty otherwise. */
  readonly failure: string;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** One that is to be done, with the backtest it is about. */
export interface DueCheck {
  readonly check: CheckRecord;
  readonly userId: string;
  readonly backtestSettings: Plain;
}

export interface CheckStore {
  /** Of a user's backtest. `unfinished` are all of the user, `kept` those of the backtest, with this one. */
  create(
    check: { readonly id: string; readonly userId: string; readonly backtestId: string; readonly settings: Plain; readonly at: number },
    limits: { readonly unfinished: number; readonly kept: number },
  ): Promise<CheckRecord | 'missing' | 'unfinished' | 'kept'>;
  /** Newest first, all of them. */
  list(userId: string, backtestId: string): Promise<readonly CheckRecord[]>;
  get(userId: string, backtestId: string, id: string): Promise<CheckRecord | null>;
  /** `null` when it is over or gone. */
  begin(id: string): Promise<DueCheck | null>;
  /** `false` when it is not to go on. */
  progress(id: string, share: number): Promise<boolean>;
  finish(
    id: string,
    end: { readonly state: 'done'; readonly result: Plain } | { readonly state: 'failed'; readonly failure: string },
    at: number,
  ): Promise<void>;
  /** One that works on is ended. `false` when there is none. */
  remove(userId: string, backtestId: string, id: string): Promise<boolean>;
  /** Ids of those asked for before a time that are not over, oldest first. */
  unfinished(before: number, limit: number): Promise<readonly string[]>;
}
