/** The market data that one run lives on: quotes, and closed bars of the lengths that its strategy wants. */
import type { Engine, RunSetup } from '#core/engine/engine.ts';
import { AppError } from '#core/errors.ts';
import { CANDLE_INTERVALS, type CandleInterval } from '#core/market-data.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { Feeds } from '../market/feeds.ts';
import type { LiveRun } from './live-run.ts';

/** Hands market data of its instruments to a run until the returned function is called; bars of each from the newest that it knows on, or those that warm it up. */
export function followMarket(feeds: Feeds, venue: Venue, run: LiveRun, engine: Engine): () => void {
  const ends = engine.legs.all.map((leg) => feeds.subscribe(venue, leg.symbol, (quote) => run.onQuote(quote, leg)));
  for (const leg of engine.legs.all)
    for (const { interval, warmUp } of barsWantedBy(engine.setup)) {
      const newest = leg.state.newestBars?.find(({ intervalMs }) => intervalMs === CANDLE_INTERVALS[interval]);
      const past = { since: newest?.closedAt ?? null, warmUp };
      ends.push(feeds.subscribeBars(venue, leg.symbol, interval, past, (bar, isHistory) => run.onBar(bar, interval, { isHistory, leg })));
    }
  return () => {
    for (const end of ends) end();
  };
}

/** Which bars a run needs. Throws AppError `validation_failed` for a length that exchanges do not keep. */
export function barsWantedBy({
  strategy,
  params,
}: Pick<RunSetup, 'strategy' | 'params'>): readonly { readonly interval: CandleInterval; readonly warmUp: number }[] {
  const wanted = strategy.wants.bars ? (strategy.bars?.(params) ?? []) : [];
  return wanted.map(({ intervalMs, warmUp }) => {
    const interval = (Object.keys(CANDLE_INTERVALS) as CandleInterval[]).find((each) => CANDLE_INTERVALS[each] === intervalMs);
    if (interval === undefined)
      throw new AppError(
        'validation_failed',
        `exchanges keep no bars of ${intervalMs / 60_000} minutes; known are ${Object.keys(CANDLE_INTERVALS).join(', ')}`,
      );
    return { interval, warmUp };
  });
}
