/** Words for what an account can be asked beside single orders: what it pays, and all of its orders at once. */
import type { DecimalString } from './money.ts';

/** Shares of what a trade is worth; negative where the venue pays for it. */
export interface FeeRates {
  readonly maker: DecimalString;
  readonly taker: DecimalString;
}

/** `done`: no order of the account is open in the symbol any more, as the venue says. */
export type CancelAllOutcome = { readonly outcome: 'done' } | { readonly outcome: 'unknown'; readonly code: string; readonly message: string };

/** How a venue's dead man's switch works, and which times it takes, in milliseconds. */
export interface DeadMansSwitch {
  readonly kind: 'countdown' | 'disconnect';
  readonly leastMs: number;
  readonly mostMs: number;
}
