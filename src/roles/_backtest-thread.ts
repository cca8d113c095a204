/** The thread of one backtest: takes its task, tells how far it is, and answers with the document or with why not. */
import { parentPort, workerData } from 'node:worker_threads';
import { type BacktestTask, runTask } from '#app/backtest/backtest-task.ts';
import { AppError } from '#core/errors.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import type { BenchMessage } from './_backtest-bench.ts';

function say(message: BenchMessage): void {
  parentPort?.postMessage(message);
}

try {
  const strategies = new Map(STRATEGIES.map((strategy) => [strategy.name, strategy]));
  say({ type: 'done', document: runTask(workerData as BacktestTask, strategies, (share) => say({ type: 'progress', share })) });
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  say({ type: 'refused', code: error.code, message: error.message, issues: error.issues });
}
