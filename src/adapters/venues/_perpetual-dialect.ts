/** What a venue behind ccxt has to say of perpetuals beyond what a spot market has: requests and answers in our words. */
import type { FundingPayment, FundingRate, MarginMode, VenuePosition } from '#core/perpetual-ports.ts';
import type { Answered, Ask, Asking, Failure, SymbolOf } from './_request.ts';

/** How the positions in a symbol are held. */
export interface HeldTerms {
  readonly leverage: number;
  readonly marginMode: MarginMode;
}

export interface PerpetualDialect {
  fundingRate(ask: Asking, symbol: string): Promise<Omit<FundingRate, 'symbol' | 'intervalMs'>>;
  /** What to ask, and how to read the answer: throws PortError `account_mode_unsupported` for an account that cannot be used as it is set up. */
  readonly accountMode?: { readonly ask: Ask; readonly check: (body: unknown) => void };
  /** Those that are not flat. Throws PortError `account_mode_unsupported` where longs and shorts are held apart. */
  positions(ask: Asking, symbolOf: SymbolOf): Promise<readonly VenuePosition[]>;
  /**
   * Throws PortError `account_mode_unsupported` where longs and shorts are held apart. `mode` is the margin mode to tell of where the
   * venue has no present one, because each order names its own.
   */
  terms(ask: Asking, symbol: string, mode: MarginMode | null): Promise<HeldTerms>;
  /** Each order names the margin mode of the position that it opens: it is added to every order. */
  readonly ordersCarryMode?: true;
  /**
   * Requests, in their sequence, that turn the terms that hold into those that are wanted. Throws PortError for what cannot be changed here.
   * Whether they have is looked up afterwards: no answer is relied on.
   */
  changeTerms(ask: Asking, symbol: string, held: HeldTerms, wanted: HeldTerms): Promise<readonly Ask[]>;
  /** What a refused change means to the user; `null` where it says no more than any other refusal. */
  refusedTerms(answer: Answered): Failure | null;
  /** Own settlements from `since` on, complete, oldest first; `now` is venue time. */
  fundingSince(ask: Asking, symbol: string, since: number, now: number): Promise<readonly FundingPayment[]>;
}
