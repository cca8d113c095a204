/** Keeps what the engine tells: the newest state of each signal, its course and its outcomes, a few times a second in one transaction. */
import type { Clock, Log } from '#core/ports.ts';
import type { OutcomeNews } from '#core/signals/outcomes.ts';
import type { Signal, SignalPoint } from '#core/signals/signal.ts';
import type { Lease } from '#core/store/leases.ts';
import type { Store } from '#core/store/store.ts';
import { Rounds } from '../rounds.ts';

export const KEEP_MS = 500;
/** Points of a signal are no nearer to each other. */
export const POINT_MS = 2_000;
/** Of one transaction; more wait for the next. */
const MAX_BATCH = 500;
/** While the database does not answer so many points wait; the oldest give way. */
export const MAX_WAITING_POINTS = 20_000;

type Point = SignalPoint & { readonly signalId: string };

export class SignalKeeper {
  readonly #parts: { readonly store: Pick<Store, 'signals'>; readonly clock: Clock; readonly log: Log; readonly lease: Lease };
  readonly #signals = new Map<string, Signal>();
  readonly #pointAt = new Map<string, number>();
  #points: Point[] = [];
  #outcomes: OutcomeNews[] = [];
  #lost = 0;
  #hasFailed = false;
  readonly #rounds: Rounds;

  constructor(parts: { readonly store: Pick<Store, 'signals'>; readonly clock: Clock; readonly log: Log; readonly lease: Lease }) {
    this.#parts = parts;
    this.#rounds = new Rounds({ ...parts, pauseMs: KEEP_MS, problem: 'signals could not be kept; trying again' }, () => this.#keep());
  }

  /** Points that gave way. */
  get lostPoints(): number {
    return this.#lost;
  }

  get waiting(): number {
    return this.#signals.size + this.#points.length + this.#outcomes.length;
  }

  start(): void {
    this.#rounds.start(KEEP_MS);
  }

  add(signal: Signal, isTurn: boolean): void {
    this.#signals.set(signal.id, signal);
    const last = this.#pointAt.get(signal.id);
    if (isTurn || last === undefined || signal.updatedAt - last >= POINT_MS) {
      this.#pointAt.set(signal.id, signal.updatedAt);
      const { entryPercent, exitPercent, netPercent, maxSizeQuote } = signal;
      this.#points.push({ signalId: signal.id, at: signal.updatedAt, entryPercent, exitPercent, netPercent, maxSizeQuote });
    }
    if (signal.state === 'closed') this.#pointAt.delete(signal.id);
    if (this.#points.length > MAX_WAITING_POINTS) {
      this.#points.shift();
      this.#lost += 1;
    }
  }

  addOutcome(outcome: OutcomeNews): void {
    this.#outcomes.push(outcome);
  }

  /** Keeps what waits, once more; what cannot be kept is lost with the process. */
  async close(): Promise<void> {
    await this.#rounds.close();
    while (this.waiting > 0) {
      const before = this.waiting;
      await this.#keep();
      if (this.waiting >= before) return;
    }
  }

  async #keep(): Promise<void> {
    if (this.waiting === 0) return;
    const { store, lease, log } = this.#parts;
    const signals = [...this.#signals.values()].slice(0, MAX_BATCH);
    const points = this.#points.slice(0, MAX_BATCH);
    const outcomes = this.#outcomes.slice(0, MAX_BATCH);
    try {
      await store.signals.keep(lease, { signals, points, outcomes });
    } catch (error) {
      if (!this.#hasFailed) log.warn({ err: error }, 'signals could not be kept; trying again');
      this.#hasFailed = true;
      return;
    }
    this.#hasFailed = false;
    // What was told anew meanwhile stays.
    for (const signal of signals) if (this.#signals.get(signal.id) === signal) this.#signals.delete(signal.id);
    this.#points = this.#points.slice(points.length);
    this.#outcomes = this.#outcomes.slice(outcomes.length);
  }
}
