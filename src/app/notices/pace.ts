/** Spaces messages out: so many a second on a channel, so long between two to the same address, and so many at once. */
import type { ChannelPace } from '#core/notices/channel.ts';
import type { Clock } from '#core/ports.ts';

/** Addresses remembered at most; the ones written to longest ago are forgotten first. */
export const MAX_REMEMBERED = 10_000;

export class Pace {
  readonly #pace: ChannelPace;
  readonly #clock: Clock;
  /** When the next message may go to an address. */
  readonly #nextTo = new Map<string, number>();
  #next = 0;
  #inside = 0;
  readonly #queue: (() => void)[] = [];
  #isClosed = false;
  readonly #waiting = new Set<() => void>();

  constructor(pace: ChannelPace, clock: Clock) {
    this.#pace = pace;
    this.#clock = clock;
  }

  /** Settles when a message may go to the address; `false` when that is later than `until`, or nothing may go any more. */
  async turn(address: string, until: number): Promise<boolean> {
    const now = this.#clock.now();
    const at = Math.max(now, this.#next, this.#nextTo.get(address) ?? 0);
    if (at > until || this.#isClosed) return false;
    this.#next = Math.max(now, this.#next) + 1_000 / this.#pace.perSecond;
    this.#nextTo.delete(address);
    if (this.#pace.perTargetMs > 0) this.#nextTo.set(address, at + this.#pace.perTargetMs);
    const [oldest] = this.#nextTo.keys();
    if (this.#nextTo.size > MAX_REMEMBERED && oldest !== undefined) this.#nextTo.delete(oldest);
    if (at > now) await this.#wait(at - now);
    return !this.#isClosed;
  }

  /** Settles when one more message may be under way; the returned function says that its end is noted. */
  async enter(): Promise<() => void> {
    if (this.#inside >= this.#pace.atOnce) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#inside += 1;
    return () => {
      const next = this.#queue.shift();
      // The place goes on to whoever has waited longest.
      if (next === undefined) this.#inside -= 1;
      else next();
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const end of [...this.#waiting]) end();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        callOff();
        this.#waiting.delete(end);
        resolve();
      };
      const callOff = this.#clock.after(ms, end);
      this.#waiting.add(end);
    });
  }
}
