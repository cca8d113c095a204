/** The market data that one run lives on: quotes, and closed bars where its strategy wants them. */
import type { Engine } from '#core/engine.ts';
import type { CandleInterval } from '#core/market-data.ts';
import type { Venue } from '#core/ports.ts';
import type { Feeds } from './feeds.ts';
import type { LiveRun } from './live-run.ts';

const DEFAULT_INTERVAL: CandleInterval = '1m';

/** Hands market data to a run until the returned function is called; bars from the last that it knows. */
export function followMarket(feeds: Feeds, venue: Venue, symbol: string, run: LiveRun, engine: Engine): () => void {
  const unwatch = feeds.subscribe(venue, symbol, (quote) => run.onQuote(quote));
  const { strategy, params } = engine.setup;
  if (!strategy.wants.bars) return unwatch;
  const interval = strategy.barInterval?.(params) ?? DEFAULT_INTERVAL;
  const leave = feeds.subscribeBars(venue, symbol, interval, engine.state.barAt ?? null, (bar) => run.onBar(bar, interval));
  return () => {
    unwatch();
    leave();
  };
}
