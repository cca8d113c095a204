/**
 * Group commit: what many runs and stewards have to make durable at the same moment shares one transaction, and so its
 * statements and its wait for the disk. Each commit stays whole by itself: where the group is refused every one of it is
 * tried alone, so that the refusal reaches only the one it is about.
 */
import { PortError } from '#core/errors.ts';
import type { Commit } from '#core/store/commit.ts';

/** Commits in one transaction at most. */
export const MAX_GROUP = 64;
/** Groups at once at most; each has a connection that nothing else stands in front of. */
export const GROUPS_AT_ONCE = 2;

export interface CommitQueueParts {
  /** One transaction of all of them, on a connection kept for it. */
  readonly together: (commits: readonly Commit[]) => Promise<void>;
  /** A transaction of its own, among everything else that waits for the database. */
  readonly alone: (commit: Commit) => Promise<void>;
  /** A commit that has waited for longer is refused; nothing of it has been sent. */
  readonly patienceMs: number;
}

interface Waiting {
  readonly commit: Commit;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class CommitQueue {
  readonly #parts: CommitQueueParts;
  #waiting: Waiting[] = [];
  #groups = 0;
  #isGathering = false;

  constructor(parts: CommitQueueParts) {
    this.#parts = parts;
  }

  /** Durable, or refused with PortError as {@link Commit} says. */
  add(commit: Commit): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ commit, since: performance.now(), resolve, reject });
      this.#gather();
    });
  }

  /** Whatever is decided in the same turn of the event loop goes together. */
  #gather(): void {
    if (this.#isGathering || this.#waiting.length === 0 || this.#groups >= GROUPS_AT_ONCE) return;
    this.#isGathering = true;
    setImmediate(() => {
      this.#isGathering = false;
      const group = this.#next();
      if (group.length === 0) return;
      this.#groups += 1;
      void this.#settle(group).finally(() => {
        this.#groups -= 1;
        this.#gather();
      });
      this.#gather();
    });
  }

  /** Those that have waited longest; what a lease has waiting more than once goes one group after the other. */
  #next(): readonly Waiting[] {
    const now = performance.now();
    const { patienceMs } = this.#parts;
    const subjects = new Set<string>();
    const group: Waiting[] = [];
    while (group.length < MAX_GROUP) {
      const [first] = this.#waiting;
      if (first === undefined || subjects.has(first.commit.lease.subject)) break;
      this.#waiting.shift();
      if (now - first.since > patienceMs) {
        first.reject(
          new PortError('store_unavailable', `the database has been busy for ${patienceMs / 1000} s with what was asked before`, { outcome: 'failed' }),
        );
        continue;
      }
      subjects.add(first.commit.lease.subject);
      group.push(first);
    }
    return group;
  }

  async #settle(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#parts.together(group.map(({ commit }) => commit));
      for (const { resolve } of group) resolve();
    } catch (error) {
      // Tried again after an outcome that nobody knows, each would find itself in its way.
      if (group.length === 1 || isUnknown(error)) for (const { reject } of group) reject(error);
      else for (const { commit, resolve, reject } of group) void this.#parts.alone(commit).then(resolve, reject);
    }
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof PortError && error.outcome === 'unknown';
}
