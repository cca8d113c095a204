/** What both services tell of pools, read exactly, within their limits; every broken answer is a failure and never a price. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { dexscreener } from '#adapters/feeds/dexscreener.ts';
import { geckoterminal } from '#adapters/feeds/geckoterminal.ts';
import type { PoolQuote } from '#core/signals/pool-source.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import type { PoolState } from './place-state.ts';
import { Places } from './places.ts';

const POOL: PoolState = {
  ...{ chain: 'ethereum', pool: '0xPool000000000000000000000000000000000001', token: '0xToken00000000000000000000000000000000001', symbol: 'ABC' },
  ...{ priceUsd: 0.5, liquidityUsd: 200_000, labels: ['v2'], isQuote: false },
};
const WANTED: PoolQuote = {
  pool: { chain: 'ethereum', address: POOL.pool },
  ...{ dex: 'uniswap', token: POOL.token, symbol: 'ABC', priceUsd: 0.5, liquidityUsd: 200_000, isConstantProduct: true, feeRate: null },
};

let places: Places;
beforeAll(async () => {
  places = await Places.open();
});
afterAll(() => places.close());
beforeEach(() => {
  places.pools.splice(0);
  places.pools.push({ ...POOL });
});
afterEach(() => places.mend());

const screener = (clock = systemClock) => dexscreener({ clock, url: places.url('dexscreener') });
const terminal = (clock = systemClock) => geckoterminal({ clock, url: places.url('geckoterminal') });

describe('DexScreener', () => {
  it('finds pools of a ticker, and of an address whatever its capitals', async () => {
    places.pools.push({ ...POOL, pool: '0xOther', symbol: 'ABCD' });
    expect(await screener().search?.('ABC')).toEqual({ rows: [WANTED], unreadable: 0 });
    expect((await screener().search?.(POOL.token.toLowerCase()))?.rows.map(({ pool }) => pool.address)).toEqual([POOL.pool, '0xOther']);
  });

  it('tells the price of the coin also where the coin is what the pool is quoted in', async () => {
    places.pools.splice(0, 1, { ...POOL, isQuote: true });
    const told = await screener().ofTokens?.('ethereum', [POOL.token]);
    expect(told?.rows[0]).toMatchObject({ token: POOL.token, symbol: 'ABC', isConstantProduct: true });
    expect(told?.rows[0]?.priceUsd).toBeCloseTo(0.5, 9);
  });

  it.each([
    [['v3'], false],
    [['CLMM'], false],
    [['DLMM'], false],
    [['v2'], true],
    [['CPMM'], true],
    [[], true],
  ])('knows by labels %j whether one curve holds it: %s', async (labels, isOneCurve) => {
    places.pools.splice(0, 1, { ...POOL, labels: [...labels] });
    expect((await screener().ofTokens?.('ethereum', [POOL.token]))?.rows[0]?.isConstantProduct).toBe(isOneCurve);
  });

  it('counts a pool without a price, and refuses names that are no names', async () => {
    places.pools.push({ ...POOL, pool: '0xDead', priceUsd: Number.NaN }, { ...POOL, pool: '../../admin' });
    expect(await screener().ofTokens?.('ethereum', [POOL.token])).toMatchObject({ rows: [WANTED], unreadable: 2 });
  });

  it.each([
    ['down', /^DexScreener answered 503$/],
    ['malformed', /cannot be read: no JSON/],
    ['drifted', /cannot be read: not one of 1 rows/],
    ['reset', /did not answer/],
    ['forbidden', /answered 403/],
  ] as const)('%s is a failure', async (kind, message) => {
    places.break('dexscreener', { kind });
    await expect(screener().ofTokens?.('ethereum', [POOL.token])).rejects.toMatchObject({ code: 'venue_unavailable', message: expect.stringMatching(message) });
  });

  it('an empty answer is no pools', async () => {
    places.break('dexscreener', { kind: 'empty' });
    expect(await screener().search?.('ABC')).toEqual({ rows: [], unreadable: 0 });
  });

  it('is left alone for as long as it says, without being asked', async () => {
    const clock = new ManualClock();
    const source = screener(clock);
    places.break('dexscreener', { kind: 'limited', seconds: 9 });
    await expect(source.search?.('ABC')).rejects.toMatchObject({ code: 'venue_rate_limited', retryAfterMs: 9_000 });
    places.mend();
    const asked = places.requests.length;
    await clock.advance(8_999);
    await expect(source.search?.('ABC')).rejects.toMatchObject({ code: 'venue_rate_limited', retryAfterMs: 1 });
    expect(places.requests).toHaveLength(asked);
    await clock.advance(1);
    expect((await source.search?.('ABC'))?.rows).toHaveLength(1);
  });

  it('is not read beyond a size', async () => {
    places.pools.push(...Array.from({ length: 10_000 }, (_, at) => ({ ...POOL, pool: `0x${at}` })));
    await expect(screener().ofTokens?.('ethereum', [POOL.token])).rejects.toMatchObject({ message: 'DexScreener gave an answer of more than 4000000 bytes' });
  });

  it('is given up when no answer comes', async () => {
    const clock = new ManualClock();
    places.break('dexscreener', { kind: 'slow' });
    const asked = screener(clock).search?.('ABC') ?? Promise.resolve();
    const refused = expect(asked).rejects.toMatchObject({ code: 'venue_unavailable', message: expect.stringContaining('no complete answer within 10000 ms') });
    await clock.advance(10_000);
    await refused;
  });
});

describe('GeckoTerminal', () => {
  it('tells of pools by address, with the fee and the side that is wanted', async () => {
    expect(await terminal().ofPools?.('ethereum', [POOL.pool], [POOL.token])).toEqual({
      rows: [{ ...WANTED, dex: 'geckoterminal', symbol: '', isConstantProduct: null, feeRate: 0.003 }],
      unreadable: 0,
    });
    places.pools.splice(0, 1, { ...POOL, isQuote: true });
    expect((await terminal().ofPools?.('ethereum', [POOL.pool], [POOL.token]))?.rows[0]?.priceUsd).toBe(0.5);
  });

  it('asks no more than it is granted in a minute, and goes on in the next', async () => {
    const clock = new ManualClock();
    const source = terminal(clock);
    const ask = () => source.ofPools?.('ethereum', [POOL.pool], [POOL.token]) ?? Promise.reject(new Error('absent'));
    for (let request = 0; request < 24; request += 1) await ask();
    await expect(ask()).rejects.toMatchObject({ code: 'venue_rate_limited', retryAfterMs: 60_000 });
    await clock.advance(60_000);
    expect((await ask()).rows).toHaveLength(1);
  });

  it.each(['down', 'malformed', 'drifted', 'empty'] as const)('%s gives no price', async (kind) => {
    places.break('geckoterminal', { kind });
    const told = await terminal()
      .ofPools?.('ethereum', [POOL.pool], [POOL.token])
      .catch((error: unknown) => error);
    expect(told).toSatisfy((found: unknown) => (found instanceof Error ? 'code' in found : (found as { rows: unknown[] }).rows.length === 0));
  });
});
