/** Trials of optimisations computed in threads that share one history, so that bots of this process trade on undisturbed. */
import { availableParallelism } from 'node:os';
import { answeringThread } from '#adapters/threads.ts';
import type { Crew, OpenCrew } from '#app/optimize/evaluate.ts';
import type { TrialAnswer, TrialTask } from '#app/optimize/trial-worker.ts';
import { AppError, type ErrorCode } from '#core/errors.ts';

/** What a thread says to each task. */
export type CrewMessage = { readonly answer: TrialAnswer } | { readonly refused: { readonly code: ErrorCode; readonly message: string } };

/** Threads of one piece of work. */
const MAX_THREADS = 8;
const MAX_HEAP_MB = 2_048;

/** A thread for each processor, at most. */
export function threadCrew(processors = availableParallelism()): OpenCrew {
  return (most): Crew => {
    const size = Math.max(1, Math.min(MAX_THREADS, processors, most));
    const module = new URL('./_trial-thread.ts', import.meta.url);
    const members = Array.from({ length: size }, () => answeringThread<TrialTask, CrewMessage>(module, MAX_HEAP_MB));
    return {
      size,
      ask: async (member, task) => {
        const message = await members[member]?.ask(task);
        if (message === undefined) throw new Error(`the crew has no member ${member}`);
        if ('answer' in message) return message.answer;
        throw new AppError(message.refused.code, message.refused.message);
      },
      close: () => {
        for (const member of members) member.stop();
      },
    };
  };
}

/** A column that is read in every thread. */
export function sharedColumn(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}
