/** A claim against books: which it takes, that no figure of the post gets into the signal, and that the sums are those of the scanners. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCANNERS } from '#scanners/index.gen.ts';
import type { FundingNews, Listing } from '../signals/market-scan.ts';
import type { Scanner } from '../signals/scanner.ts';
import { aListing } from '../signals/signal-engine.fixture.ts';
import { type ClaimBook, closedSignal, judgeClaim } from './claim-signal.ts';
import { MAX_BOOK_AGE_MS, MAX_RATE_AGE_MS } from './confirm-claim.ts';
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
  return { listing, depth: { bids: Float64Array.of(bid, size), asks: Float64Array.of(ask, size) }, readAt, funding: null };
}

function scannerOf({ strategy }: ArbitrageClaim): Scanner {
  const scanner = SCANNERS.find((each) => each.strategy === strategy);
  if (scanner === undefined) throw new Error(`no scanner of ${strategy}`);
  return scanner;
}
const judge = (buy: ClaimBook | null, sell: ClaimBook | null, claim = CLAIM) =>
  judgeClaim(claim, [buy, sell], { now: NOW, id: 'x', before: null, scanner: scannerOf(claim) });

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
    const next = judgeClaim(CLAIM, [book('spot', 0.998, 1), book('futures', 1.03, 1.032)], {
      ...{ now: NOW + 1_000, id: 'x', before: first.signal, scanner: scannerOf(CLAIM) },
    });
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

describe('a claim of funding', () => {
  const FUNDING = claimOf('WIF фандинг: ОКХ -0.05%/8h, МЕКС 0.3%/4h');
  const HOUR_MS = 3_600_000;
  const at = (venue: string, rate: number | null, intervalHours = 8, readAt = NOW): ClaimBook => {
    const listing = aListing(venue, 'futures', { takerFeeRate: 0.0002, base: 'WIF', symbol: 'WIF/USDT:USDT' });
    const news: FundingNews = { key: listing.key, rate: rate ?? 0, intervalHours, nextAt: NOW + HOUR_MS, maxRate: null, minRate: null, indexPrice: 1 };
    return { ...book('futures', 0.9999, 1.0001), listing, funding: rate === null ? null : { news, readAt } };
  };

  it('is a signal of funding when the venues say so now, with their intervals and settlements', () => {
    const verdict = judge(at('okx', -0.0004), at('mexc', 0.003, 4), FUNDING);
    expect(verdict).toMatchObject({ status: 'confirmed', liveSpread: '0.34' });
    expect(verdict.status === 'confirmed' && verdict.signal).toMatchObject({
      ...{ scanner: 'post', strategy: 'funding', exit: 'funding', sizeQuote: '100', warnings: [], identity: { status: 'likely' } },
      legs: [{ funding: { ratePercent: '-0.04', intervalHours: 8 } }, { funding: { ratePercent: '0.3', intervalHours: 4 } }],
      // Three settlements of the one and six of the other within a day.
      funding: { incomePercent: '1.92', horizonHours: 24, breakEvenSettlements: 1 },
    });
  });

  it.each<[string, ClaimBook | null, ClaimBook | null, object]>([
    ['that half of it is left', at('okx', -0.0005), at('mexc', 0.00125, 4), { status: 'confirmed', liveSpread: '0.175' }],
    ['that less is left', at('okx', -0.0005), at('mexc', 0.00124, 4), { status: 'refuted', liveSpread: '0.174', reason: 'spread_gone' }],
    ['that it has turned', at('okx', 0.003), at('mexc', 0.001, 4), { status: 'refuted', liveSpread: '-0.2' }],
    // 0.3 % every eight hours is half of what was claimed every four.
    ['another interval', at('okx', 0), at('mexc', 0.003), { status: 'refuted', liveSpread: '0.15' }],
    ['no rate of one leg', at('okx', null), at('mexc', 0.003, 4), { status: 'unverified', reason: 'no_rate' }],
    ['nothing of one leg', null, at('mexc', 0.003, 4), { status: 'unverified', reason: 'no_rate' }],
    ['an old rate', at('okx', -0.0005, 8, NOW - MAX_RATE_AGE_MS - 1), at('mexc', 0.003, 4), { status: 'unverified', reason: 'stale_rate' }],
    ['a rate at the limit of its age', at('okx', -0.0005, 8, NOW - MAX_RATE_AGE_MS), at('mexc', 0.003, 4), { status: 'confirmed' }],
  ])('is held against %s', (_what, long, short, expected) => {
    expect(judge(long, short, FUNDING)).toMatchObject(expected);
  });

  it('without intervals counts each rate in its own', () => {
    const bare = claimOf('ENA funding spread 0.2%\nLong Bybit -0.15%\nShort Binance 0.05%');
    expect(judge(at('bybit', -0.0015, 1), at('binance', 0.0005), bare)).toMatchObject({ status: 'confirmed', liveSpread: '0.2' });
  });
});

describe('a claim of a pool', () => {
  const POOL = claimOf('WIF: DEX Raydium 1.00 → MEXC futures 1.05\nСпред 5%\nКонтракт: EKpQGSJtjMFqKZ9KQanSqYXRcF8fBopzLHYxdM65zcjm');
  const pool = (more: Partial<Listing> = {}): ClaimBook => {
    const place = { venue: 'raydium', symbol: 'WIF/USD', quote: 'USD', pool: { chain: 'solana', address: 'Poo1' }, fixedCost: 0.1, takerFeeRate: 0.003 };
    return book('spot', 0.9999, 1.0001, { ...place, key: 'pool', market: 'dex', ...more }, { size: 100_000 });
  };
  const dear = book('futures', 1.05, 1.051, { takerFeeRate: 0.0005 });

  it('is a signal with gas, the fee of the pool and the doubt about the dollar in it', () => {
    const verdict = judge(pool(), dear, POOL);
    expect(verdict).toMatchObject({ status: 'confirmed', liveSpread: '4.9895' });
    if (verdict.status !== 'confirmed') return;
    expect(verdict.signal).toMatchObject({ strategy: 'cex_dex', exit: 'convergence', warnings: expect.arrayContaining(['usd_is_not_usdt', 'gas_assumed']) });
    // Entry, less half of both widths, four fees, a tenth of a dollar of a hundred, and 0.3 % for the dollar.
    expect(Number(verdict.signal.netPercent)).toBeCloseTo(4.9895 - 0.06 - 0.72 - 0.1 - 0.3, 1);
  });

  it('is refuted by the price of a pool whose depth is not known, and not confirmed by it', () => {
    expect(judge(pool({ isQuotable: false }), dear, POOL)).toMatchObject({ status: 'unverified', reason: 'unquotable_pool', liveSpread: '4.9895' });
    expect(judge(pool({ isQuotable: false }), book('futures', 1.001, 1.002), POOL)).toMatchObject({ status: 'refuted', reason: 'spread_gone' });
  });
});
