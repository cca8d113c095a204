/** What the instruments of a run that is being opened need beyond orders: their first prices, their scales, and somebody who looks after each. */
import type { Engine } from '#core/engine/engine.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Quote, Venue } from '#core/venue-ports.ts';
import type { RunIdentity } from '../run/commit-draft.ts';
import type { LiveRun } from '../run/live-run.ts';
import { PerpetualWatch, type PerpetualWatchParts } from '../run/perpetual-watch.ts';
import type { OpenedRun } from '../run/run-opening.ts';
import { MarketWatch } from './market-watch.ts';

type QuoteOf = (symbol: string) => Promise<Quote>;

/** The same answer to everybody who asks for a symbol. */
export function askedOnce(quoteOf: QuoteOf): QuoteOf {
  const asked = new Map<string, Promise<Quote>>();
  return (symbol) => {
    const quote = asked.get(symbol) ?? quoteOf(symbol);
    asked.set(symbol, quote);
    return quote;
  };
}

/** Newest prices of a run's instruments, the first one first; of several, one that has none must not keep the others from being closed. */
export async function newestQuotes(engine: Engine, quoteOf: QuoteOf): Promise<readonly (Quote | null)[]> {
  const quotes = engine.legs.all.map(({ symbol }) => quoteOf(symbol));
  return await Promise.all(quotes.length === 1 ? quotes : quotes.map((quote) => quote.catch(() => null)));
}

export function identityOf({ runId, scale, engine }: OpenedRun, bot: BotRecord): RunIdentity {
  const scales = new Map(engine.legs.all.flatMap(({ name, terms }) => (name === null ? [] : [[name, terms.scale] as const])));
  return { runId, bot, scale, scales };
}

export interface LegWatchParts extends Omit<PerpetualWatchParts, 'symbol' | 'runId' | 'startedAt' | 'run'> {
  readonly opened: OpenedRun;
  readonly run: LiveRun;
  readonly venue: Venue;
  readonly quoteOf: QuoteOf;
}

/** Sees to what only lists tell: funding and positions of perpetuals, and whether each of several instruments is still traded. Returns the end of it. */
export function watchLegs({ opened, venue, quoteOf, run, ...parts }: LegWatchParts): () => void {
  const { runId, startedAt, engine } = opened;
  const legs = engine.legs.all;
  const perpetuals = legs.filter(({ terms }) => terms.scale.isPerpetual);
  const watches = [
    ...perpetuals.map(({ symbol }) => new PerpetualWatch({ ...parts, run, runId, startedAt, symbol })),
    ...(legs.length > 1 ? [new MarketWatch({ ...parts, venue, quoteOf, legs, run })] : []),
  ];
  for (const watch of watches) watch.start();
  return () => {
    for (const watch of watches) void watch.close();
  };
}
