/**
 * Public data of Binance futures where it differs from spot: endpoints and what they cost, trades told in sums of one price,
 * and books whose updates say themselves which one they follow.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
 */
import type { PublicTrade } from '#core/market-data.ts';
import { binanceMarket, klineOf, levelsOf, readKline, readSum, stream, TRADES_SPAN_MS } from './_binance-market.ts';
import { socketUrl } from './_binance-perpetual-streams.ts';
import type { Exchange } from './_exchange.ts';
import { amount, type Row, rows, text, whole } from './_fields.ts';
import type { Told } from './_hub.ts';
import type { MarketDialect } from './_market-dialect.ts';

const MAX_TRADES = 1000;
/** The venue keeps two days of sums of trades; what is older it answers with nothing. */
const TRADES_REACH_MS = 47 * 3_600_000;
const MAX_SETTLEMENTS = 1000;
/** So many settlements at the shortest time between two. */
const SETTLEMENTS_SPAN_MS = MAX_SETTLEMENTS * 3_600_000;
const CANDLES_PER_PAGE = 1000;
/** Levels a side, and what so many cost. */
const DEPTHS = [
  [50, 2],
  [100, 5],
  [500, 10],
  [1000, 20],
] as const;

export const PUBLIC = (exchange: Exchange): string => socketUrl(exchange, 'public');
const MARKET = (exchange: Exchange): string => socketUrl(exchange, 'market');

export function perpetualMarket(marketId: (symbol: string) => string): MarketDialect {
  const spot = binanceMarket(marketId);
  return {
    ...spot,
    book: (symbol, depth) => {
      const [limit, weight] = DEPTHS.find(([most]) => most >= depth) ?? [1000, 20];
      return { endpoint: 'fapiPublicGetDepth', params: { symbol: marketId(symbol), limit }, weight };
    },
    candles: {
      ...spot.candles,
      ask: (symbol, interval, { from, end }) => ({
        endpoint: 'fapiPublicGetKlines',
        params: { symbol: marketId(symbol), interval, startTime: from, endTime: end - 1, limit: CANDLES_PER_PAGE },
        weight: 5,
      }),
    },
    // The stream tells sums of trades at one price only, so the list is that of sums too: ids of both must be the same.
    trades: (symbol, limit) => ({ endpoint: 'fapiPublicGetAggTrades', params: { symbol: marketId(symbol), limit: Math.min(limit, MAX_TRADES) }, weight: 20 }),
    readTrades: (body, symbol) => rows(body).map((trade): PublicTrade => ({ symbol, ...readSum(trade) })),
    past: {
      trades: {
        reachMs: TRADES_REACH_MS,
        spanMs: TRADES_SPAN_MS,
        limit: MAX_TRADES,
        ask: (symbol, { from, end }) => ({
          endpoint: 'fapiPublicGetAggTrades',
          params: { symbol: marketId(symbol), startTime: from, endTime: end - 1, limit: MAX_TRADES },
          weight: 20,
        }),
        read: (body, symbol) => rows(body).map((trade): PublicTrade => ({ symbol, ...readSum(trade) })),
      },
      funding: {
        reachMs: null,
        spanMs: SETTLEMENTS_SPAN_MS,
        limit: MAX_SETTLEMENTS,
        // Counted apart, 500 in five minutes; beside the budget of the address that is a weight of about twenty.
        ask: (symbol, { from, end }) => ({
          endpoint: 'fapiPublicGetFundingRate',
          params: { symbol: marketId(symbol), startTime: from, endTime: end - 1, limit: MAX_SETTLEMENTS },
          weight: 24,
        }),
        read: (body) => rows(body).map((settled) => ({ at: whole(settled, 'fundingTime'), rate: amount(settled, 'fundingRate') })),
      },
    },
    // It tells no bid and ask, which are left out.
    tickers: { endpoint: 'fapiPublicGetTicker24hr', params: {}, weight: 40 },
    tradeStream: stream((id) => `${id.toLowerCase()}@aggTrade`, readTrade, MARKET),
    candleStream: stream(klineOf, readKline, MARKET),
    bookStream: { ...stream((id) => `${id.toLowerCase()}@depth@100ms`, readDepth, PUBLIC), snapshotDepth: 1000 },
  };
}

function readTrade(event: Row): readonly Told<readonly Omit<PublicTrade, 'symbol'>[]>[] {
  return event['e'] === 'aggTrade' ? [{ key: text(event, 's'), news: [readSum(event)] }] : [];
}

/** Its updates are numbered with those of all other symbols: what lies between two is no gap, and `pu` names the one before. */
function readDepth(event: Row): ReturnType<MarketDialect['bookStream']['read']> {
  if (event['e'] !== 'depthUpdate') return [];
  const change = { type: 'change', ...levelsOf(event, 'b', 'a'), version: whole(event, 'u'), after: whole(event, 'pu'), checksum: null } as const;
  return [{ key: text(event, 's'), news: change }];
}
