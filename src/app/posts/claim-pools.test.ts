/** Which pool a claim is held against, and how often the service is asked. */
import { describe, expect, it } from 'vitest';
import { readPost } from '#core/posts/read-post.ts';
import type { PoolQuote } from '#core/signals/pool-source.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { ClaimPools, MAX_TOKENS, POOLS_TTL_MS, SEARCH_GAP_MS, SEARCH_PATIENCE_MS } from './claim-pools.ts';

const [CLAIM] = readPost({ messageId: '1', edit: 0, text: '#ABC DEX Raydium 1.00 → MEXC futures 1.05\nСпред 5%' }).results;
if (CLAIM?.kind !== 'arbitrage') throw new Error('no claim');
const claim = CLAIM;
const [LEG] = claim.legs;

const pool = (address: string, change: Partial<PoolQuote> = {}): PoolQuote => ({
  ...{ pool: { chain: 'solana', address }, dex: 'raydium', token: 'Tok', symbol: 'ABC', priceUsd: 1, liquidityUsd: 50_000 },
  ...{ isConstantProduct: true, feeRate: null, ...change },
});

function opened(...pools: readonly PoolQuote[]) {
  const clock = new ManualClock();
  const asked: [words: string, at: number][] = [];
  const search = async (words: string) => {
    asked.push([words, clock.now()]);
    return { rows: pools, unreadable: 0 };
  };
  return { clock, asked, pools: new ClaimPools({ source: { name: 'test', search }, clock }) };
}

describe('the pool of a claim', () => {
  it.each<[string, readonly PoolQuote[], string | null]>([
    ['has the most in it', [pool('small'), pool('large', { liquidityUsd: 60_000 })], 'large'],
    ['is one whose depth is known, if there is one', [pool('curve'), pool('ranges', { liquidityUsd: 9e6, isConstantProduct: null })], 'curve'],
    ['may be one whose depth is not', [pool('ranges', { isConstantProduct: false })], 'ranges'],
    ['is of the token, whatever its capitals', [pool('other', { token: 'Other', liquidityUsd: 9e6 }), pool('same', { token: 'TOK' })], 'same'],
    ['is at the exchange that the post names', [pool('orca', { dex: 'orca', liquidityUsd: 9e6 }), pool('raydium')], 'raydium'],
    ['has enough in it to mean something', [pool('dust', { liquidityUsd: 9_999 })], null],
  ])('%s', async (_what, pools, address) => {
    const book = await opened(...pools).pools.read(claim, LEG, ['Tok']);
    expect(book?.listing.pool?.address ?? null).toBe(address);
  });

  it('is any where the post names none, or who looks for the best', async () => {
    for (const venue of ['dex', 'jupiter']) {
      const { pools } = opened(pool('orca', { dex: 'orca' }));
      expect((await pools.read(claim, { ...LEG, venue }, ['Tok']))?.listing.venue).toBe('orca');
    }
  });
});

describe('the service', () => {
  it('is asked once for what several claims want within five seconds', async () => {
    const { clock, asked, pools } = opened(pool('one'));
    const from = clock.now();
    const books = await Promise.all([pools.read(claim, LEG, ['Tok']), pools.read(claim, LEG, ['Tok'])]);
    await clock.advance(POOLS_TTL_MS);
    books.push(await pools.read(claim, LEG, ['Tok']));
    expect(asked).toHaveLength(1);
    // An answer is as old as its question.
    expect(books.map((book) => book?.readAt)).toEqual([from, from, from]);
    await clock.advance(1);
    await pools.read(claim, LEG, ['Tok']);
    expect(asked).toHaveLength(2);
  });

  it('is asked twice a second at most; each waits for his turn, and who would wait too long is told nothing', async () => {
    const { clock, asked, pools } = opened(pool('one'));
    const from = clock.now();
    const most = SEARCH_PATIENCE_MS / SEARCH_GAP_MS + 1;
    const reading = Array.from({ length: most }, (_, index) => pools.read(claim, LEG, [`token${index}`]));
    expect(await pools.read(claim, LEG, ['late'])).toBeNull();
    await clock.advance(SEARCH_PATIENCE_MS);
    await Promise.all(reading);
    expect(asked.map(([, at]) => at - from)).toEqual(Array.from({ length: most }, (_, index) => index * SEARCH_GAP_MS));
  });

  it('is asked for the first tokens of a coin alone', async () => {
    const { clock, asked, pools } = opened();
    const reading = pools.read(
      claim,
      LEG,
      Array.from({ length: MAX_TOKENS + 1 }, (_, index) => `token${index}`),
    );
    await clock.advance(MAX_TOKENS * SEARCH_GAP_MS);
    expect(await reading).toBeNull();
    expect(asked.map(([words]) => words)).toEqual(['token0', 'token1', 'token2']);
  });
});

it('is none where no service may be read', async () => {
  const pools = new ClaimPools({ source: null, clock: new ManualClock() });
  expect(await pools.read(claim, LEG, ['Tok'])).toBeNull();
});
