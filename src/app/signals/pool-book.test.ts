/** Pools are watched up to a limit. */
import { expect, it } from 'vitest';
import { MAX_POOLS_ASKED, type PoolQuote } from '#core/signals/pool-source.ts';
import { MAX_POOLS, PoolBook } from './pool-book.ts';

const quote = (name: string): PoolQuote => ({
  ...{ pool: { chain: 'base', address: name }, dex: 'uniswap', token: `t${name}`, symbol: 'ABC', priceUsd: 1, liquidityUsd: 50_000 },
  ...{ isConstantProduct: true, feeRate: null },
});

it('watches no more pools than it may, and asks for no more at once than a service takes', () => {
  let listed = 0;
  const nothing = () => undefined;
  const book = new PoolBook({
    listed: () => [],
    listings: (_source, listings) => (listed = listings.length),
    tops: nothing,
    fundings: nothing,
    depth: nothing,
  });
  for (let coin = 0; coin <= MAX_POOLS / 3; coin += 1)
    book.found(
      `C${coin}`,
      [0, 1, 2, 3].map((at) => quote(`p${coin}x${at}`)),
      0,
    );
  expect(listed).toBe(MAX_POOLS);
  expect(book.next('first', 1, 1, 1)?.pools).toHaveLength(MAX_POOLS_ASKED);
  // What has been asked about waits for its turn.
  expect(book.next('first', 1, 1, 1)?.pools).not.toContain('p0x0');
});
