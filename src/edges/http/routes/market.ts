/** Public data of an exchange through this server: candles, books, trades and the figures of a day. */
import { z } from 'zod';
import { MAX_CANDLES_AT_ONCE, MAX_DEPTH, MAX_TRADES_AT_ONCE, MarketReads } from '#app/market/market-reads.ts';
import { CANDLE_INTERVALS, type CandleInterval } from '#core/market-data.ts';
import { languageOf } from '../language.ts';
import { pageByKey } from '../page-by-key.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { exchangeInput } from '../schemas/accounts.ts';
import { BookItem, CandlePage, DayTickerPage, presentBook, presentCandle, presentDayTicker, presentTrade, TradePage } from '../schemas/market.ts';
import { isoTime, pageQuery, symbolInput, timeInput } from '../schemas/shared-pieces.ts';

const INTERVALS = Object.keys(CANDLE_INTERVALS) as [CandleInterval, ...CandleInterval[]];
const instrument = { exchange: exchangeInput, symbol: symbolInput.describe('What is traded, such as `BTC/USDT`.') };

const CandleQuery = z.strictObject({
  ...instrument,
  interval: z.enum(INTERVALS).describe('Length of a candle; days begin at midnight UTC.'),
  from: timeInput.optional().describe('Candles that opened at or after it. Left out, the newest are shown.'),
  to: timeInput.optional().describe('Candles that opened before it. Left out, all that have closed.'),
  limit: z.coerce.number().int().min(1).max(MAX_CANDLES_AT_ONCE).default(500).describe(`How many candles at most, 1 to ${MAX_CANDLES_AT_ONCE}.`),
  cursor: timeInput.optional().describe('Where to go on: `next_cursor` of the page before.'),
});
const BookQuery = z.strictObject({
  ...instrument,
  depth: z.coerce.number().int().min(1).max(MAX_DEPTH).default(20).describe(`How many levels a side at most, 1 to ${MAX_DEPTH}.`),
});
const TradeQuery = z.strictObject({
  ...instrument,
  limit: z.coerce.number().int().min(1).max(MAX_TRADES_AT_ONCE).default(50).describe(`How many trades at most, 1 to ${MAX_TRADES_AT_ONCE}.`),
});
const TickersQuery = pageQuery({ exchange: exchangeInput, quote: z.string().min(1).max(20).optional().describe('Only instruments traded for this coin.') });

const tags = ['catalogue'];
const OF_VENUE = ['exchange_unknown', 'venue_unavailable', 'venue_rate_limited'] as const;
const OF_SYMBOL = [...OF_VENUE, 'symbol_unknown'] as const;

const GET_CANDLES = operation({
  tags,
  operationId: 'listCandles',
  summary: 'Candles',
  description: 'Closed candles of an instrument, oldest first; an answer may be a few seconds old.',
  querystring: CandleQuery,
  response: { 200: CandlePage },
  problems: OF_SYMBOL,
});

const GET_BOOK = operation({
  tags,
  operationId: 'getBook',
  summary: 'The order book',
  description: 'The best levels of the order book; an answer may be a second old.',
  querystring: BookQuery,
  response: { 200: BookItem },
  problems: OF_SYMBOL,
});

const GET_TRADES = operation({
  tags,
  operationId: 'listTrades',
  summary: 'The newest trades',
  description: 'What others have traded last, oldest first; an answer may be a second old.',
  querystring: TradeQuery,
  response: { 200: TradePage },
  problems: OF_SYMBOL,
});

const GET_TICKERS = operation({
  tags,
  operationId: 'listTickers',
  summary: 'The last day of everything',
  description: 'Last price, best prices and volume of 24 hours of all instruments, in the order of the symbols; an answer may be a few seconds old.',
  querystring: TickersQuery,
  response: { 200: DayTickerPage },
  problems: OF_VENUE,
});

export function addMarketRoutes(server: HttpServer, { accounts, clock }: RouteParts): void {
  const reads = new MarketReads(clock);

  server.get('/market/candles', { schema: GET_CANDLES }, async ({ query }) => {
    const { exchange, symbol, interval, from, to, limit, cursor } = query;
    const { candles, next } = await reads.candles(accounts.venue(exchange), symbol, { interval, from: cursor ?? from, to, limit });
    return { items: candles.map(presentCandle), next_cursor: next === null ? null : isoTime(next) };
  });

  server.get('/market/book', { schema: GET_BOOK }, async ({ query, headers }) => {
    const venue = accounts.venue(query.exchange);
    return presentBook(venue, await reads.book(venue, query.symbol, query.depth), languageOf(headers['accept-language']));
  });

  server.get('/market/trades', { schema: GET_TRADES }, async ({ query }) => {
    const trades = await reads.trades(accounts.venue(query.exchange), query.symbol, query.limit);
    return { items: trades.map(presentTrade), next_cursor: null };
  });

  server.get('/market/tickers', { schema: GET_TICKERS }, async ({ query }) => {
    const tickers = await reads.tickers(accounts.venue(query.exchange));
    const wanted = query.quote === undefined ? tickers : tickers.filter(({ symbol }) => symbol.endsWith(`/${query.quote}`));
    return pageByKey(wanted.map(presentDayTicker), ({ symbol }) => symbol, query);
  });
}
