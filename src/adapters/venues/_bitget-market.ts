/**
 * Bitget's public data beyond best prices: candles, trades, books and the figures of a day, asked for and streamed. Its
 * stream of candles does not say when one is over, so closed candles are asked for; its books are proven by a checksum.
 * @see https://www.bitget.com/api-doc/spot/websocket/public/Depth-Channel
 */
import type { CandleInterval, PublicTrade, Ticker } from '#core/market-data.ts';
import { dataOf, marketId } from './_bitget-rows.ts';
import { type InstType, PING, requests, socketUrl } from './_bitget-streams.ts';
import { amount, candle, cells, levels, orNull, type Row, row, rows, text, UnreadableAnswer, whole } from './_fields.ts';
import type { HubDialect, Told } from './_hub.ts';
import type { BookLevels, BookNews, CandleRange, MarketDialect, PastDialect } from './_market-dialect.ts';
import type { Ask, SymbolOf } from './_request.ts';

/** Days without `utc` begin in Hong Kong. */
const GRANULARITIES: Readonly<Record<CandleInterval, string>> = {
  '1m': '1min',
  '5m': '5min',
  '15m': '15min',
  '30m': '30min',
  '1h': '1h',
  '4h': '4h',
  '1d': '1Dutc',
};
/** The quick list of candles goes back a month, of longer ones further. */
const RECENT_MS = 28 * 86_400_000;
/** One more than is asked for: whether the end of a range belongs to it is not said. */
export const RECENT_PAGE = 1000;
export const HISTORY_PAGE = 200;
const MAX_TRADES = 500;
const MAX_DEPTH = 150;

/** Where Bitget offers what happened as files. */
export const BITGET_FILES = 'https://www.bitget.com/data-download';
/** Ninety days, and a week in one answer. */
const PAST_REACH_MS = 90 * 86_400_000;
const PAST_SPAN_MS = 7 * 86_400_000;

/** The newest of a span; whether its end belongs to it is not said. @see https://www.bitget.com/api-doc/spot/market/Get-Market-Trades */
export function bitgetPastTrades(
  about: (symbol: string) => Readonly<Record<string, string>>,
  { endpoint, weight }: Pick<Ask, 'endpoint' | 'weight'>,
): PastDialect<PublicTrade> {
  return {
    reachMs: PAST_REACH_MS,
    spanMs: PAST_SPAN_MS,
    limit: MAX_TRADES,
    cutsOldest: true,
    ask: (symbol, { from, end }) => ({
      endpoint,
      params: { ...about(symbol), startTime: String(from), endTime: String(end), limit: MAX_TRADES },
      weight,
    }),
    read: tradesIn,
  };
}

export const bitgetMarket: MarketDialect = {
  book: (symbol, depth) => ({
    endpoint: 'publicSpotGetV2SpotMarketOrderbook',
    params: { symbol: marketId(symbol), type: 'step0', limit: Math.min(depth, MAX_DEPTH) },
    weight: 1,
  }),
  readBook: (body) => ({ ...levelsOf(row(dataOf(body))), version: whole(row(dataOf(body)), 'ts') }),
  candles: {
    perPage: (_interval, range) => (isRecent(range) ? RECENT_PAGE : HISTORY_PAGE) - 1,
    ask: (symbol, interval, range) => {
      const params = { symbol: marketId(symbol), granularity: GRANULARITIES[interval], endTime: String(range.end) };
      return isRecent(range)
        ? { endpoint: 'publicSpotGetV2SpotMarketCandles', params: { ...params, startTime: String(range.from), limit: RECENT_PAGE }, weight: 1 }
        : { endpoint: 'publicSpotGetV2SpotMarketHistoryCandles', params: { ...params, limit: HISTORY_PAGE }, weight: 1 };
    },
    read: (body) => cells(dataOf(body)).map((cell) => candle(cell)),
  },
  trades: (symbol, limit) => ({
    endpoint: 'publicSpotGetV2SpotMarketFills',
    params: { symbol: marketId(symbol), limit: Math.min(limit, MAX_TRADES) },
    weight: 1,
  }),
  readTrades: tradesIn,
  past: {
    trades: bitgetPastTrades((symbol) => ({ symbol: marketId(symbol) }), { endpoint: 'publicSpotGetV2SpotMarketFillsHistory', weight: 1 }),
  },
  pastFiles: BITGET_FILES,
  tickers: { endpoint: 'publicSpotGetV2SpotMarketTickers', params: {}, weight: 1 },
  readTickers: tickersIn,
  ...bitgetMarketStreams('SPOT'),
};

export function bitgetMarketStreams(instType: InstType): Pick<MarketDialect, 'tradesHaveIds' | 'tradeStream' | 'bookStream'> {
  return { tradesHaveIds: true, tradeStream: stream(instType, 'trade', readTrades), bookStream: stream(instType, 'books', readBookNews) };
}

/** Trades of a list, newest first there. */
export function tradesIn(body: unknown, symbol: string): readonly PublicTrade[] {
  return rows(dataOf(body))
    .map((trade): PublicTrade => ({ ...tradeOf(trade), symbol }))
    .reverse();
}

export function tickersIn(body: unknown, symbolOf: SymbolOf): readonly Omit<Ticker, 'at'>[] {
  return rows(dataOf(body)).flatMap((ticker) => {
    const symbol = symbolOf(text(ticker, 'symbol'));
    const last = orNull(ticker, 'lastPr');
    if (symbol === null || last === null) return [];
    return [{ symbol, last, bid: orNull(ticker, 'bidPr'), ask: orNull(ticker, 'askPr'), quoteVolume: amount(ticker, 'quoteVolume') }];
  });
}

/** Whether the quick list of candles reaches back so far. */
export function isRecent({ from, now }: CandleRange): boolean {
  return from > now - RECENT_MS;
}

function stream<News>(instType: InstType, channel: string, read: (message: Row, instId: string) => readonly Told<News>[]): HubDialect<News> {
  return {
    url: (exchange) => socketUrl(exchange, 'public'),
    subscribe: (keys) => requests('subscribe', channel, keys, instType),
    unsubscribe: (keys) => requests('unsubscribe', channel, keys, instType),
    read: (frame) => {
      if (typeof frame === 'string') return [];
      const message = row(frame);
      if (message['action'] === undefined) return [];
      const about = row(message['arg']);
      return about['channel'] === channel ? read(message, text(about, 'instId')) : [];
    },
    probe: PING,
  };
}

/** The channel begins with trades of the past, which are no news; newest first, as its lists. */
function readTrades(message: Row, key: string): readonly Told<readonly Omit<PublicTrade, 'symbol'>[]>[] {
  return message['action'] === 'update' ? [{ key, news: rows(message['data']).map(tradeOf).reverse() }] : [];
}

function readBookNews(message: Row, key: string): readonly Told<BookNews>[] {
  return rows(message['data']).map((told) => {
    const version = whole(told, 'seq');
    const news: BookNews =
      message['action'] === 'snapshot'
        ? { type: 'snapshot', ...levelsOf(told), version }
        : { type: 'change', ...levelsOf(told), version, after: null, checksum: whole(told, 'checksum') };
    return { key, news };
  });
}

function levelsOf(book: Row): BookLevels {
  return { bids: levels(book['bids']), asks: levels(book['asks']) };
}

function tradeOf(trade: Row): Omit<PublicTrade, 'symbol'> {
  const side = text(trade, 'side').toLowerCase();
  if (side !== 'buy' && side !== 'sell') throw new UnreadableAnswer(`unknown side ${side}`);
  return { tradeId: text(trade, 'tradeId'), side, price: amount(trade, 'price'), size: amount(trade, 'size'), at: whole(trade, 'ts') };
}
