/** Looks into a backtest afterwards: takes its candles once more, hands them to the bench, keeps what came of it. */
import { AppError, PortError } from '#core/errors.ts';
import type { BacktestSettings } from '../../backtest/backtest-settings.ts';
import { candlesOf, withFunding } from '../../backtest/candle-source.ts';
import type { CheckSettings } from '../../honesty/check-task.ts';
import { rehearsing } from '../../honesty/own-runs.ts';
import { ownStrategy, shapedStrategy } from '../../own-strategies/any-strategy.ts';
import { goOn, type JobKind } from '../job-kind.ts';

/** Share of the progress that reading candles counts for. */
const READING_SHARE = 0.2;
/** Progress is written no more often. */
const TELL_EVERY_MS = 500;

export const backtestCheck: JobKind = {
  kind: 'backtest_check',
  title: { en: 'Look into a backtest', ru: 'Проверка бэктеста' },
  run: async (job, parts) => {
    const { id } = job.data;
    if (typeof id !== 'string') throw new Error('a job of a check names none');
    const { store, clock, bench } = parts;
    const due = await store.checks.begin(id);
    if (due === null) return { outcome: 'over' };
    try {
      const settings = await withFunding(due.backtestSettings as unknown as BacktestSettings, parts);
      const found = await ownStrategy(parts, due.userId, settings.strategy);
      const candles = await candlesOf(due.userId, settings, await shapedStrategy(parts, due.userId, settings), parts, async () => goOn(job));
      const rehearse = found === null ? undefined : rehearsing(found.own, found.pinned, settings, await bench.read({ settings, ...candles }));
      let toldAt = Number.NEGATIVE_INFINITY;
      let telling: Promise<unknown> = Promise.resolve();
      const own = found === null ? {} : { own: found.pinned.declaration };
      const task = { settings, ...candles, check: due.check.settings as unknown as CheckSettings, ...own };
      const onProgress = (share: number): void => {
        if (clock.now() - toldAt < TELL_EVERY_MS) return;
        toldAt = clock.now();
        telling = telling
          .then(() => store.checks.progress(id, READING_SHARE + share * (1 - READING_SHARE)))
          .then((isWanted) => {
            if (!isWanted) running.stop();
          })
          .catch((error: unknown) => parts.log.warn({ err: error }, 'the progress of a check could not be written'));
      };
      const running = bench.check(task, onProgress, rehearse);
      job.onStop(() => running.stop());
      const result = await running.done.finally(() => telling);
      await store.checks.finish(id, { state: 'done', result: { ...result } }, clock.now());
      return { outcome: 'done' };
    } catch (error) {
      // Whoever takes the job next begins anew; the second try of one that found no exchange is its last.
      if (job.stopReason() !== null || (error instanceof PortError && job.attemptsMade === 0)) throw error;
      const isKnown = error instanceof AppError || error instanceof PortError;
      await store.checks.finish(id, { state: 'failed', failure: isKnown ? error.message : 'a fault in the server; it is in the log' }, clock.now());
      if (isKnown) return { outcome: 'failed' };
      throw error;
    }
  },
};
