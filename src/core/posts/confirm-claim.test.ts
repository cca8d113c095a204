/** A claim against live books: true, untrue, or not to be told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confirmClaim, confirmRates, type LegBook, MAX_BOOK_AGE_MS } from './confirm-claim.ts';
import { claim, leg, rate } from './corpus.fixture.ts';

const NOW = 1_700_000_000_000;
const CLAIM = claim('spot_futures', 'SHIB/USDT', [leg('mexc', 'spot', '0.00001'), leg('mexc', 'futures', '0.0103', { multiplier: 1000 })], '3', '3');

function book(bid: string, ask: string, ageMs = 0): LegBook {
  return { bid, ask, seenAt: NOW - ageMs };
}

describe('a claim', () => {
  it.each([
    ['is confirmed when what is left is what it said', book('0.00000999', '0.00001'), book('0.0103', '0.0104'), { kind: 'confirmed', liveSpread: '3' }],
    ['is confirmed when half of it is left', book('0.00000999', '0.00001'), book('0.01015', '0.0102'), { kind: 'confirmed', liveSpread: '1.5' }],
    ['is refuted when less than half of it is left', book('0.00000999', '0.00001'), book('0.010149', '0.0102'), { kind: 'refuted', liveSpread: '1.49' }],
    ['is refuted when it has turned', book('0.00001', '0.0000102'), book('0.01', '0.0101'), { kind: 'refuted', liveSpread: '-1.9608' }],
    [
      'stays open at the age limit of a book only',
      book('0.00000999', '0.00001', MAX_BOOK_AGE_MS),
      book('0.0103', '0.0104'),
      { kind: 'confirmed', liveSpread: '3' },
    ],
    [
      'is not told from an old book',
      book('0.00000999', '0.00001', MAX_BOOK_AGE_MS + 1),
      book('0.0103', '0.0104'),
      { kind: 'unverified', reason: 'stale_book' },
    ],
    ['is not told from a crossed book', book('0.0000101', '0.00001'), book('0.0103', '0.0104'), { kind: 'unverified', reason: 'crossed_book' }],
    ['is not told without a book', null, book('0.0103', '0.0104'), { kind: 'unverified', reason: 'no_book' }],
  ])('%s', (_, buy, sell, expected) => {
    expect(confirmClaim(CLAIM, [buy, sell], NOW)).toEqual(expected);
  });

  it('of a spread that is over is not told from anything', () => {
    const told = { kind: 'unverified', reason: 'no_prices' };
    expect(confirmClaim({ ...CLAIM, state: 'closed' }, [book('1', '1'), book('2', '2')], NOW)).toEqual(told);
    const funding = claim('funding', 'BTC', [rate('okx', '0.01'), rate('mexc', '0.1')], null, '0.09');
    const rates = [
      { ratePercent: '0.01', intervalHours: 8, seenAt: NOW },
      { ratePercent: '0.1', intervalHours: 8, seenAt: NOW },
    ] as const;
    expect(confirmRates(funding, rates, NOW)).toEqual({ kind: 'confirmed', liveSpread: '0.09' });
    expect(confirmRates({ ...funding, state: 'closed' }, rates, NOW)).toEqual(told);
  });

  it('is never confirmed where one would pay more than one gets', () => {
    const price = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(price, price, price, price, (buyBid, buyWidth, sellBid, sellWidth) => {
        const [buy, sell] = [book(String(buyBid), String(buyBid + buyWidth)), book(String(sellBid), String(sellBid + sellWidth))];
        const flat = { ...CLAIM, legs: [leg('a', 'spot', '1'), leg('b', 'spot', '1')] as const, recomputedSpread: '0' };
        const { kind } = confirmClaim(flat, [buy, sell], NOW);
        expect(kind).toBe(sellBid > buyBid + buyWidth ? 'confirmed' : 'refuted');
      }),
    );
  });
});
