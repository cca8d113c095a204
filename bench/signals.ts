/** The engine of signals alone: best prices of 600 instruments at five venues, spot and perpetual, with every scanner, in one thread. */
import { type Depth, type Listing, listingKey } from '#core/signals/market-scan.ts';
import { SignalEngine } from '#core/signals/signal-engine.ts';
import { SCANNERS } from '#scanners/index.gen.ts';

const COINS = 60;
const VENUES = ['mexc', 'binance', 'bybit', 'okx', 'bitget'];
const EVENTS = 2_000_000;
const RUNS = 5;
/** Events a second and core. */
const GOAL = 500_000;
const START = 1_790_000_000_000;
/** One of so many prices steps aside, by more than everything costs, and one of so many comes back: one instrument of twenty stands aside. */
const STEPS_ASIDE = 20_000;
const COMES_BACK = 1_000;
const ASIDE = 0.02;

interface SignalFigures {
  readonly instruments: number;
  readonly pairs: number;
  readonly perSecond: number;
  /** Messages that came of it. */
  readonly told: number;
  readonly open: number;
}

/** Prints the median of several runs, and whether it reaches the goal. */
export function reportSignals(): void {
  const runs = Array.from({ length: RUNS + 1 }, () => measureSignals()).slice(1);
  const sorted = runs.toSorted((one, other) => one.perSecond - other.perSecond);
  const [slowest, median, fastest] = [sorted[0], sorted[RUNS >> 1], sorted.at(-1)].map((run) => ((run?.perSecond ?? 0) / 1e6).toFixed(2));
  const { instruments = 0, pairs = 0, told = 0, open = 0 } = sorted[RUNS >> 1] ?? {};
  const isReached = Number(median) * 1e6 >= GOAL;
  if (!isReached) process.exitCode = 1;
  const verdict = isReached ? 'reached' : 'MISSED';
  console.log(
    `signals, ${instruments} instruments, ${pairs} pairs${`${median} M events/s (${slowest} to ${fastest})`.padStart(36)}  ${told} told, ${open} open  goal ${GOAL / 1e6} M: ${verdict}`,
  );
}

/** Prices walk together, each a little apart from the others, and now and then one steps aside for a while. */
function measureSignals(events = EVENTS): SignalFigures {
  const listings = VENUES.flatMap((venue) =>
    Array.from({ length: COINS }, (_, coin) => (['spot', 'futures'] as const).map((market) => listingOf(venue, market, coin))).flat(),
  );
  let told = 0;
  let ids = 0;
  const engine = new SignalEngine({ scanners: SCANNERS, newId: () => String((ids += 1)), onNews: () => (told += 1), onOutcome: () => undefined });
  engine.setListings(listings, START);
  for (const [index, { market, key }] of listings.entries()) {
    engine.top(index, 0.9995, 1e6, 1.0005, 1e6, START);
    engine.depth(index, depthAt(1), START);
    if (market === 'futures')
      engine.funding(index, { key, rate: 0.0001, intervalHours: 8, nextAt: START + 3_600_000, maxRate: null, minRate: null, indexPrice: 1 }, START);
  }
  const next = seeded(7);
  const aside = new Float64Array(listings.length);
  const from = performance.now();
  for (let event = 0; event < events; event += 1) {
    const index = Math.floor(next() * listings.length);
    if (next() * ((aside[index] as number) === 0 ? STEPS_ASIDE : COMES_BACK) < 1) aside[index] = ASIDE - (aside[index] as number);
    const middle = 1 + (next() - 0.5) * 0.001 + (aside[index] as number);
    const at = START + Math.floor(event / 50);
    engine.top(index, middle - 0.0005, 1e6, middle + 0.0005, 1e6, at);
    if (event % 10_000 === 0) engine.sweep(at);
    if (event % 1_000 === 0) {
      for (const { key } of engine.takeDepthWishes(8)) {
        const wished = engine.indexOf(key);
        engine.depth(wished, depthAt(1 + (aside[wished] as number)), at);
      }
    }
  }
  const seconds = (performance.now() - from) / 1_000;
  return { instruments: listings.length, pairs: engine.slotCount, perSecond: events / seconds, told, open: engine.openCount };
}

function listingOf(venue: string, market: 'spot' | 'futures', coin: number): Listing {
  const base = `COIN${coin}`;
  const symbol = market === 'spot' ? `${base}/USDT` : `${base}/USDT:USDT`;
  return {
    ...{
      key: listingKey(venue, market, symbol),
      venue,
      market,
      symbol,
      base,
      quote: 'USDT',
      multiplier: 1,
      takerFeeRate: 0.0005,
      contracts: [],
      transfer: null,
    },
    ...{ pool: null, isQuotable: true, fixedCost: 0, staleAfterMs: 3_600_000 },
  };
}

function depthAt(middle: number): Depth {
  const side = (step: number): Float64Array => Float64Array.from(Array.from({ length: 20 }, (_, level) => [middle + step * (level + 1), 1_000]).flat());
  return { bids: side(-0.0005), asks: side(0.0005) };
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
