/**
 * What belongs to a user, followed for all users who are connected to this process: bots and jobs are compared with what they
 * were, orders are followed by the numbers of their rows. They come from the store, whichever process did it; words on the bus only
 * make it quicker. Notices alone come by the bus, in the words of their list, and where some may be lost that is told. Each user has
 * a stream of the own; nothing of one gets into another's.
 */
import { isTerminal } from '#core/order.ts';
import type { Bus, Clock, Ids, Log } from '#core/ports.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { UserJob } from '#core/store/live.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import { NOTICE_TOPIC, type NoticeNews } from '../notices/topics.ts';
import { type Change, type Plain, Stream } from './stream.ts';
import { UnseenRows } from './unseen-rows.ts';

export const OWN_TOPICS = ['bots', 'orders', 'notices', 'jobs', 'backtests'] as const;

/** The store is looked at this often while somebody is connected. */
export const LOOK_MS = 1_000;
/** After a word on the bus it is looked at so soon, and not more often. */
export const SOON_MS = 100;
/** A stream lives on for so long after its last connection, so that whoever comes back misses nothing. */
export const LINGER_MS = 120_000;
/** Changes of one user that can be asked for again. */
export const REMEMBERED = 1_000;
/** Open orders that are told to whoever connects, the newest. */
export const MAX_OPEN_ORDERS = 500;
/** A job that is over is shown for so long. */
const JOB_SHOWN_MS = 600_000;
/** Key of the notices that may have been lost on the way. */
const LOST_NOTICES = '*';
const WAKING_TOPICS = ['bot_commands', 'order_commands', 'order_changed'] as const;

/** How records look on the wire. */
export interface OwnPresenters {
  bot(bot: BotRecord): Plain;
  order(order: OrderRecord): Plain;
  notice(news: NoticeNews): Plain;
  job(job: UserJob): Plain;
}

export interface OwnStreamsParts {
  readonly store: Pick<Store, 'live'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly present: OwnPresenters;
}

type Listener = (change: Change) => void;

interface Followed {
  readonly stream: Stream;
  readonly listeners: Set<Listener>;
  readonly ready: Promise<void>;
  isReady: boolean;
  emptySince: number | null;
}

export class OwnStreams {
  readonly #parts: OwnStreamsParts;
  readonly #followed = new Map<string, Followed>();
  readonly #unsubscribe: readonly (() => void)[];
  #orderEvents: UnseenRows | null = null;
  /** One after the other: what is read later is newer, and must not be overtaken. */
  #turn: Promise<void> = Promise.resolve();
  #timer: { readonly cancel: () => void; readonly at: number } | null = null;
  #isClosed = false;

  constructor(parts: OwnStreamsParts) {
    this.#parts = parts;
    const wake = (): void => {
      if (this.#followed.size > 0) this.#lookWithin(SOON_MS);
    };
    this.#unsubscribe = [
      ...WAKING_TOPICS.map((topic) => parts.bus.subscribe(topic, wake, wake)),
      parts.bus.subscribe(
        NOTICE_TOPIC,
        (message) => this.#notice(message as unknown as NoticeNews),
        () => this.#noticesLost(),
      ),
    ];
  }

  /** Streams that are kept. */
  get size(): number {
    return this.#followed.size;
  }

  /** A user's stream, filled; `listener` hears every change from then on, until `leave` is called. */
  async follow(userId: string, listener: Listener): Promise<{ readonly stream: Stream; readonly leave: () => void }> {
    const followed = this.#followed.get(userId) ?? this.#begin(userId);
    followed.listeners.add(listener);
    followed.emptySince = null;
    const leave = (): void => {
      followed.listeners.delete(listener);
      if (followed.listeners.size === 0) followed.emptySince = this.#parts.clock.now();
    };
    try {
      await followed.ready;
    } catch (error) {
      leave();
      throw error;
    }
    return { stream: followed.stream, leave };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#turn;
    this.#followed.clear();
  }

  #begin(userId: string): Followed {
    const stream = new Stream(this.#parts.ids.next(), REMEMBERED);
    const ready = this.#inTurn(() => this.#fill(userId, stream));
    const followed: Followed = { stream, listeners: new Set(), ready, isReady: false, emptySince: null };
    this.#followed.set(userId, followed);
    ready.then(
      () => {
        followed.isReady = true;
        this.#lookWithin(LOOK_MS);
      },
      () => {
        if (this.#followed.get(userId) === followed) this.#followed.delete(userId);
      },
    );
    return followed;
  }

  /** Whoever is still connecting reads the list afterwards. */
  #notice(news: NoticeNews): void {
    const { stream, isReady } = this.#followed.get(news.userId) ?? {};
    if (stream !== undefined && isReady === true) this.#tell(news.userId, stream.tell('notices', news.id, this.#parts.present.notice(news)));
  }

  #noticesLost(): void {
    for (const [userId, { stream, isReady }] of this.#followed) if (isReady) this.#tell(userId, stream.tell('notices', LOST_NOTICES, null));
  }

  /** The number is noted before the rest is read, so that nothing falls between. */
  async #fill(userId: string, stream: Stream): Promise<void> {
    const { live } = this.#parts.store;
    this.#orderEvents ??= new UnseenRows(await live.newestOrderEvent());
    const orders = await live.openOrders(userId, MAX_OPEN_ORDERS);
    for (const order of [...orders].reverse()) stream.put('orders', order.id, this.#parts.present.order(order));
    await this.#compare(new Map([[userId, stream]]), () => undefined);
  }

  #lookWithin(ms: number): void {
    const at = this.#parts.clock.now() + ms;
    if (this.#isClosed || (this.#timer !== null && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    const cancel = this.#parts.clock.after(ms, () => {
      this.#timer = null;
      void this.#inTurn(() => this.#look())
        .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'what has changed could not be read; trying again'))
        .finally(() => {
          if (this.#followed.size > 0) this.#lookWithin(LOOK_MS);
        });
    });
    this.#timer = { cancel, at };
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #look(): Promise<void> {
    const now = this.#parts.clock.now();
    for (const [userId, { emptySince }] of this.#followed) if (emptySince !== null && now - emptySince > LINGER_MS) this.#followed.delete(userId);
    if (this.#followed.size === 0) this.#orderEvents = null;
    const streams = new Map([...this.#followed].flatMap(([userId, { stream, isReady }]) => (isReady ? [[userId, stream] as const] : [])));
    if (streams.size === 0) return;
    await this.#compare(streams, (userId, change) => this.#tell(userId, change));
    await this.#readOrders(now);
  }

  async #readOrders(now: number): Promise<void> {
    const { store, present } = this.#parts;
    const rows = this.#orderEvents;
    if (rows === null) return;
    for (let isMore = true; isMore; ) {
      const events = await store.live.orderEvents(rows.from);
      const touched = [...new Set(events.map(({ orderId }) => orderId))];
      const orders = touched.length === 0 ? [] : await store.live.orders(touched, [...this.#followed.keys()]);
      for (const order of orders) {
        const { stream } = this.#followed.get(order.userId) ?? {};
        if (stream === undefined) continue;
        const data = present.order(order);
        this.#tell(order.userId, isTerminal(order.state) ? stream.tell('orders', order.id, data) : stream.put('orders', order.id, data));
      }
      // Only now: what could not be read is read again.
      isMore = rows.note(
        events.map(({ id }) => id),
        now,
      );
    }
  }

  /** Bots and jobs as they are against as they were told. */
  async #compare(streams: ReadonlyMap<string, Stream>, tell: (userId: string, change: Change | null) => void): Promise<void> {
    const { store, clock, present } = this.#parts;
    const userIds = [...streams.keys()];
    const [bots, jobs] = await Promise.all([store.live.bots(userIds), store.live.jobs(userIds, clock.now() - JOB_SHOWN_MS)]);
    const seen = new Map(userIds.map((userId) => [userId, new Set<string>()]));
    const put = (userId: string, topic: string, key: string, data: Plain): void => {
      seen.get(userId)?.add(`${topic} ${key}`);
      tell(userId, streams.get(userId)?.put(topic, key, data) ?? null);
    };
    for (const bot of bots) put(bot.userId, 'bots', bot.id, present.bot(bot));
    for (const job of jobs) {
      put(job.userId, 'jobs', job.id, present.job(job));
      if (job.kind === 'backtest') put(job.userId, 'backtests', job.id, present.job(job));
    }
    for (const [userId, stream] of streams) {
      for (const { topic, key, name, data } of [...stream.present()]) {
        if (topic === 'orders' || seen.get(userId)?.has(name) === true) continue;
        // A job that was over has grown old; everything else was removed.
        if (data !== null && data['ended_at'] != null) stream.forget(topic, key);
        else tell(userId, stream.remove(topic, key));
      }
    }
  }

  #tell(userId: string, change: Change | null): void {
    if (change !== null) for (const listener of this.#followed.get(userId)?.listeners ?? []) listener(change);
  }
}
