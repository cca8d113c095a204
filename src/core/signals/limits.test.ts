/** What grows with what others list has an end. */
import { expect, it } from 'vitest';
import { ListingBoard } from './listing-board.ts';
import type { Scanner } from './scanner.ts';
import { aListing, EngineRig } from './signal-engine.fixture.ts';
import { MAX_LIVE } from './signal-engine.ts';
import { MAX_SLOTS, Slots } from './slots.ts';

const words = { en: 'test', ru: 'тест' };
const everyPair: Scanner = {
  ...{ name: 'test', title: words, summary: words, strategy: 'cross_venue' },
  rules: { sizeQuote: 100, openAt: 0.01, closeAt: 0, holdMs: 0, horizonHours: 0 },
  pairs: (listings) => listings.flatMap((one, at) => listings.slice(at + 1).map((other) => [one, other] as const)),
  plan: () => ({ exit: 'transfer', warnings: [], costShare: 0 }),
};

it('pairs: no more than so many are compared', () => {
  const listings = Array.from({ length: 460 }, (_, at) => aListing(`v${at}`, 'spot'));
  expect(new Slots(new ListingBoard(listings, null), [everyPair]).all).toHaveLength(MAX_SLOTS);
});

it('signals: no more than so many are followed at once', () => {
  const coins = Array.from({ length: MAX_LIVE + 1 }, (_, coin) =>
    ['v1', 'v2'].map((venue) => aListing(venue, 'spot', { key: `${venue} C${coin}`, base: `C${coin}` })),
  );
  const rig = new EngineRig(everyPair, coins.flat());
  for (const [one, other] of coins) {
    if (one === undefined || other === undefined) continue;
    rig.set(one, 1, 1);
    rig.set(other, 1.02, 1.02);
  }
  expect([rig.engine.liveCount, rig.news.length]).toEqual([MAX_LIVE, MAX_LIVE]);
});
