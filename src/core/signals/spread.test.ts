/** The worked numbers of the formulas, and what must hold for any two books. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from '../money.ts';
import { coinsForValue, poolDepth, valueOfCoins } from './book-walk.ts';
import { percentDown } from './percent.ts';
import type { SignalExit } from './signal.ts';
import { enterWith, grossOf, type LegMarket, largestSize, netAtSize, netBound, realised, roomOf } from './spread.ts';

const FREE = { fixed: 0, share: 0 };

/** A book of levels a thousandth apart, each of so many coins. */
function leg(bid: number, ask: number, { size = 1_000_000, feeRate = 0, count = 5 } = {}): LegMarket {
  const levels = (first: number, step: number) => Float64Array.from(Array.from({ length: count }, (_, at) => [first * (1 + step * at), size]).flat());
  return { bid, ask, bids: levels(bid, -0.001), asks: levels(ask, 0.001), feeRate };
}

describe('the spread of spot 0.02108/0.02114 and futures 0.02171/0.02176', () => {
  const [spot, futures] = [leg(0.02108, 0.02114), leg(0.02171, 0.02176)];
  const { entry, exit, exitBasis, oppositeEntry } = grossOf(spot, futures);

  it('is 2.70 % to enter, a basis of 3.23 % to leave, and -0.52 % to turn round at once', () => {
    expect(entry * 100).toBeCloseTo(2.6963, 4);
    expect(exitBasis * 100).toBeCloseTo(3.2258, 4);
    expect((entry + exit) * 100).toBeCloseTo(-0.5203, 4);
    expect(oppositeEntry * 100).toBeCloseTo(-3.125, 4);
  });

  it('leaves the entry less half of both widths and four fees where prices meet', () => {
    const paying = [
      { ...spot, feeRate: 0.0005 },
      { ...futures, feeRate: 0.0002 },
    ] as const;
    const { net, fees } = netAtSize(...paying, 'convergence', 200, 0, FREE);
    expect(fees * 100).toBeCloseTo(0.14243, 4);
    expect(net * 100).toBeCloseTo(2.6963 - 0.5203 / 2 - 0.14243, 3);
  });

  it('pays two fees, the withdrawal and gas where coins are moved', () => {
    const paying = [
      { ...spot, feeRate: 0.001 },
      { ...futures, feeRate: 0.001 },
    ] as const;
    // 200 × 2.6963 % = 5.3926, less 0.2 and 0.2054 of fees and 1.5 for moving.
    expect(netAtSize(...paying, 'transfer', 200, 0, { fixed: 1.5, share: 0 }).net * 200).toBeCloseTo(5.3926 - 0.2 - 0.2054 - 1.5, 3);
  });

  it('takes funding that is paid for a cost, and does not count on funding that is received', () => {
    const net = (income: number) => netAtSize(spot, futures, 'convergence', 200, income, FREE).net;
    expect(net(-0.004)).toBeCloseTo(net(0) - 0.004, 12);
    expect(net(0.004)).toBe(net(0));
  });

  it('pays, when left later, what the prices of then say', () => {
    const entered = enterWith(spot, futures, 200);
    const met = [leg(0.0214, 0.02141), leg(0.0214, 0.02141)] as const;
    // Spot rises by 0.00026 and futures fall by 0.0003, each for 9460.7 coins.
    expect(realised(entered, ...met, 'convergence', 0, FREE) * 200).toBeCloseTo(9_460.737 * (0.0214 - 0.02114 + 0.02171 - 0.02141), 3);
    expect(realised(entered, ...met, 'convergence', 0.001, FREE)).toBeCloseTo(realised(entered, ...met, 'convergence', 0, FREE) + 0.001, 12);
    expect(realised(entered, leg(1, 1.1, { size: 1 }), met[1], 'convergence', 0, FREE)).toBeNaN();
  });
});

describe('a pool of 100,000 dollars', () => {
  const pool = { base: 50_000, quote: 50_000 };
  const { asks, bids } = poolDepth(pool);
  /** With a fee of 0.3 % taken from what goes in. */
  const boughtFor = (quote: number) => (pool.base * quote * 0.997) / (pool.quote + quote * 0.997);
  const told = (quote: number) => coinsForValue(asks, quote * 0.997, 0);

  it('asks 1.99 % above its price for 1,000 dollars, fee aside, and never less than its curve', () => {
    expect(((1_000 * 0.997) / boughtFor(1_000) - 1) * 100).toBeCloseTo(1.99, 2);
    expect(told(1_000)).toBeLessThanOrEqual(boughtFor(1_000));
    expect(told(1_000) / boughtFor(1_000)).toBeGreaterThan(0.998);
  });

  it('gives about 16 dollars for 904 against a price 4 % higher, and less for more or fewer', () => {
    const gain = (quote: number) => told(quote) * 1.04 - quote;
    expect(gain(904)).toBeGreaterThan(15);
    expect(gain(904)).toBeLessThan(16.5);
    expect(Math.max(gain(600), gain(1_300))).toBeLessThan(gain(904));
  });

  it('buys for less than it sells', () => {
    expect(valueOfCoins(bids, 100, 'bids', Number.POSITIVE_INFINITY)).toBeLessThan(100);
    expect((bids[0] as number) < 1 && (asks[0] as number) > 1).toBe(true);
  });
});

describe('whatever the books', () => {
  const price = fc.double({ min: 1e-6, max: 1e5, noNaN: true, noDefaultInfinity: true });
  const step = fc.double({ min: 0, max: 0.02, noNaN: true });
  const book = fc
    .record({
      bid: price,
      width: step,
      steps: fc.array(fc.tuple(step, fc.double({ min: 0.01, max: 1e7, noNaN: true })), { minLength: 1, maxLength: 8 }),
      feeRate: step,
    })
    .map(({ bid, width, steps, feeRate }): LegMarket => {
      const ask = bid * (1 + width);
      const levels = (first: number, sign: 1 | -1): Float64Array => {
        let at = first;
        return Float64Array.from(steps.flatMap(([apart, size], index) => [(at = index === 0 ? first : at * (1 + sign * apart)), size]));
      };
      return { bid, ask, bids: levels(bid, -1), asks: levels(ask, 1), feeRate };
    });
  const exits = fc.constantFrom<SignalExit>('convergence', 'transfer', 'funding');
  const size = fc.double({ min: 0.01, max: 1e6, noNaN: true });
  const income = fc.double({ min: -0.2, max: 0.2, noNaN: true });

  it('net is never above gross', () => {
    fc.assert(
      fc.property(book, book, exits, size, income, step, (buy, sell, exit, quote, funding, share) => {
        const { net } = netAtSize(buy, sell, exit, quote, funding, { fixed: 0, share });
        const gross = exit === 'funding' ? funding : grossOf(buy, sell).entry;
        if (Number.isNaN(net)) return;
        const noise = 1e-9 * Math.max(1, Math.abs(gross));
        expect(net).toBeLessThanOrEqual(gross + noise);
        expect(decimal(percentDown(net)).lte(percentDown(gross + noise))).toBe(true);
      }),
    );
  });

  it('entry and exit at one instant are never positive together, as they are shown either', () => {
    fc.assert(
      fc.property(book, book, (buy, sell) => {
        const { entry, exit } = grossOf(buy, sell);
        expect(entry + exit).toBeLessThanOrEqual(1e-9);
        expect(decimal(percentDown(entry)).plus(percentDown(exit)).toNumber()).toBeLessThanOrEqual(2e-10 + 1e-9);
      }),
    );
  });

  it('a larger size leaves no greater share, and the largest that is told reaches the threshold', () => {
    fc.assert(
      fc.property(book, book, exits, size, size, (buy, sell, exit, one, other) => {
        // Perpetuals of one coin stand near each other; fees of one that costs many times the other would count in shares of the other.
        fc.pre(exit !== 'funding' || Math.abs(Math.log(sell.bid / buy.ask)) < 0.7);
        const netAt = (quote: number) => netAtSize(buy, sell, exit, quote, 0, FREE).net;
        const [small, large] = [netAt(Math.min(one, other)), netAt(Math.max(one, other))];
        if (!Number.isNaN(large)) expect(large).toBeLessThanOrEqual(small + 1e-9 * Math.max(1, Math.abs(small)));
        const { quote, isBound } = largestSize(roomOf(buy, sell, exit), 0.003, netAt);
        if (quote > 0) expect(netAt(quote)).toBeGreaterThanOrEqual(0.003);
        if (!isBound) expect(netAt(quote * 1.01 + 1e-6) < 0.003 || Number.isNaN(netAt(quote * 1.01 + 1e-6))).toBe(true);
      }),
    );
  });

  it('what is passed over without books was never worth it', () => {
    fc.assert(
      fc.property(book, book, exits, size, income, (buy, sell, exit, quote, funding) => {
        const { net } = netAtSize(buy, sell, exit, quote, funding, FREE);
        const { slope, bias } = netBound(exit, buy.feeRate + sell.feeRate, funding, 0);
        const near = Math.abs(sell.bid / buy.ask - 1) < 0.1;
        if (net > 0 && near) expect(net).toBeLessThanOrEqual(slope * (sell.bid / buy.ask - 1) + bias + 1e-9);
      }),
    );
  });
});
