/** Sessions: stretches of a day of UTC or of so many hours, counted from 1970. */
import type { IndicatorBar } from '../indicator.ts';

const HOUR_MS = 3_600_000;

export const SESSION_HOURS = { default: 24, min: 1, max: 24, isWhole: true } as const;

/** Number of the session a bar belongs to: one that closes at midnight is the last of its day. */
export function sessionOf(bar: IndicatorBar, hours: number): number {
  return Math.floor((bar.at - 1) / (hours * HOUR_MS));
}
