/**
 * Closed candles of many symbols, each told once and in sequence. A candle that the stream calls closed is told at once
 * when it is the next; whatever else should be over by now (a broken stream, a venue that does not say when a candle is
 * over) is asked for a little after its end. A candle in which nobody traded may not exist: it is left out.
 */
import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '#core/market-data.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Exchange } from './_exchange.ts';
import { type HubDialect, Hubs } from './_hub.ts';
import { type CandleNews, candleKey } from './_market-dialect.ts';
import type { Pulse } from './_pulse.ts';
import { type Watched, Watchers } from './_watchers.ts';

/** How long after its end a candle is asked for that was not told. */
export const GRACE_MS = 2_000;
const RETRY_MS = 5_000;

export interface CandleFeedOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: () => Promise<Exchange>;
  readonly pulse?: Pulse | undefined;
  readonly marketId: (symbol: string) => string;
  /** `null` where the venue does not say when a candle is over. */
  readonly dialect: HubDialect<CandleNews> | null;
  readonly ask: (symbol: string, interval: CandleInterval, from: number, to: number) => Promise<readonly Candle[]>;
  readonly venueNow: () => Promise<number>;
}

interface Sequence {
  readonly symbol: string;
  readonly interval: CandleInterval;
  /** When the next candle to tell opens; `null` until the venue's time is known. */
  nextAt: number | null;
  /** Closed as the stream said, later than the next one: told after those that lie between. */
  ahead: Candle | null;
  isAsking: boolean;
  callOff: () => void;
}

type WatchedCandles = Watched<Candle, Sequence>;

export class CandleFeed {
  readonly #options: CandleFeedOptions;
  readonly #hubs: Hubs<CandleNews> | null;
  readonly #watchers: Watchers<Candle, Sequence>;

  constructor(options: CandleFeedOptions) {
    this.#options = options;
    const { dialect } = options;
    this.#hubs = dialect === null ? null : new Hubs({ ...options, dialect, onNews: (key, news) => this.#receive(key, news), onFresh: () => undefined });
    this.#watchers = new Watchers({
      onFirst: ({ key }) => this.#hubs?.add(key),
      onLast: ({ key, state }) => {
        state.callOff();
        this.#hubs?.remove(key);
      },
    });
  }

  /** Pushes candles that close from now on, until the returned function is called. Throws when too many are watched. */
  watch(symbol: string, interval: CandleInterval, onCandle: (candle: Candle) => void): () => void {
    const begin = (): Sequence => ({ symbol, interval, nextAt: null, ahead: null, isAsking: false, callOff: () => undefined });
    const { watched, end } = this.#watchers.watch(candleKey(this.#options.marketId(symbol), interval), begin, onCandle);
    if (watched.listeners.size === 1) void this.#schedule(watched);
    return end;
  }

  close(): void {
    this.#watchers.clear();
    this.#hubs?.close();
  }

  #receive(key: string, { candle, isClosed }: CandleNews): void {
    const watched = this.#watchers.get(key);
    if (watched === undefined || !isClosed) return;
    const { state } = watched;
    if (state.nextAt === null || candle.startAt < state.nextAt) return;
    if (candle.startAt === state.nextAt && !state.isAsking) return this.#tell(watched, candle);
    if (state.ahead === null || state.ahead.startAt < candle.startAt) state.ahead = candle;
    void this.#ask(watched);
  }

  /** Waits until the candle that is open now should have been told, and asks for it if it was not. */
  async #schedule(watched: WatchedCandles): Promise<void> {
    const { clock, venueNow } = this.#options;
    const { state } = watched;
    const lengthMs = CANDLE_INTERVALS[state.interval];
    // Without the venue's time ours has to do: a wrong guess costs a request.
    const now = await venueNow().catch(() => clock.now());
    if (!this.#watchers.isCurrent(watched)) return;
    const openAt = Math.floor(now / lengthMs) * lengthMs;
    state.nextAt ??= openAt;
    state.callOff();
    state.callOff = clock.after(openAt + lengthMs + GRACE_MS - now, () => void this.#ask(watched));
  }

  /** Tells what is over from the next candle on, in sequence; tries again later when the venue does not answer. */
  async #ask(watched: WatchedCandles): Promise<void> {
    const { clock, log, name } = this.#options;
    const { state } = watched;
    if (state.isAsking) return;
    state.isAsking = true;
    try {
      await this.#catchUp(watched);
      void this.#schedule(watched);
    } catch (error) {
      log.warn({ stream: name, symbol: state.symbol, interval: state.interval, err: error }, 'candles could not be asked for; trying again');
      state.callOff();
      if (this.#watchers.isCurrent(watched)) state.callOff = clock.after(RETRY_MS, () => void this.#ask(watched));
    } finally {
      state.isAsking = false;
    }
  }

  async #catchUp(watched: WatchedCandles): Promise<void> {
    const { ask, venueNow } = this.#options;
    const { state } = watched;
    while (state.nextAt !== null && this.#watchers.isCurrent(watched)) {
      const { ahead } = state;
      const now = await venueNow();
      // Nothing to ask for when the stream has told all there is.
      if (ahead === null && state.nextAt + CANDLE_INTERVALS[state.interval] > now) return;
      for (const candle of await ask(state.symbol, state.interval, state.nextAt, ahead?.startAt ?? now)) this.#tell(watched, candle);
      // Another one may have closed meanwhile, with more between.
      if (state.ahead !== ahead) continue;
      state.ahead = null;
      if (ahead !== null) this.#tell(watched, ahead);
      return;
    }
  }

  #tell(watched: WatchedCandles, candle: Candle): void {
    const { state } = watched;
    if (!this.#watchers.isCurrent(watched) || state.nextAt === null || candle.startAt < state.nextAt) return;
    state.nextAt = candle.startAt + CANDLE_INTERVALS[state.interval];
    this.#watchers.tell(watched, candle);
  }
}
