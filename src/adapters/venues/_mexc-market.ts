/**
 * MEXC's public data beyond best prices: candles, trades, books and the figures of a day, asked for and streamed in
 * protocol buffers. Its stream of candles does not say when one is over, so closed candles are asked for; its trades
 * have no ids, so those that a broken stream missed stay missed.
 * @see https://www.mexc.com/api-docs/spot-v3/websocket-market-streams
 */
import type { BookLevel, CandleInterval, PublicTrade } from '#core/market-data.ts';
import { amount, candle, cells, flag, levels, orNull, type Row, row, rows, text, whole } from './_fields.ts';
import type { HubDialect, Told } from './_hub.ts';
import type { BookLevels, BookNews, MarketDialect } from './_market-dialect.ts';
import { CHANNELS_A_CONNECTION, channelFrames, isAnswer, PING, readSide, socketUrl } from './_mexc-streams.ts';
import { namedFields, type ProtoMessage, readMessage, repeated } from './_protobuf.ts';

const INTERVALS: Readonly<Record<CandleInterval, string>> = { '1m': '1m', '5m': '5m', '15m': '15m', '30m': '30m', '1h': '60m', '4h': '4h', '1d': '1d' };
const CANDLES_PER_PAGE = 500;
const MAX_TRADES = 1000;
const MAX_DEPTH = 5000;

/** Fields of `PushDataV3ApiWrapper` and of the bodies inside it. */
const WRAPPER = { symbol: 3, depths: 313, deals: 314 } as const;
const DEPTHS = { asks: 1, bids: 2 } as const;
const DEPTH_TEXTS = { fromVersion: 4, toVersion: 5 } as const;
const LEVEL_TEXTS = { price: 1, quantity: 2 } as const;
const DEALS = 1;
const DEAL_TEXTS = { price: 1, quantity: 2 } as const;
const DEAL_NUMBERS = { tradeType: 3, time: 4 } as const;

export function mexcMarket(marketId: (symbol: string) => string): MarketDialect {
  return {
    book: (symbol, depth) => ({ endpoint: 'spotPublicGetDepth', params: { symbol: marketId(symbol), limit: Math.min(depth, MAX_DEPTH) }, weight: 1 }),
    readBook: (body) => ({ ...levelsOf(row(body)), version: whole(row(body), 'lastUpdateId') }),
    candles: {
      perPage: () => CANDLES_PER_PAGE,
      ask: (symbol, interval, { from, end }) => ({
        endpoint: 'spotPublicGetKlines',
        params: { symbol: marketId(symbol), interval: INTERVALS[interval], startTime: from, endTime: end - 1, limit: CANDLES_PER_PAGE },
        weight: 1,
      }),
      read: (body) => cells(body).map((cell) => candle(cell)),
    },
    trades: (symbol, limit) => ({ endpoint: 'spotPublicGetTrades', params: { symbol: marketId(symbol), limit: Math.min(limit, MAX_TRADES) }, weight: 5 }),
    readTrades: (body, symbol) =>
      rows(body)
        .map(
          (trade): PublicTrade => ({
            tradeId: null,
            symbol,
            side: flag(trade, 'isBuyerMaker') ? 'sell' : 'buy',
            price: amount(trade, 'price'),
            size: amount(trade, 'qty'),
            at: whole(trade, 'time'),
          }),
        )
        .reverse(),
    tickers: { endpoint: 'spotPublicGetTicker24hr', params: {}, weight: 40 },
    readTickers: (body, symbolOf) =>
      rows(body).flatMap((ticker) => {
        const symbol = symbolOf(text(ticker, 'symbol'));
        const last = orNull(ticker, 'lastPrice');
        if (symbol === null || last === null) return [];
        return [{ symbol, last, bid: orNull(ticker, 'bidPrice'), ask: orNull(ticker, 'askPrice'), quoteVolume: orNull(ticker, 'quoteVolume') ?? '0' }];
      }),
    tradesHaveIds: false,
    tradeStream: stream('deals', WRAPPER.deals, readDeals),
    bookStream: { ...stream('depth', WRAPPER.depths, readDepths), snapshotDepth: 1000 },
  };
}

function stream<News>(kind: 'deals' | 'depth', body: number, read: (bytes: Uint8Array) => News): HubDialect<News> {
  const channelOf = (id: string): string => `spot@public.aggre.${kind}.v3.api.pb@100ms@${id}`;
  return {
    perConnection: CHANNELS_A_CONNECTION,
    url: socketUrl,
    subscribe: (keys) => channelFrames('SUBSCRIPTION', keys.map(channelOf)),
    unsubscribe: (keys) => channelFrames('UNSUBSCRIPTION', keys.map(channelOf)),
    acknowledges: isAnswer,
    read: (frame): readonly Told<News>[] => {
      if (!(frame instanceof Uint8Array)) return [];
      const wrapper: ProtoMessage = readMessage(frame);
      const bytes = wrapper.get(body);
      return bytes instanceof Uint8Array ? [{ key: text(namedFields(wrapper, { symbol: WRAPPER.symbol }, {}), 'symbol'), news: read(bytes) }] : [];
    },
    probe: PING,
  };
}

function readDeals(bytes: Uint8Array): readonly Omit<PublicTrade, 'symbol'>[] {
  return repeated(bytes, DEALS).map((each) => {
    const deal = namedFields(readMessage(each), DEAL_TEXTS, DEAL_NUMBERS);
    return { tradeId: null, side: readSide(deal), price: amount(deal, 'price'), size: amount(deal, 'quantity'), at: whole(deal, 'time') };
  });
}

/** A change tells the first and the last of the versions in it. */
function readDepths(bytes: Uint8Array): BookNews {
  const { fromVersion, toVersion } = namedFields(readMessage(bytes), DEPTH_TEXTS, {});
  const version = whole({ toVersion }, 'toVersion');
  const side = (field: number): BookLevel[] => repeated(bytes, field).map(levelOf);
  return { type: 'change', bids: side(DEPTHS.bids), asks: side(DEPTHS.asks), version, after: whole({ fromVersion }, 'fromVersion') - 1, checksum: null };
}

function levelOf(bytes: Uint8Array): BookLevel {
  const level = namedFields(readMessage(bytes), LEVEL_TEXTS, {});
  // A quantity of zero may be left out.
  return [amount(level, 'price'), text(level, 'quantity') === '' ? '0' : amount(level, 'quantity')];
}

function levelsOf(book: Row): BookLevels {
  return { bids: levels(book['bids']), asks: levels(book['asks']) };
}
