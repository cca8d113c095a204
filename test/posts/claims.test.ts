/** Claims of arbitrage in posts: what live books say to them, and that nothing else makes a signal of them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RECHECK_MS, WATCH_MS } from '#app/posts/claim-watch.ts';
import { FRESH_WINDOW_MS } from '#core/posts/refutation.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { takeFacts } from '#test/support/told-facts.ts';
import { PostRig, type ShownPost } from './post-rig.ts';

let rig: PostRig;
let clock: ManualClock;
let source: string;
beforeEach(async () => {
  clock = new ManualClock(Date.now());
  rig = await PostRig.open(clock);
  source = (await rig.source('api')).id;
  rig.places.market('mexc', 'spot', 'ABC', { bid: 0.999, ask: 1, size: 100_000, taker: 0.0005 });
  rig.places.market('mexc', 'futures', 'ABC', { bid: 1.05, ask: 1.051, size: 100_000, taker: 0.0002, index: 1 });
});
afterEach(() => rig.close());

const CLAIM = '#ABC MEXC spot 1.00 futures 1.05';
const shown = async (post: ShownPost): Promise<ShownPost> => (await rig.user.call('GET', `/posts/${post.id}`)).body as unknown as ShownPost;
const signals = async (query = '?origin=post') =>
  (await rig.user.call('GET', `/signals${query}`)).body.items as unknown as readonly Readonly<Record<string, unknown>>[];
const later = (ms: number): Promise<void> => clock.advance(ms);

describe('a claim', () => {
  it('is unverified until live books confirm it, and then a signal of its user alone, until it is gone', async () => {
    const post = await rig.send(source, '1', CLAIM);
    expect(post.results[0]?.claim).toMatchObject({ status: 'unverified', live_percent: null, signal_id: null });
    expect(await signals()).toEqual([]);
    await later(1_000);
    expect(await rig.claims.look()).toBe(1);
    const confirmed = (await shown(post)).results[0];
    expect(confirmed?.claim).toMatchObject({ status: 'confirmed', stated_percent: null, recomputed_percent: '5', live_percent: '5', signal_id: confirmed?.id });
    const [signal] = await signals();
    expect(signal).toMatchObject({ id: confirmed?.id, origin: 'post', scanner: 'post', base: 'ABC', state: 'open', entry_percent: '5', size_quote: '100' });
    expect(Number(signal?.['net_percent'])).toBeLessThan(5);
    expect((await rig.user.call('GET', `/signals/${confirmed?.id}`)).status).toBe(200);
    // Never among those that our scanners found, and nobody else's.
    expect(await signals('?unchosen=true&state=all&quarantined=with')).toEqual([]);
    const eve = await rig.api.user();
    expect((await eve.call('GET', '/signals?origin=post&state=all')).body.items).toEqual([]);
    expect((await eve.call('GET', `/signals/${confirmed?.id}`)).status).toBe(404);

    rig.places.market('mexc', 'futures', 'ABC', { bid: 1.001, ask: 1.002 });
    await later(RECHECK_MS);
    expect(await rig.claims.look()).toBe(1);
    expect((await shown(post)).results[0]?.claim).toMatchObject({ status: 'refuted', reason: 'spread_gone' });
    expect(await signals('?origin=post&state=closed')).toMatchObject([{ close_reason: 'spread_gone', version: 2 }]);
    await later(RECHECK_MS);
    expect(await rig.claims.look()).toBe(0);
    // Its user alone is told of both ends, each once.
    const told = (await takeFacts(rig.fleet.store)).filter(({ type }) => type.startsWith('signal_'));
    expect(told).toMatchObject([
      {
        userId: rig.user.id,
        type: 'signal_opened',
        data: { signal_id: confirmed?.id, symbol: 'ABC/USDT', net_percent: signal?.['net_percent'], delay_seconds: null },
      },
      { userId: rig.user.id, type: 'signal_closed', data: { signal_id: confirmed?.id, lasted_seconds: RECHECK_MS / 1_000, reason: 'spread_gone' } },
    ]);
  }, 60_000);

  it.each([
    ['is refuted by books without the spread', () => rig.places.market('mexc', 'futures', 'ABC', { bid: 1, ask: 1.001 }), 'refuted', 'spread_gone'],
    ['stays unverified while a venue is down', () => rig.places.break('mexc', { kind: 'down' }), 'unverified', 'no_book'],
    ['stays unverified where nothing of the kind is listed', () => rig.places.delist('mexc', 'futures', 'ABC'), 'unverified', 'no_book'],
  ])(
    '%s',
    async (_name, change, status, reason) => {
      change();
      const post = await rig.send(source, '1', CLAIM);
      await later(1_000);
      await rig.claims.look();
      expect((await shown(post)).results[0]?.claim).toMatchObject({ status, reason, signal_id: null });
      expect(await signals('?origin=post&state=all')).toEqual([]);
    },
    60_000,
  );

  it('expires when nothing confirmed it in time', async () => {
    rig.places.break('mexc', { kind: 'down' });
    const post = await rig.send(source, '1', CLAIM);
    await later(WATCH_MS + 1_000);
    expect(await rig.claims.look()).toBe(1);
    const [result] = (await rig.fleet.store.posts.get(rig.user.id, post.id))?.results ?? [];
    expect(result).toMatchObject({ check: { status: 'expired', reason: 'no_book' }, signal: null });
    await later(WATCH_MS);
    expect(await rig.claims.look()).toBe(0);
  }, 60_000);
});

/** Looks now, and says what came of the only claim of a post. */
async function lookedAt(post: ShownPost, afterMs: number): Promise<readonly unknown[]> {
  await later(afterMs);
  const looked = await rig.claims.look();
  const { status, reason, live_percent: live } = (await shown(post)).results[0]?.claim ?? {};
  return [looked, status, reason, live];
}

describe('a claim that is refuted', () => {
  const gone = () => rig.places.market('mexc', 'futures', 'ABC', { bid: 1, ask: 1.001 });
  const back = () => rig.places.market('mexc', 'futures', 'ABC', { bid: 1.05, ask: 1.051 });

  it('by an early look is looked at again while it is news, and confirmed when it is true then', async () => {
    gone();
    const post = await rig.send(source, '1', CLAIM);
    expect(await lookedAt(post, 1_000)).toEqual([1, 'refuted', 'spread_gone', '0']);
    back();
    expect(await lookedAt(post, RECHECK_MS)).toEqual([1, 'confirmed', '', '5']);
    // What was true once and has gone is over, though it is still news.
    gone();
    expect(await lookedAt(post, RECHECK_MS)).toEqual([1, 'refuted', 'spread_gone', '0']);
    back();
    expect(await lookedAt(post, RECHECK_MS)).toEqual([0, 'refuted', 'spread_gone', '0']);
  }, 60_000);

  it('when it is news no more stays so, whatever comes', async () => {
    gone();
    const post = await rig.send(source, '1', CLAIM);
    expect(await lookedAt(post, FRESH_WINDOW_MS + 1_000)).toEqual([1, 'refuted', 'spread_gone', '0']);
    back();
    expect(await lookedAt(post, RECHECK_MS)).toEqual([0, 'refuted', 'spread_gone', '0']);
  }, 60_000);
});

describe('a claim of funding', () => {
  const TEXT = '#ABC фандинг: байбит -0.1%/8h, мекс 0.3%/8h';

  it('is confirmed from the rates that the venues tell now, and over when they have come together', async () => {
    rig.places.market('bybit', 'futures', 'ABC', { bid: 1.05, ask: 1.051, size: 100_000, rate: -0.0012, index: 1 });
    rig.places.market('bybit', 'spot', 'ABC');
    rig.places.market('mexc', 'futures', 'ABC', { rate: 0.003 });
    const post = await rig.send(source, '1', TEXT);
    expect(await lookedAt(post, 1_000)).toEqual([1, 'confirmed', '', '0.42']);
    const [signal] = await signals();
    expect(signal).toMatchObject({ strategy: 'funding', exit: 'funding', state: 'open', identity: { status: 'likely' }, funding: { horizon_hours: 24 } });
    rig.places.market('bybit', 'futures', 'ABC', { rate: 0.0025 });
    expect(await lookedAt(post, RECHECK_MS)).toEqual([1, 'refuted', 'spread_gone', '0.05']);
    expect(await signals('?origin=post&state=closed')).toMatchObject([{ close_reason: 'spread_gone' }]);
  }, 60_000);

  it('stays unverified while a venue tells no rates', async () => {
    rig.places.market('bybit', 'futures', 'ABC', { rate: -0.0012 });
    rig.places.market('bybit', 'spot', 'ABC');
    rig.places.break('mexc', { kind: 'down' }, 'funding_rate');
    const post = await rig.send(source, '1', TEXT);
    expect(await lookedAt(post, 1_000)).toEqual([1, 'unverified', 'no_rate', null]);
  }, 60_000);
});

describe('a claim of a pool', () => {
  const TOKEN = 'EKpQGSJtjMFqKZ9KQanSqYXRcF8fBopzLHYxdM65zcjm';
  const TEXT = '#ABC DEX Uniswap 1.00 → MEXC futures 1.05\nСпред 5%';
  const pool = { chain: 'solana', pool: 'Poo1', token: TOKEN, symbol: 'ABC', priceUsd: 1, liquidityUsd: 400_000, labels: ['CPMM'], isQuote: false };

  it.each([
    ['that the post names', `${TEXT}\nКонтракт: ${TOKEN}`, ''],
    ['that MEXC names, where the post does not', TEXT, TOKEN],
  ])(
    'is confirmed by the pool of the token %s',
    async (_what, text, contract) => {
      rig.places.market('mexc', 'spot', 'ABC', { contract });
      rig.places.pools.push({ ...pool, pool: 'Other', token: 'AnotherTokenOfTheName', priceUsd: 0.5 }, { ...pool });
      const post = await rig.send(source, '1', text);
      const [looked, status, reason, live] = await lookedAt(post, 1_000);
      expect([looked, status, reason]).toEqual([1, 'confirmed', '']);
      expect(Number(live)).toBeCloseTo(4.99, 1);
      expect(await signals()).toMatchObject([
        { strategy: 'cex_dex', legs: [{ market: 'dex', venue: 'uniswap', contract: { address: TOKEN } }, { venue: 'mexc' }] },
      ]);
      for (const each of rig.places.pools) each.priceUsd = 1.049;
      expect((await lookedAt(post, RECHECK_MS)).slice(0, 3)).toEqual([1, 'refuted', 'spread_gone']);
    },
    60_000,
  );

  it.each([
    ['whose token nobody names', TEXT, {}],
    ['at an exchange that has none of it', `${TEXT.replace('Uniswap', 'Raydium')}\n${TOKEN}`, {}],
    ['with next to nothing in it', `${TEXT}\n${TOKEN}`, { liquidityUsd: 9_999 }],
  ])(
    '%s stays unverified',
    async (_what, text, change) => {
      rig.places.pools.push({ ...pool, ...change });
      const post = await rig.send(source, '1', text);
      expect(await lookedAt(post, 1_000)).toEqual([1, 'unverified', 'no_book', null]);
    },
    60_000,
  );

  it('of concentrated liquidity stays unverified, and is refuted by its price', async () => {
    rig.places.pools.push({ ...pool, labels: ['CLMM'] });
    const post = await rig.send(source, '1', `${TEXT}\n${TOKEN}`);
    expect((await lookedAt(post, 1_000)).slice(0, 3)).toEqual([1, 'unverified', 'unquotable_pool']);
    for (const each of rig.places.pools) each.priceUsd = 1.05;
    expect((await lookedAt(post, RECHECK_MS)).slice(0, 3)).toEqual([1, 'refuted', 'spread_gone']);
  }, 60_000);
});
