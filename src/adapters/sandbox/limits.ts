/** What a program of a user may take at most. Whatever is past these ends the program, never its neighbours. */

export const LIMITS = {
  /** Heap of one run, in MiB. */
  runMemoryMiB: 64,
  /** Heap of a backtest beside its history, in MiB. */
  rehearsalMemoryMiB: 192,
  /** Data of one process of a sandbox, its code and thread stacks included, in MiB; the operating system holds it. */
  processMemoryMiB: 1_536,
  /** Evaluating a program and reading its declaration. */
  loadMs: 2_000,
  planMs: 500,
  /** Trading a made-up history twice. */
  trialMs: 5_000,
  /** Checking its types, where the compiler itself may have to be loaded first. */
  typesMs: 60_000,
  /** One event of a run. */
  stepMs: 250,
  rehearsalMs: 120_000,
  /** Times a run may be begun anew within an hour because a limit was hit; the next time is its end. */
  secondChances: 3,
  /** How long an answer may take beyond that before the process is ended from outside. */
  graceMs: 2_500,
  /** A message from a sandbox, in bytes. */
  answerBytes: 4 * 1_024 * 1_024,
  rehearsalAnswerBytes: 192 * 1_024 * 1_024,
  /** A message to a sandbox: a history of ten million bars. */
  requestBytes: 600 * 1_024 * 1_024,
  /** Histories that a process keeps for the next backtest over the same. */
  histories: 2,
} as const;

export interface PoolLimits {
  /** Runs that share a process. */
  readonly runsPerProcess: number;
  /** Processes at once, and how often they may be started for one user. */
  readonly processes: number;
  readonly startsPerMinute: number;
  /** A process without work ends after this. */
  readonly idleMs: number;
}

export const POOL_LIMITS: PoolLimits = { runsPerProcess: 24, processes: 64, startsPerMinute: 20, idleMs: 60_000 };
