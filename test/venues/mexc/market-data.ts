/** MEXC's public answers: what is traded, at what prices, and how it went. */
import { decimal } from '#core/money.ts';
import type { Candle } from '../_prices.ts';
import type { World } from '../_world.ts';
import { book, bookTickerOf, dayOf } from '../binance/market-data.ts';
import type { Parameters } from './parameters.ts';
import { MexcRefusal } from './refusals.ts';
import { symbolId } from './shapes.ts';

/** Largest value of one order, in the quote asset. */
export const MAX_QUOTE_AMOUNT = '10000000';
const MINUTES: Readonly<Record<string, number>> = { '1m': 1, '5m': 5, '15m': 15, '30m': 30, '60m': 60, '4h': 240, '1d': 1_440 };

/** Trading says `bad symbol` with 10007 to what market data calls invalid. */
export function symbolOf(world: World, id: string, code: 10007 | -1121 = -1121): string {
  const symbol = world.exchange.symbols.find((each) => symbolId(each) === id);
  if (symbol === undefined) throw new MexcRefusal(code, code === -1121 ? 'Invalid symbol.' : 'bad symbol');
  return symbol;
}

function forEachSymbol(world: World, parameters: Parameters, write: (symbol: string) => unknown): unknown {
  const one = parameters.get('symbol');
  return one === null ? world.exchange.symbols.map(write) : write(symbolOf(world, one));
}

export function exchangeInfo(world: World, parameters: Parameters): unknown {
  const named = parameters.get('symbols') ?? parameters.get('symbol');
  const symbols = named === null ? world.exchange.symbols : named.split(',').map((id) => symbolOf(world, id));
  return {
    timezone: 'CST',
    serverTime: world.now(),
    rateLimits: [],
    exchangeFilters: [],
    symbols: symbols.map((symbol) => symbolInfo(world, symbol)),
  };
}

function symbolInfo(world: World, symbol: string): unknown {
  const { instrument } = world.scale(symbol);
  const [basePlaces, quotePlaces] = [decimal(instrument.sizeIncrement).decimalPlaces(), decimal(instrument.priceIncrement).decimalPlaces()];
  return {
    symbol: symbolId(symbol),
    status: world.exchange.isHalted(symbol) ? '2' : '1',
    baseAsset: instrument.base,
    baseAssetPrecision: basePlaces,
    quoteAsset: instrument.quote,
    quotePrecision: quotePlaces,
    quoteAssetPrecision: quotePlaces,
    baseCommissionPrecision: basePlaces,
    quoteCommissionPrecision: quotePlaces,
    orderTypes: ['LIMIT', 'MARKET', 'LIMIT_MAKER'],
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    quoteAmountPrecision: instrument.minNotional,
    baseSizePrecision: instrument.minSize,
    permissions: ['SPOT'],
    filters: [],
    maxQuoteAmount: MAX_QUOTE_AMOUNT,
    makerCommission: instrument.makerFeeRate,
    takerCommission: instrument.takerFeeRate,
    quoteAmountPrecisionMarket: instrument.minNotional,
    maxQuoteAmountMarket: MAX_QUOTE_AMOUNT,
    fullName: instrument.base,
    tradeSideType: 1,
  };
}

export function bookTicker(world: World, parameters: Parameters): unknown {
  return forEachSymbol(world, parameters, (symbol) => {
    const { bid, bidSize, ask, askSize } = bookTickerOf(world, symbol);
    return { symbol: symbolId(symbol), bidPrice: bid, bidQty: bidSize, askPrice: ask, askQty: askSize };
  });
}

export function lastPrice(world: World, parameters: Parameters): unknown {
  return forEachSymbol(world, parameters, (symbol) => ({ symbol: symbolId(symbol), price: world.scale(symbol).price(world.path(symbol).lastTicks) }));
}

/** The share of the change is a fraction, not a percentage. */
export function dayTicker(world: World, parameters: Parameters): unknown {
  return forEachSymbol(world, parameters, (symbol) => {
    const day = dayOf(world, symbol);
    const { bid, ask } = bookTickerOf(world, symbol);
    return {
      symbol: symbolId(symbol),
      priceChange: day.change,
      priceChangePercent: decimal(day.change).div(day.open).toFixed(8),
      prevClosePrice: day.open,
      lastPrice: day.last,
      bidPrice: bid,
      bidQty: '',
      askPrice: ask,
      askQty: '',
      openPrice: day.open,
      highPrice: day.high,
      lowPrice: day.low,
      volume: day.volume,
      quoteVolume: day.quoteVolume,
      openTime: day.openAt,
      closeTime: world.now(),
      count: null,
    };
  });
}

export function depth(world: World, parameters: Parameters): unknown {
  return { ...book(world, symbolOf(world, parameters.need('symbol')), parameters.integer('limit') ?? 100), timestamp: world.now() };
}

export function klines(world: World, parameters: Parameters): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'));
  const minutes = MINUTES[parameters.need('interval')];
  if (minutes === undefined) throw new MexcRefusal(-1121, 'Invalid interval.');
  const from = parameters.integer('startTime');
  const limit = Math.min(parameters.integer('limit') ?? 500, 1_000);
  const found = world
    .path(symbol)
    .candlesOf(minutes)
    .filter((candle) => candle.openAt >= (from ?? 0) && candle.openAt <= (parameters.integer('endTime') ?? Number.POSITIVE_INFINITY));
  const chosen = from === null ? found.slice(-limit) : found.slice(0, limit);
  return chosen.map((candle) => {
    const { open, high, low, close, volume, amount } = candleOf(world, symbol, candle);
    return [candle.openAt, open, high, low, close, volume, candle.openAt + minutes * 60_000, amount];
  });
}

/** A candle written in decimals. */
export function candleOf(world: World, symbol: string, candle: Candle): Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume' | 'amount', string>> {
  const scale = world.scale(symbol);
  return {
    open: scale.price(candle.open),
    high: scale.price(candle.high),
    low: scale.price(candle.low),
    close: scale.price(candle.close),
    volume: scale.size(candle.lots),
    amount: scale.quote(candle.lots * candle.close),
  };
}

/** Public trades: those of the simulated accounts, newest first and without ids. */
export function publicTrades(world: World, parameters: Parameters, isAggregate: boolean): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'));
  const scale = world.scale(symbol);
  return world.exchange.accounts
    .flatMap((account) => [...world.exchange.fillsSince(account, symbol, 0)])
    .slice(-Math.min(parameters.integer('limit') ?? 500, 1_000))
    .reverse()
    .map((fill) => {
      const [price, qty, isBuyerMaker] = [scale.price(fill.priceTicks), scale.size(fill.sizeLots), (fill.side === 'buy') === fill.isMaker];
      if (isAggregate) return { a: null, f: null, l: null, p: price, q: qty, T: fill.at, m: isBuyerMaker, M: true };
      return { id: null, price, qty, quoteQty: scale.quote(fill.priceTicks * fill.sizeLots), time: fill.at, isBuyerMaker, isBestMatch: true };
    });
}
