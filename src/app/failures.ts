/**
 * Which bots have failed, how often of late, and when each may be tried again: sooner at first, then later and later;
 * not before its user has touched it when nothing but a change of his can help.
 */
import type { BotRecord } from '#core/store.ts';

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** A failure longer ago than this is forgotten. */
export const MEMORY_MS = 600_000;
/** Failures of a run's own making in a row after which it is left alone, its orders where they are. */
export const MAX_STRIKES = 3;

interface Failure {
  readonly count: number;
  readonly at: number;
  readonly retryAt: number;
  readonly isRefused: boolean;
}

export class Failures {
  readonly #failures = new Map<string, Failure>();

  /** Counts a failure and returns how many there have been in a row. `isRefused`: only its user can help. */
  note(botId: string, now: number, isRefused: boolean): number {
    const former = this.#failures.get(botId);
    const count = former !== undefined && now - former.at < MEMORY_MS ? former.count + 1 : 1;
    this.#failures.set(botId, { count, at: now, retryAt: now + Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(10, count - 1)), isRefused });
    return count;
  }

  mayTry(bot: Pick<BotRecord, 'id' | 'updatedAt'>, now: number): boolean {
    const failure = this.#failures.get(bot.id);
    if (failure === undefined) return true;
    if (failure.isRefused && bot.updatedAt > failure.at) this.#failures.delete(bot.id);
    return failure.isRefused ? bot.updatedAt > failure.at : now >= failure.retryAt;
  }
}
