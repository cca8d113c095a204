/** A crew that computes in the thread of the test. */
import { HistoryShelf, type OpenCrew } from '#app/optimize/evaluate.ts';
import { TrialWorker } from '#app/optimize/trial-worker.ts';
import type { Strategy } from '#core/strategy.ts';

export function plainCrew(strategies: ReadonlyMap<string, Strategy>, size = 1): OpenCrew {
  const histories = new HistoryShelf();
  return (most) => {
    const members = Array.from({ length: Math.min(size, most) }, () => new TrialWorker(strategies, (length) => new Float64Array(length)));
    let isClosed = false;
    return {
      size: members.length,
      histories,
      ask: async (member, task) => {
        // Others of the crew get their turn.
        await Promise.resolve();
        const worker = members[member];
        if (isClosed || worker === undefined) throw new Error('the crew was sent home');
        return worker.answer(task);
      },
      close: () => {
        isClosed = true;
      },
    };
  };
}
