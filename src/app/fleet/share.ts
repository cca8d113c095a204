/**
 * This runner's share of what the fleet has to do: its part of the plan, what nobody takes although somebody should, and
 * no second gift of what came back.
 */
import type { Clock } from '#core/ports.ts';
import { type Charge, type SpreadRunner, spread } from './spread.ts';

/** A runner that has something to take and takes nothing for this long cannot; then whoever may takes it. */
export const GRACE_MS = 6_000;
/** After something came back, this runner gives nothing away for this long. */
export const KEEP_MS = 600_000;
/** What is taken back sooner than this after it was given away came back. */
const GIVEN_MS = 60_000;

export interface SharePlan {
  readonly takes: readonly Charge[];
  readonly gives: readonly Charge[];
}

export class Share {
  readonly #owner: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #freeSince = new Map<string, number>();
  readonly #loads = new Map<string, number>();
  readonly #progressAt = new Map<string, number>();
  readonly #givenAt = new Map<string, number>();
  #keepsUntil = Number.NEGATIVE_INFINITY;

  constructor(owner: string, clock: Pick<Clock, 'now'>) {
    this.#owner = owner;
    this.#clock = clock;
  }

  /** What this runner is to take and to give away now. */
  plan(charges: readonly Charge[], runners: readonly SpreadRunner[]): SharePlan {
    const now = this.#clock.now();
    this.#note(charges, runners, now);
    const { takes, gives } = spread(charges, runners);
    const own = takes.get(this.#owner) ?? [];
    const overdue = this.#overdue(takes, runners, now);
    if (overdue.some((charge) => now - (this.#givenAt.get(charge.id) ?? Number.NEGATIVE_INFINITY) < GIVEN_MS)) this.#keepsUntil = now + KEEP_MS;
    const given = now < this.#keepsUntil ? [] : (gives.get(this.#owner) ?? []);
    for (const charge of given) this.#givenAt.set(charge.id, now);
    return { takes: [...own, ...overdue], gives: given };
  }

  #note(charges: readonly Charge[], runners: readonly SpreadRunner[], now: number): void {
    const free = new Set(charges.filter((charge) => charge.lease?.isLive !== true).map((charge) => charge.id));
    for (const id of free) if (!this.#freeSince.has(id)) this.#freeSince.set(id, now);
    for (const id of [...this.#freeSince.keys()]) if (!free.has(id)) this.#freeSince.delete(id);
    for (const [id, at] of [...this.#givenAt]) if (now - at >= GIVEN_MS) this.#givenAt.delete(id);
    for (const { id, load } of runners) {
      if (load > (this.#loads.get(id) ?? -1)) this.#progressAt.set(id, now);
      this.#loads.set(id, load);
    }
    const ids = new Set(runners.map(({ id }) => id));
    for (const id of [...this.#loads.keys()]) {
      if (ids.has(id)) continue;
      this.#loads.delete(id);
      this.#progressAt.delete(id);
    }
  }

  /** Free charges that others should have taken and have not. */
  #overdue(takes: ReadonlyMap<string, readonly Charge[]>, runners: readonly SpreadRunner[], now: number): Charge[] {
    const self = runners.find(({ id }) => id === this.#owner);
    const overdue: Charge[] = [];
    for (const [id, charges] of takes) {
      if (id === this.#owner) continue;
      for (const charge of charges) {
        const since = Math.max(this.#freeSince.get(charge.id) ?? now, this.#progressAt.get(id) ?? now);
        if (now - since > GRACE_MS && self?.runs(charge.kind) === true) overdue.push(charge);
      }
    }
    return overdue;
  }
}
