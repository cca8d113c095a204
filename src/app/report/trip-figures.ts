/** What the closed trades of a run say together: how many won, how much, and what one more is to be expected to bring. */
import type { RoundTrip } from './round-trips.ts';

export interface TripFigures {
  readonly count: number;
  /** Those that brought more than nothing, and less; the rest came out even. */
  readonly won: number;
  readonly lost: number;
  readonly wonAtoms: number;
  /** Negative. */
  readonly lostAtoms: number;
  readonly bestAtoms: number;
  readonly worstAtoms: number;
  /** Losses in a row at most. */
  readonly longestLosing: number;
  readonly feeAtoms: number;
  /** Milliseconds from entry to exit, all trades together. */
  readonly heldMs: number;
}

export function tripFigures(trips: readonly RoundTrip[]): TripFigures {
  const first = trips[0]?.profitAtoms ?? 0;
  const sums = {
    count: trips.length,
    won: 0,
    lost: 0,
    wonAtoms: 0,
    lostAtoms: 0,
    bestAtoms: first,
    worstAtoms: first,
    longestLosing: 0,
    feeAtoms: 0,
    heldMs: 0,
  };
  let losing = 0;
  for (const { profitAtoms, feeAtoms, enteredAt, leftAt } of trips) {
    sums.feeAtoms += feeAtoms;
    sums.heldMs += leftAt - enteredAt;
    losing = profitAtoms < 0 ? losing + 1 : 0;
    sums.longestLosing = Math.max(sums.longestLosing, losing);
    sums.bestAtoms = Math.max(sums.bestAtoms, profitAtoms);
    sums.worstAtoms = Math.min(sums.worstAtoms, profitAtoms);
    if (profitAtoms > 0) {
      sums.won += 1;
      sums.wonAtoms += profitAtoms;
    } else if (profitAtoms < 0) {
      sums.lost += 1;
      sums.lostAtoms += profitAtoms;
    }
  }
  return sums;
}
