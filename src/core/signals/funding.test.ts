/** Funding in settlements: the worked numbers, mixed intervals, and sums against counting one by one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEven, fundingIncome, settlementsWithin, yearOfFunding } from './funding.ts';

const NOW = 1_790_000_000_000;
const HOUR_MS = 3_600_000;
const terms = (rate: number, intervalHours: number, hoursToNext = intervalHours) => ({ rate, intervalHours, nextAt: NOW + hoursToNext * HOUR_MS });

describe('short at 0.0456 % and long at -0.0123 % of eight hours, with takers of 0.04 % and 0.055 %', () => {
  const [long, short] = [terms(-0.000123, 8), terms(0.000456, 8)];
  const cost = 2 * (0.0004 + 0.00055);

  it('pays its cost of 0.19 % with four settlements', () => {
    expect(breakEven(long, short, NOW, cost)).toEqual({ hours: 32, settlements: 4 });
  });

  it('is 63.4 % of a year gross, and 1.026 % net of seven days', () => {
    expect(yearOfFunding(long, short) * 100).toBeCloseTo(63.4, 1);
    expect((fundingIncome(long, short, NOW, 168) - cost) * 100).toBeCloseTo(1.0259, 4);
  });
});

describe('a leg of one hour against one of four', () => {
  const [long, short] = [terms(0.0001, 1), terms(0.001, 4)];

  it('has paid four times when the other pays once, and no part of an interval is income', () => {
    expect(fundingIncome(long, short, NOW, 3.99)).toBeCloseTo(-0.0003, 12);
    expect(fundingIncome(long, short, NOW, 4)).toBeCloseTo(0.001 - 0.0004, 12);
    expect(fundingIncome(long, short, NOW, 7.5)).toBeCloseTo(0.001 - 0.0007, 12);
  });

  it('breaks even at the first moment at which all of it together has, though it falls back before the next', () => {
    expect(breakEven(long, short, NOW, 0.0006)).toEqual({ hours: 4, settlements: 4 });
    expect(breakEven(long, short, NOW, 0.0007)).toEqual({ hours: 8, settlements: 8 });
  });

  it('counts the next settlement when it is due, not an interval later', () => {
    expect(settlementsWithin(terms(0, 8, 0.5), NOW, 0.49)).toBe(0);
    expect(settlementsWithin(terms(0, 8, 0.5), NOW, 0.5)).toBe(1);
    expect(settlementsWithin(terms(0, 8, 0.5), NOW, 8.5)).toBe(2);
    // A time that has passed is a settlement that is under way.
    expect(settlementsWithin(terms(0, 8, -0.1), NOW, 0)).toBe(1);
  });
});

it('never breaks even where rates lose, and says so', () => {
  expect(breakEven(terms(0.0002, 8), terms(0.0001, 8), NOW, 0.001)).toBeNull();
  expect(breakEven(null, null, NOW, 0.001)).toBeNull();
  expect(breakEven(null, terms(0.0001, 8), NOW, 0)).toEqual({ hours: 0, settlements: 0 });
});

it('income is the sum of settlements, whatever the intervals', () => {
  const leg = fc.record({
    rate: fc.double({ min: -0.02, max: 0.02, noNaN: true }),
    intervalHours: fc.constantFrom(1, 2, 4, 8),
    next: fc.integer({ min: 0, max: 480 }),
  });
  fc.assert(
    fc.property(leg, leg, fc.integer({ min: 0, max: 200 }), (one, other, hours) => {
      const told = ({ rate, intervalHours, next }: typeof one) => ({ rate, intervalHours, nextAt: NOW + (next * HOUR_MS) / 60 });
      let sum = 0;
      for (const [sign, { rate, intervalHours, next }] of [
        [-1, one],
        [1, other],
      ] as const)
        for (let at = next; at <= hours * 60; at += intervalHours * 60) sum += sign * rate;
      expect(fundingIncome(told(one), told(other), NOW, hours)).toBeCloseTo(sum, 9);
    }),
  );
});
