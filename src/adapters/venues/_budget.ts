/**
 * A venue's request budget, shared by all accounts of this process behind one address: what matters more goes first.
 * Cancels never wait behind reads, and the last part of the budget is kept for them.
 */
import type { Clock } from '#core/ports.ts';

/** From the most to the least urgent. */
export const PRIORITIES = ['cancel', 'find', 'place', 'account', 'market'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Up to which share of the budget each priority may go. */
const SHARES: Readonly<Record<Priority, number>> = { cancel: 1, find: 0.95, place: 0.9, account: 0.8, market: 0.6 };

/** Requests that may wait at once; one more is refused. */
export const MAX_WAITING = 1000;

export interface BudgetLimits {
  /** Weight the venue grants an address in one window. */
  readonly weight: number;
  readonly windowMs: number;
}

/** What an answer says of the budget; `null` where it says nothing. */
export interface BudgetNews {
  readonly usedWeight: number | null;
  /** The venue asks for silence for this long. */
  readonly brakeMs: number | null;
}

interface Waiting {
  readonly priority: Priority;
  readonly weight: number;
  readonly settle: (isGranted: boolean) => void;
  readonly forget: () => void;
}

export class Budget {
  readonly #clock: Clock;
  readonly #limits: BudgetLimits;
  #waiting: Waiting[] = [];
  #window = -1;
  #used = 0;
  #brakedUntil = 0;
  #wake: (() => void) | null = null;

  constructor(clock: Clock, limits: BudgetLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get limits(): BudgetLimits {
    return this.#limits;
  }

  /** Weight left in the present window; 0 while the venue demands silence. */
  get left(): number {
    this.#turn();
    return this.brakeMs > 0 ? 0 : Math.max(0, this.#limits.weight - this.#used);
  }

  /** Milliseconds until the venue's demand for silence ends; 0 when there is none. */
  get brakeMs(): number {
    return Math.max(0, this.#brakedUntil - this.#clock.now());
  }

  /** Waits for a turn, at most `patienceMs`; `false` when there was none in that time or too many wait already. */
  acquire(priority: Priority, weight: number, patienceMs: number): Promise<boolean> {
    this.#turn();
    if (this.#isFree(priority, weight) && (weight === 0 || !this.#waiting.some((other) => !isBefore(priority, other.priority)))) {
      this.#used += weight;
      return Promise.resolve(true);
    }
    if (patienceMs <= 0 || this.#waiting.length >= MAX_WAITING) return Promise.resolve(false);
    return new Promise((settle) => {
      const entry: Waiting = { priority, weight, settle, forget: this.#clock.after(patienceMs, () => this.#giveUp(entry)) };
      const index = this.#waiting.findIndex((other) => isBefore(priority, other.priority));
      this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, entry);
      this.#schedule();
    });
  }

  /** Corrects the count by what the venue says, which also sees other programs behind our address. */
  learn(news: BudgetNews): void {
    this.#turn();
    if (news.usedWeight !== null) this.#used = Math.max(this.#used, news.usedWeight);
    if (news.brakeMs !== null) this.#brakedUntil = Math.max(this.#brakedUntil, this.#clock.now() + news.brakeMs);
  }

  close(): void {
    this.#wake?.();
    this.#wake = null;
    for (const entry of this.#waiting.splice(0)) {
      entry.forget();
      entry.settle(false);
    }
  }

  #isFree(priority: Priority, weight: number): boolean {
    // What costs nothing waits for the end of a brake only.
    return this.#clock.now() >= this.#brakedUntil && (weight === 0 || this.#used + weight <= this.#limits.weight * SHARES[priority]);
  }

  #turn(): void {
    const window = Math.floor(this.#clock.now() / this.#limits.windowMs);
    if (window === this.#window) return;
    this.#window = window;
    this.#used = 0;
  }

  #giveUp(entry: Waiting): void {
    this.#waiting = this.#waiting.filter((other) => other !== entry);
    entry.settle(false);
  }

  /** Nothing frees budget but the end of the brake and of the window, so one timer for the sooner of them is enough. */
  #schedule(): void {
    if (this.#wake !== null || this.#waiting.length === 0) return;
    const now = this.#clock.now();
    const windowEnd = (Math.floor(now / this.#limits.windowMs) + 1) * this.#limits.windowMs;
    const wakeAt = this.#brakedUntil > now ? Math.min(this.#brakedUntil, windowEnd) : windowEnd;
    this.#wake = this.#clock.after(wakeAt - now, () => {
      this.#wake = null;
      this.#drain();
      this.#schedule();
    });
  }

  #drain(): void {
    this.#turn();
    const rest: Waiting[] = [];
    for (const entry of this.#waiting) {
      if (!this.#isFree(entry.priority, entry.weight)) {
        rest.push(entry);
        continue;
      }
      this.#used += entry.weight;
      entry.forget();
      entry.settle(true);
    }
    this.#waiting = rest;
  }
}

function isBefore(one: Priority, other: Priority): boolean {
  return PRIORITIES.indexOf(one) < PRIORITIES.indexOf(other);
}
