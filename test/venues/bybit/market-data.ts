/** Bybit's public answers: what is traded, at what prices, and how it went. Candles and trades come newest first. */
import type { InstrumentKind } from '#core/instrument.ts';
import type { SimulatedFill } from '#core/simulated-exchange.ts';
import type { Candle, MarketQuote } from '../_prices.ts';
import type { World } from '../_world.ts';
import { linearInstruments, markShape } from './linear-shapes.ts';
import type { Parameters } from './parameters.ts';
import { BybitRefusal, wrongParameter } from './refusals.ts';
import { symbolId } from './shapes.ts';

const MINUTES: Readonly<Record<string, number>> = {
  '1': 1,
  '3': 3,
  '5': 5,
  '15': 15,
  '30': 30,
  '60': 60,
  '120': 120,
  '240': 240,
  '360': 360,
  '720': 720,
  D: 1_440,
};
/** Shown behind a quote whose liquidity knows no limit, in lots. */
const ENDLESS_LOTS = 1_000_000;

type Level = readonly [price: string, size: string];

export interface BookLevels {
  readonly b: readonly Level[];
  readonly a: readonly Level[];
}

/** The kind of instruments that a request is about; the other categories of the venue exist, and `null` says that they are empty. */
export function kindOf(parameters: Parameters): InstrumentKind | null {
  const category = parameters.need('category');
  if (!['spot', 'linear', 'inverse', 'option'].includes(category)) throw wrongParameter('category');
  return category === 'spot' ? 'spot' : category === 'linear' ? 'perpetual' : null;
}

/** The same where only a category that is simulated makes sense. */
export function needKind(parameters: Parameters): InstrumentKind {
  const kind = kindOf(parameters);
  if (kind === null) throw wrongParameter('category');
  return kind;
}

export function symbolOf(world: World, id: string, kind: InstrumentKind, refusal = new BybitRefusal(10001, 'Not supported symbols')): string {
  const symbol = world.symbolsOf(kind).find((each) => symbolId(each) === id);
  if (symbol === undefined) throw refusal;
  return symbol;
}

function symbolsOf(world: World, parameters: Parameters, kind: InstrumentKind): readonly string[] {
  const named = parameters.get('symbol');
  return named === null ? world.symbolsOf(kind) : [symbolOf(world, named, kind)];
}

export function instruments(world: World, parameters: Parameters): unknown {
  const category = parameters.need('category');
  const kind = kindOf(parameters);
  if (kind === null || parameters.get('status') === 'PreLaunch') return { category, list: [], nextPageCursor: '' };
  if (kind === 'perpetual') return linearInstruments(world, symbolsOf(world, parameters, kind), parameters);
  const list = symbolsOf(world, parameters, kind).map((symbol) => {
    const { instrument } = world.scale(symbol);
    const maxSize = instrument.maxSize ?? '9000000';
    return {
      symbol: symbolId(symbol),
      baseCoin: instrument.base,
      quoteCoin: instrument.quote,
      innovation: '0',
      status: world.exchange.isHalted(symbol) ? 'PreLaunch' : 'Trading',
      marginTrading: 'utaOnly',
      stTag: '0',
      lotSizeFilter: {
        basePrecision: instrument.sizeIncrement,
        quotePrecision: '0.0000001',
        minOrderQty: instrument.minSize,
        maxOrderQty: maxSize,
        maxLimitOrderQty: maxSize,
        maxMarketOrderQty: maxSize,
        minOrderAmt: instrument.minNotional,
        maxOrderAmt: '8000000',
      },
      priceFilter: { tickSize: instrument.priceIncrement },
      riskParameters: { priceLimitRatioX: '0.1', priceLimitRatioY: '0.1' },
    };
  });
  return { category, list };
}

export function tickers(world: World, parameters: Parameters): unknown {
  const category = parameters.need('category');
  const kind = kindOf(parameters);
  if (kind === null) return { category, list: [] };
  const list = symbolsOf(world, parameters, kind).map((symbol) => ({
    ...dayShape(world, symbol),
    ...bestShape(world, symbol),
    ...(kind === 'perpetual' ? markShape(world, symbol) : {}),
  }));
  return { category, list };
}

function bestShape(world: World, symbol: string): Readonly<Record<string, string>> {
  const { b, a } = ladder(world, symbol, world.path(symbol).quote, 1);
  return { bid1Price: b[0]?.[0] ?? '', bid1Size: b[0]?.[1] ?? '', ask1Price: a[0]?.[0] ?? '', ask1Size: a[0]?.[1] ?? '' };
}

/** The last day of a market; the ticker of the stream is this alone, without the best prices. */
export function dayShape(world: World, symbol: string): Record<string, unknown> {
  const scale = world.scale(symbol);
  const day = world.path(symbol).day(world.now());
  return {
    symbol: symbolId(symbol),
    lastPrice: scale.price(day.close),
    prevPrice24h: scale.price(day.open),
    price24hPcnt: ((day.close - day.open) / day.open).toFixed(4),
    highPrice24h: scale.price(day.high),
    lowPrice24h: scale.price(day.low),
    volume24h: scale.size(day.lots),
    turnover24h: scale.quote(day.lots * day.close),
    usdIndexPrice: scale.price(day.close),
  };
}

export function orderbook(world: World, parameters: Parameters): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'), needKind(parameters));
  return { ...bookShape(world, symbol, Math.min(parameters.integer('limit') ?? 1, 200)), ts: world.now(), cts: world.now() };
}

export function bookShape(world: World, symbol: string, levels: number): BookLevels & { readonly s: string; readonly u: number; readonly seq: number } {
  const { quote, revision } = world.path(symbol);
  return { s: symbolId(symbol), ...ladder(world, symbol, quote, levels), u: revision, seq: revision };
}

/** What the latest price changed in a book of so many levels: every level that came, went or has another size. */
export function bookChange(world: World, symbol: string, levels: number): BookLevels & { readonly s: string; readonly u: number; readonly seq: number } {
  const { quote, former, revision } = world.path(symbol);
  const [now, before] = [ladder(world, symbol, quote, levels), ladder(world, symbol, former, levels)];
  return { s: symbolId(symbol), b: changed(before.b, now.b), a: changed(before.a, now.a), u: revision, seq: revision };
}

function changed(before: readonly Level[], now: readonly Level[]): readonly Level[] {
  const [sizes, known] = [new Map(now), new Map(before)];
  const gone = before.filter(([price]) => !sizes.has(price)).map(([price]): Level => [price, '0']);
  return [...gone, ...now.filter(([price, size]) => known.get(price) !== size)];
}

function ladder(world: World, symbol: string, { bidTicks, askTicks, liquidityLots }: MarketQuote, levels: number): BookLevels {
  const scale = world.scale(symbol);
  const size = scale.size(Math.min(liquidityLots, ENDLESS_LOTS));
  const side = (start: number, step: 1 | -1): Level[] =>
    Array.from({ length: levels }, (_, index) => start + index * step)
      .filter((ticks) => ticks > 0)
      .map((ticks): Level => [scale.price(ticks), size]);
  return { b: side(bidTicks, -1), a: side(askTicks, 1) };
}

export function minutesOf(interval: string): number {
  const minutes = MINUTES[interval];
  if (minutes === undefined) throw wrongParameter('interval');
  return minutes;
}

export function kline(world: World, parameters: Parameters): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'), needKind(parameters));
  const minutes = minutesOf(parameters.need('interval'));
  const [from, to] = [parameters.integer('start'), parameters.integer('end') ?? Number.POSITIVE_INFINITY];
  const limit = Math.min(parameters.integer('limit') ?? 200, 1_000);
  const found = world
    .path(symbol)
    .candlesOf(minutes)
    .filter((candle) => candle.openAt >= (from ?? 0) && candle.openAt <= to);
  const list = found
    .slice(-limit)
    .reverse()
    .map((candle) => {
      const { start, open, high, low, close, volume, turnover } = candleShape(world, symbol, candle);
      return [String(start), open, high, low, close, volume, turnover];
    });
  return { category: parameters.get('category'), symbol: symbolId(symbol), list };
}

export function candleShape(
  world: World,
  symbol: string,
  candle: Candle,
): Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume' | 'turnover', string>> & { readonly start: number } {
  const scale = world.scale(symbol);
  const [open, high, low, close] = [candle.open, candle.high, candle.low, candle.close].map((ticks) => scale.price(ticks)) as [string, string, string, string];
  return { start: candle.openAt, open, high, low, close, volume: scale.size(candle.lots), turnover: scale.quote(candle.lots * candle.close) };
}

/** Public trades: those of the simulated accounts. */
export function recentTrades(world: World, parameters: Parameters): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'), needKind(parameters));
  const scale = world.scale(symbol);
  const fills: SimulatedFill[] = world.exchange.accounts.flatMap((account) => [...world.exchange.fillsSince(account, symbol, 0)]);
  const list = fills
    .slice(-Math.min(parameters.integer('limit') ?? 60, 60))
    .reverse()
    .map((fill) => ({
      execId: fill.tradeId,
      symbol: symbolId(symbol),
      price: scale.price(fill.priceTicks),
      size: scale.size(fill.sizeLots),
      side: takerSide(fill),
      time: String(fill.at),
      isBlockTrade: false,
      isRPITrade: false,
    }));
  return { category: parameters.get('category'), list };
}

export function takerSide(fill: SimulatedFill): 'Buy' | 'Sell' {
  return (fill.side === 'buy') !== fill.isMaker ? 'Buy' : 'Sell';
}
