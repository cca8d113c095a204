/**
 * Open signals out of posts, as the store has them: each belongs to one user. Looks as soon as somebody says that one has changed, and every
 * few seconds anyhow, because a word may be lost.
 */
import type { Bus, Clock, Log } from '#core/ports.ts';
import { POST_SIGNALS_TOPIC } from '#core/posts/claim-signal.ts';
import type { Signal } from '#core/signals/signal.ts';
import type { Store } from '#core/store/store.ts';

/** As often as claims are held against books. */
export const POST_LOOK_MS = 15_000;
/** Of all users together; the newest. */
export const MAX_POST_SIGNALS = 2_000;

export interface PostSignalsParts {
  readonly store: Pick<Store, 'posts'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** One in its newest form, also when it is over; the same may be told again. */
  readonly onSignal: (signal: Signal, userId: string) => void;
  /** One that is not there any more. */
  readonly onGone: (signalId: string) => void;
}

export class PostSignals {
  readonly #parts: PostSignalsParts;
  /** Users of those that are open. */
  readonly #open = new Map<string, string>();
  #looking: Promise<void> | null = null;
  #isStale = false;
  #isClosed = false;
  #unsubscribe: () => void = () => undefined;
  #callOff: () => void = () => undefined;

  constructor(parts: PostSignalsParts) {
    this.#parts = parts;
  }

  /** Settles when those that are open now have been told; fails when they cannot be read, and looks again later all the same. */
  async start(): Promise<void> {
    const hasChanged = (): void => {
      if (this.#looking === null) void this.#lookAndWait();
      else this.#isStale = true;
    };
    this.#unsubscribe();
    this.#unsubscribe = this.#parts.bus.subscribe(POST_SIGNALS_TOPIC, hasChanged, hasChanged);
    this.#wait();
    await this.#look();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#callOff();
    await this.#looking?.catch(() => undefined);
  }

  #wait(): void {
    this.#callOff();
    if (!this.#isClosed) this.#callOff = this.#parts.clock.after(POST_LOOK_MS, () => void this.#lookAndWait());
  }

  async #lookAndWait(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'signals out of posts could not be read; trying again');
    }
    this.#wait();
  }

  #look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = null;
      if (!this.#isStale || this.#isClosed) return;
      this.#isStale = false;
      void this.#lookAndWait();
    });
    return this.#looking;
  }

  async #read(): Promise<void> {
    const { store, onSignal, onGone } = this.#parts;
    const open = await store.posts.openSignals(MAX_POST_SIGNALS);
    const ids = new Set(open.map(({ signal }) => signal.id));
    for (const [id, userId] of [...this.#open]) {
      if (ids.has(id)) continue;
      const signal = await store.posts.signal(userId, id);
      this.#open.delete(id);
      if (signal === null || signal.state === 'open') onGone(id);
      else onSignal(signal, userId);
    }
    for (const { signal, userId } of open) {
      this.#open.set(signal.id, userId);
      onSignal(signal, userId);
    }
  }
}
