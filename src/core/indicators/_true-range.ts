/** How far a bar reaches, with the gap from the close before it. */
import type { IndicatorBar } from '../indicator.ts';

/** High minus low where there is no close before. */
export function trueRange(bar: IndicatorBar, closeBefore: number | null): number {
  if (closeBefore === null) return bar.high - bar.low;
  return Math.max(bar.high, closeBefore) - Math.min(bar.low, closeBefore);
}

export function typicalPrice(bar: IndicatorBar): number {
  return (bar.high + bar.low + bar.close) / 3;
}
