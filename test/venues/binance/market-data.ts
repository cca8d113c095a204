/** Binance's public answers: what is traded, at what prices, and how it went. */
import type { InstrumentKind } from '#core/instrument.ts';
import type { SimulatedFill } from '#core/simulated-exchange.ts';
import type { Candle, MarketQuote } from '../_prices.ts';
import type { World } from '../_world.ts';
import type { Limits } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { BinanceRefusal } from './refusals.ts';
import { fixed, symbolId } from './shapes.ts';

export const ORDER_TYPES = ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT'] as const;
/** Orders further than this from the market are refused by PERCENT_PRICE_BY_SIDE. */
export const PRICE_BAND = { up: 5, down: 0.2 } as const;
const MINUTES: Readonly<Record<string, number>> = {
  '1m': 1,
  '3m': 3,
  '5m': 5,
  '15m': 15,
  '30m': 30,
  '1h': 60,
  '2h': 120,
  '4h': 240,
  '6h': 360,
  '8h': 480,
  '12h': 720,
  '1d': 1_440,
};
/** Shown behind a quote whose liquidity knows no limit, in lots. */
const ENDLESS_LOTS = 1_000_000;

export function symbolOf(world: World, id: string, kind: InstrumentKind = 'spot'): string {
  const symbol = world.symbolsOf(kind).find((each) => symbolId(each) === id);
  if (symbol === undefined) throw new BinanceRefusal(-1121, 'Invalid symbol.');
  return symbol;
}

/** The symbols a request names by `symbol` or `symbols`, or all; `isList` when the answer is a list. */
function symbolsOf(world: World, parameters: Parameters, kind: InstrumentKind): { readonly symbols: readonly string[]; readonly isList: boolean } {
  const one = parameters.get('symbol');
  if (one !== null) return { symbols: [symbolOf(world, one, kind)], isList: false };
  const several = parameters.get('symbols');
  if (several === null) return { symbols: world.symbolsOf(kind), isList: true };
  const ids: unknown = JSON.parse(several);
  if (!Array.isArray(ids)) throw new BinanceRefusal(-1100, "Illegal characters found in parameter 'symbols'.");
  return { symbols: ids.map((id) => symbolOf(world, String(id), kind)), isList: true };
}

function forEachSymbol(world: World, parameters: Parameters, kind: InstrumentKind, write: (symbol: string) => unknown): unknown {
  const { symbols, isList } = symbolsOf(world, parameters, kind);
  return isList ? symbols.map(write) : write(symbols[0] ?? '');
}

export function exchangeInfo(world: World, limits: Limits, parameters: Parameters): unknown {
  const { symbols } = symbolsOf(world, parameters, 'spot');
  const { weightPerMinute, ordersPer10s, ordersPerDay } = limits.options;
  return {
    timezone: 'UTC',
    serverTime: world.now(),
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightPerMinute },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: ordersPer10s },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: ordersPerDay },
    ],
    exchangeFilters: [],
    symbols: symbols.map((symbol) => symbolInfo(world, symbol)),
  };
}

function symbolInfo(world: World, symbol: string): unknown {
  const { instrument } = world.scale(symbol);
  const { sizeIncrement: stepSize, minSize: minQty } = instrument;
  const maxQty = instrument.maxSize ?? '9000000';
  return {
    symbol: symbolId(symbol),
    status: world.exchange.isHalted(symbol) ? 'BREAK' : 'TRADING',
    baseAsset: instrument.base,
    baseAssetPrecision: 8,
    quoteAsset: instrument.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ORDER_TYPES,
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      {
        filterType: 'PRICE_FILTER',
        minPrice: fixed(instrument.minPrice),
        maxPrice: fixed(instrument.maxPrice ?? '0'),
        tickSize: fixed(instrument.priceIncrement),
      },
      { filterType: 'LOT_SIZE', minQty: fixed(minQty), maxQty: fixed(maxQty), stepSize: fixed(stepSize) },
      { filterType: 'MARKET_LOT_SIZE', minQty: fixed('0'), maxQty: fixed(maxQty), stepSize: fixed('0') },
      {
        filterType: 'PERCENT_PRICE_BY_SIDE',
        bidMultiplierUp: String(PRICE_BAND.up),
        bidMultiplierDown: String(PRICE_BAND.down),
        askMultiplierUp: String(PRICE_BAND.up),
        askMultiplierDown: String(PRICE_BAND.down),
        avgPriceMins: 5,
      },
      {
        filterType: 'NOTIONAL',
        minNotional: fixed(instrument.minNotional),
        applyMinToMarket: true,
        maxNotional: '9000000.00000000',
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
      { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
    ],
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  };
}

/** Best prices and sizes, written. */
export function bookTickerOf(world: World, symbol: string): { readonly bid: string; readonly bidSize: string; readonly ask: string; readonly askSize: string } {
  const scale = world.scale(symbol);
  const { bidTicks, askTicks, liquidityLots } = world.path(symbol).quote;
  const size = fixed(scale.size(Math.min(liquidityLots, ENDLESS_LOTS)));
  return { bid: fixed(scale.price(bidTicks)), bidSize: size, ask: fixed(scale.price(askTicks)), askSize: size };
}

export function bookTicker(world: World, parameters: Parameters, kind: InstrumentKind): unknown {
  return forEachSymbol(world, parameters, kind, (symbol) => {
    const { bid, bidSize, ask, askSize } = bookTickerOf(world, symbol);
    return { symbol: symbolId(symbol), bidPrice: bid, bidQty: bidSize, askPrice: ask, askQty: askSize };
  });
}

export function lastPrice(world: World, parameters: Parameters, kind: InstrumentKind): unknown {
  return forEachSymbol(world, parameters, kind, (symbol) => ({
    symbol: symbolId(symbol),
    price: fixed(world.scale(symbol).price(world.path(symbol).lastTicks)),
  }));
}

/** The last day of a market, written; the streams' tickers are made of it too. */
export function dayOf(
  world: World,
  symbol: string,
): {
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly last: string;
  readonly volume: string;
  readonly quoteVolume: string;
  readonly change: string;
  readonly percent: string;
  readonly count: number;
  readonly openAt: number;
} {
  const scale = world.scale(symbol);
  const day = world.path(symbol).day(world.now());
  const [open, high, low, last] = [day.open, day.high, day.low, day.close].map((ticks) => fixed(scale.price(ticks))) as [string, string, string, string];
  const change = fixed(scale.price(day.close - day.open));
  const percent = (((day.close - day.open) / day.open) * 100).toFixed(3);
  return {
    open,
    high,
    low,
    last,
    volume: fixed(scale.size(day.lots)),
    quoteVolume: fixed(scale.quote(day.lots * day.close)),
    change,
    percent,
    count: day.trades,
    openAt: day.openAt,
  };
}

export function dayTicker(world: World, parameters: Parameters, kind: InstrumentKind): unknown {
  return forEachSymbol(world, parameters, kind, (symbol) => {
    const day = dayOf(world, symbol);
    const { bid, bidSize, ask, askSize } = bookTickerOf(world, symbol);
    const quote = { bidPrice: bid, bidQty: bidSize, askPrice: ask, askQty: askSize };
    return {
      symbol: symbolId(symbol),
      priceChange: day.change,
      priceChangePercent: day.percent,
      weightedAvgPrice: day.last,
      prevClosePrice: day.open,
      lastPrice: day.last,
      lastQty: bidSize,
      ...(kind === 'spot' ? quote : {}),
      openPrice: day.open,
      highPrice: day.high,
      lowPrice: day.low,
      volume: day.volume,
      quoteVolume: day.quoteVolume,
      openTime: day.openAt,
      closeTime: world.now(),
      firstId: 1,
      lastId: day.count,
      count: day.count,
    };
  });
}

/** Levels a side that the order book shows, in answers and on the stream. */
const DEPTH_LEVELS = 100;

type Level = readonly [price: string, size: string];

export interface BookLevels {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** The order book as GET depth answers: `levels` a side around the quote, one tick from each other. */
export function book(world: World, symbol: string, levels: number): BookLevels & { readonly lastUpdateId: number } {
  const { quote, revision } = world.path(symbol);
  return { lastUpdateId: revision, ...ladder(world, symbol, quote, Math.min(levels, DEPTH_LEVELS)) };
}

/** What the latest price changed in the book: every level that came, went or has another size. */
export function bookChange(world: World, symbol: string): BookLevels {
  const { quote, former } = world.path(symbol);
  const now = ladder(world, symbol, quote, DEPTH_LEVELS);
  const before = ladder(world, symbol, former, DEPTH_LEVELS);
  return { bids: changed(before.bids, now.bids), asks: changed(before.asks, now.asks) };
}

function changed(before: readonly Level[], now: readonly Level[]): Level[] {
  const sizes = new Map(now);
  const known = new Map(before);
  const gone = before.filter(([price]) => !sizes.has(price)).map(([price]): Level => [price, '0.00000000']);
  return [...gone, ...now.filter(([price, size]) => known.get(price) !== size)];
}

function ladder(world: World, symbol: string, { bidTicks, askTicks, liquidityLots }: MarketQuote, levels: number): BookLevels {
  const scale = world.scale(symbol);
  const size = fixed(scale.size(Math.min(liquidityLots, ENDLESS_LOTS)));
  const side = (start: number, step: 1 | -1): Level[] =>
    Array.from({ length: levels }, (_, index) => start + index * step)
      .filter((ticks) => ticks > 0)
      .map((ticks): Level => [fixed(scale.price(ticks)), size]);
  return { bids: side(bidTicks, -1), asks: side(askTicks, 1) };
}

export function candleShape(world: World, symbol: string, candle: Candle, minutes: number): unknown[] {
  const scale = world.scale(symbol);
  const [open, high, low, close] = [candle.open, candle.high, candle.low, candle.close].map((ticks) => fixed(scale.price(ticks)));
  const volume = fixed(scale.size(candle.lots));
  const quoteVolume = fixed(scale.quote(candle.lots * candle.close));
  return [candle.openAt, open, high, low, close, volume, candle.openAt + minutes * 60_000 - 1, quoteVolume, candle.trades, volume, quoteVolume, '0'];
}

export function minutesOf(interval: string): number {
  const minutes = MINUTES[interval];
  if (minutes === undefined) throw new BinanceRefusal(-1120, 'Invalid interval.');
  return minutes;
}

export function klines(world: World, parameters: Parameters, kind: InstrumentKind): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'), kind);
  const minutes = minutesOf(parameters.need('interval'));
  const from = parameters.integer('startTime');
  const to = parameters.integer('endTime') ?? Number.POSITIVE_INFINITY;
  const limit = Math.min(parameters.integer('limit') ?? 500, 1_000);
  const found = world
    .path(symbol)
    .candlesOf(minutes)
    .filter((candle) => candle.openAt >= (from ?? 0) && candle.openAt <= to);
  const chosen = from === null ? found.slice(-limit) : found.slice(0, limit);
  return chosen.map((candle) => candleShape(world, symbol, candle, minutes));
}

/** Public trades: those of the simulated accounts, newest last. */
export function publicTrades(world: World, symbol: string, limit: number, isAggregate: boolean): unknown[] {
  const scale = world.scale(symbol);
  const fills: SimulatedFill[] = world.exchange.accounts.flatMap((account) => [...world.exchange.fillsSince(account, symbol, 0)]);
  return fills.slice(-limit).map((fill) => {
    const [id, price, qty] = [Number(fill.tradeId), fixed(scale.price(fill.priceTicks)), fixed(scale.size(fill.sizeLots))];
    const isBuyerMaker = (fill.side === 'buy') === fill.isMaker;
    if (isAggregate) return { a: id, p: price, q: qty, f: id, l: id, T: fill.at, m: isBuyerMaker, M: true };
    return { id, price, qty, quoteQty: fixed(scale.quote(fill.priceTicks * fill.sizeLots)), time: fill.at, isBuyerMaker, isBestMatch: true };
  });
}

/** Sums of trades of the past by their time: four a minute, at the prices of its candle. */
export function pastTrades(world: World, symbol: string, parameters: Parameters): unknown[] {
  const [from, to] = [parameters.integer('startTime') ?? 0, parameters.integer('endTime') ?? Number.POSITIVE_INFINITY];
  if (to - from >= 3_600_000) throw new BinanceRefusal(-1127, 'More than 1 hours between startTime and endTime.');
  const scale = world.scale(symbol);
  return world
    .path(symbol)
    .candlesOf(1)
    .filter(({ openAt }) => openAt + 60_000 > from && openAt <= to)
    .flatMap(({ openAt, open, high, low, close }) => [open, low, high, close].map((ticks, index) => ({ openAt, ticks, index })))
    .map(({ openAt, ticks, index }) => {
      const id = (openAt / 60_000) * 4 + index;
      return { a: id, p: fixed(scale.price(ticks)), q: fixed(scale.size(index + 1)), f: id, l: id, T: openAt + index * 15_000, m: index % 2 === 1, M: true };
    })
    .filter(({ T: at }) => at >= from && at <= to)
    .slice(0, Math.min(parameters.integer('limit') ?? 500, 1_000));
}
