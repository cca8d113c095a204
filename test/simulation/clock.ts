/**
 * Virtual time: one heap of events ordered by time and sequence, and processes that live, pause and die on it. Promises
 * settle between two events, so the same seed gives the same run.
 */
import type { Clock } from '#core/ports.ts';

interface Entry {
  readonly at: number;
  readonly sequence: number;
  callback: (() => void) | null;
}

/** Virtual times begin here. */
export const START = 1_800_000_000_000;

export class Scheduler {
  now = START;
  /** Events carried out so far. */
  steps = 0;
  readonly #heap: Entry[] = [];
  #sequence = 0;

  /** Calls back once after `ms` of true time; the returned function calls it off. */
  schedule(ms: number, callback: () => void): () => void {
    this.#sequence += 1;
    const entry: Entry = { at: this.now + Math.max(0, Math.round(ms)), sequence: this.#sequence, callback };
    this.#push(entry);
    return () => {
      entry.callback = null;
    };
  }

  /** Carries out events until a time, or until `isOver`; after each one every promise that can settle does. */
  async runUntil(until: number, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const first = this.#heap[0];
      if (first === undefined || first.at > until) break;
      this.#pop();
      if (first.callback === null) continue;
      this.now = first.at;
      this.steps += 1;
      first.callback();
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!isOver()) this.now = until;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, entry)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let least = heap[child];
      const right = heap[child + 1];
      if (least === undefined) break;
      if (right !== undefined && isBefore(right, least)) {
        least = right;
        child += 1;
      }
      if (isBefore(last, least)) break;
      heap[index] = least;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}

/** A process of ours: whatever reaches it from outside waits while it is paused and is lost once it is dead. */
export class SimulatedProcess {
  readonly name: string;
  readonly clock: Clock;
  isAlive = true;
  /** How far its clock is ahead of true time. */
  offsetMs = 0;
  readonly #scheduler: Scheduler;
  #pausedUntil = 0;

  constructor(name: string, scheduler: Scheduler) {
    this.name = name;
    this.#scheduler = scheduler;
    this.clock = { now: () => scheduler.now + this.offsetMs, after: (ms, callback) => this.later(ms, callback) };
  }

  get isPaused(): boolean {
    return this.#scheduler.now < this.#pausedUntil;
  }

  /** Stands still for this long: no timer fires, no answer is read. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#scheduler.now + Math.round(ms));
  }

  resume(): void {
    this.#pausedUntil = 0;
  }

  /** Calls back inside the process after `ms`, or when it goes on; never after its death. */
  later(ms: number, callback: () => void): () => void {
    let isCalledOff = false;
    const run = (): void => {
      if (isCalledOff || !this.isAlive) return;
      if (!this.isPaused) return callback();
      cancel = this.#scheduler.schedule(this.#pausedUntil - this.#scheduler.now, run);
    };
    let cancel = this.#scheduler.schedule(ms, run);
    return () => {
      isCalledOff = true;
      cancel();
    };
  }
}
