/** OKX's public answers: what is traded, at what prices, and how it went. Candles and lists come newest first. */
import { isPerpetualSymbol } from '#core/instrument.ts';
import { decimal, plain } from '#core/money.ts';
import type { SimulatedFill } from '#core/simulated-exchange.ts';
import type { Candle, MarketQuote } from '../_prices.ts';
import type { World } from '../_world.ts';
import type { Parameters } from './parameters.ts';
import { OkxRefusal, wrongParameter } from './refusals.ts';
import { instId, instType, sizeOf } from './shapes.ts';

const MINUTES: Readonly<Record<string, number>> = { m: 1, H: 60, D: 1_440 };
/** Shown behind a quote whose liquidity knows no limit, in lots. */
const ENDLESS_LOTS = 1_000_000;
const HONG_KONG_MS = 16 * 3_600_000;
const BOOK_LEVELS = 400;

type Level = readonly [price: string, size: string, deprecated: '0', orders: string];

export function symbolOf(world: World, id: string): string {
  const symbol = world.exchange.symbols.find((each) => instId(each) === id);
  if (symbol === undefined) throw new OkxRefusal('51001', "Instrument ID, Instrument ID code, or Spread ID doesn't exist.");
  return symbol;
}

/** The symbols of the kind that a request names. */
export function symbolsOfType(world: World, parameters: Parameters): readonly string[] {
  const named = parameters.need('instType');
  return world.exchange.symbols.filter((symbol) => instType(symbol) === named);
}

export function instruments(world: World, parameters: Parameters): unknown[] {
  const named = parameters.get('instId');
  const symbols = symbolsOfType(world, parameters).filter((symbol) => named === null || instId(symbol) === named);
  return symbols.map((symbol) => {
    const { instrument } = world.scale(symbol);
    const { lots, ...terms } = isPerpetualSymbol(symbol) ? contractTerms(world, symbol) : spotTerms(world, symbol);
    return {
      ...terms,
      alias: '',
      category: '1',
      expTime: '',
      instId: instId(symbol),
      instType: instType(symbol),
      listTime: '1606468572000',
      lotSz: lots.least,
      maxIcebergSz: lots.most,
      maxLmtAmt: '20000000',
      maxLmtSz: lots.most,
      maxMktAmt: '1000000',
      maxMktSz: '1000000',
      maxStopSz: lots.most,
      maxTriggerSz: lots.most,
      maxTwapSz: lots.most,
      minSz: lots.smallestOrder,
      optType: '',
      ruleType: 'normal',
      state: world.exchange.isHalted(symbol) ? 'suspend' : 'live',
      stk: '',
      tickSz: instrument.priceIncrement,
    };
  });
}

function spotTerms(world: World, symbol: string) {
  const { base, quote, sizeIncrement, minSize, maxSize } = world.scale(symbol).instrument;
  const none = { ctMult: '', ctType: '', ctVal: '', ctValCcy: '', instFamily: '', lever: '', settleCcy: '', uly: '' };
  return { ...none, baseCcy: base, quoteCcy: quote, lots: { least: sizeIncrement, smallestOrder: minSize, most: maxSize ?? '9000000' } };
}

function contractTerms(world: World, symbol: string) {
  const { base, quote, settle, perpetual, minSize, maxSize } = world.scale(symbol).instrument;
  const inContracts = (size: string): string => plain(decimal(size).div(perpetual?.contractSize ?? '1'));
  return {
    baseCcy: '',
    ctMult: '1',
    ctType: 'linear',
    ctVal: perpetual?.contractSize ?? '',
    ctValCcy: base,
    instFamily: `${base}-${quote}`,
    lever: String(perpetual?.maxLeverage ?? ''),
    quoteCcy: '',
    settleCcy: settle,
    uly: `${base}-${quote}`,
    lots: { least: sizeOf(world, symbol, 1), smallestOrder: inContracts(minSize), most: inContracts(maxSize ?? '9000000') },
  };
}

export function tickerShape(world: World, symbol: string): Record<string, string> {
  const scale = world.scale(symbol);
  const { quote, lastTicks } = world.path(symbol);
  const day = world.path(symbol).day(world.now());
  const size = shownSize(world, symbol, quote);
  return {
    instType: instType(symbol),
    instId: instId(symbol),
    last: scale.price(lastTicks),
    lastSz: size,
    askPx: scale.price(quote.askTicks),
    askSz: size,
    bidPx: scale.price(quote.bidTicks),
    bidSz: size,
    open24h: scale.price(day.open),
    high24h: scale.price(day.high),
    low24h: scale.price(day.low),
    // Of perpetuals this is the volume in base coin, of spot in the quote.
    volCcy24h: isPerpetualSymbol(symbol) ? scale.size(day.lots) : scale.quote(day.lots * day.close),
    vol24h: sizeOf(world, symbol, day.lots),
    sodUtc0: scale.price(day.open),
    sodUtc8: scale.price(day.open),
    ts: String(world.now()),
  };
}

export function ticker(world: World, parameters: Parameters): unknown[] {
  return [tickerShape(world, symbolOf(world, parameters.need('instId')))];
}

export function tickers(world: World, parameters: Parameters): unknown[] {
  return symbolsOfType(world, parameters).map((symbol) => tickerShape(world, symbol));
}

function shownSize(world: World, symbol: string, { liquidityLots }: MarketQuote): string {
  return sizeOf(world, symbol, Math.min(liquidityLots, ENDLESS_LOTS));
}

function side(world: World, symbol: string, quote: MarketQuote, which: 'bids' | 'asks', levels: number): Level[] {
  const size = shownSize(world, symbol, quote);
  const [start, step] = which === 'bids' ? [quote.bidTicks, -1] : [quote.askTicks, 1];
  return Array.from({ length: levels }, (_, index) => start + index * step)
    .filter((ticks) => ticks > 0)
    .map((ticks): Level => [world.scale(symbol).price(ticks), size, '0', '1']);
}

export interface BookShape {
  readonly asks: readonly Level[];
  readonly bids: readonly Level[];
  readonly ts: string;
}

/** The order book, `levels` a side around the quote. */
export function bookShape(world: World, symbol: string, levels: number): BookShape {
  const { quote } = world.path(symbol);
  return { asks: side(world, symbol, quote, 'asks', levels), bids: side(world, symbol, quote, 'bids', levels), ts: String(world.now()) };
}

/** The whole book as the `books` channel first sends it. */
export function bookSnapshot(world: World, symbol: string): Record<string, unknown> {
  return { ...bookShape(world, symbol, BOOK_LEVELS), checksum: 0, prevSeqId: -1, seqId: world.path(symbol).revision };
}

/** What the latest price changed in the book; sizes of zero take a level away. */
export function bookUpdate(world: World, symbol: string): Record<string, unknown> {
  const { quote, former, revision } = world.path(symbol);
  const changes = (which: 'bids' | 'asks'): Level[] => {
    const before = side(world, symbol, former, which, BOOK_LEVELS);
    const now = side(world, symbol, quote, which, BOOK_LEVELS);
    const [known, present] = [new Map(before.map((level) => [level[0], level[1]])), new Set(now.map(([price]) => price))];
    const gone = before.filter(([price]) => !present.has(price)).map(([price]): Level => [price, '0', '0', '0']);
    return [...gone, ...now.filter(([price, size]) => known.get(price) !== size)];
  };
  return { asks: changes('asks'), bids: changes('bids'), ts: String(world.now()), checksum: 0, prevSeqId: revision - 1, seqId: revision };
}

export function books(world: World, parameters: Parameters): unknown[] {
  return [bookShape(world, symbolOf(world, parameters.need('instId')), Math.min(parameters.integer('sz') ?? 1, BOOK_LEVELS))];
}

export function minutesOf(bar: string): number {
  const match = /^(\d{1,2})([mHD])(?:utc)?$/.exec(bar);
  const minutes = Number(match?.[1]) * (MINUTES[match?.[2] ?? ''] ?? Number.NaN);
  if (!(minutes > 0)) throw wrongParameter('bar');
  return minutes;
}

/** Days that are not said to be of UTC begin at midnight in Hong Kong. */
function isDayOfHongKong(bar: string): boolean {
  return bar.endsWith('D');
}

export function candleShape(world: World, symbol: string, candle: Candle, isOver: boolean): string[] {
  const scale = world.scale(symbol);
  const prices = [candle.open, candle.high, candle.low, candle.close].map((ticks) => scale.price(ticks));
  const quoteVolume = plain(decimal(scale.quote(candle.lots * candle.close)));
  const volumes = isPerpetualSymbol(symbol)
    ? [sizeOf(world, symbol, candle.lots), scale.size(candle.lots), quoteVolume]
    : [scale.size(candle.lots), quoteVolume, quoteVolume];
  return [String(candle.openAt), ...prices, ...volumes, isOver ? '1' : '0'];
}

/** The newest candles, however far back is asked. */
export function candles(world: World, parameters: Parameters): unknown[] {
  return candlesAmong(world, parameters, { kept: 1_440, mostAtOnce: 300 });
}

export function historyCandles(world: World, parameters: Parameters): unknown[] {
  return candlesAmong(world, parameters, { kept: Number.POSITIVE_INFINITY, mostAtOnce: 100 });
}

function candlesAmong(world: World, parameters: Parameters, { kept, mostAtOnce }: { readonly kept: number; readonly mostAtOnce: number }): unknown[] {
  const symbol = symbolOf(world, parameters.need('instId'));
  const minutes = minutesOf(parameters.get('bar') ?? '1m');
  const before = parameters.integer('before') ?? -1;
  const after = parameters.integer('after') ?? Number.POSITIVE_INFINITY;
  const limit = Math.min(parameters.integer('limit') ?? 100, mostAtOnce);
  return world
    .path(symbol)
    .candlesOf(minutes, isDayOfHongKong(parameters.get('bar') ?? '') ? HONG_KONG_MS : 0)
    .slice(Number.isFinite(kept) ? -kept : 0)
    .filter(({ openAt }) => openAt > before && openAt < after)
    .slice(-limit)
    .reverse()
    .map((candle) => candleShape(world, symbol, candle, candle.openAt + minutes * 60_000 <= world.now()));
}

export function publicTradeShape(world: World, fill: SimulatedFill): Record<string, string> {
  const scale = world.scale(fill.symbol);
  // The side is the taker's.
  const takerSide = (fill.side === 'buy') === fill.isMaker ? 'sell' : 'buy';
  return {
    instId: instId(fill.symbol),
    tradeId: fill.tradeId,
    px: scale.price(fill.priceTicks),
    sz: sizeOf(world, fill.symbol, fill.sizeLots),
    side: takerSide,
    ts: String(fill.at),
  };
}

export function publicTrades(world: World, parameters: Parameters): unknown[] {
  const symbol = symbolOf(world, parameters.need('instId'));
  const limit = Math.min(parameters.integer('limit') ?? 100, 500);
  const fills = world.exchange.accounts.flatMap((account) => [...world.exchange.fillsSince(account, symbol, 0)]);
  return fills
    .slice(-limit)
    .reverse()
    .map((fill) => publicTradeShape(world, fill));
}
