/** Reads the books that the engine wants, a few at a time; one that cannot be had is left alone for a while. */
import type { Clock } from '#core/ports.ts';
import type { Depth, Listing } from '#core/signals/market-scan.ts';

/** Books on their way at once. */
export const DEPTHS_AT_ONCE = 8;
/** After a failure. */
export const DEPTH_PAUSE_MS = 5_000;

export interface DepthReaderParts {
  readonly clock: Clock;
  readonly depth: (listing: Listing) => Promise<Depth>;
  /** `at` is when it was asked for. */
  readonly onDepth: (key: string, depth: Depth, at: number) => void;
}

export class DepthReader {
  readonly #parts: DepthReaderParts;
  readonly #flying = new Map<string, Promise<void>>();
  readonly #pausedUntil = new Map<string, number>();
  #isClosed = false;

  constructor(parts: DepthReaderParts) {
    this.#parts = parts;
  }

  /** As many as may be on their way. */
  read(take: (limit: number) => readonly Listing[]): void {
    const free = DEPTHS_AT_ONCE - this.#flying.size;
    if (free <= 0 || this.#isClosed) return;
    const now = this.#parts.clock.now();
    for (const listing of take(free)) {
      if (this.#flying.has(listing.key) || (this.#pausedUntil.get(listing.key) ?? 0) > now) continue;
      this.#flying.set(listing.key, this.#ask(listing));
    }
  }

  /** Settles when none is on its way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#flying.values());
  }

  async #ask(listing: Listing): Promise<void> {
    const { clock, depth, onDepth } = this.#parts;
    const at = clock.now();
    try {
      const read = await depth(listing);
      this.#pausedUntil.delete(listing.key);
      if (!this.#isClosed) onDepth(listing.key, read, at);
    } catch {
      // The signal says that it has no depth; the feed of prices says what is wrong with the venue.
      this.#pausedUntil.set(listing.key, clock.now() + DEPTH_PAUSE_MS);
    } finally {
      this.#flying.delete(listing.key);
    }
  }
}
