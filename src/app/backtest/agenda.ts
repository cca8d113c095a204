/**
 * What is due later in simulated time: what the venue does by the clock, requests on their way to it, and timers.
 */
import type { Command } from '#core/commands.ts';

export type VenueRequest = Extract<Command, { readonly type: 'submitOrder' | 'cancelOrder' }>;

export class Agenda {
  /** When the next of them is due, in milliseconds since 1970; infinity while nothing is. */
  nextDueAt = Number.POSITIVE_INFINITY;
  readonly #requests: { readonly dueAt: number; readonly request: VenueRequest }[] = [];
  readonly #timers = new Map<string, number>();
  #venueDueAt = Number.POSITIVE_INFINITY;

  /** When the venue acts of itself next, such as to settle funding; infinity for never. */
  get venueDueAt(): number {
    return this.#venueDueAt;
  }

  set venueDueAt(at: number) {
    if (at === this.#venueDueAt) return;
    this.#venueDueAt = at;
    this.#findNext();
  }

  /** Requests that are due at the same time stay in the order in which they were made. */
  addRequest(request: VenueRequest, dueAt: number): void {
    let index = this.#requests.length;
    while (index > 0 && (this.#requests[index - 1]?.dueAt ?? 0) > dueAt) index -= 1;
    this.#requests.splice(index, 0, { dueAt, request });
    this.#findNext();
  }

  /** A second timer of a name replaces the first. */
  setTimer(name: string, at: number): void {
    this.#timers.set(name, at);
    this.#findNext();
  }

  clearTimer(name: string): void {
    this.#timers.delete(name);
    this.#findNext();
  }

  /** Takes the earliest that is due by `now`: a request, or the name of a timer; requests go first. `null` when nothing is. */
  take(now: number): VenueRequest | string | null {
    if (this.nextDueAt > now) return null;
    const first = this.#requests[0];
    let taken: VenueRequest | string | null = null;
    if (first !== undefined && first.dueAt === this.nextDueAt) {
      this.#requests.shift();
      taken = first.request;
    } else {
      for (const [name, at] of this.#timers) if (taken === null && at === this.nextDueAt) taken = name;
      if (taken !== null) this.#timers.delete(taken);
    }
    this.#findNext();
    return taken;
  }

  #findNext(): void {
    this.nextDueAt = Math.min(this.#venueDueAt, this.#requests[0]?.dueAt ?? Number.POSITIVE_INFINITY);
    for (const at of this.#timers.values()) if (at < this.nextDueAt) this.nextDueAt = at;
  }
}
