/** Every fault of a place shows in the signal or in the health, and never as a number that is wrong. */
import { afterEach, describe, expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { Bus } from '#core/ports.ts';
import type { FundingNews, Listing, MarketScan, Top } from '#core/signals/market-scan.ts';
import type { SignalNews } from '#core/signals/signal.ts';
import { aDepth, aListing } from '#core/signals/signal-engine.fixture.ts';
import { SCANNERS } from '#scanners/index.gen.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { MemorySignals } from '#test/support/memory-signals.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { MAX_LISTINGS, SignalDesk } from './signal-desk.ts';
import { signalsCheck } from './signals-health.ts';
import { VenueFeed } from './venue-feed.ts';

const spot = aListing('mexc', 'spot', { takerFeeRate: 0.0005 });
const perpetual = aListing('mexc', 'futures', { takerFeeRate: 0.0002 });

/** A place whose answers a test sets: a function that throws is a place that fails. */
class StubScan {
  spot: () => readonly Top[] = () => [topOf(spot, 1, 1.001)];
  futures: () => readonly Top[] = () => [topOf(perpetual, 1.03, 1.031)];
  funding: Partial<FundingNews> | (() => never) = {};
  unreadable = 0;
  prices: Record<string, readonly [number, number]> = { [spot.key]: [1, 1.001], [perpetual.key]: [1.03, 1.031] };
  depthFails = false;
  hang: (() => Promise<void>) | null = null;
  readonly scan: MarketScan;

  constructor(clock: ManualClock) {
    this.scan = {
      listings: async () => ({ listings: [spot, perpetual], problem: null }),
      tops: {
        spot: async () => ({ rows: this.spot(), unreadable: this.unreadable }),
        futures: async () => {
          await this.hang?.();
          return { rows: this.futures(), unreadable: 0 };
        },
      },
      fundings: async () => {
        if (typeof this.funding === 'function') this.funding();
        const news = { key: perpetual.key, rate: 0.0001, intervalHours: 8, nextAt: clock.now() + 3_600_000, maxRate: null, minRate: null, indexPrice: 1.01 };
        return { rows: [{ ...news, ...this.funding }], unreadable: 0 };
      },
      depth: async ({ key }: Listing) => {
        if (this.depthFails) throw new PortError('venue_unavailable', 'no book', { outcome: 'failed' });
        const [bid, ask] = this.prices[key] ?? [0, 0];
        return aDepth(bid, ask);
      },
    };
  }

  /** Both prices and books. */
  move(listing: Listing, bid: number, ask: number): void {
    this.prices[listing.key] = [bid, ask];
    if (listing === spot) this.spot = () => [topOf(spot, bid, ask)];
    else this.futures = () => [topOf(perpetual, bid, ask)];
  }
}

function topOf({ key }: Listing, bid: number, ask: number): Top {
  return { key, bid, bidSize: 0, ask, askSize: 0 };
}

function refuse(code: 'venue_unavailable' | 'venue_rate_limited', retryAfterMs?: number): () => never {
  return () => {
    throw new PortError(code, `MEXC answered: ${code}`, { outcome: 'failed', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  };
}

let desk: SignalDesk;
afterEach(() => desk.close());

async function openDesk() {
  const clock = new ManualClock();
  const place = new StubScan(clock);
  const kept = new MemorySignals();
  const news: SignalNews[] = [];
  let ids = 0;
  const bus: Pick<Bus, 'publish'> = { publish: (_topic, message) => news.push(message as unknown as SignalNews) };
  desk = new SignalDesk(
    {
      ...{ store: { signals: kept.store as never }, bus, clock, log: quietLog(), scanners: SCANNERS },
      ids: { next: () => `s${++ids}`, secret: () => '' },
      openFeeds: (sink) => [new VenueFeed({ venue: 'mexc', scan: place.scan, sink, clock, log: quietLog() })],
      depth: (listing) => place.scan.depth(listing),
    },
    { subject: 'scanner:signals', owner: 'one', epoch: 4 },
  );
  const begun = desk.start();
  await clock.advance(6_000);
  await begun;
  const health = () =>
    signalsCheck({ places: ['mexc'], areNamed: true, desk: () => desk, networks: () => [], waiters: () => Promise.resolve([]), clock }).look();
  const last = () => {
    const signal = news.at(-1)?.signal;
    if (signal === undefined) throw new Error('nothing was told');
    return signal;
  };
  return { clock, place, kept, news, health, last };
}

/** Entry 2.8971 %, less half of both widths (0.0999 %) and four fees (0.1426 %). */
const NET = '2.6545';

describe('a desk', () => {
  it('tells with epoch and sequence, keeps, and is well', async () => {
    const { news, kept, last, health } = await openDesk();
    expect(news[0]).toMatchObject({ epoch: 4, sequence: 1, change: 'opened' });
    expect(last()).toMatchObject({ netPercent: NET, quarantine: null, state: 'open' });
    expect(kept.signals.get('s1')).toMatchObject({ state: 'open' });
    expect(await health()).toMatchObject({ status: 'ok', figures: { mode: 'scanning', open: 1, listings: 2, pairs: 2 } });
  });

  it('that closes ends what is open, on the bus and in the store', async () => {
    const { news, kept, last } = await openDesk();
    await desk.close();
    expect(last()).toMatchObject({ state: 'closed', closeReason: 'scanner_stopped' });
    expect(kept.signals.get('s1')).toEqual(last());
    expect(kept.outcomes.map(({ problem }) => problem)).toEqual(Array.from({ length: 4 }, () => 'scanner_stopped'));
    expect(news.map(({ sequence }) => sequence)).toEqual(news.map((_, index) => index + 1));
  });
});

it('looks at no more listings than it may', async () => {
  await openDesk();
  await desk.close();
  const many = Array.from({ length: MAX_LISTINGS + 1 }, (_, at) => aListing('mexc', 'spot', { key: `k${at}`, base: `C${at}` }));
  let tell: () => void = () => undefined;
  desk = new SignalDesk(
    {
      ...{
        store: { signals: new MemorySignals().store as never },
        bus: { publish: () => undefined },
        clock: new ManualClock(),
        log: quietLog(),
        scanners: SCANNERS,
      },
      ids: { next: () => 's', secret: () => '' },
      openFeeds: (sink) => {
        tell = () => sink.listings('mexc', many);
        return [];
      },
      depth: () => Promise.reject(new Error('not asked')),
    },
    { subject: 'scanner:signals', owner: 'one', epoch: 5 },
  );
  tell();
  expect(desk.standing().listings).toBe(MAX_LISTINGS);
});

describe('a fault shows', () => {
  it('when a venue is down: in the health by name, in the signal by its age, and no number moves', async () => {
    const { clock, place, last, health } = await openDesk();
    place.spot = refuse('venue_unavailable');
    place.futures = refuse('venue_unavailable');
    place.funding = refuse('venue_unavailable');
    place.depthFails = true;
    await clock.advance(13_000);
    expect(last()).toMatchObject({ state: 'open', netPercent: NET });
    expect(last().legs.map(({ isStale }) => isStale)).toEqual([true, true]);
    expect(last().ageMs).toBeGreaterThan(10_000);
    expect(await health()).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('mexc spot prices: MEXC answered: venue_unavailable'),
      figures: { mexc_spot_prices_problem: 'venue_unavailable', mexc_futures_prices_problem: 'venue_unavailable' },
    });
    await clock.advance(30_000);
    expect(last()).toMatchObject({ state: 'closed', closeReason: 'stale', netPercent: NET, peakNetPercent: NET });
  });

  it('when one leg does not answer: that leg alone is marked old, and what the other does changes nothing', async () => {
    const { clock, place, last, health } = await openDesk();
    let go: () => void = () => undefined;
    place.hang = () => new Promise((resolve) => (go = resolve));
    try {
      await clock.advance(13_000);
      place.move(spot, 0.5, 0.501);
      await clock.advance(3_000);
      expect(last().legs.map(({ isStale }) => isStale)).toEqual([false, true]);
      expect(last().netPercent).toBe(NET);
      await clock.advance(20_000);
      expect((await health()).detail).toContain('mexc futures prices is late');
    } finally {
      place.hang = null;
      go();
    }
  });

  it('when an interval of funding changes: in the leg, with a warning', async () => {
    const { clock, place, last } = await openDesk();
    place.funding = { intervalHours: 1, nextAt: clock.now() + 1_800_000 };
    await clock.advance(36_000);
    expect(last()).toMatchObject({ warnings: ['interval_changed'] });
    expect(last().legs[1].funding).toMatchObject({ intervalHours: 1, intervalHoursBefore: 8 });
  });

  it('when a ticker is another token: in quarantine', async () => {
    const { clock, place, last } = await openDesk();
    place.funding = { indexPrice: 250 };
    await clock.advance(36_000);
    expect(last()).toMatchObject({ quarantine: 'identity_conflict', identity: { status: 'conflict' } });
  });

  it.each([
    ['asks for a time', 45_000],
    ['does not say for how long', undefined],
  ])('when a venue limits us and %s: in the health by its code, and it is left alone', async (_what, demandMs) => {
    const { clock, place, last, health } = await openDesk();
    let asked = 0;
    const refused = refuse('venue_rate_limited', demandMs);
    place.spot = () => {
      asked += 1;
      return refused();
    };
    await clock.advance(13_000);
    expect(await health()).toMatchObject({ status: 'degraded', figures: { mexc_spot_prices_problem: 'venue_rate_limited' } });
    expect(asked).toBeLessThanOrEqual(demandMs === undefined ? 4 : 1);
    expect(last().legs.map(({ isStale }) => isStale)).toEqual([true, false]);
    expect(last().netPercent).toBe(NET);
  });

  it('when books cannot be had: nothing new opens, what is open says how old its depth is, and closes when it cannot be computed', async () => {
    const { clock, place, last } = await openDesk();
    place.depthFails = true;
    await clock.advance(15_000);
    expect(last().legs[0].depthAgeMs).toBeGreaterThan(9_000);
    await clock.advance(45_000);
    expect(last()).toMatchObject({ state: 'closed', closeReason: 'stale', netPercent: NET });
  });

  it('when rows make no sense: in the health, counted', async () => {
    const { clock, place, health } = await openDesk();
    place.unreadable = 3;
    await clock.advance(3_000);
    expect(await health()).toMatchObject({
      status: 'degraded',
      detail: 'mexc spot prices: 3 rows make no sense',
      figures: { mexc_spot_prices_unreadable_rows: 3 },
    });
  });

  it('when no place can be reached: all of it says so', async () => {
    const { clock, place, health } = await openDesk();
    await desk.close();
    const dead: MarketScan = { ...place.scan, listings: refuse('venue_unavailable') };
    desk = new SignalDesk(
      {
        ...{ store: { signals: new MemorySignals().store as never }, bus: { publish: () => undefined }, clock, log: quietLog(), scanners: SCANNERS },
        ids: { next: () => 's', secret: () => '' },
        openFeeds: (sink) => [new VenueFeed({ venue: 'mexc', scan: dead, sink, clock, log: quietLog() })],
        depth: (listing) => place.scan.depth(listing),
      },
      { subject: 'scanner:signals', owner: 'one', epoch: 5 },
    );
    await desk.start();
    await clock.advance(1_000);
    expect(await health()).toMatchObject({ status: 'degraded', detail: 'no place can be reached: no signals are looked for' });
  });
});
