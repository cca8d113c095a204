/** Which pools are watched, how often they are asked about, and who is asked when the first service is silent. */
import { afterEach, describe, expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { Listing, Top } from '#core/signals/market-scan.ts';
import type { PoolQuote, PoolSource } from '#core/signals/pool-source.ts';
import { aListing } from '#core/signals/signal-engine.fixture.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { PoolFeed, PRICE_EVERY_MS, STAND_IN_AFTER_MS } from './pool-feed.ts';
import { MIN_LIQUIDITY_USD } from './pool-listing.ts';

const aPool = (name: string, change: Partial<PoolQuote> = {}): PoolQuote => ({
  ...{ pool: { chain: 'solana', address: name }, dex: 'raydium', token: 'Tok1', symbol: 'ABC', priceUsd: 1, liquidityUsd: 100_000 },
  ...{ isConstantProduct: true, feeRate: null, ...change },
});

class StubSource {
  pools: PoolQuote[];
  readonly asked: string[] = [];
  failure: PortError | null = null;
  readonly source: PoolSource;

  constructor(name: string, pools: PoolQuote[]) {
    this.pools = pools;
    const answer = async (what: string) => {
      this.asked.push(what);
      if (this.failure !== null) throw this.failure;
      return { rows: this.pools, unreadable: 0 };
    };
    const asked = {
      search: (words: string) => answer(`search ${words}`),
      ofTokens: (chain: string, tokens: readonly string[]) => answer(`${chain} ${tokens.join(',')}`),
    };
    this.source = name === 'geckoterminal' ? { name, ofPools: (chain, pools) => answer(`${chain} ${pools.join(',')}`) } : { name, ...asked };
  }
}

let feed: PoolFeed;
afterEach(() => feed.close());

function openFeed(listed: readonly Listing[], pools: PoolQuote[]) {
  const clock = new ManualClock();
  const [first, second] = [new StubSource('dexscreener', pools), new StubSource('geckoterminal', pools)];
  const told = { listings: [] as readonly Listing[], tops: [] as Top[], depths: new Map<string, Float64Array>() };
  const sink = {
    listed: () => listed,
    listings: (_source: string, listings: readonly Listing[]) => void (told.listings = listings),
    tops: (tops: readonly Top[]) => void told.tops.push(...tops),
    fundings: () => undefined,
    depth: (key: string, { asks }: { readonly asks: Float64Array }) => void told.depths.set(key, asks),
  };
  feed = new PoolFeed({ first: first.source, second: second.source, sink, clock, log: quietLog() });
  feed.start();
  return { clock, first, second, told };
}

const spot = aListing('mexc', 'spot');
const futures = aListing('mexc', 'futures', { key: 'mexc futures XYZ', base: 'XYZ' });

describe('pools', () => {
  it('are looked for of what MEXC lists, what can be sold short first, by the token where it is named, and once in hours', async () => {
    const { clock, first } = openFeed([aListing('okx', 'spot', { base: 'NOT' }), { ...spot, contracts: [{ chain: '', address: 'Tok1' }] }, futures], []);
    await clock.advance(60_000);
    expect(first.asked).toEqual(['search XYZ', 'search Tok1']);
    await clock.advance(6 * 3_600_000);
    expect(first.asked).toEqual(['search XYZ', 'search Tok1', 'search XYZ', 'search Tok1']);
  });

  it('that are too small, or of another ticker, are not watched; of the others the largest are, as listings with books', async () => {
    const { clock, told } = openFeed(
      [spot],
      [
        aPool('small', { liquidityUsd: MIN_LIQUIDITY_USD - 1 }),
        aPool('other', { symbol: 'ABCD', liquidityUsd: 9_000_000 }),
        ...[1, 2, 3, 4].map((size) => aPool(`p${size}`, { liquidityUsd: size * 50_000, isConstantProduct: size === 3 ? null : size !== 4 })),
      ],
    );
    await clock.advance(0);
    expect(told.listings.map(({ key, isQuotable }) => [key, isQuotable])).toEqual([
      ['pool dex solana:p4', false],
      ['pool dex solana:p3', false],
      ['pool dex solana:p2', true],
    ]);
    expect(told.listings[0]).toMatchObject({
      venue: 'raydium',
      market: 'dex',
      base: 'ABC',
      quote: 'USD',
      fixedCost: 0.1,
      contracts: [{ chain: 'solana', address: 'Tok1' }],
    });
    expect(told.listings[0]?.takerFeeRate).toBeCloseTo(0.003 / 0.997, 9);
    expect(told.tops).toContainEqual({ key: 'pool dex solana:p2', bid: 1, bidSize: 0, ask: 1, askSize: 0 });
    expect(told.depths.get('pool dex solana:p2')?.[0]).toBeGreaterThan(1);
  });

  it('are asked about every ten seconds, by token and network', async () => {
    const { clock, first } = openFeed([spot], [aPool('p1'), aPool('p2', { pool: { chain: 'base', address: 'p2' }, token: '0x2' })]);
    await clock.advance(0);
    first.asked.splice(0);
    await clock.advance(PRICE_EVERY_MS + 1_000);
    expect(first.asked.toSorted()).toEqual(['base 0x2', 'solana Tok1']);
  });

  it('that are not told of any more do not keep others waiting', async () => {
    const { clock, first } = openFeed([spot], [aPool('p1'), aPool('p2', { pool: { chain: 'base', address: 'p2' }, token: '0x2' })]);
    await clock.advance(0);
    first.pools = first.pools.slice(0, 1);
    await clock.advance(4 * PRICE_EVERY_MS + 2_000);
    const asked = first.asked.filter((what) => !what.startsWith('search'));
    expect([asked.filter((what) => what.startsWith('base')).length, asked.filter((what) => what.startsWith('solana')).length]).toEqual([4, 4]);
  });

  it('that the first service does not tell of are asked for at the second, and only those', async () => {
    const { clock, first, second, told } = openFeed([spot], [aPool('p1')]);
    await clock.advance(STAND_IN_AFTER_MS + 5_000);
    expect(second.asked).toEqual([]);
    first.failure = new PortError('venue_rate_limited', 'DexScreener answered 429', { outcome: 'failed', retryAfterMs: 300_000 });
    await clock.advance(20_000);
    expect(feed.standing().find(({ name }) => name === 'dexscreener prices')).toMatchObject({ problemCode: 'venue_rate_limited' });
    second.pools = [aPool('p1', { priceUsd: 1.25, dex: 'geckoterminal', symbol: '', isConstantProduct: null, feeRate: 0.01 })];
    await clock.advance(STAND_IN_AFTER_MS);
    expect(second.asked[0]).toBe('solana p1');
    expect(told.tops.at(-1)).toMatchObject({ bid: 1.25, ask: 1.25 });
    // Whose it is, and that one curve holds it, the first has said.
    expect(told.listings[0]).toMatchObject({ venue: 'raydium', isQuotable: true });
    expect(first.asked.filter((what) => what.startsWith('solana')).length).toBeLessThanOrEqual(6);
  });
});
