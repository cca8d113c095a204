/** The least that dialects and what stands on them say to each other: a request, its answer, and a name. */
import type { ErrorCode } from '#core/errors.ts';
import type { VenueAnswer } from './_api.ts';
import type { Params } from './_exchange.ts';

/** A request in the venue's words: a ccxt endpoint method, its parameters, and what it costs of the budget. */
export interface Ask {
  readonly endpoint: string;
  readonly params: Params;
  readonly weight: number;
  /** What it costs of the account's own budget, where the venue has such budgets; nothing without it. */
  readonly accountWeight?: number;
  /** Sent as a list of one, for endpoints that act on several at once. */
  readonly isList?: true;
}

/** Turns the venue's name of an instrument into ours; `null` for one that is not known. */
export type SymbolOf = (marketId: string) => string | null;

/** Sends a request of a read and gives the body of its answer; a failure is thrown. */
export type Asking = (ask: Ask) => Promise<unknown>;

export type Answered = Extract<VenueAnswer, { kind: 'answered' }>;

/** What a refused read means. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}
