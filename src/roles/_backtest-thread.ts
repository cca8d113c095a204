/** The thread of one backtest: takes its task, tells how far it is, and answers with what came of it or with why not. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { diskHistory } from '#adapters/history/disk.ts';
import { candlesReadyFor, runTask, type Stored, type TaskCandles } from '#app/backtest/backtest-task.ts';
import { storedCandles } from '#app/history/stored-candles.ts';
import { runCheck } from '#app/honesty/check-task.ts';
import type { RehearsalWish } from '#app/honesty/own-runs.ts';
import { AppError } from '#core/errors.ts';
import type { RehearsedRun } from '#core/sandbox/port.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import type { ThreadMessage, ThreadTask } from './_backtest-messages.ts';
import { inspectedFile, unpackedTask } from './_packed-candles.ts';
import { type RehearsalAnswer, rehearsalOf } from './_rehearsals.ts';

function say(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}

/** Whoever began this thread has the sandbox. One wish at a time. */
async function askToRehearse(wish: RehearsalWish): Promise<RehearsedRun> {
  const port = parentPort;
  if (port === null) throw new Error('a rehearsal is asked for by a thread');
  const answered = once(port, 'message') as Promise<[RehearsalAnswer]>;
  say({ type: 'rehearse', wish });
  const [answer] = await answered;
  return rehearsalOf(answer);
}

async function work(task: ThreadTask): Promise<ThreadMessage> {
  if ('inspected' in task) return { type: 'done', result: inspectedFile(task.inspected) };
  const { historyDirectory } = task;
  const history = diskHistory(historyDirectory);
  const storedOf = async (wanted: TaskCandles): Promise<Stored | null> => {
    if ('trades' in wanted) return { trades: await history.records.read(wanted.trades, wanted.span) };
    return 'series' in wanted ? storedCandles(history, wanted.series, wanted.span) : null;
  };
  if ('read' in task) {
    const read = unpackedTask(task.read);
    return { type: 'done', result: candlesReadyFor(read, await storedOf(read.candles)) };
  }
  const strategies = new Map(STRATEGIES.map((strategy) => [strategy.name, strategy]));
  const tell = (share: number) => say({ type: 'progress', share });
  if ('checked' in task) {
    const checked = unpackedTask(task.checked);
    const rehearse = checked.own === undefined ? undefined : askToRehearse;
    const storedLegs = await Promise.all((checked.legCandles ?? []).map(storedOf));
    return { type: 'done', result: await runCheck(checked, await storedOf(checked.candles), strategies, tell, { rehearse, storedLegs }) };
  }
  const ready = unpackedTask(task);
  const storedLegs = await Promise.all((ready.legCandles ?? []).map(storedOf));
  return { type: 'done', result: runTask(ready, await storedOf(ready.candles), strategies, tell, storedLegs) };
}

try {
  say(await work(workerData as ThreadTask));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  say({ type: 'refused', code: error.code, message: error.message, issues: error.issues });
}
