/** What each venue tells in bulk, read exactly: coins out of contracts and multiples, intervals as they are now, and every broken answer a failure and never a number. */
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import type { MarketScan } from '#core/signals/market-scan.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import type { Place } from './place-state.ts';
import { Places } from './places.ts';

const VENUE_NAMES = ['mexc', 'binance', 'bybit', 'okx', 'bitget'] as const;
const HOUR_MS = 3_600_000;

let places: Places;
beforeAll(async () => {
  places = await Places.open();
});
afterAll(() => places.close());
afterEach(() => places.mend());

/** With budgets of its own: what one test was told to wait for holds no other back. */
function scanOf(venue: Place): MarketScan {
  const module = VENUES.find(({ id }) => id === venue);
  const url = places.url(venue);
  const books = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };
  const open = module?.open({ clock: systemClock, ids: randomIds, log: quietLog(), url, urls: {}, books });
  if (open?.scan === undefined) throw new Error(`${venue} has nothing to scan`);
  onTestFinished(() => open.close());
  return open.scan;
}

async function listedOf(scan: MarketScan) {
  return new Map((await scan.listings()).listings.map((listing) => [listing.key, listing]));
}

describe.each(VENUE_NAMES)('%s', (venue) => {
  const spotKey = `${venue} spot ABC/USDT`;
  const perpetualKey = `${venue} futures 1000PEPE/USDT:USDT`;
  const nextAt = Math.floor(Date.now() / HOUR_MS + 2) * HOUR_MS;
  // Binance, Bybit and Bitget count sizes in what they list as the coin.
  const contractSize = venue === 'mexc' || venue === 'okx' ? 10 : 1;

  beforeAll(() => {
    places.market(venue, 'spot', 'ABC', { bid: 2, ask: 2.01, size: 30 });
    places.market(venue, 'futures', '1000PEPE', {
      bid: 0.011,
      ask: 0.0111,
      size: 500,
      contractSize,
      rate: -0.00075,
      hours: 4,
      nextAt,
      index: 0.01105,
      cap: 0.003,
    });
  });

  it('lists coins by their own names, with multiples taken apart', async () => {
    const listed = await listedOf(scanOf(venue));
    expect(listed.get(spotKey)).toMatchObject({ venue, market: 'spot', symbol: 'ABC/USDT', base: 'ABC', quote: 'USDT', multiplier: 1, isQuotable: true });
    expect(listed.get(perpetualKey)).toMatchObject({ market: 'futures', base: 'PEPE', multiplier: 1_000 });
    expect([...listed.values()].every(({ takerFeeRate }) => takerFeeRate > 0 && takerFeeRate <= 0.002)).toBe(true);
  });

  it('prices one coin, and counts sizes in coins', async () => {
    const scan = scanOf(venue);
    const listed = await listedOf(scan);
    const spot = await scan.tops.spot?.(listed);
    const futures = await scan.tops.futures?.(listed);
    expect(spot).toMatchObject({ unreadable: 0, rows: [{ key: spotKey, bid: 2, bidSize: 30, ask: 2.01, askSize: 30 }] });
    const [top] = futures?.rows ?? [];
    expect([top?.bid.toPrecision(6), top?.ask.toPrecision(6)]).toEqual(['0.0000110000', '0.0000111000']);
    // MEXC tells no sizes of contracts here.
    expect(top?.bidSize).toBe(venue === 'mexc' ? 0 : 500 * contractSize * 1_000);
  });

  it('shows books in coins, best levels first', async () => {
    const scan = scanOf(venue);
    const listed = await listedOf(scan);
    const depthOf = async (key: string) => {
      const listing = listed.get(key);
      if (listing === undefined) throw new Error(`${key} is not listed`);
      return scan.depth(listing);
    };
    const spot = await depthOf(spotKey);
    expect([spot.asks[0], spot.asks[1], spot.bids[2]]).toEqual([2.01, 30, 1.998]);
    const perpetual = await depthOf(perpetualKey);
    expect(perpetual.bids[0]).toBeCloseTo(0.000011, 12);
    expect(perpetual.bids[1]).toBeCloseTo(500 * contractSize * 1_000, 6);
  });

  it('tells the rate of the coming settlement with its interval, read anew every time', async () => {
    const scan = scanOf(venue);
    const listed = await listedOf(scan);
    const told = await scan.fundings?.(listed);
    expect(told).toMatchObject({ unreadable: 0, rows: [{ key: perpetualKey, rate: -0.00075, intervalHours: 4, nextAt, maxRate: 0.003 }] });
    expect(told?.rows[0]?.indexPrice).toBeCloseTo(0.00001105, 12);
    places.market(venue, 'futures', '1000PEPE', { hours: 1 });
    onTestFinished(() => void places.market(venue, 'futures', '1000PEPE', { hours: 4 }));
    expect((await scan.fundings?.(listed))?.rows[0]?.intervalHours).toBe(1);
  });

  it.each([
    ['down', 'venue_unavailable'],
    ['reset', 'venue_unavailable'],
    ['malformed', 'venue_unavailable'],
    ['empty', 'venue_unavailable'],
    ['drifted', 'venue_unavailable'],
    ['forbidden', 'venue_unavailable'],
  ] as const)('%s gives no prices and no rates, but a failure', async (kind, code) => {
    const scan = scanOf(venue);
    const listed = await listedOf(scan);
    places.break(venue, { kind });
    for (const read of [scan.tops.spot, scan.tops.futures, scan.fundings]) {
      // Where a venue says 403 in place of 429 it is to be left alone.
      await expect(read?.(listed)).rejects.toMatchObject({ code: expect.stringMatching(kind === 'forbidden' ? /^venue_/ : code) });
      places.mend();
      places.break(venue, { kind });
    }
  });

  it('has no list where nothing can be asked', async () => {
    places.break(venue, { kind: 'down' });
    await expect(scanOf(venue).listings()).rejects.toMatchObject({ code: 'venue_unavailable' });
  });

  it('says how long it wants to be left alone', async () => {
    const scan = scanOf(venue);
    const listed = await listedOf(scan);
    places.break(venue, { kind: 'limited', seconds: 7 });
    const refused = scan.tops.spot?.(listed) ?? Promise.resolve();
    await expect(refused).rejects.toMatchObject({ code: 'venue_rate_limited', retryAfterMs: expect.any(Number) });
  });

  it('leaves out a row that cannot be, and counts it', async () => {
    const scan = scanOf(venue);
    places.market(venue, 'spot', 'ODD', { bid: 3, ask: 2 });
    places.market(venue, 'futures', 'ODD', { rate: 0.5 });
    onTestFinished(() => {
      places.delist(venue, 'spot', 'ODD');
      places.delist(venue, 'futures', 'ODD');
    });
    const listed = await listedOf(scan);
    expect(await scan.tops.spot?.(listed)).toMatchObject({ unreadable: 1, rows: [{ key: spotKey }] });
    expect(await scan.fundings?.(listed)).toMatchObject({ unreadable: 1, rows: [{ key: perpetualKey }] });
  });
});

it('MEXC names the token of a coin in its list, and asks for silence on contracts without a status', async () => {
  places.market('mexc', 'spot', 'TKN', { contract: '0xAbC0000000000000000000000000000000000001' });
  const scan = scanOf('mexc');
  const listed = await listedOf(scan);
  expect(listed.get('mexc spot TKN/USDT')).toMatchObject({
    contracts: [{ chain: '', address: '0xAbC0000000000000000000000000000000000001' }],
    transfer: { canDeposit: null, note: 'MEXC tells deposits and withdrawals only to holders of a key' },
  });
  places.break('mexc', { kind: 'tooFrequent' }, 'contract');
  await expect(scan.tops.futures?.(listed)).rejects.toMatchObject({ code: 'venue_rate_limited', retryAfterMs: 2_000 });
  // Spot goes on: its limits are its own, and orders share them.
  expect((await scan.tops.spot?.(listed))?.rows.length).toBeGreaterThan(0);
});

it('keeps the list of a market that cannot be asked, and says what stands in the way', async () => {
  const scan = scanOf('mexc');
  const { listings } = await scan.listings();
  places.break('mexc', { kind: 'down' }, 'contract');
  const told = await scan.listings();
  expect(told.problem).toMatchObject({ code: 'venue_unavailable' });
  expect(told.listings).toEqual(listings);
});

it('Bitget tells networks: which are open, what leaving costs, and where the token lives', async () => {
  places.market('bitget', 'spot', 'NET', {
    chains: [
      { chain: 'ERC20', contract: '0x01', canDeposit: true, canWithdraw: false, fee: '1' },
      { chain: 'BEP20', contract: '0x02', canDeposit: false, canWithdraw: true, fee: '2.5' },
      { chain: 'SOL', contract: 'So1', canDeposit: false, canWithdraw: true, fee: '0.75' },
    ],
  });
  const listed = await listedOf(scanOf('bitget'));
  expect(listed.get('bitget spot NET/USDT')).toMatchObject({
    contracts: [
      { chain: 'ethereum', address: '0x01' },
      { chain: 'bsc', address: '0x02' },
      { chain: 'solana', address: 'So1' },
    ],
    transfer: { canDeposit: true, canWithdraw: true, withdrawFee: '0.75', note: '' },
  });
});

it('Binance tells no rate where the list of intervals cannot be read: eight hours is never a guess', async () => {
  const scan = scanOf('binance');
  const listed = await listedOf(scan);
  places.break('binance', { kind: 'down' }, 'fundingInfo');
  await expect(scan.fundings?.(listed)).rejects.toMatchObject({ code: 'venue_unavailable' });
});
