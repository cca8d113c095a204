/** What a kind of job declares: one file in `kinds` is all that a new one takes. */
import type { BackupShelf } from '#core/backups.ts';
import type { CandleHistory } from '#core/history.ts';
import type { JobData, JobInHand, JobSchedule, Jobs } from '#core/jobs.ts';
import type { Text } from '#core/params.ts';
import type { Clock, Ids, Log } from '#core/ports.ts';
import type { QuoteSource } from '#core/quotes/market-quote.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { BacktestBench } from '../backtest/backtest-task.ts';
import type { CheckBench } from '../honesty/check-task.ts';
import type { OpenCrew } from '../optimize/evaluate.ts';
import type { OwnStrategies } from '../own-strategies/own-strategies.ts';

/** What jobs are done with; the worker role plugs it in. */
export interface JobParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Users' own strategies. */
  readonly own?: OwnStrategies | undefined;
  readonly jobs: () => Promise<Jobs>;
  readonly bench: BacktestBench & CheckBench;
  readonly crew: OpenCrew;
  /** Candles of the past. */
  readonly candleHistory: CandleHistory;
  /** Of the market; `null` where no key for it is configured. */
  readonly quoteSource: QuoteSource | null;
  readonly keptFor: RetentionAges;
  /** `null` where no directory for backups is configured. */
  readonly backups: BackupShelf | null;
}

/** How long what may be forgotten is kept. */
export interface RetentionAges {
  /** Tapes, from the end of their runs. */
  readonly tapesMs: number;
  readonly equityMs: number;
  /** Facts that were told and commands that were taken. */
  readonly eventsMs: number;
}

/** A kind of job of the queue `tasks`. */
export interface JobKind {
  /** Stands with every job of this kind, so it never changes. */
  readonly kind: string;
  readonly title: Text;
  /** When it is done without being asked for; absent for what users ask for. `null` when this process's settings leave it out. */
  readonly repeat?: (parts: JobParts) => JobSchedule['repeat'] | null;
  /** How often it is tried in all; 1 if not given. */
  readonly attempts?: number;
  /** Wait before the second try, doubled with every further one. */
  readonly backoffMs?: number;
  /** From 1, the most urgent, to 1000; 100 if not given. */
  readonly priority?: number;
  /**
   * Does it and returns its result. `job.data` comes from a queue: check it. May be called again for the same job after a
   * crash, so it must do no harm twice. Ends soon, by throwing, once `job.stopReason()` is not `null`.
   */
  run(job: JobInHand, parts: JobParts): Promise<JobData>;
}

/** Throws when the job must be let go of: to be called between steps. */
export function goOn(job: JobInHand): void {
  const reason = job.stopReason();
  if (reason !== null) throw new Error(`the job was let go of: ${reason}`);
}
