/** How a signal looked a while ago, as those see it whose plan shows them late. */
import { decimal, plain } from '#core/money.ts';
import type { Signal, SignalPoint } from '#core/signals/signal.ts';

/** A signal as it was at a point of its course; the peak and the average are those of later, so they are the point's own here. */
export function asOf(signal: Signal, point: SignalPoint, until: number): Signal {
  const isOver = signal.closedAt !== null && signal.closedAt <= until;
  if (isOver) return signal;
  const { entryPercent, exitPercent, netPercent, maxSizeQuote } = point;
  return {
    ...signal,
    entryPercent,
    exitPercent,
    netPercent,
    maxSizeQuote,
    netQuote: plain(decimal(netPercent).times(signal.sizeQuote).div(100).toDecimalPlaces(2, 1)),
    state: 'open',
    closedAt: null,
    closeReason: null,
    paidPercent: null,
    updatedAt: point.at,
    ageMs: until - point.at,
    peakNetPercent: netPercent,
    peakAt: point.at,
    averageNetPercent: netPercent,
  };
}
