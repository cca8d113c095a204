/**
 * The signals that are open, as one stream for all who may see them. Their scanner tells of every change with the whole signal and
 * a number; where a number is missing, or word may have been lost, the store is asked and what it says is told. Those out of posts are
 * told to their user alone.
 */
import type { Bus, Clock, Ids, Log } from '#core/ports.ts';
import { SIGNALS_TOPIC, type Signal, type SignalNews } from '#core/signals/signal.ts';
import type { Store } from '#core/store/store.ts';
import { SIGNAL_REMOVED } from '../signal-views/signal-views.ts';
import { PostSignals } from './post-signals.ts';
import { type Change, type Plain, Stream } from './stream.ts';

export const SIGNAL_TOPIC = 'signals';
/** Changes that can be asked for again. */
export const REMEMBERED_SIGNALS = 10_000;
/** Open signals that are told at most. */
export const MAX_OPEN_SIGNALS = 5_000;
/** The store may be so much behind the bus. */
export const STORE_LAG_MS = 30_000;
/** After a failure the store is asked again. */
const RETRY_MS = 2_000;
const PAGE = 200;

export interface SignalStreamParts {
  readonly store: Pick<Store, 'signals' | 'posts'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** How a signal looks on the wire. */
  readonly present: (signal: Signal) => Plain;
}

type Listener = (change: Change) => void;

export class SignalStream {
  readonly #parts: SignalStreamParts;
  readonly #stream: Stream;
  readonly #listeners = new Set<Listener>();
  readonly #ofPosts: PostSignals;
  /** Version and moment of the newest form of each that is open. */
  readonly #known = new Map<string, { readonly version: number; readonly updatedAt: number }>();
  #unsubscribe: readonly (() => void)[] = [];
  #loading: Promise<void> | null = null;
  #isLoaded = false;
  #isStale = false;
  #last: { readonly epoch: number; readonly sequence: number } | null = null;
  #cancelRetry: () => void = () => undefined;
  #isClosed = false;

  constructor(parts: SignalStreamParts) {
    this.#parts = parts;
    this.#stream = new Stream(parts.ids.next(), REMEMBERED_SIGNALS);
    this.#ofPosts = new PostSignals({
      ...parts,
      onSignal: (signal, userId) => this.#say(signal, userId),
      onGone: (id) => this.#tell(this.#stream.remove(SIGNAL_TOPIC, id)),
    });
  }

  /** The stream, filled; `listener` hears every change from then on, until `leave` is called. */
  async follow(listener: Listener): Promise<{ readonly stream: Stream; readonly leave: () => void }> {
    this.#listen();
    if (!this.#isLoaded) await this.#load();
    this.#listeners.add(listener);
    return { stream: this.#stream, leave: () => void this.#listeners.delete(listener) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry();
    await this.#ofPosts.close();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#listeners.clear();
    await this.#loading?.catch(() => undefined);
  }

  /** From the first who is interested on: a process that serves nobody listens to nothing. */
  #listen(): void {
    if (this.#unsubscribe.length > 0) return;
    const { bus } = this.#parts;
    const doubt = (): void => this.#reload();
    this.#unsubscribe = [
      bus.subscribe(SIGNALS_TOPIC, (message) => this.#onNews(message as unknown as SignalNews), doubt),
      bus.subscribe(SIGNAL_REMOVED, ({ signalId }) => this.#remove(String(signalId)), doubt),
    ];
  }

  #onNews({ epoch, sequence, change, signal }: SignalNews): void {
    const last = this.#last;
    this.#last = { epoch, sequence };
    const isNext = last === null || (last.epoch === epoch ? sequence === last.sequence + 1 : sequence === 1);
    // What the owner has removed is told on by its scanner, and is not opened again.
    if (change === 'opened' || this.#known.has(signal.id)) this.#take(signal);
    if (!isNext) this.#reload();
  }

  #take(signal: Signal): void {
    const { id, version, updatedAt, state } = signal;
    const known = this.#known.get(id);
    if (known !== undefined && known.version >= version) return;
    if (state === 'closed') this.#known.delete(id);
    else if (known === undefined && this.#known.size >= MAX_OPEN_SIGNALS) return;
    else this.#known.set(id, { version, updatedAt });
    this.#say(signal, null);
  }

  #say(signal: Signal, userId: string | null): void {
    const data = this.#parts.present(signal);
    const isOver = signal.state === 'closed';
    this.#tell(isOver ? this.#stream.tell(SIGNAL_TOPIC, signal.id, data, userId) : this.#stream.put(SIGNAL_TOPIC, signal.id, data, userId));
  }

  #remove(id: string): void {
    this.#known.delete(id);
    this.#tell(this.#stream.remove(SIGNAL_TOPIC, id));
  }

  #tell(change: Change | null): void {
    if (change !== null) for (const listener of this.#listeners) listener(change);
  }

  #reload(): void {
    if (this.#loading !== null) this.#isStale = true;
    else
      this.#load().catch((error: unknown) => {
        this.#parts.log.warn({ err: error }, 'signals could not be read; trying again');
        this.#cancelRetry = this.#parts.clock.after(RETRY_MS, () => this.#reload());
      });
  }

  #load(): Promise<void> {
    this.#loading ??= this.#read().finally(() => {
      this.#loading = null;
      if (!this.#isStale || this.#isClosed) return;
      this.#isStale = false;
      this.#reload();
    });
    return this.#loading;
  }

  async #read(): Promise<void> {
    const { signals } = this.#parts.store;
    if (!this.#isLoaded) await this.#ofPosts.start();
    const open = new Set<string>();
    for (let cursor: string | null = null, isFirst = true; isFirst || (cursor !== null && open.size < MAX_OPEN_SIGNALS); isFirst = false) {
      const page = await signals.list({ state: 'open', quarantined: 'with' }, 'opened_at', { limit: PAGE, cursor });
      for (const signal of page.items) {
        open.add(signal.id);
        this.#take(signal);
      }
      cursor = page.nextCursor;
    }
    const before = this.#parts.clock.now() - STORE_LAG_MS;
    for (const [id, { updatedAt }] of [...this.#known]) {
      if (open.has(id) || updatedAt > before) continue;
      const signal = await signals.get(id);
      if (signal === null || signal.state === 'open') this.#remove(id);
      else this.#take(signal);
    }
    this.#isLoaded = true;
  }
}
