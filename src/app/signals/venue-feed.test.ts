/** A feed of a venue: the list first, and an answer that takes its time is as old as its question. */
import { afterEach, expect, it } from 'vitest';
import type { MarketScan, Top } from '#core/signals/market-scan.ts';
import { aListing } from '#core/signals/signal-engine.fixture.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { TOPS_MS, VenueFeed } from './venue-feed.ts';

const listing = aListing('mexc', 'spot');
const top: Top = { key: listing.key, bid: 1, bidSize: 0, ask: 1, askSize: 0 };

let feed: VenueFeed;
let go: () => void = () => undefined;
afterEach(async () => {
  const closed = feed.close();
  go();
  await closed;
});

function openFeed(scan: Partial<MarketScan>) {
  const clock = new ManualClock();
  const heard: [string, number][] = [];
  const hear = (what: string, at: number) => void heard.push([what, at - began]);
  const began = clock.now();
  const sink = {
    listed: () => [],
    listings: () => hear('list', clock.now()),
    tops: (_tops: readonly Top[], at: number) => hear('tops', at),
    fundings: (_rows: unknown, at: number) => hear('fundings', at),
    depth: () => undefined,
  };
  const whole: MarketScan = {
    listings: async () => ({ listings: [listing], problem: null }),
    tops: {},
    depth: () => Promise.reject(new Error('not asked')),
    ...scan,
  };
  feed = new VenueFeed({ venue: 'mexc', scan: whole, sink, clock, log: quietLog() });
  feed.start();
  return { clock, heard };
}

it('reads prices only when it knows what is listed, and all of it from then on', async () => {
  const { clock, heard } = openFeed({ tops: { spot: async () => ({ rows: [top], unreadable: 0 }) }, fundings: async () => ({ rows: [], unreadable: 0 }) });
  await clock.advance(2 * TOPS_MS);
  expect(heard).toEqual([
    ['list', 0],
    ['tops', 0],
    ['fundings', 0],
    ['tops', TOPS_MS],
    ['tops', 2 * TOPS_MS],
  ]);
});

it('dates an answer that took its time by its question', async () => {
  const answer = new Promise<void>((resolve) => (go = resolve));
  const { clock, heard } = openFeed({
    tops: {
      spot: async () => {
        await answer;
        return { rows: [top], unreadable: 0 };
      },
    },
  });
  await clock.advance(9_000);
  go();
  await clock.advance(0);
  expect(heard).toEqual([
    ['list', 0],
    ['tops', 0],
  ]);
});
