/** Wire shapes of public data: candles, books, trades and the figures of a day. */
import { z } from 'zod';
import type { Book, BookLevel, Candle, Ticker as DayFigures, PublicTrade } from '#core/market-data.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { Language } from '../language.ts';
import { decimalOutput, isoTime, pageOf, timeOutput } from './shared-pieces.ts';

const noticeOutput = z.string().nullable().describe('What you must know of these prices; `null` when they are those of the exchange.');

export const CandleItem = z
  .object({
    start_at: timeOutput.describe('When it opened.'),
    open: decimalOutput.describe('First price.'),
    high: decimalOutput.describe('Highest price.'),
    low: decimalOutput.describe('Lowest price.'),
    close: decimalOutput.describe('Last price.'),
    volume: decimalOutput.describe('What was traded, in the base coin.'),
  })
  .meta({
    id: 'Candle',
    description: 'The prices of a span of time.',
    examples: [{ start_at: '2026-11-20T07:00:00.000Z', open: '60000', high: '60120.5', low: '59950', close: '60010', volume: '12.5' }],
  });
export const CandlePage = pageOf('CandlePage', CandleItem, 'Closed candles, oldest first. Where nobody traded there may be none.');

const Level = z
  .object({ price: decimalOutput.describe('The price.'), quantity: decimalOutput.describe('What is offered at it, in the base coin.') })
  .meta({ id: 'BookLevel', description: 'One price of an order book.', examples: [{ price: '60000', quantity: '0.5' }] });

export const BookItem = z
  .object({
    symbol: z.string().describe('What is traded.'),
    exchange: z.string().describe('Where.'),
    bids: z.array(Level).describe('Buyers, highest price first.'),
    asks: z.array(Level).describe('Sellers, lowest price first.'),
    at: timeOutput.describe('When we received it.'),
    notice: noticeOutput,
  })
  .meta({
    id: 'Book',
    description: 'The best levels of an order book.',
    examples: [
      {
        symbol: 'BTC/USDT',
        exchange: 'binance',
        bids: [{ price: '60000', quantity: '0.5' }],
        asks: [{ price: '60000.01', quantity: '0.25' }],
        at: '2026-11-20T07:00:00.000Z',
        notice: null,
      },
    ],
  });

export const TradeItem = z
  .object({
    id: z.string().nullable().describe('Its id at the exchange; `null` where the exchange gives none.'),
    side: z.enum(['buy', 'sell']).describe('Of who traded at once.'),
    price: decimalOutput.describe('The price.'),
    quantity: decimalOutput.describe('How much, in the base coin.'),
    at: timeOutput.describe('When it happened, by the clock of the exchange.'),
  })
  .meta({
    id: 'Trade',
    description: 'A trade of others.',
    examples: [{ id: '4711', side: 'buy', price: '60000.01', quantity: '0.002', at: '2026-11-20T07:00:00.000Z' }],
  });
export const TradePage = pageOf('TradePage', TradeItem, 'The newest trades, oldest first; there is no further page.');

export const DayTicker = z
  .object({
    symbol: z.string().describe('What is traded.'),
    last: decimalOutput.describe('Price of the last trade.'),
    bid: decimalOutput.nullable().describe('Highest buyer; `null` while there is none.'),
    ask: decimalOutput.nullable().describe('Lowest seller; `null` while there is none.'),
    quote_volume: decimalOutput.describe('What was traded in 24 hours, in the quote coin.'),
    at: timeOutput.describe('When we received it.'),
  })
  .meta({
    id: 'DayTicker',
    description: 'The last 24 hours of an instrument.',
    examples: [{ symbol: 'BTC/USDT', last: '60000', bid: '59999.99', ask: '60000.01', quote_volume: '125000000', at: '2026-11-20T07:00:00.000Z' }],
  });
export const DayTickerPage = pageOf('DayTickerPage', DayTicker, 'The figures of a day in the order of the symbols.');

export function presentCandle({ startAt, ...prices }: Candle): z.output<typeof CandleItem> {
  return { start_at: isoTime(startAt), ...prices };
}

export function presentBook(venue: Venue, { symbol, bids, asks, at }: Book, language: Language): z.output<typeof BookItem> {
  const present = (side: readonly BookLevel[]) => side.map(([price, quantity]) => ({ price, quantity }));
  return { symbol, exchange: venue.id, bids: present(bids), asks: present(asks), at: isoTime(at), notice: venue.market.notice()?.[language] ?? null };
}

export function presentTrade({ tradeId, side, price, size, at }: PublicTrade): z.output<typeof TradeItem> {
  return { id: tradeId, side, price, quantity: size, at: isoTime(at) };
}

export function presentDayTicker({ quoteVolume, at, ...rest }: DayFigures): z.output<typeof DayTicker> {
  return { ...rest, quote_volume: quoteVolume, at: isoTime(at) };
}
