/** What is known of a feed of market data beside its values. */
import type { CandleInterval } from '#core/market-data.ts';

/** How a feed fares. */
export interface FeedReport {
  readonly venue: string;
  readonly symbol: string;
  readonly kind: 'quotes' | `bars ${CandleInterval}`;
  readonly listeners: number;
  /** Since the newest value, in milliseconds; `null` before the first. */
  readonly ageMs: number | null;
  readonly values: number;
  /** Values that some listener never acted on, because a newer one came first. */
  readonly dropped: number;
}
