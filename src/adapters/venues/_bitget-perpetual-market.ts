/**
 * Bitget's public data of perpetuals beyond best prices. Streams are those of spot under another name; books that are asked
 * for are numbers, and may have few fixed depths.
 * @see https://www.bitget.com/api-doc/contract/market/Get-Merge-Depth
 */
import type { BookLevel, CandleInterval } from '#core/market-data.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import { BITGET_FILES, bitgetMarketStreams, bitgetPastTrades, HISTORY_PAGE, isRecent, RECENT_PAGE, tickersIn, tradesIn } from './_bitget-market.ts';
import { marketId } from './_bitget-perpetual-rows.ts';
import { dataOf } from './_bitget-rows.ts';
import { candle, cells, row, UnreadableAnswer, whole } from './_fields.ts';
import type { MarketDialect } from './_market-dialect.ts';

/** Days without `utc` begin in Hong Kong. */
const GRANULARITIES: Readonly<Record<CandleInterval, string>> = { '1m': '1m', '5m': '5m', '15m': '15m', '30m': '30m', '1h': '1H', '4h': '4H', '1d': '1Dutc' };
/** Depths that can be asked for; beyond them there is only all. */
const DEPTHS = [1, 5, 15, 50] as const;
const MAX_TRADES = 100;
const MAX_HISTORY_TRADES = 500;

function about(symbol: string): Readonly<Record<string, string>> {
  return { productType: 'USDT-FUTURES', symbol: marketId(symbol) };
}

export const perpetualMarket: MarketDialect = {
  book: (symbol, depth) => ({
    endpoint: 'publicMixGetV2MixMarketMergeDepth',
    params: { ...about(symbol), precision: 'scale0', limit: String(DEPTHS.find((each) => each >= depth) ?? 'max') },
    weight: 1,
  }),
  readBook: (body) => {
    const book = row(dataOf(body));
    return { bids: numbers(book['bids']), asks: numbers(book['asks']), version: whole(book, 'ts') };
  },
  candles: {
    perPage: (_interval, range) => (isRecent(range) ? RECENT_PAGE : HISTORY_PAGE) - 1,
    ask: (symbol, interval, range) => {
      const params = { ...about(symbol), granularity: GRANULARITIES[interval], endTime: String(range.end) };
      return isRecent(range)
        ? { endpoint: 'publicMixGetV2MixMarketCandles', params: { ...params, startTime: String(range.from), limit: RECENT_PAGE }, weight: 1 }
        : { endpoint: 'publicMixGetV2MixMarketHistoryCandles', params: { ...params, limit: HISTORY_PAGE }, weight: 1 };
    },
    read: (body) => cells(dataOf(body)).map((cell) => candle(cell)),
  },
  trades: (symbol, limit) =>
    limit <= MAX_TRADES
      ? { endpoint: 'publicMixGetV2MixMarketFills', params: { ...about(symbol), limit }, weight: 1 }
      : { endpoint: 'publicMixGetV2MixMarketFillsHistory', params: { ...about(symbol), limit: Math.min(limit, MAX_HISTORY_TRADES) }, weight: 2 },
  readTrades: tradesIn,
  past: { trades: bitgetPastTrades(about, { endpoint: 'publicMixGetV2MixMarketFillsHistory', weight: 2 }) },
  pastFiles: BITGET_FILES,
  tickers: { endpoint: 'publicMixGetV2MixMarketTickers', params: { productType: 'USDT-FUTURES' }, weight: 1 },
  readTickers: tickersIn,
  ...bitgetMarketStreams('USDT-FUTURES'),
};

/** Levels as numbers, exact as far as the venue wrote them: prices and sizes have fewer digits than a number holds. */
function numbers(side: unknown): readonly BookLevel[] {
  return cells(side).map((cell): BookLevel => [written(cell['0']), written(cell['1'])]);
}

function written(value: unknown): DecimalString {
  const isAmount = typeof value === 'number' ? Number.isFinite(value) && value >= 0 : typeof value === 'string' && /^\d+(\.\d+)?$/.test(value);
  if (!isAmount) throw new UnreadableAnswer('a level that is no decimal');
  return plain(decimal(value as number | string));
}
