/** Small histories for tests, in ticks. */
import { type Bars, newBars } from '#core/bars/bars.ts';

export const BARS_BEGIN_AT = 1_700_006_400_000;
export const BAR_MS = 60_000;

/** Minute bars from rows of open, high, low, close and, if it matters, volume; or flat ones from single prices. */
export function barsOf(rows: readonly (number | readonly [open: number, high: number, low: number, close: number, volume?: number])[]): Bars {
  const bars = newBars(rows.length, BAR_MS);
  rows.forEach((row, index) => {
    const [open, high, low, close, volume] = typeof row === 'number' ? [row, row, row, row, 1_000] : row;
    bars.startAt[index] = BARS_BEGIN_AT + index * BAR_MS;
    bars.openTicks[index] = open;
    bars.highTicks[index] = high;
    bars.lowTicks[index] = low;
    bars.closeTicks[index] = close;
    bars.volumeLots[index] = volume ?? 1_000;
  });
  return bars;
}
