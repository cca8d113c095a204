/**
 * OKX's public data beyond best prices: candles, trades, books and the figures of a day, asked for and streamed. Lists
 * come newest first, and both ends of a range of candles are left out.
 * @see https://www.okx.com/docs-v5/en/#order-book-trading-market-data
 */
import { type BookLevel, CANDLE_INTERVALS, type Candle, type CandleInterval, type FundingSettlement, type PublicTrade } from '#core/market-data.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import { amount, candle, cells, levels, orNull, type Row, row, rows, text, whole } from './_fields.ts';
import type { HubDialect, Told } from './_hub.ts';
import {
  type BookLevels,
  type BookNews,
  type CandleNews,
  type CandleRange,
  candleKey,
  type MarketDialect,
  type PastDialect,
  partsOfCandleKey,
} from './_market-dialect.ts';
import { marketId, type OkxKind, rowInBase } from './_okx-kind.ts';
import { dataOf, readSide, theRow } from './_okx-rows.ts';
import { frames, PING, PONG, socketUrl } from './_okx-streams.ts';

/** Days without `utc` begin in Hong Kong. */
const BARS: Readonly<Record<CandleInterval, string>> = { '1m': '1m', '5m': '5m', '15m': '15m', '30m': '30m', '1h': '1H', '4h': '4H', '1d': '1Dutc' };
const NAMES = new Map(Object.entries(BARS).map(([ours, theirs]) => [`candle${theirs}`, ours as CandleInterval]));
/** The quick list holds the newest 1,440 candles; some fewer, so that none is lost while it moves on. */
const RECENT_CANDLES = 1400;
const RECENT_PAGE = 300;
const HISTORY_PAGE = 100;
/** The venue tells the settlements of three months. */
const PAST_REACH_MS = 89 * 86_400_000;
const MAX_SETTLEMENTS = 100;
/** The limit cuts the oldest: a span has fewer settlements than it at the shortest time between two. */
const SETTLEMENTS_SPAN_MS = (MAX_SETTLEMENTS - 1) * 3_600_000;
const MAX_TRADES = 500;
const MAX_PAST_TRADES = 100;
const PAST_TRADES_SPAN_MS = 7 * 86_400_000;
const MAX_DEPTH = 400;
const CLOSED = '1';

/** Where a candle's volume in base coin stands: of perpetuals the first figure counts contracts. */
const VOLUME = { SPOT: '5', SWAP: '6' } as const;

const PAST_FUNDING: PastDialect<FundingSettlement> = {
  reachMs: PAST_REACH_MS,
  spanMs: SETTLEMENTS_SPAN_MS,
  limit: MAX_SETTLEMENTS,
  // Both ends are left out of the answer.
  ask: (symbol, { from, end }) => ({
    endpoint: 'publicGetPublicFundingRateHistory',
    params: { instId: marketId(symbol), before: from - 1, after: end, limit: MAX_SETTLEMENTS },
    weight: 6,
  }),
  read: (body) => dataOf(body).map((settled) => ({ at: whole(settled, 'fundingTime'), rate: amount(settled, 'realizedRate') })),
};

/** The newest before a time; a beginning cannot be given. @see https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-trades-history */
function pastTrades(kind: OkxKind): PastDialect<PublicTrade> {
  return {
    reachMs: PAST_REACH_MS,
    spanMs: PAST_TRADES_SPAN_MS,
    limit: MAX_PAST_TRADES,
    cutsOldest: true,
    ask: (symbol, { end }) => ({
      endpoint: 'publicGetMarketHistoryTrades',
      params: { instId: marketId(symbol), type: '2', after: end, limit: MAX_PAST_TRADES },
      weight: 5,
    }),
    read: (body, symbol) => dataOf(body).map((trade): PublicTrade => ({ ...tradeOf(kind, trade), symbol })),
  };
}

export function okxMarket(kind: OkxKind): MarketDialect {
  return {
    book: (symbol, depth) => ({ endpoint: 'publicGetMarketBooks', params: { instId: marketId(symbol), sz: Math.min(depth, MAX_DEPTH) }, weight: 3 }),
    readBook: (body, symbol) => ({ ...levelsOf(kind, marketId(symbol), theRow(body)), version: whole(theRow(body), 'ts') }),
    candles: {
      perPage: (interval, range) => (isRecent(interval, range) ? RECENT_PAGE : HISTORY_PAGE),
      ask: (symbol, interval, range) => {
        const params = { instId: marketId(symbol), bar: BARS[interval], before: String(range.from - 1), after: String(range.end) };
        return isRecent(interval, range)
          ? { endpoint: 'publicGetMarketCandles', params: { ...params, limit: RECENT_PAGE }, weight: 3 }
          : { endpoint: 'publicGetMarketHistoryCandles', params: { ...params, limit: HISTORY_PAGE }, weight: 5 };
      },
      read: (body) =>
        cells(row(body)['data'])
          .filter((cell) => cell['8'] === CLOSED)
          .map((cell) => candleOf(kind, cell)),
    },
    trades: (symbol, limit) => ({ endpoint: 'publicGetMarketTrades', params: { instId: marketId(symbol), limit: Math.min(limit, MAX_TRADES) }, weight: 1 }),
    readTrades: (body, symbol) =>
      dataOf(body)
        .map((trade): PublicTrade => ({ ...tradeOf(kind, trade), symbol }))
        .reverse(),
    past: { trades: pastTrades(kind), ...(kind.instType === 'SWAP' ? { funding: PAST_FUNDING } : {}) },
    pastFiles: 'https://www.okx.com/historical-data',
    tickers: { endpoint: 'publicGetMarketTickers', params: { instType: kind.instType }, weight: 5 },
    readTickers: (body, symbolOf) =>
      dataOf(body).flatMap((ticker) => {
        const symbol = symbolOf(text(ticker, 'instId'));
        const last = orNull(ticker, 'last');
        if (symbol === null || last === null) return [];
        return [{ symbol, last, bid: orNull(ticker, 'bidPx'), ask: orNull(ticker, 'askPx'), quoteVolume: quoteVolume(kind, ticker, last) }];
      }),
    tradesHaveIds: true,
    // Each trade by itself, as the list tells them; the plain channel puts together what one order traded.
    tradeStream: stream(
      'business',
      (instId) => ({ channel: 'trades-all', instId }),
      (about, message) => readTrades(kind, about, message),
    ),
    candleStream: stream(
      'business',
      (key) => {
        const { marketId: instId, interval } = partsOfCandleKey(key);
        return { channel: `candle${BARS[interval]}`, instId };
      },
      (about, message) => readCandles(kind, about, message),
    ),
    bookStream: stream(
      'public',
      (instId) => ({ channel: 'books', instId }),
      (about, message) => readBookNews(kind, about, message),
    ),
  };
}

function isRecent(interval: CandleInterval, { from, now }: CandleRange): boolean {
  return from > now - RECENT_CANDLES * CANDLE_INTERVALS[interval];
}

function stream<News>(
  access: 'public' | 'business',
  argumentOf: (key: string) => Readonly<Record<string, string>>,
  read: (about: Row, message: Row) => readonly Told<News>[],
): HubDialect<News> {
  return {
    url: (exchange) => socketUrl(exchange, access),
    subscribe: (keys) => frames('subscribe', keys.map(argumentOf)),
    unsubscribe: (keys) => frames('unsubscribe', keys.map(argumentOf)),
    read: (frame) => {
      if (frame === PONG) return [];
      const message = row(frame);
      return message['event'] === undefined ? read(row(message['arg']), message) : [];
    },
    probe: PING,
  };
}

function readTrades(kind: OkxKind, about: Row, message: Row): readonly Told<readonly Omit<PublicTrade, 'symbol'>[]>[] {
  return about['channel'] === 'trades-all' ? [{ key: text(about, 'instId'), news: rows(message['data']).map((trade) => tradeOf(kind, trade)) }] : [];
}

function readCandles(kind: OkxKind, about: Row, message: Row): readonly Told<CandleNews>[] {
  const interval = NAMES.get(text(about, 'channel'));
  if (interval === undefined) return [];
  const key = candleKey(text(about, 'instId'), interval);
  return cells(message['data']).map((cell) => ({ key, news: { candle: candleOf(kind, cell), isClosed: cell['8'] === CLOSED } }));
}

/** Each change names the one that it follows. Checksums are not sent any more. */
function readBookNews(kind: OkxKind, about: Row, message: Row): readonly Told<BookNews>[] {
  if (about['channel'] !== 'books') return [];
  const key = text(about, 'instId');
  return rows(message['data']).map((told) => {
    const [version, after] = [whole(told, 'seqId'), whole(told, 'prevSeqId')];
    const isWhole = message['action'] === 'snapshot' || after === -1;
    const found = levelsOf(kind, key, told);
    const news: BookNews = isWhole ? { type: 'snapshot', ...found, version } : { type: 'change', ...found, version, after, checksum: null };
    return { key, news };
  });
}

function levelsOf(kind: OkxKind, instId: string, book: Row): BookLevels {
  const side = (told: unknown): readonly BookLevel[] => levels(told).map(([price, size]): BookLevel => [price, kind.inBase(instId, size)]);
  return { bids: side(book['bids']), asks: side(book['asks']) };
}

function tradeOf(kind: OkxKind, told: Row): Omit<PublicTrade, 'symbol'> {
  const trade = rowInBase(kind, told);
  return { tradeId: text(trade, 'tradeId'), side: readSide(trade), price: amount(trade, 'px'), size: amount(trade, 'sz'), at: whole(trade, 'ts') };
}

function candleOf({ instType }: OkxKind, cell: Row): Candle {
  return candle(cell, ['0', '1', '2', '3', '4', VOLUME[instType]]);
}

/** Of spot instruments `volCcy24h` is in the quote asset, whatever its name says, and of perpetuals in base coin. */
function quoteVolume({ instType }: OkxKind, ticker: Row, last: DecimalString): DecimalString {
  const volume = amount(ticker, 'volCcy24h');
  return instType === 'SPOT' ? volume : plain(decimal(volume).times(last));
}
