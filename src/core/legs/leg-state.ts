/** What a run is given for one instrument, and what it remembers of it between events, as plain data. */
import type { Scale } from '../instrument.ts';
import { emptyPosition, type Position } from '../position.ts';
import type { FeeAsset, RiskLimits } from '../risk.ts';

/** What does not change of an instrument of a run while the run lives. */
export interface LegTerms {
  readonly scale: Scale;
  readonly feeAsset: FeeAsset;
  readonly limits: RiskLimits;
  /** Base lent to the run at its start, in grains. */
  readonly lentGrains: number;
}

/** One instrument of a run over several, by the name that its strategy gives it. */
export interface NamedLegTerms extends LegTerms {
  readonly name: string;
}

/**
 * What a strategy that lives on the distance of two prices waits for: the bid of `short` being at least `above` times the ask of
 * `long`, or the ask of `short` at most `below` times the bid of `long`, all in ticks; `null` waits for nothing.
 */
export interface SpreadWatch {
  readonly long: string;
  readonly short: string;
  readonly above: number | null;
  readonly below: number | null;
}

export interface LegState {
  bidTicks: number;
  askTicks: number;
  /** Prices the strategy wants to hear of; 0 and `null` (no limit) watch nothing. */
  watchBelowTicks: number;
  watchAboveTicks: number | null;
  position: Position;
  /** The newest funding payments that are counted, oldest first, at most {@link MAX_KNOWN_PAYMENTS}; of a spot instrument none. */
  payments?: string[];
  /** When the newest bar of each length closed that was told; where none was told it has none. */
  newestBars?: { readonly intervalMs: number; closedAt: number }[];
  /** Quote of other legs that was added to its budget, in its atoms; negative for what it gave them. Absent where there was none. */
  movedAtoms?: number;
  /** Why it cannot be traded at present; absent while it can. */
  closedReason?: string;
}

/** Payments a run tells apart; far more than a venue repeats. */
export const MAX_KNOWN_PAYMENTS = 100;

export function newLegState(): LegState {
  return { bidTicks: 0, askTicks: 0, watchBelowTicks: 0, watchAboveTicks: null, position: emptyPosition() };
}
