/**
 * What a scanner tells: two places between which a price or a funding rate differs, and what is left of it after all costs.
 * Percentages are percent of what the first leg costs, decimals with four places; sizes and money are in the quote coin; times are
 * milliseconds since 1970. `null` always means that it is not known, never zero.
 */
import type { DecimalString } from '../money.ts';
import type { ArbitrageClaim, PostMarket } from '../posts/post.ts';

/** In the words of what is read out of posts. */
export type SignalStrategy = ArbitrageClaim['strategy'];

/** `forward`: the first leg of the pair is bought and the second sold; `reverse`: the other way round. */
export type SignalDirection = 'forward' | 'reverse';

/** What becomes of the position: prices meet and both legs are closed, coins are moved and sold, or funding is collected. */
export type SignalExit = 'convergence' | 'transfer' | 'funding';

/** A network on which a token lives. */
export interface TokenContract {
  readonly chain: string;
  readonly address: string;
}

/** Whether coins can be moved to and from a place. */
export interface TransferState {
  readonly canDeposit: boolean | null;
  readonly canWithdraw: boolean | null;
  /** In the coin; `null` where it is not known. */
  readonly withdrawFee: DecimalString | null;
  /** Why something of it is not known; empty otherwise. */
  readonly note: string;
}

/** One side of a signal, in the sequence bought, sold. */
export interface SignalLeg {
  readonly venue: string;
  readonly market: PostMarket;
  /** The venue's instrument in the unified form, such as `BTC/USDT:USDT`; of a pool `BASE/QUOTE`. */
  readonly symbol: string;
  /** Where to find a pool: its chain and address; `null` for a venue's instrument. */
  readonly pool: TokenContract | null;
  readonly side: 'buy' | 'sell';
  /** Coins in one unit, as in 1000PEPE. Prices are for one coin all the same. */
  readonly multiplier: number;
  /** `0` while nobody offers. */
  readonly bid: DecimalString;
  readonly ask: DecimalString;
  /** Of the taker. */
  readonly feePercent: DecimalString;
  /** How old the newest price and the newest depth were when the signal was computed. */
  readonly priceAgeMs: number;
  readonly depthAgeMs: number | null;
  readonly isStale: boolean;
  readonly contract: TokenContract | null;
  readonly transfer: TransferState | null;
  readonly funding: LegFunding | null;
}

/** The upcoming settlement of a perpetual, as the venue says now. */
export interface LegFunding {
  /** Of one settlement; longs pay shorts when positive. */
  readonly ratePercent: DecimalString;
  readonly intervalHours: number;
  readonly nextAt: number;
  /** What it would be of eight hours, and of a year, if the rate stayed. */
  readonly per8HoursPercent: DecimalString;
  readonly yearPercent: DecimalString;
  /** Whether it stands at its cap or floor: intervals tend to change then. */
  readonly isAtLimit: boolean | null;
  /** When the interval was last seen to change, and what it was; `null` while it has not. */
  readonly intervalChangedAt: number | null;
  readonly intervalHoursBefore: number | null;
}

/** Funding of both legs together, as received by who takes the position. */
export interface SignalFunding {
  /** Of a year, if both rates stayed; before costs. */
  readonly yearPercent: DecimalString;
  /** Over the horizon, counted in settlements. */
  readonly incomePercent: DecimalString;
  readonly horizonHours: number;
  /** How long until settlements have paid all costs, if the rates stayed; `null` where they never do within a month. */
  readonly breakEvenHours: DecimalString | null;
  /** Moments of settlement until then, those of both legs at once counted once. */
  readonly breakEvenSettlements: number | null;
}

/** How sure it is that both legs are the same coin. `conflict` is always quarantined. */
export type IdentityStatus = 'proven' | 'likely' | 'unknown' | 'conflict';

/** Why it is so: what was compared and what came of it, in English, and the code of the rule. */
export interface IdentityEvidence {
  readonly kind: 'same_contract' | 'other_contract' | 'same_index' | 'other_index' | 'no_contract' | 'no_index';
  readonly detail: string;
}

export interface SignalIdentity {
  readonly status: IdentityStatus;
  readonly evidence: readonly IdentityEvidence[];
}

/** Why a signal is shown apart from those that may be acted on. */
export type QuarantineReason = 'identity_conflict' | 'implausible' | 'unquotable_pool' | 'transfer_closed';

export type CloseReason = 'spread_gone' | 'stale' | 'quarantined' | 'funding_changed' | 'scanner_stopped';

/** Figures that change while a signal lasts, as a chart needs them. */
export interface SignalPoint {
  readonly at: number;
  readonly entryPercent: DecimalString;
  readonly exitPercent: DecimalString;
  readonly netPercent: DecimalString;
  readonly maxSizeQuote: DecimalString;
}

/** What acting on a signal would have paid, when left this long after it opened. */
export interface SignalOutcome {
  readonly minutes: number;
  readonly at: number;
  /** After all costs, funding included; `null` where it cannot be said. */
  readonly netPercent: DecimalString | null;
  /** Why not; empty otherwise. */
  readonly problem: '' | 'stale' | 'no_depth' | 'scanner_stopped';
}

/** After so many minutes the ledger asks what acting would have paid. */
export const OUTCOME_MINUTES: readonly number[] = [1, 5, 15, 60];

export interface Signal {
  readonly id: string;
  /** Grows with every change that is told, so that a replay rings no bell twice. */
  readonly version: number;
  /** The same for the same opportunity at any time: scanner, coin, places, markets and direction. */
  readonly key: string;
  /** Name of the scanner, such as `mexc-spot-futures`. */
  readonly scanner: string;
  readonly strategy: SignalStrategy;
  readonly base: string;
  readonly quote: string;
  readonly direction: SignalDirection;
  readonly exit: SignalExit;
  readonly state: 'open' | 'closed';
  /** `null` for one that may be acted on. */
  readonly quarantine: QuarantineReason | null;
  /** Bought, sold. */
  readonly legs: readonly [SignalLeg, SignalLeg];
  /** Bid of the sold leg over ask of the bought one, at the best prices. Gross: before fees. */
  readonly entryPercent: DecimalString;
  /** What leaving at this instant would pay, of the same money; with the entry never positive. */
  readonly exitPercent: DecimalString;
  /** Ask of the sold leg over bid of the bought one: the basis at which one would leave. */
  readonly exitBasisPercent: DecimalString;
  /** Entry of the opposite direction at the best prices. */
  readonly oppositeEntryPercent: DecimalString;
  /** After all fees, the depth of both books and the way out, for `sizeQuote`. */
  readonly netPercent: DecimalString;
  readonly netQuote: DecimalString;
  readonly feesPercent: DecimalString;
  /** The size that all figures after costs are for. */
  readonly sizeQuote: DecimalString;
  /** The largest size whose net still reaches the threshold of the scanner; as far as the books are seen. */
  readonly maxSizeQuote: DecimalString;
  /** Whether the books end before the net falls below the threshold: then there may be more. */
  readonly isMaxSizeBound: boolean;
  readonly thresholdPercent: DecimalString;
  /** The same for other sizes, ascending; `netPercent` is `null` where the books end before. */
  readonly bySize: readonly { readonly sizeQuote: DecimalString; readonly netPercent: DecimalString | null }[];
  readonly funding: SignalFunding | null;
  readonly identity: SignalIdentity;
  /** What else is to be known before acting, as codes. */
  readonly warnings: readonly SignalWarning[];
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly closeReason: CloseReason | null;
  /** What acting on it when it opened would have paid after all costs, left when it closed; `null` while it is open, or where that cannot be said. */
  readonly paidPercent: DecimalString | null;
  /** When its figures were computed last. */
  readonly updatedAt: number;
  /** Age of the older leg. */
  readonly ageMs: number;
  readonly peakNetPercent: DecimalString;
  readonly peakAt: number;
  /** Over the time it has been open. */
  readonly averageNetPercent: DecimalString;
}

export type SignalWarning =
  | 'needs_inventory'
  | 'transfer_unknown'
  | 'transfer_closed'
  | 'withdrawal_fee_unknown'
  | 'funding_unknown'
  | 'usd_is_not_usdt'
  | 'gas_assumed'
  | 'interval_changed'
  | 'rate_at_limit'
  | 'identity_unknown';

/** Where word of signals goes. Messages of one epoch are counted from 1 without holes; a new epoch begins with another scanner. */
export const SIGNALS_TOPIC = 'signals';

/** What travels on {@link SIGNALS_TOPIC}; the signal is whole every time, so that only the newest of an id matters. */
export interface SignalNews {
  readonly epoch: number;
  readonly sequence: number;
  readonly change: 'opened' | 'changed' | 'closed';
  readonly signal: Signal;
}
