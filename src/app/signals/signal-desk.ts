/**
 * The one that scans: feeds on one side, the engine in the middle, bus and store on the other. News goes out at once; what is kept follows
 * within half a second. Lives as long as its lease.
 */
import type { Bus, Clock, Ids, Log } from '#core/ports.ts';
import type { Depth, Listing } from '#core/signals/market-scan.ts';
import type { Scanner } from '#core/signals/scanner.ts';
import { SIGNALS_TOPIC, type Signal, type SignalNews } from '#core/signals/signal.ts';
import { type EngineNews, SignalEngine } from '#core/signals/signal-engine.ts';
import type { Lease } from '#core/store/leases.ts';
import type { Store } from '#core/store/store.ts';
import { DepthReader } from './depth-reader.ts';
import type { FeedStanding } from './feed-loop.ts';
import { SignalKeeper } from './signal-keeper.ts';
import type { FeedSink, SignalFeed } from './venue-feed.ts';

export const SWEEP_MS = 250;
/** Requests under way are given up after this when the desk closes: bots of the process close after it. */
const CLOSE_PATIENCE_MS = 1_000;
/** Listings of all feeds together; more are not looked at. */
export const MAX_LISTINGS = 30_000;
/** Signals that an earlier scanner left open, at most so many at a time. */
const LEFT_OPEN_PAGE = 500;

export interface SignalDeskParts {
  readonly store: Pick<Store, 'signals'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly scanners: readonly Scanner[];
  /** Makes the feeds, which tell the sink what they read. */
  readonly openFeeds: (sink: FeedSink) => readonly SignalFeed[];
  /** The book of a listing. */
  readonly depth: (listing: Listing) => Promise<Depth>;
}

export class SignalDesk {
  readonly #parts: SignalDeskParts;
  readonly #lease: Lease;
  readonly #engine: SignalEngine;
  readonly #keeper: SignalKeeper;
  readonly #depths: DepthReader;
  readonly #feeds: readonly SignalFeed[];
  readonly #listings = new Map<string, readonly Listing[]>();
  #sequence = 0;
  #told = 0;
  #isClosed = false;
  #callOff: () => void = () => undefined;

  constructor(parts: SignalDeskParts, lease: Lease) {
    this.#parts = parts;
    this.#lease = lease;
    this.#keeper = new SignalKeeper({ ...parts, lease });
    this.#engine = new SignalEngine({
      scanners: parts.scanners,
      newId: () => parts.ids.next(),
      onNews: (news) => this.#tell(news),
      onOutcome: (outcome) => this.#keeper.addOutcome(outcome),
    });
    const depth: FeedSink['depth'] = (key, levels, at) => this.#heard(() => this.#engine.depth(this.#engine.indexOf(key), levels, at));
    this.#depths = new DepthReader({ ...parts, onDepth: depth });
    this.#feeds = parts.openFeeds({
      depth,
      listed: () => this.#engine.listings,
      listings: (source, listings) => this.#heard(() => this.#list(source, listings)),
      tops: (tops, at) =>
        this.#heard(() => {
          for (const { key, bid, bidSize, ask, askSize } of tops) this.#engine.top(this.#engine.indexOf(key), bid, bidSize, ask, askSize, at);
          this.#wishDepth();
        }),
      fundings: (fundings, at) =>
        this.#heard(() => {
          for (const news of fundings) this.#engine.funding(this.#engine.indexOf(news.key), news, at);
        }),
    });
  }

  /** First closes what an earlier scanner left open: nobody knows what has become of it. */
  async start(): Promise<void> {
    await this.#closeLeftOpen();
    if (this.#isClosed) return;
    this.#keeper.start();
    for (const feed of this.#feeds) feed.start();
    this.#sweep();
  }

  standing(): {
    readonly feeds: readonly FeedStanding[];
    readonly open: number;
    readonly followed: number;
    readonly listings: number;
    readonly pairs: number;
    readonly told: number;
    readonly unkept: number;
  } {
    return {
      feeds: this.#feeds.flatMap((feed) => feed.standing()),
      open: this.#engine.openCount,
      followed: this.#engine.liveCount,
      listings: this.#engine.listings.length,
      pairs: this.#engine.slotCount,
      told: this.#told,
      unkept: this.#keeper.waiting,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#callOff();
    await this.#withoutFeeds();
    this.#engine.stop(this.#parts.clock.now());
    await this.#keeper.close();
  }

  /** What is on its way when the desk closes is not listened to any more, so it need not be waited for long. */
  async #withoutFeeds(): Promise<void> {
    const closed = Promise.all([...this.#feeds.map((feed) => feed.close()), this.#depths.close()]);
    let callOff: () => void = () => undefined;
    const patience = new Promise<void>((resolve) => (callOff = this.#parts.clock.after(CLOSE_PATIENCE_MS, resolve)));
    await Promise.race([closed, patience]);
    callOff();
  }

  /** Time goes on with what is heard; the news itself may have been asked for a while ago. */
  #heard(take: () => void): void {
    if (this.#isClosed) return;
    this.#engine.tick(this.#parts.clock.now());
    take();
  }

  #sweep(): void {
    this.#callOff = this.#parts.clock.after(SWEEP_MS, () => {
      this.#engine.sweep(this.#parts.clock.now());
      this.#wishDepth();
      if (!this.#isClosed) this.#sweep();
    });
  }

  #wishDepth(): void {
    if (!this.#isClosed) this.#depths.read((limit) => this.#engine.takeDepthWishes(limit));
  }

  #list(source: string, listings: readonly Listing[]): void {
    if (JSON.stringify(this.#listings.get(source)) === JSON.stringify(listings)) return;
    this.#listings.set(source, listings);
    const all = [...this.#listings.values()].flat();
    if (all.length > MAX_LISTINGS) this.#parts.log.warn({ listings: all.length, limit: MAX_LISTINGS }, 'more is listed than is looked at');
    this.#engine.setListings(all.slice(0, MAX_LISTINGS), this.#parts.clock.now());
  }

  #tell({ change, signal }: EngineNews): void {
    this.#sequence += 1;
    this.#told += 1;
    const news: SignalNews = { epoch: this.#lease.epoch, sequence: this.#sequence, change, signal };
    this.#parts.bus.publish(SIGNALS_TOPIC, { ...news });
    this.#keeper.add(signal, change !== 'changed');
  }

  async #closeLeftOpen(): Promise<void> {
    const { store, clock } = this.#parts;
    for (;;) {
      const left = await store.signals.leftOpen(LEFT_OPEN_PAGE);
      const at = clock.now();
      const closed = left.map(
        (signal): Signal => ({
          ...signal,
          version: signal.version + 1,
          state: 'closed',
          closedAt: Math.max(at, signal.openedAt),
          closeReason: 'scanner_stopped',
          paidPercent: null,
          updatedAt: at,
        }),
      );
      if (closed.length > 0) await store.signals.keep(this.#lease, { signals: closed, points: [], outcomes: [] });
      for (const signal of closed) this.#tell({ change: 'closed', signal });
      if (left.length < LEFT_OPEN_PAGE) return;
    }
  }
}
