/** Computes a backtest that a user has asked for: takes its candles, hands it to the bench, keeps what came of it. */

import { AppError, PortError } from '#core/errors.ts';
import type { JobInHand } from '#core/jobs.ts';
import type { PlanQuestion, RehearsalLeg, RehearsedRun } from '#core/sandbox/port.ts';
import type { BacktestRecord } from '#core/store/backtests.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import { settingsOf } from '../../backtest/backtest-settings.ts';
import type { BacktestBench, BacktestOutcome, BacktestTask } from '../../backtest/backtest-task.ts';
import { candlesOf, withFunding } from '../../backtest/candle-source.ts';
import { instrumentsIn } from '../../backtest/legs/legs-task.ts';
import { strategyNamed } from '../../bots/bot-planning.ts';
import type { OwnStrategies, PinnedProgram } from '../../own-strategies/own-strategies.ts';
import { goOn, type JobKind, type JobParts } from '../job-kind.ts';

/** Text of a result; its lists are bounded, so that only notes and settings without end could reach it. */
export const MAX_DOCUMENT_LENGTH = 32 * 1024 * 1024;
/** Share of the progress that reading candles counts for. */
const READING_SHARE = 0.3;
/** Entries of a tape that are compared. */
export const MAX_TAPE = 200_000;
const TAPE_PAGE = 1_000;
/** Progress is written no more often. */
const TELL_EVERY_MS = 500;

export const backtest: JobKind = {
  kind: 'backtest',
  title: { en: 'Compute a backtest', ru: 'Расчёт бэктеста' },
  run: async (job, parts) => {
    const { id } = job.data;
    if (typeof id !== 'string') throw new Error('a job of a backtest names none');
    const { store, clock } = parts;
    const record = await store.backtests.begin(id, clock.now());
    if (record === null) return { outcome: 'over' };
    try {
      const done = await compute(job, record, parts);
      if (done === null) return { outcome: 'cancelled' };
      const { document, figures, candles } = done;
      if (document.length > MAX_DOCUMENT_LENGTH) throw new AppError('backtest_too_large', 'the result is too large to be kept; choose a shorter period');
      await store.backtests.finish(id, { state: 'done', figures: { ...figures }, document }, clock.now());
      return { outcome: 'done', candles, fills: figures.fillCount };
    } catch (error) {
      // Whoever takes the job next begins anew; the second try of one that found no exchange is its last.
      if (job.stopReason() !== null || (isPassing(error) && job.attemptsMade === 0)) throw error;
      await store.backtests.finish(id, { state: 'failed', failure: reasonOf(error) }, clock.now());
      if (error instanceof AppError || error instanceof PortError) return { outcome: 'failed' };
      throw error;
    }
  },
};

/** `null` where its user does not want it any more. */
async function compute(job: JobInHand, record: BacktestRecord, parts: JobParts): Promise<BacktestOutcome | null> {
  const { clock, strategies, own, bench } = parts;
  const settings = await withFunding(settingsOf(record), parts);
  const pinned = (await own?.find(record.userId, settings.strategy)) ?? null;
  const params = settings.config as PlanQuestion['params'];
  const strategy = own === undefined || pinned === null ? strategyNamed(strategies, settings.strategy) : await own.shaped(pinned, params, settings.instrument);
  const told = new Progress(record.id, parts);
  const candles = await candlesOf(record.userId, settings, strategy, parts, async (share) => {
    goOn(job);
    await told.tell(share * READING_SHARE, clock.now());
    if (told.isUnwanted) throw new Unwanted();
  }).catch(unlessUnwanted);
  if (candles === null) return null;
  const task = { settings, ...candles, ...(await tapeOf(record, parts)) };
  const rehearsed = own === undefined || pinned === null ? {} : { rehearsed: await rehearse(own, pinned, task, bench) };
  goOn(job);
  const running = bench.run({ ...task, ...rehearsed }, (share) => {
    void told.tell(READING_SHARE + share * (1 - READING_SHARE), clock.now()).then(() => {
      if (told.isUnwanted) running.stop();
    });
  });
  job.onStop(() => running.stop());
  try {
    return await running.done;
  } catch (error) {
    if (told.isUnwanted) return null;
    goOn(job);
    throw error;
  } finally {
    await told.settled();
  }
}

/** A user's own strategy goes through the bars in its sandbox before the run is computed. */
async function rehearse(own: OwnStrategies, pinned: PinnedProgram, task: BacktestTask, bench: BacktestBench): Promise<RehearsedRun> {
  const { config, instrument, venue, rules } = task.settings;
  const { bars, history } = await bench.read(task);
  const legs: RehearsalLeg[] = [];
  for (const [index, candles] of (task.legCandles ?? []).entries()) {
    const ofLeg = { ...task.settings, instrument: instrumentsIn(task.settings)[index + 1] ?? instrument };
    const read = await bench.read({ settings: ofLeg, candles });
    legs.push({ instrument: ofLeg.instrument, bars: read.bars, history: read.history ?? undefined });
  }
  const others = task.legCandles === undefined ? {} : { legs };
  return await own.rehearse(pinned, { config, instrument, bars, history: history ?? undefined, venue, rules, ...others });
}

/** The tape of the run it is to be compared with, as far as it is kept and short enough. */
async function tapeOf(record: BacktestRecord, { store }: JobParts): Promise<{ readonly tape?: readonly JournalEntry[] }> {
  const { against } = settingsOf(record);
  if (against === undefined) return {};
  const tape: JournalEntry[] = [];
  for (let after = 0; ; after = tape.at(-1)?.sequence ?? after) {
    const page = await store.runs.tape(record.userId, against.botId, against.runId, after, TAPE_PAGE);
    tape.push(...page);
    if (tape.length > MAX_TAPE) throw new AppError('backtest_too_large', `the tape of the run has more than ${MAX_TAPE} entries`);
    if (page.length < TAPE_PAGE) break;
  }
  if (tape[0]?.sequence !== 1) throw new AppError('backtest_too_large', 'the beginning of the tape of this run is not kept any more');
  return { tape };
}

class Unwanted extends Error {}

function unlessUnwanted(error: unknown): null {
  if (error instanceof Unwanted) return null;
  throw error;
}

/** Writes how far it is now and then, and learns from it whether it is still wanted. */
class Progress {
  isUnwanted = false;
  readonly #id: string;
  readonly #parts: JobParts;
  #toldAt = Number.NEGATIVE_INFINITY;
  #telling: Promise<void> = Promise.resolve();

  constructor(id: string, parts: JobParts) {
    this.#id = id;
    this.#parts = parts;
  }

  tell(share: number, now: number): Promise<void> {
    if (now - this.#toldAt < TELL_EVERY_MS) return this.#telling;
    this.#toldAt = now;
    this.#telling = this.#telling.then(() => this.#write(share));
    return this.#telling;
  }

  settled(): Promise<void> {
    return this.#telling;
  }

  async #write(share: number): Promise<void> {
    try {
      this.isUnwanted ||= !(await this.#parts.store.backtests.progress(this.#id, share));
    } catch (error) {
      // How far it is may be told later.
      this.#parts.log.warn({ err: error }, 'the progress of a backtest could not be written');
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof PortError && error.code !== 'validation_failed';
}

function reasonOf(error: unknown): string {
  return error instanceof AppError || error instanceof PortError ? error.message : 'a fault in the server; it is in the log';
}
