/**
 * A venue's request budget, shared by all accounts behind one address, of this process or of several: what matters more
 * goes first. Cancels never wait behind reads, and the last part of the budget is kept for them.
 */
import type { Clock, SharedBudget, SharedBudgets } from '#core/ports.ts';

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
  /** When its patience ends. */
  readonly until: number;
  /** Refused by the others' spending before; no use in asking again sooner. */
  readonly notBefore: number;
  readonly settle: (isGranted: boolean | Promise<boolean>) => void;
  readonly forget: () => void;
}

/** What other processes share of a budget, and its name there. */
export interface BudgetSharing {
  readonly budgets: SharedBudgets;
  readonly name: string;
}

export class Budget {
  readonly #clock: Clock;
  readonly #limits: BudgetLimits;
  readonly #shared: SharedBudget | null;
  #waiting: Waiting[] = [];
  #window = -1;
  /** Spent in this window as far as is known here, by whomever. */
  #used = 0;
  /** Spent in this window by this process. */
  #own = 0;
  #brakedUntil = 0;
  #isClosed = false;
  #wake: { readonly at: number; readonly callOff: () => void } | null = null;

  constructor(clock: Clock, limits: BudgetLimits, sharing: BudgetSharing | null = null) {
    this.#clock = clock;
    this.#limits = limits;
    this.#shared = sharing === null ? null : sharing.budgets.join(sharing.name, limits, (brakeMs) => this.#brake(brakeMs));
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
    const until = this.#clock.now() + patienceMs;
    if (this.#isFree(priority, weight) && (weight === 0 || !this.#waiting.some((other) => !isBefore(priority, other.priority))))
      return this.#spend(priority, weight, until);
    return this.#wait(priority, weight, until, 0);
  }

  /** Corrects the count by what the venue says, which also sees other programs behind our address. */
  learn(news: BudgetNews): void {
    this.#turn();
    if (news.usedWeight !== null) this.#used = Math.max(this.#used, news.usedWeight);
    if (news.brakeMs !== null) this.#brake(news.brakeMs);
    if (news.usedWeight !== null || news.brakeMs !== null) this.#shared?.tell(news);
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.callOff();
    this.#wake = null;
    this.#shared?.leave();
    for (const entry of this.#waiting.splice(0)) {
      entry.forget();
      entry.settle(false);
    }
  }

  #isFree(priority: Priority, weight: number): boolean {
    // What costs nothing waits for the end of a brake only.
    return this.#clock.now() >= this.#brakedUntil && (weight === 0 || this.#used + weight <= this.#ceiling(priority));
  }

  #ceiling(priority: Priority): number {
    return this.#limits.weight * SHARES[priority];
  }

  /** Spends what is free here, if the other processes have left it. */
  #spend(priority: Priority, weight: number, until: number): Promise<boolean> {
    this.#used += weight;
    this.#own += weight;
    return this.#shared === null || weight === 0 ? Promise.resolve(true) : this.#askOthers(this.#shared, { priority, weight, until });
  }

  async #askOthers(shared: SharedBudget, { priority, weight, until }: Pick<Waiting, 'priority' | 'weight' | 'until'>): Promise<boolean> {
    const window = this.#window;
    const answer = await shared.take(weight, this.#ceiling(priority), this.#own);
    if (this.#isClosed) return false;
    // A demand for silence may have come while we asked.
    if (answer.isGranted) return this.brakeMs === 0 || this.#wait(priority, weight, until, 0);
    this.#turn();
    if (this.#window === window) {
      this.#used -= weight;
      this.#own -= weight;
    }
    return this.#wait(priority, weight, until, this.#clock.now() + answer.retryMs);
  }

  #wait(priority: Priority, weight: number, until: number, notBefore: number): Promise<boolean> {
    const patienceMs = until - this.#clock.now();
    if (patienceMs <= 0 || this.#waiting.length >= MAX_WAITING) return Promise.resolve(false);
    return new Promise((settle) => {
      const entry: Waiting = { priority, weight, until, notBefore, settle, forget: this.#clock.after(patienceMs, () => this.#giveUp(entry)) };
      const index = this.#waiting.findIndex((other) => isBefore(priority, other.priority));
      this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, entry);
      this.#schedule();
    });
  }

  #brake(brakeMs: number): void {
    this.#brakedUntil = Math.max(this.#brakedUntil, this.#clock.now() + brakeMs);
  }

  #turn(): void {
    const window = Math.floor(this.#clock.now() / this.#limits.windowMs);
    if (window === this.#window) return;
    this.#window = window;
    this.#used = 0;
    this.#own = 0;
  }

  #giveUp(entry: Waiting): void {
    this.#waiting = this.#waiting.filter((other) => other !== entry);
    entry.settle(false);
  }

  /** Nothing frees budget but the end of the brake, of the window, and of the others' window: one timer for the soonest is enough. */
  #schedule(): void {
    if (this.#waiting.length === 0) return;
    const now = this.#clock.now();
    const windowEnd = (Math.floor(now / this.#limits.windowMs) + 1) * this.#limits.windowMs;
    const at = Math.min(windowEnd, ...[this.#brakedUntil, ...this.#waiting.map(({ notBefore }) => notBefore)].filter((end) => end > now));
    if (this.#wake !== null && this.#wake.at <= at) return;
    this.#wake?.callOff();
    const callOff = this.#clock.after(at - now, () => {
      this.#wake = null;
      this.#drain();
      this.#schedule();
    });
    this.#wake = { at, callOff };
  }

  #drain(): void {
    this.#turn();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const entry of waiting) {
      if (entry.notBefore > this.#clock.now() || !this.#isFree(entry.priority, entry.weight)) {
        this.#waiting.push(entry);
        continue;
      }
      entry.forget();
      entry.settle(this.#spend(entry.priority, entry.weight, entry.until));
    }
  }
}

function isBefore(one: Priority, other: Priority): boolean {
  return PRIORITIES.indexOf(one) < PRIORITIES.indexOf(other);
}
