/**
 * Runs that are being opened: so many at once in all, and so many on one account, that thousands which are due after a
 * start do not stand in each other's way, and an account whose venue does not answer holds up few others.
 */
import type { Log } from '#core/ports.ts';
import type { BotRecord } from '#core/store/bots.ts';

export const MAX_OPENINGS = 64;
export const MAX_OPENINGS_OF_ACCOUNT = 8;

export class Openings {
  readonly #open: (bot: BotRecord) => Promise<void>;
  readonly #log: Log;
  readonly #mayBegin: () => boolean;
  readonly #opening = new Map<string, Promise<void>>();
  readonly #ofAccount = new Map<string, number>();
  /** By the account, in the sequence of asking; nothing in it is being opened. */
  #waiting: BotRecord[] = [];

  /** While `mayBegin` says no, nothing more is begun; what waits is looked at again when it is offered again. */
  constructor(open: (bot: BotRecord) => Promise<void>, log: Log, mayBegin: () => boolean = () => true) {
    this.#open = open;
    this.#log = log;
    this.#mayBegin = mayBegin;
  }

  /** How many are being opened. */
  get size(): number {
    return this.#opening.size;
  }

  /** Whether its lease is being taken, or its run opened under it. */
  isOpening(botId: string): boolean {
    return this.#opening.has(botId);
  }

  /** Replaces those waiting by the bots that are due now. */
  offer(due: readonly BotRecord[]): void {
    this.#waiting = due.filter((bot) => !this.#opening.has(bot.id));
    this.#beginNext();
  }

  /** Forgets those waiting and lets those under way come to their end. */
  async close(): Promise<void> {
    this.#waiting = [];
    await Promise.all(this.#opening.values());
  }

  #beginNext(): void {
    // Nobody behind the last free place is looked at: thousands may wait, and every one that ends comes here.
    while (this.#opening.size < MAX_OPENINGS && this.#mayBegin()) {
      const index = this.#waiting.findIndex(({ accountId }) => (this.#ofAccount.get(accountId) ?? 0) < MAX_OPENINGS_OF_ACCOUNT);
      const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (next === undefined) return;
      this.#begin(next);
    }
  }

  #begin(bot: BotRecord): void {
    const { id, accountId } = bot;
    this.#ofAccount.set(accountId, (this.#ofAccount.get(accountId) ?? 0) + 1);
    const work = this.#open(bot)
      .catch((error: unknown) => this.#log.warn({ botId: id, err: error }, 'a bot could not be taken up'))
      .finally(() => {
        this.#opening.delete(id);
        const others = (this.#ofAccount.get(accountId) ?? 1) - 1;
        if (others === 0) this.#ofAccount.delete(accountId);
        else this.#ofAccount.set(accountId, others);
        this.#beginNext();
      });
    this.#opening.set(id, work);
  }
}
