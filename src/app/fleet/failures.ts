/**
 * Which bots have failed, how often of late, and when each may be tried again: sooner at first, then later and later;
 * not before its user has touched it when nothing but a change of his can help.
 */
import type { BotRecord } from '#core/store/bots.ts';

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** A failure longer ago than this is forgotten. */
export const MEMORY_MS = 600_000;
/** Failures of a run's own making in a row after which it is left alone, its orders where they are. */
export const MAX_STRIKES = 3;

interface Failure {
  readonly count: number;
  readonly strikes: number;
  readonly at: number;
  readonly retryAt: number;
  readonly isRefused: boolean;
}

export class Failures {
  readonly #failures = new Map<string, Failure>();

  /**
   * Counts a failure and returns how many there have been in a row of the run's own making. `isRefused`: only its user
   * can help. `isOwn`: not the doing of a database, a venue or another owner.
   */
  note(botId: string, now: number, isRefused: boolean, isOwn = false): number {
    const known = this.#failures.get(botId);
    const former = known !== undefined && now - known.at < MEMORY_MS ? known : undefined;
    const count = (former?.count ?? 0) + 1;
    const strikes = (former?.strikes ?? 0) + (isOwn ? 1 : 0);
    this.#failures.set(botId, { count, strikes, at: now, retryAt: now + Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(10, count - 1)), isRefused });
    return strikes;
  }

  mayTry(bot: Pick<BotRecord, 'id' | 'updatedAt'>, now: number): boolean {
    const failure = this.#failures.get(bot.id);
    if (failure === undefined) return true;
    if (failure.isRefused && bot.updatedAt > failure.at) this.#failures.delete(bot.id);
    return failure.isRefused ? bot.updatedAt > failure.at : now >= failure.retryAt;
  }
}
