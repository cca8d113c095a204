/**
 * Bybit's public data beyond best prices: candles, trades, books and the figures of a day, asked for and streamed. Lists
 * come newest first; the ticker of the stream has no bid and ask, so the list of tickers is asked for.
 * @see https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook
 */
import type { CandleInterval, PublicTrade } from '#core/market-data.ts';
import type { Category } from './_bybit-lists.ts';
import { listOf } from './_bybit-rows.ts';
import { socketUrl } from './_bybit-streams.ts';
import type { Exchange } from './_exchange.ts';
import { amount, candle, cells, flag, levels, orNull, type Row, row, rows, text, UnreadableAnswer, whole } from './_fields.ts';
import type { HubDialect, Told } from './_hub.ts';
import { type BookLevels, type BookNews, type CandleNews, candleKey, type MarketDialect, partsOfCandleKey } from './_market-dialect.ts';

const INTERVALS: Readonly<Record<CandleInterval, string>> = { '1m': '1', '5m': '5', '15m': '15', '30m': '30', '1h': '60', '4h': '240', '1d': 'D' };
const NAMES = new Map(Object.entries(INTERVALS).map(([ours, theirs]) => [theirs, ours as CandleInterval]));
const CANDLES_PER_PAGE = 1000;
const MAX_TRADES = 60;
const MAX_SETTLEMENTS = 200;
/** The limit cuts the oldest: a span has fewer settlements than it at the shortest time between two. */
const SETTLEMENTS_SPAN_MS = (MAX_SETTLEMENTS - 1) * 3_600_000;
const MAX_DEPTH = 200;

export function bybitMarket(marketId: (symbol: string) => string, category: Category): MarketDialect {
  const url = (exchange: Exchange): string => socketUrl(exchange, ['public', category]);
  const of = (symbol: string) => ({ category, symbol: marketId(symbol) });
  return {
    book: (symbol, depth) => ({ endpoint: 'publicGetV5MarketOrderbook', params: { ...of(symbol), limit: Math.min(depth, MAX_DEPTH) }, weight: 1 }),
    readBook: (body) => ({ ...levelsOf(row(row(body)['result'])), version: whole(row(row(body)['result']), 'u') }),
    candles: {
      perPage: () => CANDLES_PER_PAGE,
      ask: (symbol, interval, { from, end }) => ({
        endpoint: 'publicGetV5MarketKline',
        params: { ...of(symbol), interval: INTERVALS[interval], start: from, end: end - 1, limit: CANDLES_PER_PAGE },
        weight: 1,
      }),
      read: (body) => cells(row(row(body)['result'])['list']).map((cell) => candle(cell)),
    },
    trades: (symbol, limit) => ({ endpoint: 'publicGetV5MarketRecentTrade', params: { ...of(symbol), limit: Math.min(limit, MAX_TRADES) }, weight: 1 }),
    readTrades: (body, symbol) =>
      listOf(body)
        .map(
          (trade): PublicTrade => ({
            tradeId: text(trade, 'execId'),
            symbol,
            side: takerSide(trade, 'side'),
            price: amount(trade, 'price'),
            size: amount(trade, 'size'),
            at: whole(trade, 'time'),
          }),
        )
        .reverse(),
    ...(category === 'linear'
      ? {
          past: {
            funding: {
              reachMs: null,
              spanMs: SETTLEMENTS_SPAN_MS,
              limit: MAX_SETTLEMENTS,
              ask: (symbol, { from, end }) => ({
                endpoint: 'publicGetV5MarketFundingHistory',
                params: { ...of(symbol), startTime: from, endTime: end - 1, limit: MAX_SETTLEMENTS },
                weight: 1,
              }),
              read: (body) => listOf(body).map((settled) => ({ at: whole(settled, 'fundingRateTimestamp'), rate: amount(settled, 'fundingRate') })),
            },
          },
        }
      : {}),
    pastFiles: 'https://public.bybit.com',
    tickers: { endpoint: 'publicGetV5MarketTickers', params: { category }, weight: 1 },
    readTickers: (body, symbolOf) =>
      listOf(body).flatMap((ticker) => {
        const symbol = symbolOf(text(ticker, 'symbol'));
        if (symbol === null) return [];
        const [bid, ask] = [orNull(ticker, 'bid1Price'), orNull(ticker, 'ask1Price')];
        return [{ symbol, last: amount(ticker, 'lastPrice'), bid, ask, quoteVolume: amount(ticker, 'turnover24h') }];
      }),
    tradesHaveIds: true,
    tradeStream: stream((id) => `publicTrade.${id}`, readTrades, url),
    candleStream: stream(
      (key) => {
        const { marketId: id, interval } = partsOfCandleKey(key);
        return `kline.${INTERVALS[interval]}.${id}`;
      },
      readKlines,
      url,
    ),
    bookStream: stream((id) => `orderbook.50.${id}`, readBookNews, url),
  };
}

/** A topic that is refused takes all others of its frame with it: each has its own. */
function stream<News>(
  topicOf: (key: string) => string,
  read: (topic: readonly string[], message: Row) => readonly Told<News>[],
  url: HubDialect<News>['url'],
): HubDialect<News> {
  return {
    url,
    subscribe: (keys) => keys.map((key) => ({ op: 'subscribe', args: [topicOf(key)] })),
    unsubscribe: (keys) => keys.map((key) => ({ op: 'unsubscribe', args: [topicOf(key)] })),
    read: (frame) => {
      const message = row(frame);
      return typeof message['topic'] === 'string' ? read(message['topic'].split('.'), message) : [];
    },
    probe: { op: 'ping' },
  };
}

function readTrades([kind, id = '']: readonly string[], message: Row): readonly Told<readonly Omit<PublicTrade, 'symbol'>[]>[] {
  if (kind !== 'publicTrade') return [];
  const trades = rows(message['data']).map((trade) => ({
    tradeId: text(trade, 'i'),
    side: takerSide(trade, 'S'),
    price: amount(trade, 'p'),
    size: amount(trade, 'v'),
    at: whole(trade, 'T'),
  }));
  return [{ key: id, news: trades }];
}

function readKlines([kind, name = '', id = '']: readonly string[], message: Row): readonly Told<CandleNews>[] {
  const interval = NAMES.get(name);
  if (kind !== 'kline' || interval === undefined) return [];
  return rows(message['data']).map((told) => ({
    key: candleKey(id, interval),
    news: { candle: candle(told, ['start', 'open', 'high', 'low', 'close', 'volume']), isClosed: flag(told, 'confirm') },
  }));
}

/** The number of a change follows the one before; when the venue begins anew it sends a snapshot. */
function readBookNews([kind]: readonly string[], message: Row): readonly Told<BookNews>[] {
  if (kind !== 'orderbook') return [];
  const told = row(message['data']);
  const version = whole(told, 'u');
  const news: BookNews =
    message['type'] === 'snapshot'
      ? { type: 'snapshot', ...levelsOf(told), version }
      : { type: 'change', ...levelsOf(told), version, after: version - 1, checksum: null };
  return [{ key: text(told, 's'), news }];
}

function levelsOf(book: Row): BookLevels {
  return { bids: levels(book['b']), asks: levels(book['a']) };
}

function takerSide(from: Row, field: string): 'buy' | 'sell' {
  const side = text(from, field);
  if (side !== 'Buy' && side !== 'Sell') throw new UnreadableAnswer(`unknown side ${side}`);
  return side === 'Buy' ? 'buy' : 'sell';
}
