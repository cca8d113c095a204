/**
 * This runner's part in spreading the bots of the fleet: takes what is its share, and gives away what is another's.
 */
import type { Clock, Log } from '#core/ports.ts';
import type { DueBot } from '#core/store/bots.ts';
import type { RunnerRecord } from '#core/store/runners.ts';
import { runsStrategy } from '../bots/bot-types.ts';
import type { Openings } from './openings.ts';
import { Share } from './share.ts';
import type { SpreadRunner } from './spread.ts';

/** A runner not heard of for this long gets nothing more; shorter than leases last, so that nobody waits for the dead to take them. */
export const RUNNER_TERM_MS = 10_000;

export interface SpreadingParts {
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly openings: Openings;
  readonly isSeated: (botId: string) => boolean;
  /** Whether the bot has not failed too lately. */
  readonly mayTry: (bot: DueBot) => boolean;
  /** Ends the bot's run between two events and gives its lease back. */
  readonly park: (botId: string) => Promise<void>;
  /** Bots have been given back: others may take them. */
  readonly onGiven: () => void;
}

export class Spreading {
  readonly #parts: SpreadingParts;
  readonly #share: Share;
  /** Bots whose runs are being parked and given back. */
  readonly #giving = new Map<string, Promise<void>>();
  /** Bots that were given back, by the number of the sweep meanwhile: what that one has read of them is old. */
  readonly #given = new Map<string, number>();
  #sweep = 0;
  /** When the database last took note of this runner. */
  #heardAt = Number.POSITIVE_INFINITY;
  /** When the database was away, nobody has been heard of: the others get one sweep to come back to what is theirs. */
  #isFirstBack = false;

  constructor(parts: SpreadingParts) {
    this.#parts = parts;
    this.#share = new Share(parts.owner, parts.clock);
  }

  /** A sweep reads from here on. */
  beginSweep(): void {
    this.#sweep += 1;
  }

  /** The database has taken note of this runner in the present sweep. */
  noteHeard(): void {
    const now = this.#parts.clock.now();
    this.#isFirstBack = now - this.#heardAt > RUNNER_TERM_MS;
    this.#heardAt = now;
  }

  /** How many bots are on their way out of this runner's hands. */
  get leaving(): number {
    return this.#giving.size;
  }

  /** Takes and gives as the plan for these bots says. */
  spread(due: readonly DueBot[], runners: readonly RunnerRecord[]): void {
    const { owner, openings, log, onGiven } = this.#parts;
    for (const [botId, sweep] of [...this.#given]) if (sweep < this.#sweep) this.#given.delete(botId);
    const charges = due.map((bot) => ({
      id: bot.id,
      kind: bot.strategy,
      group: bot.accountId,
      lease: this.#isLost(bot) ? null : bot.lease,
      isMovable: bot.status === 'running' && bot.desired === 'running',
    }));
    const plan = this.#share.plan(charges, runners.map(toSpread));
    const takes = this.#isFirstBack ? plan.takes.filter(({ lease }) => lease === null || lease.owner === owner) : plan.takes;
    const gives = this.#isFirstBack ? [] : plan.gives;
    const byId = new Map(due.map((bot) => [bot.id, bot]));
    openings.offer(takes.flatMap(({ id }) => byId.get(id) ?? []).filter((bot) => this.#mayTake(bot)));
    if (gives.length === 0) return;
    log.info({ bots: gives.length, runners: runners.length }, 'bots are handed over to spread them evenly');
    void Promise.all(gives.map(({ id }) => this.giveAway(id))).then(onGiven);
  }

  /** Ends the run between two events and gives its lease back, for another runner to go on. */
  giveAway(botId: string): Promise<void> {
    const giving = this.#giving.get(botId) ?? this.#give(botId).finally(() => this.#giving.delete(botId));
    this.#giving.set(botId, giving);
    return giving;
  }

  /** Gives these away and waits for all that are on their way. */
  async close(botIds: readonly string[]): Promise<void> {
    await Promise.all([...this.#giving.values(), ...botIds.map((botId) => this.giveAway(botId))]);
  }

  async #give(botId: string): Promise<void> {
    await this.#parts.park(botId);
    this.#given.set(botId, this.#sweep);
  }

  /** Whether a lease of ours stands without anybody here who holds it: its release, or its taking, had no answer. */
  #isLost({ id, lease }: DueBot): boolean {
    const { owner, isSeated, openings } = this.#parts;
    return lease?.owner === owner && !isSeated(id) && !openings.isOpening(id) && !this.#isGiven(id);
  }

  #isGiven(botId: string): boolean {
    return this.#giving.has(botId) || this.#given.has(botId);
  }

  #mayTake(bot: DueBot): boolean {
    return !this.#parts.isSeated(bot.id) && !this.#isGiven(bot.id) && this.#parts.mayTry(bot);
  }
}

function toSpread({ id, bots, botTypes }: RunnerRecord): SpreadRunner {
  return { id, load: bots, runs: (strategy) => runsStrategy(botTypes, strategy) };
}
