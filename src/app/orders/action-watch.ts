/**
 * Wakes automatic actions when a price or a moment they wait for has come, and listens to prices only while one of them does.
 */
import { wakeAt, wantsQuote } from '#core/actions/actions.ts';
import type { Clock } from '#core/ports.ts';
import type { Quote } from '#core/venue-ports.ts';
import type { ActionChain } from './action-chain.ts';

export interface ActionWatchParts {
  readonly clock: Clock;
  /** Pushes quotes, beginning with the newest known one, until the returned function is called. */
  readonly watchQuotes: (symbol: string, onQuote: (quote: Quote) => void) => () => void;
  /** Something a chain waits for has come. */
  readonly onDue: (chain: ActionChain) => void;
}

export class ActionWatch {
  readonly #parts: ActionWatchParts;
  readonly #feeds = new Map<string, { readonly stop: () => void; newest: Quote | null }>();
  #chains: readonly ActionChain[] = [];
  #callOff: () => void = () => undefined;

  constructor(parts: ActionWatchParts) {
    this.#parts = parts;
  }

  /** Watches for exactly these from now on. */
  attend(chains: readonly ActionChain[]): void {
    this.#chains = chains;
    const symbols = new Set(chains.filter(needsPrices).map((chain) => chain.root.symbol));
    for (const [symbol, feed] of this.#feeds) {
      if (symbols.has(symbol)) continue;
      this.#feeds.delete(symbol);
      feed.stop();
    }
    for (const symbol of symbols) if (!this.#feeds.has(symbol)) this.#listen(symbol);
    // The price may have been there before anybody waited for it, and not come again.
    this.#tell(chains.filter((chain) => this.wantedQuote(chain) !== null));
    this.#callOff();
    const times = chains.map((chain) => wakeAt(chain.state)).filter((at) => at !== null);
    if (times.length === 0) return;
    const delayMs = Math.max(0, Math.min(...times) - this.#parts.clock.now());
    this.#callOff = this.#parts.clock.after(delayMs, () =>
      this.#tell(chains.filter((chain) => (wakeAt(chain.state) ?? Number.POSITIVE_INFINITY) <= this.#parts.clock.now())),
    );
  }

  /** The newest quote of a chain's symbol in ticks, when it changes anything for the chain now. */
  wantedQuote(chain: ActionChain): { readonly bidTicks: number; readonly askTicks: number } | null {
    const quote = this.#feeds.get(chain.root.symbol)?.newest ?? null;
    if (quote === null) return null;
    const { scale } = chain;
    const bidTicks = scale.ticks(quote.bid, 'down');
    const askTicks = scale.ticks(quote.ask, 'up');
    const isMarket = bidTicks > 0 && askTicks > 0;
    return isMarket && wantsQuote(chain.plan, chain.state, bidTicks, askTicks, this.#parts.clock.now()) ? { bidTicks, askTicks } : null;
  }

  close(): void {
    this.attend([]);
  }

  #listen(symbol: string): void {
    const feed: { stop: () => void; newest: Quote | null } = { stop: () => undefined, newest: null };
    this.#feeds.set(symbol, feed);
    feed.stop = this.#parts.watchQuotes(symbol, (quote) => {
      feed.newest = quote;
      this.#tell(this.#chains.filter((chain) => chain.root.symbol === symbol && this.wantedQuote(chain) !== null));
    });
  }

  #tell(chains: readonly ActionChain[]): void {
    for (const chain of chains) this.#parts.onDue(chain);
  }
}

/** A stop or take profit with something to close may depend on the price; nothing else does. */
function needsPrices({ plan, state }: ActionChain): boolean {
  return state.status === 'active' && plan.stopLoss !== null && state.openGrains > 0;
}
