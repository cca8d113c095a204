/**
 * Bars that reach a run before it has begun, as they may where several instruments need a price first: a strategy that is not there yet hears
 * of nothing, and a bar is told only once. They are told when the run has begun. What dies with the process is asked for again.
 */
import type { Engine } from '#core/engine/engine.ts';
import type { BarClosed } from '#core/events.ts';
import type { Mail } from './run-books.ts';

/** A run that waits for a price for days keeps the newest. */
export const MAX_EARLY_BARS = 10_000;

export class EarlyBars {
  readonly #engine: Engine;
  readonly #stamp: () => number;
  #held: BarClosed[] = [];

  /** `stamp` is the time of the run, for bars that are told later than they came. */
  constructor(engine: Engine, stamp: () => number) {
    this.#engine = engine;
    this.#stamp = stamp;
  }

  /** Keeps it for later where it is a bar that came too early. */
  takes(mail: Mail): boolean {
    if (mail.kind !== 'event' || mail.event.type !== 'barClosed' || this.#hasBegun) return false;
    this.#held.push(mail.event);
    if (this.#held.length > MAX_EARLY_BARS) this.#held.shift();
    return true;
  }

  /** What may be told now, in the sequence in which it came. */
  release(): readonly Mail[] {
    if (this.#held.length === 0 || !this.#hasBegun) return [];
    const held = this.#held;
    this.#held = [];
    return held.map((bar): Mail => ({ kind: 'event', event: { ...bar, closedAt: bar.closedAt ?? bar.at, at: this.#stamp() } }));
  }

  get #hasBegun(): boolean {
    return this.#engine.state.strategy !== null;
  }
}
