/** Trials of optimisations computed in threads that share one history, so that bots of this process trade on undisturbed. */
import { availableParallelism } from 'node:os';
import { runThread } from '#adapters/threads.ts';
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
    const members = Array.from({ length: Math.max(1, Math.min(MAX_THREADS, processors, most)) }, openMember);
    return {
      size: members.length,
      allocate: sharedColumn,
      ask: (member, task) => members[member]?.ask(task) ?? Promise.reject(new Error(`the crew has no member ${member}`)),
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

function openMember(): { ask(task: TrialTask): Promise<TrialAnswer>; stop(): void } {
  let pending = Promise.withResolvers<TrialAnswer>();
  let end: Error | null = null;
  const thread = runThread<CrewMessage>({
    module: new URL('./_trial-thread.ts', import.meta.url),
    task: null,
    maxHeapMb: MAX_HEAP_MB,
    onMessage: (message) => {
      if ('answer' in message) pending.resolve(message.answer);
      else pending.reject(new AppError(message.refused.code, message.refused.message));
      return false;
    },
  });
  const over = (error: unknown) => {
    end = error instanceof Error ? error : new Error('a thread of an optimisation was stopped');
    pending.reject(end);
  };
  thread.over.then(() => over(null), over);
  // Of an end while nobody asks, whoever asks next is told.
  pending.promise.catch(() => undefined);
  return {
    ask: (task) => {
      pending = Promise.withResolvers<TrialAnswer>();
      if (end === null) thread.send(task);
      else pending.reject(end);
      return pending.promise;
    },
    stop: thread.stop,
  };
}
