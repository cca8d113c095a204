import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BookLevel } from '#core/market-data.ts';
import { MAX_LEVELS, OrderBook } from './_order-book.ts';

const NOTHING: readonly BookLevel[] = [];

function begun(version = 10): OrderBook {
  const book = new OrderBook();
  book.begin({
    version,
    bids: [
      ['99.00', '1.0'],
      ['98.5', '2'],
    ],
    asks: [
      ['100', '3'],
      ['101', '4'],
    ],
  });
  return book;
}

const change = (version: number, after: number | null, bids = NOTHING, asks = NOTHING, checksum: number | null = null) =>
  ({ type: 'change', version, after, bids, asks, checksum }) as const;

describe('an order book', () => {
  it('is worth nothing before its snapshot', () => {
    const book = new OrderBook();
    expect([book.isWhole, book.change(change(1, 0))]).toEqual([false, 'gap']);
  });

  it('puts changes where they belong, takes levels of no size away, and tells plain decimals', () => {
    const book = begun();
    expect(
      book.change(
        change(
          11,
          10,
          [
            ['98.7', '5'],
            ['99.00', '0.000'],
          ],
          [
            ['99.5', '1'],
            ['101', '4.50'],
            ['250', '0'],
          ],
        ),
      ),
    ).toBe('done');
    expect(book.best(10)).toEqual({
      bids: [
        ['98.7', '5'],
        ['98.5', '2'],
      ],
      asks: [
        ['99.5', '1'],
        ['100', '3'],
        ['101', '4.5'],
      ],
    });
    expect(book.best(1).asks).toEqual([['99.5', '1']]);
  });

  it('knows the same price however it is written', () => {
    const book = begun();
    book.change(change(11, 10, [['99', '7']]));
    expect(book.best(1).bids).toEqual([['99', '7']]);
  });

  it.each([
    ['that follows exactly', 11, 10, 'done'],
    ['that begins before the snapshot and ends after it', 12, 5, 'done'],
    ['that the snapshot holds already', 10, 9, 'old'],
    ['that is much older', 3, 2, 'old'],
    ['behind a missing one', 13, 11, 'gap'],
    ['of a venue that does not chain them', 15, null, 'done'],
    ['without chain and out of date', 10, null, 'old'],
    ['that says nothing is new', 10, 10, 'done'],
    ['by which the venue counts anew', 3, 10, 'done'],
  ] as const)('takes a change %s for what it is', (_, version, after, outcome) => {
    const book = begun();
    expect(book.change(change(version, after))).toBe(outcome);
    expect(book.isWhole).toBe(outcome !== 'gap');
  });

  it('is proven by a checksum over its best levels as the venue wrote them, and forgotten when that is wrong', () => {
    const sum = crc32('99.00:1.0:99.9:6:98.5:2:100:3:101:4') | 0;
    const right = begun();
    expect(right.change(change(11, null, NOTHING, [['99.9', '6']], sum))).toBe('done');
    const wrong = begun();
    expect(wrong.change(change(11, null, NOTHING, [['99.9', '7']], sum))).toBe('gap');
    expect([wrong.isWhole, wrong.best(5)]).toEqual([false, { bids: [], asks: [] }]);
  });

  it('keeps a limited number of levels, the best ones', () => {
    const book = new OrderBook();
    const asks = Array.from({ length: MAX_LEVELS + 50 }, (_, index): BookLevel => [String(5000 - index), '1']);
    book.begin({ version: 1, bids: [], asks });
    const kept = book.best(MAX_LEVELS + 50).asks;
    expect([kept.length, kept[0]?.[0]]).toEqual([MAX_LEVELS, String(5000 - MAX_LEVELS - 49)]);
  });

  it('is the same as a plain table of prices after any changes', () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.array(fc.array(level, { maxLength: 6 }), { maxLength: 30 }), (changes) => {
        const book = new OrderBook();
        book.begin({ version: 0, bids: [], asks: [] });
        const table = new Map<number, number>();
        changes.forEach((levels, index) => {
          const told = levels.map(([price, size]): BookLevel => [(price / 4).toFixed(2), String(size)]);
          expect(book.change(change(index + 1, index, told, told))).toBe('done');
          for (const [price, size] of levels) {
            if (size === 0) table.delete(price);
            else table.set(price, size);
          }
        });
        const expected = [...table].sort(([one], [other]) => one - other).map(([price, size]) => [String(price / 4), String(size)]);
        expect(book.best(100)).toEqual({ asks: expected, bids: [...expected].reverse() });
      }),
    );
  });
});
