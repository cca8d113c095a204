/** The models of a simulated venue, as a user chooses them. */
import type { FillRule } from '#core/matching/models.ts';
import type { FeeAsset } from '#core/risk.ts';
import type { FundingTerms } from './funding-model.ts';

/** How the simulated venue behaves; what is left out takes the stated value. */
export interface VenueModel {
  /** Which coin the fee is taken in: `received`. */
  readonly feeAsset?: FeeAsset;
  /** Half the distance between bid and ask, in ticks: 0. */
  readonly halfSpreadTicks?: number;
  /** By which share of the price taking orders are worse than the quote: 0. */
  readonly slippage?: number;
  /** Milliseconds until a request acts at the venue: 0. */
  readonly latencyMs?: number;
  /** `touch`, `through` for the pessimist who stands last in every queue, or `queue` for who stands behind what `queueShare` says. */
  readonly fillRule?: FillRule;
  /** Share of a bar's volume our orders may fill: no limit. */
  readonly volumeShare?: number;
  /** With the rule `queue`: which share of the bar's volume stands ahead of an order that is placed in it: 0.1. */
  readonly queueShare?: number;
  /** Of a perpetual: none is paid or received. */
  readonly funding?: FundingTerms;
}

/** Share of the volume that stands ahead where the rule `queue` names none. */
export const DEFAULT_QUEUE_SHARE = 0.1;
