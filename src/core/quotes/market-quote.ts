/** Quotes of the whole market by currency: what a source tells, how it can refuse, and how they are kept. Types only. */
import type { DecimalString } from '../money.ts';
import type { Page, PageRequest } from '../store/page.ts';

export interface MarketQuote {
  /** Given by the source; symbols are not unique. */
  readonly id: number;
  readonly name: string;
  readonly symbol: string;
  readonly slug: string;
  /** 1 is the largest; `null` where the source gives none. */
  readonly rank: number | null;
  /** In US dollars; `null` where the source does not say. */
  readonly price: DecimalString | null;
  readonly marketCap: DecimalString | null;
  readonly volume24h: DecimalString | null;
  /** In percent. */
  readonly change1h: DecimalString | null;
  readonly change24h: DecimalString | null;
  readonly change7d: DecimalString | null;
  readonly circulatingSupply: DecimalString | null;
  /** Chain and contract of a token; `null` for the coin of a chain of its own. */
  readonly chain: string | null;
  readonly contract: string | null;
  /** When the source has last changed it, in milliseconds since 1970. */
  readonly updatedAt: number;
}

/** Why a source gives nothing. The first four share one HTTP status and mean four different things. */
export type QuoteRefusal =
  | 'minute_limit'
  | 'day_limit'
  | 'month_limit'
  | 'address_limit'
  | 'key_refused'
  | 'plan_excludes'
  | 'bad_request'
  | 'unavailable'
  | 'malformed';

export type QuoteAnswer =
  | {
      readonly outcome: 'quotes';
      readonly quotes: readonly MarketQuote[];
      readonly credits: number /** Rows that could not be read. */;
      readonly unread: number;
    }
  | { readonly outcome: 'refused'; readonly refusal: QuoteRefusal; readonly detail: string; readonly credits: number; readonly retryAfterMs: number | null };

/** Where quotes come from; answers always, and never twice for one call. */
export interface QuoteSource {
  readonly name: string;
  /** The largest currencies by market value. */
  largest(count: number): Promise<QuoteAnswer>;
}

/** How a source stands with us. */
export interface QuoteSourceState {
  /** The month that credits are counted in, such as 2026-11, in UTC. */
  readonly month: string;
  readonly creditsUsed: number;
  /** It is left alone until then. */
  readonly restUntil: number | null;
  /** What went wrong last; empty when all is well. */
  readonly problem: string;
  readonly triedAt: number | null;
  readonly syncedAt: number | null;
}

export const QUOTE_SORTS = ['rank', 'price', 'market_cap', 'volume_24h', 'change_1h', 'change_24h', 'change_7d', 'name'] as const;
export type QuoteSort = (typeof QUOTE_SORTS)[number];

export interface QuoteFilter {
  /** Part of the name or symbol, whatever the case. */
  readonly search?: string;
  readonly sort: QuoteSort;
  readonly isDescending: boolean;
}

export type KeptQuote = MarketQuote & { /** When we have read it. */ readonly syncedAt: number };

export interface QuoteStore {
  list(filter: QuoteFilter, page: PageRequest): Promise<Page<KeptQuote>>;
  state(): Promise<QuoteSourceState | null>;
  /** Keeps quotes and the state of the source in one transaction. Those not among them, last read before `forgetBefore`, are gone. */
  keep(quotes: readonly MarketQuote[], state: QuoteSourceState, forgetBefore: number): Promise<void>;
}
