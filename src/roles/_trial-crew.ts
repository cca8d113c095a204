/** Trials of optimisations computed in threads that share one history, so that bots of this process trade on undisturbed. */
import { availableParallelism } from 'node:os';
import { systemClock } from '#adapters/clock.ts';
import { KeptThreads } from '#adapters/threads.ts';
import { JOBS_AT_ONCE } from '#app/jobs/job-bench.ts';
import { type Crew, HistoryShelf, type OpenCrew } from '#app/optimize/evaluate.ts';
import type { TrialAnswer, TrialTask } from '#app/optimize/trial-worker.ts';
import { AppError, type ErrorCode } from '#core/errors.ts';

/** What a thread says to each task. */
export type CrewMessage = { readonly answer: TrialAnswer } | { readonly refused: { readonly code: ErrorCode; readonly message: string } };

/** What a thread is told when its crew is sent home. */
export const FORGET = 'forget';
/** Threads of one piece of work, at most, and the heap of each. */
const [MAX_THREADS, MAX_HEAP_MB] = [8, 2_048];
/** A thread that nobody asks is kept so long. */
const IDLE_MS = 60_000;

export interface ThreadCrews {
  readonly open: OpenCrew;
  /** Stops the threads that are kept; of crews at work those who called them together see to it. */
  close(): void;
}

/** Crews of a thread for each processor, at most; threads of crews that were sent home are kept for the next. */
export function threadCrews(processors = availableParallelism()): ThreadCrews {
  const module = new URL('./_trial-thread.ts', import.meta.url);
  const most = Math.min(MAX_THREADS, processors);
  const threads = new KeptThreads<TrialTask, CrewMessage>({ module, maxHeapMb: MAX_HEAP_MB, most: most * JOBS_AT_ONCE, idleMs: IDLE_MS, clock: systemClock });
  const histories = new HistoryShelf();
  const open = (wanted: number): Crew => {
    const members = Array.from({ length: Math.max(1, Math.min(most, wanted)) }, () => threads.take());
    let isClosed = false;
    return {
      size: members.length,
      histories,
      ask: async (member, task) => {
        const message = isClosed ? undefined : await members[member]?.ask(task);
        if (message === undefined) throw new Error(isClosed ? 'the crew was sent home' : `the crew has no member ${member}`);
        if ('answer' in message) return message.answer;
        throw new AppError(message.refused.code, message.refused.message);
      },
      close: () => {
        if (isClosed) return;
        isClosed = true;
        for (const member of members) {
          // What it computes nobody wants any more, and there is no other way to end that.
          if (member.isBusy) member.stop();
          else {
            member.tell(FORGET);
            threads.give(member);
          }
        }
      },
    };
  };
  return { open, close: () => threads.close() };
}
