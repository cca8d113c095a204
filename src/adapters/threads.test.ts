import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import { KeptThreads } from './threads.ts';

/** Answers with its own number; dies when it is told to. */
const MODULE = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads';
    parentPort.on('message', (task) => { if (task === 'die') process.exit(); parentPort.postMessage(threadId); });
  `)}`,
);
const IDLE_MS = 1_000;

function opened(most = 2) {
  const clock = new ManualClock();
  const threads = new KeptThreads<string, number>({ module: MODULE, maxHeapMb: 64, most, idleMs: IDLE_MS, clock });
  onTestFinished(() => threads.close());
  return { clock, threads };
}

describe('threads that are kept', () => {
  it('takes one that was given back before it opens another', async () => {
    const { threads } = opened();
    const first = threads.take();
    const number = await first.ask('who');
    threads.give(first);
    const again = threads.take();
    expect(await again.ask('who')).toBe(number);
    const other = threads.take();
    expect(await other.ask('who')).not.toBe(number);
    threads.give(again);
    threads.give(other);
    expect(threads.idle).toBe(2);
  });

  it('keeps no more than it may, none for longer than it may, and none that has died', async () => {
    const { clock, threads } = opened(1);
    const [one, two] = [threads.take(), threads.take()];
    await Promise.all([one.ask('who'), two.ask('who')]);
    threads.give(one);
    threads.give(two);
    expect(threads.idle).toBe(1);
    await expect(two.ask('who')).rejects.toThrow('the thread was stopped');
    await clock.advance(IDLE_MS);
    expect(threads.idle).toBe(0);
    await expect(one.ask('who')).rejects.toThrow('the thread was stopped');
    const dead = threads.take();
    await expect(dead.ask('die')).rejects.toThrow('the thread was stopped');
    threads.give(dead);
    expect(threads.idle).toBe(0);
  });

  it('stops what is kept and what comes back when it is closed', async () => {
    const { threads } = opened();
    const [kept, late] = [threads.take(), threads.take()];
    await Promise.all([kept.ask('who'), late.ask('who')]);
    threads.give(kept);
    threads.close();
    threads.give(late);
    await expect(kept.ask('who')).rejects.toThrow('the thread was stopped');
    await expect(late.ask('who')).rejects.toThrow('the thread was stopped');
  });
});
