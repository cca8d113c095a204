/** A claim against books: which it takes, that no figure of the post gets into the signal, and that the sums are those of the scanners. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Listing } from '../signals/market-scan.ts';
import { aListing } from '../signals/signal-engine.fixture.ts';
import { type ClaimBook, closedSignal, judgeClaim } from './claim-signal.ts';
import { MAX_BOOK_AGE_MS } from './confirm-claim.ts';
import type { ArbitrageClaim } from './post.ts';
import { readPost } from './read-post.ts';

const NOW = 1_700_000_000_000;

function claimOf(text: string): ArbitrageClaim {
  const [first] = readPost({ messageId: '1', edit: 0, text }).results;
  if (first?.kind !== 'arbitrage') throw new Error(`no claim: ${JSON.stringify(first)}`);
  return first;
}

const CLAIM = claimOf('#ABC MEXC spot 1.00 futures 1.05');

function book(market: 'spot' | 'futures', bid: number, ask: number, more: Partial<Listing> = {}, { size = 10_000, readAt = NOW } = {}): ClaimBook {
  const listing = aListing('mexc', market, { takerFeeRate: 0.0005, ...more });
  return { listing, depth: { bids: Float64Array.of(bid, size), asks: Float64Array.of(ask, size) }, readAt };
}
const judge = (buy: ClaimBook | null, sell: ClaimBook | null, claim = CLAIM) => judgeClaim(claim, [buy, sell], { now: NOW, id: 'x', before: null });

describe('a claim', () => {
  it('is a signal with figures of the books alone', () => {
    const verdict = judge(book('spot', 0.998, 1), book('futures', 1.04, 1.042));
    expect(verdict).toMatchObject({ status: 'confirmed', liveSpread: '4' });
    // 4 % of entry, half of both widths (0.2 %), four fees of 0.05 % on 1 and three times 1.04 (0.206 %).
    expect(verdict.status === 'confirmed' && verdict.signal).toMatchObject({
      ...{ id: 'x', version: 1, scanner: 'post', strategy: 'spot_futures', state: 'open', entryPercent: '4', exitPercent: '-4.4', netPercent: '3.594' },
      ...{ sizeQuote: '100', quarantine: null, warnings: ['funding_unknown', 'identity_unknown'], openedAt: NOW, closedAt: null },
    });
  });

  it.each<[string, ClaimBook | null, ClaimBook | null, object]>([
    ['without a book', null, book('futures', 1.04, 1.05), { status: 'unverified', reason: 'no_book' }],
    [
      'with an old book',
      book('spot', 0.99, 1, {}, { readAt: NOW - MAX_BOOK_AGE_MS - 1 }),
      book('futures', 1.04, 1.05),
      { status: 'unverified', reason: 'stale_book' },
    ],
    ['with books too short for the size', book('spot', 0.99, 1, {}, { size: 5 }), book('futures', 1.04, 1.05), { status: 'unverified', reason: 'thin_book' }],
    ['of which less than half is left', book('spot', 0.99, 1), book('futures', 1.024, 1.03), { status: 'refuted', reason: 'spread_gone', liveSpread: '2.4' }],
    [
      'between two tokens of one name',
      book('spot', 0.99, 1, { contracts: [{ chain: 'eth', address: '0xaa' }] }),
      book('futures', 1.04, 1.05, { contracts: [{ chain: 'eth', address: '0xbb' }] }),
      { status: 'refuted', reason: 'other_token' },
    ],
  ])('%s is not', (_name, buy, sell, expected) => {
    expect(judge(buy, sell)).toMatchObject(expected);
  });

  it('of a thousand coins a unit is held against prices of one', () => {
    const claim = claimOf('SHIB\nMEXC spot SHIB/USDT 0.00001\nMEXC futures 1000SHIB/USDT 0.0103\nSpread 3%');
    const deep = { size: 1e9 };
    expect(judge(book('spot', 0.00000999, 0.00001, {}, deep), book('futures', 0.0000103, 0.0000104, {}, deep), claim)).toMatchObject({
      status: 'confirmed',
      liveSpread: '3',
    });
  });

  it('looked at again keeps id, opening and peak, and ends as told', () => {
    const first = judge(book('spot', 0.998, 1), book('futures', 1.04, 1.042));
    if (first.status !== 'confirmed') throw new Error('not confirmed');
    const next = judgeClaim(CLAIM, [book('spot', 0.998, 1), book('futures', 1.03, 1.032)], { now: NOW + 1_000, id: 'x', before: first.signal });
    expect(next.status === 'confirmed' && next.signal).toMatchObject({
      version: 2,
      openedAt: NOW,
      updatedAt: NOW + 1_000,
      peakNetPercent: '3.594',
      peakAt: NOW,
    });
    expect(closedSignal(first.signal, 'stale', NOW + 5)).toMatchObject({ version: 2, state: 'closed', closeReason: 'stale', closedAt: NOW + 5 });
  });

  it('never nets more than it grosses, and is confirmed by nothing but a positive spread', () => {
    const price = fc.double({ min: 0.5, max: 2, noNaN: true });
    const width = fc.double({ min: 0, max: 0.05, noNaN: true });
    fc.assert(
      fc.property(price, width, price, width, fc.double({ min: 10, max: 1e6, noNaN: true }), (bid, wide, other, otherWide, size) => {
        const verdict = judge(book('spot', bid, bid * (1 + wide), {}, { size }), book('futures', other, other * (1 + otherWide), {}, { size }));
        if (verdict.status !== 'confirmed') return;
        const { entryPercent, netPercent, exitPercent } = verdict.signal;
        expect(Number(verdict.liveSpread)).toBeGreaterThan(0);
        expect(Number(netPercent)).toBeLessThanOrEqual(Number(entryPercent));
        expect(Number(entryPercent) + Number(exitPercent)).toBeLessThanOrEqual(1e-9);
      }),
      { numRuns: 300 },
    );
  });
});
