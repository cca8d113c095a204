/**
 * Request budgets that several processes spend together, because the venue counts by address. Where there is a counter
 * they spend from one account; without one, or while it does not answer, each has an even part. Demands for silence
 * reach everybody over the bus at once.
 */
import { randomUUID } from 'node:crypto';
import type { Clock, OpenBus, SharedBudget, SharedBudgets } from '#core/ports.ts';

/** The common account. Its methods reject when it cannot be asked. */
export interface Counter {
  take(name: string, windowMs: number, weight: number, ceiling: number): Promise<CounterAnswer>;
  tell(name: string, windowMs: number, usedWeight: number | null, brakeMs: number | null): Promise<void>;
  close(): Promise<void>;
}

/** `brakeMs` is what is left of a demand for silence; `retryMs` how long the present window lasts. */
export interface CounterAnswer {
  readonly isGranted: boolean;
  readonly brakeMs: number;
  readonly retryMs: number;
}

export interface SharedBudgetsOptions {
  readonly bus: OpenBus;
  readonly clock: Clock;
  /** Names the address of the internet that these processes share. */
  readonly egress: string;
  readonly counter: Counter | null;
}

const TOPIC = 'venue_budgets';
/** Who spends says so this often, and counts as gone after the second. */
export const PRESENCE_MS = 10_000;
export const LAPSE_MS = 35_000;
/** Who has asked for nothing in this time is not counted among the others. */
export const IDLE_MS = 60_000;
/** A counter that did not answer is left alone for so long. */
const COUNTER_REST_MS = 1_000;

type Word = { readonly name: string; readonly from: string } & ({ readonly kind: 'here' | 'gone' } | { readonly kind: 'brake'; readonly brakeMs: number });

export function sharedBudgets(options: SharedBudgetsOptions): SharedBudgets {
  const joined = new Set<Member>();
  return {
    join: (name, limits, onBrake) => {
      const member: Member = new Member(options, { name: `${options.egress} ${name}`, ...limits }, onBrake, () => joined.delete(member));
      joined.add(member);
      return member;
    },
    close: async () => {
      for (const member of [...joined]) member.leave();
      await options.counter?.close();
    },
  };
}

interface Terms {
  readonly name: string;
  readonly weight: number;
  readonly windowMs: number;
}

class Member implements SharedBudget {
  readonly #options: SharedBudgetsOptions;
  readonly #terms: Terms;
  readonly #onBrake: (brakeMs: number) => void;
  readonly #onLeave: () => void;
  readonly #id = randomUUID();
  /** When each of the others was last heard of. */
  readonly #others = new Map<string, number>();
  readonly #unsubscribe: () => void;
  #usedAt: number | null = null;
  #brakedUntil = 0;
  #counterRestsUntil = 0;
  #cancelPresence: (() => void) | null = null;

  constructor(options: SharedBudgetsOptions, terms: Terms, onBrake: (brakeMs: number) => void, onLeave: () => void) {
    this.#options = options;
    this.#terms = terms;
    this.#onBrake = onBrake;
    this.#onLeave = onLeave;
    this.#unsubscribe = options.bus.subscribe(
      TOPIC,
      (message) => this.#onWord(message),
      () => this.#onGap(),
    );
  }

  async take(weight: number, ceiling: number, ownUsed: number): ReturnType<SharedBudget['take']> {
    this.#noteUse();
    const { counter, clock } = this.#options;
    if (counter !== null && clock.now() >= this.#counterRestsUntil) {
      try {
        const answer = await counter.take(this.#terms.name, this.#terms.windowMs, weight, ceiling);
        if (answer.brakeMs > 0) this.#brake(answer.brakeMs);
        return answer.isGranted ? { isGranted: true } : { isGranted: false, retryMs: Math.max(answer.brakeMs, answer.retryMs) };
      } catch {
        // The bus tells of the same outage in the log.
        this.#counterRestsUntil = clock.now() + COUNTER_REST_MS;
      }
    }
    // What weighs more than an even part may still go as the first of a window: otherwise it never could.
    const isFair = ownUsed <= ceiling / (1 + this.#countOthers()) || ownUsed <= weight;
    return isFair ? { isGranted: true } : { isGranted: false, retryMs: this.#terms.windowMs - (clock.now() % this.#terms.windowMs) };
  }

  tell({ usedWeight, brakeMs }: Parameters<SharedBudget['tell']>[0]): void {
    const { counter } = this.#options;
    if (brakeMs !== null) {
      this.#brakedUntil = Math.max(this.#brakedUntil, this.#options.clock.now() + brakeMs);
      this.#say({ kind: 'brake', brakeMs });
    }
    if (counter === null || this.#options.clock.now() < this.#counterRestsUntil) return;
    // A count that is lost here comes again with the next answer of the venue; a demand for silence went over the bus too.
    void counter.tell(this.#terms.name, this.#terms.windowMs, usedWeight, brakeMs).catch(() => undefined);
  }

  leave(): void {
    this.#unsubscribe();
    this.#cancelPresence?.();
    if (this.#cancelPresence !== null) this.#say({ kind: 'gone' });
    this.#cancelPresence = null;
    this.#onLeave();
  }

  #onWord(message: Readonly<Record<string, unknown>>): void {
    const word = readWord(message);
    if (word === null || word.name !== this.#terms.name || word.from === this.#id) return;
    if (word.kind === 'brake') return this.#brake(word.brakeMs);
    if (word.kind === 'gone') return void this.#others.delete(word.from);
    const isNew = !this.#others.has(word.from);
    this.#others.set(word.from, this.#options.clock.now());
    if (isNew) this.#introduce();
  }

  /** They could not be heard meanwhile, which is no sign that they are gone. */
  #onGap(): void {
    for (const other of this.#others.keys()) this.#others.set(other, this.#options.clock.now());
    this.#introduce();
  }

  #brake(brakeMs: number): void {
    this.#brakedUntil = Math.max(this.#brakedUntil, this.#options.clock.now() + brakeMs);
    this.#onBrake(brakeMs);
  }

  /** Says what a newcomer has to know. */
  #introduce(): void {
    const leftMs = this.#brakedUntil - this.#options.clock.now();
    if (leftMs > 0) this.#say({ kind: 'brake', brakeMs: leftMs });
    if (this.#cancelPresence !== null) this.#say({ kind: 'here' });
  }

  #noteUse(): void {
    this.#usedAt = this.#options.clock.now();
    if (this.#cancelPresence === null) this.#stayPresent();
  }

  #stayPresent(): void {
    this.#say({ kind: 'here' });
    const { clock } = this.#options;
    this.#cancelPresence = clock.after(PRESENCE_MS, () => {
      this.#cancelPresence = null;
      if (this.#usedAt !== null && clock.now() - this.#usedAt < IDLE_MS) this.#stayPresent();
      else this.#say({ kind: 'gone' });
    });
  }

  #countOthers(): number {
    const { bus, clock } = this.#options;
    const lapsed = clock.now() - LAPSE_MS;
    if (bus.isUp()) for (const [other, heardAt] of this.#others) if (heardAt < lapsed) this.#others.delete(other);
    return this.#others.size;
  }

  #say(what: { readonly kind: 'here' | 'gone' } | { readonly kind: 'brake'; readonly brakeMs: number }): void {
    this.#options.bus.publish(TOPIC, { name: this.#terms.name, from: this.#id, ...what } satisfies Word);
  }
}

function readWord(message: Readonly<Record<string, unknown>>): Word | null {
  const { name, from, kind, brakeMs } = message;
  if (typeof name !== 'string' || typeof from !== 'string') return null;
  if (kind === 'here' || kind === 'gone') return { name, from, kind };
  return kind === 'brake' && typeof brakeMs === 'number' && brakeMs > 0 ? { name, from, kind, brakeMs } : null;
}
