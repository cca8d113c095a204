/** A thread of a crew: answers task after task until it is stopped. */
import { parentPort } from 'node:worker_threads';
import { type TrialTask, TrialWorker } from '#app/optimize/trial-worker.ts';
import { AppError } from '#core/errors.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { type CrewMessage, FORGET } from './_trial-crew.ts';

/** A column that is read in every thread. */
function sharedColumn(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}

const worker = new TrialWorker(new Map(STRATEGIES.map((strategy) => [strategy.name, strategy])), sharedColumn);

function answerTo(task: TrialTask): CrewMessage {
  try {
    return { answer: worker.answer(task) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

parentPort?.on('message', (task: TrialTask | typeof FORGET) => {
  if (task === FORGET) worker.forget();
  else parentPort?.postMessage(answerTo(task));
});
