/** What a simulated exchange does with money, in the words that spot and perpetuals share. */
import type { Fill } from '../position.ts';
import type { Kept } from './register.ts';

/** A fee as it was taken, in ledger units. */
export interface TakenFee {
  readonly feeAsset: string;
  readonly feeUnits: bigint;
}

export interface Settlement {
  /** Binds what an order may cost before it reaches the book; `false` and no change when the account cannot cover it. */
  bind(kept: Kept): boolean;
  /** An order leaves the book: what is still bound for it is free again. */
  release(kept: Kept): void;
  /** Moves what one execution moves; the order counts it already. */
  fill(kept: Kept, fill: Fill): TakenFee;
}
