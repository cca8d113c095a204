/**
 * Binance's public data beyond best prices: candles, trades, books and the figures of a day, asked for and streamed.
 * @see https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
 */
import type { BookLevel, CandleInterval, PublicTrade } from '#core/market-data.ts';
import { socketUrl } from './_binance-streams.ts';
import { amount, candle, cells, flag, levels, orNull, type Row, row, rows, text, whole } from './_fields.ts';
import type { HubDialect, Told } from './_hub.ts';
import { type CandleNews, candleKey, type MarketDialect, partsOfCandleKey } from './_market-dialect.ts';
import type { QuoteDialect } from './_quotes.ts';

const MAX_TRADES = 1000;
/** A span of sums of trades must be shorter than an hour. */
export const TRADES_SPAN_MS = 3_599_000;
const CANDLES_PER_PAGE = 1000;
/** Levels a side, and what so many cost. */
const DEPTHS = [
  [100, 5],
  [500, 25],
  [1000, 50],
  [5000, 250],
] as const;

export function binanceMarket(marketId: (symbol: string) => string): MarketDialect {
  return {
    book: (symbol, depth) => {
      const [limit, weight] = DEPTHS.find(([most]) => most >= depth) ?? [5000, 250];
      return { endpoint: 'publicGetDepth', params: { symbol: marketId(symbol), limit }, weight };
    },
    readBook: (body) => ({ ...levelsOf(row(body), 'bids', 'asks'), version: whole(row(body), 'lastUpdateId') }),
    candles: {
      perPage: () => CANDLES_PER_PAGE,
      ask: (symbol, interval, { from, end }) => ({
        endpoint: 'publicGetKlines',
        params: { symbol: marketId(symbol), interval, startTime: from, endTime: end - 1, limit: CANDLES_PER_PAGE },
        weight: 2,
      }),
      read: (body) => cells(body).map((cell) => candle(cell)),
    },
    trades: (symbol, limit) => ({ endpoint: 'publicGetTrades', params: { symbol: marketId(symbol), limit: Math.min(limit, MAX_TRADES) }, weight: 25 }),
    readTrades: (body, symbol) =>
      rows(body).map(
        (trade): PublicTrade => ({
          tradeId: text(trade, 'id'),
          symbol,
          side: flag(trade, 'isBuyerMaker') ? 'sell' : 'buy',
          price: amount(trade, 'price'),
          size: amount(trade, 'qty'),
          at: whole(trade, 'time'),
        }),
      ),
    past: {
      trades: {
        reachMs: null,
        spanMs: TRADES_SPAN_MS,
        limit: MAX_TRADES,
        ask: (symbol, { from, end }) => ({
          endpoint: 'publicGetAggTrades',
          params: { symbol: marketId(symbol), startTime: from, endTime: end - 1, limit: MAX_TRADES },
          weight: 4,
        }),
        read: (body, symbol) => rows(body).map((trade): PublicTrade => ({ symbol, ...readSum(trade) })),
      },
    },
    tickers: { endpoint: 'publicGetTicker24hr', params: {}, weight: 80 },
    readTickers: (body, symbolOf) =>
      rows(body).flatMap((ticker) => {
        const symbol = symbolOf(text(ticker, 'symbol'));
        if (symbol === null) return [];
        const [bid, ask] = [orNull(ticker, 'bidPrice'), orNull(ticker, 'askPrice')];
        return [{ symbol, last: amount(ticker, 'lastPrice'), bid, ask, quoteVolume: amount(ticker, 'quoteVolume') }];
      }),
    tradesHaveIds: true,
    tradeStream: stream((id) => `${id.toLowerCase()}@trade`, readTrade),
    candleStream: stream(klineOf, readKline),
    bookStream: { ...stream((id) => `${id.toLowerCase()}@depth@100ms`, readDepth), snapshotDepth: 1000 },
  };
}

const SPOT_URL: HubDialect<unknown>['url'] = (exchange) => socketUrl(exchange, 'spot');

/** Trades of one taker at one price in one moment, told as one. */
export function readSum(trade: Row): Omit<PublicTrade, 'symbol'> {
  return { tradeId: text(trade, 'a'), side: flag(trade, 'm') ? 'sell' : 'buy', price: amount(trade, 'p'), size: amount(trade, 'q'), at: whole(trade, 'T') };
}

/** Best prices, of spot or, at another `url`, of perpetuals. */
export function binanceQuotes(marketId: (symbol: string) => string, url = SPOT_URL): QuoteDialect {
  const { read: _, ...dialect } = stream(
    (id) => `${id.toLowerCase()}@bookTicker`,
    () => [],
    url,
  );
  return {
    ...dialect,
    marketId,
    read: (frame) => {
      const top = row(frame);
      if (typeof top['s'] !== 'string' || typeof top['b'] !== 'string' || typeof top['a'] !== 'string') return null;
      return { marketId: top['s'], bid: amount(top, 'b'), ask: amount(top, 'a') };
    },
  };
}

/** Answers carry the number of what they answer; the probe's is zero. */
function isAnswer(frame: unknown): boolean {
  const { id } = row(frame);
  return typeof id === 'number' && id > 0;
}

/** A stream by its name in the venue's words; `url` where it is not spot's. */
export function stream<News>(nameOf: (key: string) => string, read: (event: Row) => readonly Told<News>[], url = SPOT_URL): HubDialect<News> {
  let requests = 0;
  const request = (method: string, keys: readonly string[]): unknown => {
    requests += 1;
    return { id: requests, method, params: keys.map(nameOf) };
  };
  return {
    url,
    subscribe: (keys) => [request('SUBSCRIBE', keys)],
    unsubscribe: (keys) => [request('UNSUBSCRIBE', keys)],
    acknowledges: isAnswer,
    read: (frame) => read(row(frame)),
    probe: { id: 0, method: 'LIST_SUBSCRIPTIONS' },
  };
}

export function klineOf(key: string): string {
  const { marketId, interval } = partsOfCandleKey(key);
  return `${marketId.toLowerCase()}@kline_${interval}`;
}

function readTrade(event: Row): readonly Told<readonly Omit<PublicTrade, 'symbol'>[]>[] {
  if (event['e'] !== 'trade') return [];
  const trade = {
    tradeId: text(event, 't'),
    side: flag(event, 'm') ? 'sell' : 'buy',
    price: amount(event, 'p'),
    size: amount(event, 'q'),
    at: whole(event, 'T'),
  } as const;
  return [{ key: text(event, 's'), news: [trade] }];
}

export function readKline(event: Row): readonly Told<CandleNews>[] {
  if (event['e'] !== 'kline') return [];
  const told = row(event['k']);
  const news = { candle: candle(told, ['t', 'o', 'h', 'l', 'c', 'v']), isClosed: flag(told, 'x') };
  return [{ key: candleKey(text(event, 's'), text(told, 'i') as CandleInterval), news }];
}

/** A change tells the first and the last of the updates in it. */
function readDepth(event: Row): ReturnType<MarketDialect['bookStream']['read']> {
  if (event['e'] !== 'depthUpdate') return [];
  const change = { type: 'change', ...levelsOf(event, 'b', 'a'), version: whole(event, 'u'), after: whole(event, 'U') - 1, checksum: null } as const;
  return [{ key: text(event, 's'), news: change }];
}

export function levelsOf(from: Row, bids: string, asks: string): { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] } {
  return { bids: levels(from[bids]), asks: levels(from[asks]) };
}
