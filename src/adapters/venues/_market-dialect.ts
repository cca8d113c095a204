/** What a venue behind ccxt has to say of its public data beyond best prices: requests, answers and frames in our words. */
import type { BookLevel, Candle, CandleInterval, FundingSettlement, PublicTrade, Ticker } from '#core/market-data.ts';
import type { HubDialect } from './_hub.ts';
import type { Ask, SymbolOf } from './_request.ts';

/** A book as the venue tells it, best levels first; levels carry the venue's own texts where `raw` is said. */
export interface BookLevels {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** What a stream says of a book. Versions only grow, unless the venue begins anew with a snapshot. */
export type BookNews = BookLevels &
  (
    | { readonly type: 'snapshot'; readonly version: number }
    | {
        readonly type: 'change';
        readonly version: number;
        /** The version that it follows; `null` where the venue numbers its frames without saying what lies between them. */
        readonly after: number | null;
        /** CRC32 over the best levels as the venue writes them; `null` where it gives none. */
        readonly checksum: number | null;
      }
  );

export interface CandleNews {
  readonly candle: Candle;
  readonly isClosed: boolean;
}

/** `end` is exclusive; `now` is venue time. */
export interface CandleRange {
  readonly from: number;
  readonly end: number;
  readonly now: number;
}

/** A list of what happened, asked for by time. */
export interface PastDialect<Row> {
  /** How far back the venue tells; `null` where it tells everything. */
  readonly reachMs: number | null;
  /** The longest span of one request. */
  readonly spanMs: number;
  /** Rows of an answer at most; with so many the last of them may have others beside it. */
  readonly limit: number;
  /** Its limit cuts the oldest: where it cuts, a shorter span is asked for. */
  readonly cutsOldest?: true;
  /** `end` is exclusive. */
  readonly ask: (symbol: string, range: { readonly from: number; readonly end: number }) => Ask;
  /** In any sequence, with more than was asked for if the venue likes. */
  readonly read: (body: unknown, symbol: string) => readonly Row[];
}

export interface MarketDialect {
  readonly book: (symbol: string, depth: number) => Ask;
  readonly readBook: (body: unknown, symbol: string) => BookLevels & { readonly version: number };
  readonly candles: {
    /** Candles that one request may ask for. */
    readonly perPage: (interval: CandleInterval, range: CandleRange) => number;
    readonly ask: (symbol: string, interval: CandleInterval, range: CandleRange) => Ask;
    /** In any sequence, with more than was asked for if the venue likes; never one that it calls unfinished. */
    readonly read: (body: unknown) => readonly Candle[];
  };
  readonly trades: (symbol: string, limit: number) => Ask;
  /** Newest trade last. */
  readonly readTrades: (body: unknown, symbol: string) => readonly PublicTrade[];
  readonly past?: { readonly funding?: PastDialect<FundingSettlement>; readonly trades?: PastDialect<PublicTrade> };
  /** The page on which it offers files of past trades. */
  readonly pastFiles: string;
  readonly tickers: Ask;
  readonly readTickers: (body: unknown, symbolOf: SymbolOf) => readonly Omit<Ticker, 'at'>[];

  /** Keys are the venue's names of instruments. */
  readonly tradeStream: HubDialect<readonly Omit<PublicTrade, 'symbol'>[]>;
  /** The venue's lists of trades and its stream give them the same ids, so that what the stream missed can be fetched. */
  readonly tradesHaveIds: boolean;
  /** Keys are {@link candleKey}s. Without it the venue does not say when a candle is over: each is asked for after its end. */
  readonly candleStream?: HubDialect<CandleNews>;
  readonly bookStream: HubDialect<BookNews> & {
    /** Levels a side to ask for where the stream tells changes only; without it the stream begins with a snapshot. */
    readonly snapshotDepth?: number;
  };
}

/** Names a stream of candles: the venue's name of the instrument and the interval. */
export function candleKey(marketId: string, interval: CandleInterval): string {
  return `${marketId} ${interval}`;
}

/** The two parts of a {@link candleKey}. */
export function partsOfCandleKey(key: string): { readonly marketId: string; readonly interval: CandleInterval } {
  const space = key.lastIndexOf(' ');
  return { marketId: key.slice(0, space), interval: key.slice(space + 1) as CandleInterval };
}
