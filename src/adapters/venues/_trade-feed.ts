/**
 * Public trades of many symbols over shared streams, each told once. What a broken stream missed is fetched where the
 * venue gives its trades the same ids in both places, as far back as its list goes.
 */
import type { PublicTrade } from '#core/market-data.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Exchange } from './_exchange.ts';
import { type HubDialect, Hubs } from './_hub.ts';
import type { Pulse } from './_pulse.ts';
import { type Watched, Watchers } from './_watchers.ts';

/** Trades whose ids are remembered; more than a venue's list holds. */
const REMEMBERED = 2000;
/** Asked for after a reconnect. */
const FETCHED = 500;

export interface TradeFeedOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: () => Promise<Exchange>;
  readonly pulse?: Pulse | undefined;
  readonly marketId: (symbol: string) => string;
  readonly dialect: HubDialect<readonly Omit<PublicTrade, 'symbol'>[]>;
  /** The newest trades, oldest first; `null` where they cannot be told from those of the stream. */
  readonly ask: ((symbol: string, limit: number) => Promise<readonly PublicTrade[]>) | null;
}

interface Known {
  readonly symbol: string;
  /** The ids of the newest trades, oldest first. */
  readonly ids: Set<string>;
  lastAt: number;
  /** Trades that came while the missed ones are fetched; `null` while none are. */
  waiting: PublicTrade[] | null;
}

export class TradeFeed {
  readonly #options: TradeFeedOptions;
  readonly #hubs: Hubs<readonly Omit<PublicTrade, 'symbol'>[]>;
  readonly #watchers: Watchers<PublicTrade, Known>;

  constructor(options: TradeFeedOptions) {
    this.#options = options;
    this.#hubs = new Hubs({ ...options, onNews: (key, trades) => this.#receive(key, trades), onFresh: (keys) => void this.#fetchMissed(keys) });
    this.#watchers = new Watchers({ onFirst: ({ key }) => this.#hubs.add(key), onLast: ({ key }) => this.#hubs.remove(key) });
  }

  /** Pushes trades until the returned function is called. Throws when too many symbols are watched. */
  watch(symbol: string, onTrade: (trade: PublicTrade) => void): () => void {
    return this.#watchers.watch(this.#options.marketId(symbol), () => ({ symbol, ids: new Set(), lastAt: 0, waiting: null }), onTrade).end;
  }

  close(): void {
    this.#watchers.clear();
    this.#hubs.close();
  }

  #receive(key: string, trades: readonly Omit<PublicTrade, 'symbol'>[]): void {
    const watched = this.#watchers.get(key);
    if (watched === undefined) return;
    const told = trades.map((trade): PublicTrade => ({ ...trade, symbol: watched.state.symbol }));
    if (watched.state.waiting !== null) watched.state.waiting.push(...told);
    else for (const trade of told) this.#tell(watched, trade);
  }

  /** Only where trades were told before: a watch begins with what happens from then on. */
  async #fetchMissed(keys: readonly string[]): Promise<void> {
    const { ask, log, name } = this.#options;
    if (ask === null) return;
    for (const key of keys) {
      const watched = this.#watchers.get(key);
      if (watched === undefined || watched.state.lastAt === 0 || watched.state.waiting !== null) continue;
      const { state } = watched;
      state.waiting = [];
      try {
        for (const trade of await ask(state.symbol, FETCHED)) if (trade.at >= state.lastAt) this.#tell(watched, trade);
      } catch (error) {
        log.warn({ stream: name, symbol: state.symbol, err: error }, 'trades that a broken stream missed could not be fetched');
      }
      const waiting = state.waiting ?? [];
      state.waiting = null;
      for (const trade of waiting) this.#tell(watched, trade);
    }
  }

  #tell(watched: Watched<PublicTrade, Known>, trade: PublicTrade): void {
    const { state } = watched;
    if (trade.tradeId !== null) {
      if (state.ids.has(trade.tradeId)) return;
      state.ids.add(trade.tradeId);
      if (state.ids.size > REMEMBERED)
        for (const oldest of state.ids) {
          state.ids.delete(oldest);
          break;
        }
    }
    state.lastAt = Math.max(state.lastAt, trade.at);
    this.#watchers.tell(watched, trade);
  }
}
