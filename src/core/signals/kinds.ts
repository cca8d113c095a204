/** What signals are about, in the words of queries, and which scanners look for it. */
import { PAIR_SCANNERS } from './pair-signal.ts';

export const SIGNAL_KINDS = ['spot-futures', 'funding-rate', 'cross-venue', 'cex-dex'] as const;
export type SignalKind = (typeof SIGNAL_KINDS)[number];

export const SCANNERS_OF_KIND: Readonly<Record<SignalKind, readonly string[]>> = {
  'spot-futures': PAIR_SCANNERS,
  'funding-rate': ['funding-spread'],
  'cross-venue': ['cross-venue'],
  'cex-dex': ['cex-dex'],
};
