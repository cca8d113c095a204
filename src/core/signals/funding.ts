/** Funding as it is settled: at moments, each leg at its own interval, and nothing in between. Rates are shares; longs pay shorts when positive. */
import type { FundingNews } from './market-scan.ts';

const HOUR_MS = 3_600_000;
const HOURS_IN_YEAR = 24 * 365;
/** Break-even is looked for so far ahead; rates say little of what comes later. */
export const MAX_BREAK_EVEN_HOURS = 31 * 24;
/** Sums of rates are compared with this much room: the last digits of doubles. */
const EPSILON = 1e-12;

export type FundingTerms = Pick<FundingNews, 'rate' | 'intervalHours' | 'nextAt'>;

/** Settlements after `now` and up to `hours` later. */
export function settlementsWithin({ nextAt, intervalHours }: FundingTerms, now: number, hours: number): number {
  const untilNext = (Math.max(nextAt, now) - now) / HOUR_MS;
  return hours < untilNext ? 0 : 1 + Math.floor((hours - untilNext) / intervalHours + EPSILON);
}

/** What is received within the time by who is long the first and short the second, if the rates stayed; either may be none. */
export function fundingIncome(long: FundingTerms | null, short: FundingTerms | null, now: number, hours: number): number {
  const received = short === null ? 0 : settlementsWithin(short, now, hours) * short.rate;
  return received - (long === null ? 0 : settlementsWithin(long, now, hours) * long.rate);
}

/** Of a year, if both rates stayed. */
export function yearOfFunding(long: FundingTerms | null, short: FundingTerms | null): number {
  const hourly = (short === null ? 0 : short.rate / short.intervalHours) - (long === null ? 0 : long.rate / long.intervalHours);
  return hourly * HOURS_IN_YEAR;
}

/** The first moment of settlement after which all of them together have paid the cost, if the rates stayed; `null` where none does in a month. */
export function breakEven(
  long: FundingTerms | null,
  short: FundingTerms | null,
  now: number,
  cost: number,
): { readonly hours: number; readonly settlements: number } | null {
  if (cost <= EPSILON) return { hours: 0, settlements: 0 };
  const next = (terms: FundingTerms | null): number => (terms === null ? Number.POSITIVE_INFINITY : (Math.max(terms.nextAt, now) - now) / HOUR_MS);
  let [longAt, shortAt] = [next(long), next(short)];
  let [sum, settlements] = [0, 0];
  for (;;) {
    const hours = Math.min(longAt, shortAt);
    if (hours > MAX_BREAK_EVEN_HOURS) return null;
    settlements += 1;
    // Both at one moment count together.
    if (long !== null && longAt <= hours + EPSILON) [sum, longAt] = [sum - long.rate, longAt + long.intervalHours];
    if (short !== null && shortAt <= hours + EPSILON) [sum, shortAt] = [sum + short.rate, shortAt + short.intervalHours];
    if (sum + EPSILON >= cost) return { hours, settlements };
  }
}
