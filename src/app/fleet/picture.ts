/**
 * What a runner reads of the fleet's bots in a sweep: only those that somebody must see to, and all of them where the plan
 * of who takes what may have changed. Ten thousand bots that run as they should cost a sweep nothing.
 */
import type { Clock } from '#core/ports.ts';
import type { DueBot } from '#core/store/bots.ts';
import { isHeldByOther, type RunnerRecord } from '#core/store/runners.ts';
import type { Store } from '#core/store/store.ts';
import { runsStrategy } from '../bots/bot-types.ts';

/** All are read this often in any case. */
export const WHOLE_PICTURE_MS = 30_000;

export interface FleetPictureParts {
  readonly store: Pick<Store, 'bots'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly owner: string;
  /** Strategies whose bots this process runs; `null` for all. */
  readonly botTypes: readonly string[] | null;
}

export class FleetPicture {
  readonly #parts: FleetPictureParts;
  #wholeAt = Number.NEGATIVE_INFINITY;
  /** Who was there and held how much when all were read last. */
  #fleet = '';
  readonly #elsewhere = new Set<string>();

  constructor(parts: FleetPictureParts) {
    this.#parts = parts;
  }

  /**
   * Bots that this runner may run and that are due. `inHand` is how many it has seated or is about to: where the database
   * knows of another number, a lease of its own stands without a run.
   */
  async read(runners: readonly RunnerRecord[], inHand: number): Promise<readonly DueBot[]> {
    const { clock, owner } = this.#parts;
    const fleet = JSON.stringify(runners.map(({ id, bots, botTypes }) => [id, bots, botTypes]));
    const isSpread = runners.length > 1;
    const isOdd = runners.some(({ id, bots }) => id === owner && bots !== inHand);
    const isChanged = isOdd || (isSpread && fleet !== this.#fleet) || clock.now() - this.#wholeAt >= WHOLE_PICTURE_MS;
    const restless = isChanged ? [] : await this.#due('restless');
    // To whom a free bot goes depends on where the others are.
    if (!isChanged && !(isSpread && restless.some(isFree))) return restless;
    const all = await this.#due('all');
    this.#wholeAt = clock.now();
    this.#fleet = fleet;
    return all;
  }

  /** Whether another runner held the bot when it was read last. */
  isElsewhere(botId: string): boolean {
    return this.#elsewhere.has(botId);
  }

  async #due(which: 'all' | 'restless'): Promise<readonly DueBot[]> {
    const { store, botTypes, owner } = this.#parts;
    const due = await store.bots.due(which);
    if (which === 'all') this.#elsewhere.clear();
    for (const { id, lease } of due) {
      if (isHeldByOther(lease, owner)) this.#elsewhere.add(id);
      else this.#elsewhere.delete(id);
    }
    return due.filter((bot) => runsStrategy(botTypes, bot.strategy));
  }
}

function isFree({ lease }: DueBot): boolean {
  return lease?.isLive !== true;
}
