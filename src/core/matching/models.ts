/**
 * The swappable parts of a simulated venue: what a trade costs, how far a market order slips, how long a request
 * takes, and when a resting order counts as reached.
 */
import { FEE_RATE_UNITS, feeOn, GRAINS_PER_LOT } from '../instrument.ts';
import type { Side } from '../order.ts';
import type { FeeAsset } from '../risk.ts';
import type { RestingOrder } from './book.ts';
import type { Report } from './reports.ts';

/** What one execution costs; see {@link Fill} for the units. */
export interface ChargedFee {
  readonly feeGrains: number;
  readonly feeAtoms: number;
  readonly otherFeeAtoms: number;
}

export type FeeModel = (side: Side, priceTicks: number, sizeLots: number, isMaker: boolean) => ChargedFee;

/** Ticks by which a taking execution of `sizeLots` is worse than the quoted price. */
export type SlippageModel = (side: Side, sizeLots: number, priceTicks: number) => number;

/** Milliseconds until a request acts at the venue. */
export type LatencyModel = (kind: 'place' | 'cancel') => number;

/**
 * `touch`: a resting order fills when the opposite price reaches it. `through`: only when the price goes one tick beyond (it stood last in the
 * queue). `queue`: as that, or when what stood ahead of it has traded at its price, see queue.ts.
 */
export type FillRule = 'touch' | 'through' | 'queue';

export interface MatchingModels {
  readonly fee: FeeModel;
  readonly slippage: SlippageModel;
  readonly fillRule: FillRule;
  /** Half the distance between bid and ask, in ticks, where only one price is known (bars). */
  readonly halfSpreadTicks: number;
  /** For a venue with positions: how much of a position a reduce-only order may still close, see {@link ReduceRule}. */
  readonly reducible?: ReduceRule;
}

/**
 * Lots of its account's position that a reduce-only order may close at this moment. `untaken` are reports that nobody has taken yet:
 * what they have filled counts already.
 */
export type ReduceRule = (order: RestingOrder, untaken: readonly Report[]) => number;

/** A share of the trade, by whether it made or took liquidity; rates in {@link FEE_RATE_UNITS}. */
export function rateFee(makerFee: number, takerFee: number, feeAsset: FeeAsset): FeeModel {
  if (makerFee >= FEE_RATE_UNITS || takerFee >= FEE_RATE_UNITS || makerFee < 0 || takerFee < 0) throw new RangeError('fee rates must lie between 0 and 1');
  return (side, priceTicks, sizeLots, isMaker) => {
    const rate = isMaker ? makerFee : takerFee;
    if (feeAsset === 'received' && side === 'buy') return { feeGrains: feeOn(sizeLots * GRAINS_PER_LOT, rate), feeAtoms: 0, otherFeeAtoms: 0 };
    const atoms = feeOn(priceTicks * sizeLots, rate);
    return feeAsset === 'other' ? { feeGrains: 0, feeAtoms: 0, otherFeeAtoms: atoms } : { feeGrains: 0, feeAtoms: atoms, otherFeeAtoms: 0 };
  };
}

/** A fixed share of the price, rounded up to whole ticks; 0.0005 is five basis points. */
export function proportionalSlippage(share: number): SlippageModel {
  return (_side, _sizeLots, priceTicks) => Math.ceil(priceTicks * share);
}

export function constantLatency(ms: number): LatencyModel {
  return () => ms;
}
