/** Bitget's public answers: what is traded, at what prices, and how it went. Candles come oldest first, trades newest first. */
import { crc32 } from 'node:zlib';
import type { InstrumentKind } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import type { SimulatedFill } from '#core/simulated-exchange.ts';
import type { Candle, MarketQuote } from '../_prices.ts';
import type { World } from '../_world.ts';
import type { Parameters } from './parameters.ts';
import { BitgetRefusal, wrongParameter } from './refusals.ts';
import { symbolId } from './shapes.ts';

const MINUTES: Readonly<Record<string, number>> = { m: 1, min: 1, h: 60, H: 60, day: 1_440, D: 1_440 };
/** Shown behind a quote whose liquidity knows no limit, in lots. */
const ENDLESS_LOTS = 1_000_000;
/** When days begin that are not said to be of UTC. */
const HONG_KONG_MS = 16 * 3_600_000;
const BOOK_LEVELS = 150;
const CHECKED_LEVELS = 25;

type Level = readonly [price: string, size: string];

export function symbolOf(world: World, id: string, kind: InstrumentKind = 'spot'): string {
  const symbol = world.symbolsOf(kind).find((each) => symbolId(each) === id);
  if (symbol === undefined) throw new BitgetRefusal('40034', `Parameter ${id} does not exist`);
  return symbol;
}

export function symbolsIn(world: World, parameters: Parameters, kind: InstrumentKind = 'spot'): readonly string[] {
  const id = parameters.get('symbol');
  return id === null ? world.symbolsOf(kind) : [symbolOf(world, id, kind)];
}

export function digits(increment: string): string {
  return String(decimal(increment).decimalPlaces());
}

export function symbols(world: World, parameters: Parameters): unknown {
  return symbolsIn(world, parameters).map((symbol) => {
    const { instrument } = world.scale(symbol);
    return {
      symbol: symbolId(symbol),
      baseCoin: instrument.base,
      quoteCoin: instrument.quote,
      minTradeAmount: '0',
      maxTradeAmount: instrument.maxSize ?? '900000000000000000000',
      takerFeeRate: instrument.takerFeeRate,
      makerFeeRate: instrument.makerFeeRate,
      pricePrecision: digits(instrument.priceIncrement),
      quantityPrecision: digits(instrument.sizeIncrement),
      quotePrecision: '8',
      status: world.exchange.isHalted(symbol) ? 'halt' : 'online',
      minTradeUSDT: instrument.quote === 'USDT' ? instrument.minNotional : '5',
      buyLimitPriceRatio: '0.05',
      sellLimitPriceRatio: '0.05',
      areaSymbol: 'no',
      orderQuantity: '200',
      openTime: '1532454360000',
      offTime: '',
    };
  });
}

export function coins(world: World): unknown {
  const names = [...new Set(world.symbolsOf('spot').flatMap((symbol) => symbol.split('/')))];
  return names.map((coin, index) => ({
    coinId: String(index + 1),
    coin,
    transfer: 'true',
    chains: [
      {
        chain: coin,
        needTag: 'false',
        withdrawable: 'true',
        rechargeable: 'true',
        withdrawFee: '0.0001',
        extraWithdrawFee: '0',
        depositConfirm: '1',
        withdrawConfirm: '1',
        minDepositAmount: '0.001',
        minWithdrawAmount: '0.001',
        browserUrl: '',
        contractAddress: null,
        withdrawStep: '0',
        withdrawMinScale: '8',
        congestion: 'normal',
      },
    ],
  }));
}

export function day(world: World, symbol: string): Record<string, string> {
  const scale = world.scale(symbol);
  const { quote, lastTicks } = world.path(symbol);
  const last = world.path(symbol).day(world.now());
  const change = ((last.close - last.open) / last.open).toFixed(5);
  const size = shownSize(world, symbol, quote);
  return {
    lastPr: scale.price(lastTicks),
    high24h: scale.price(last.high),
    low24h: scale.price(last.low),
    change24h: change,
    changeUtc24h: change,
    bidPr: scale.price(quote.bidTicks),
    askPr: scale.price(quote.askTicks),
    bidSz: size,
    askSz: size,
    baseVolume: scale.size(last.lots),
    quoteVolume: scale.quote(last.lots * last.close),
    openUtc: scale.price(last.open),
    ts: String(world.now()),
  };
}

export function tickers(world: World, parameters: Parameters): unknown {
  return symbolsIn(world, parameters).map((symbol) => {
    const row = day(world, symbol);
    return { symbol: symbolId(symbol), open: row['openUtc'], usdtVolume: row['quoteVolume'], ...row };
  });
}

export function pushedTicker(world: World, symbol: string): Record<string, unknown> {
  const row = day(world, symbol);
  return { instId: symbolId(symbol), open24h: row['openUtc'], ...row };
}

function shownSize(world: World, symbol: string, { liquidityLots }: MarketQuote): string {
  return world.scale(symbol).size(Math.min(liquidityLots, ENDLESS_LOTS));
}

function side(world: World, symbol: string, quote: MarketQuote, which: 'bids' | 'asks', levels: number): Level[] {
  const size = shownSize(world, symbol, quote);
  const [start, step] = which === 'bids' ? [quote.bidTicks, -1] : [quote.askTicks, 1];
  return Array.from({ length: levels }, (_, index) => start + index * step)
    .filter((ticks) => ticks > 0)
    .map((ticks): Level => [world.scale(symbol).price(ticks), size]);
}

/** The order book, `levels` a side around the quote. */
export function bookShape(
  world: World,
  symbol: string,
  levels: number,
): { readonly asks: readonly Level[]; readonly bids: readonly Level[]; readonly ts: string } {
  const { quote } = world.path(symbol);
  return { asks: side(world, symbol, quote, 'asks', levels), bids: side(world, symbol, quote, 'bids', levels), ts: String(world.now()) };
}

/** The first frame of a book channel, and every one of `books1`, `books5` and `books15`. */
export function bookSnapshot(world: World, symbol: string, levels = BOOK_LEVELS): Record<string, unknown> {
  return { ...bookShape(world, symbol, levels), checksum: 0, seq: world.path(symbol).revision };
}

/** What the latest price changed in the book, with the checksum of its best levels; sizes of zero take a level away. */
export function bookUpdate(world: World, symbol: string): Record<string, unknown> {
  const { quote, former, revision } = world.path(symbol);
  const changes = (which: 'bids' | 'asks'): Level[] => {
    const before = side(world, symbol, former, which, BOOK_LEVELS);
    const now = side(world, symbol, quote, which, BOOK_LEVELS);
    const [known, present] = [new Map(before), new Set(now.map(([price]) => price))];
    const gone = before.filter(([price]) => !present.has(price)).map(([price]): Level => [price, '0']);
    return [...gone, ...now.filter(([price, size]) => known.get(price) !== size)];
  };
  return { asks: changes('asks'), bids: changes('bids'), checksum: checksum(world, symbol), seq: revision, ts: String(world.now()) };
}

function checksum(world: World, symbol: string): number {
  const { bids, asks } = bookShape(world, symbol, CHECKED_LEVELS);
  const parts: string[] = [];
  for (let index = 0; index < CHECKED_LEVELS; index += 1) parts.push(...(bids[index] ?? []), ...(asks[index] ?? []));
  return crc32(parts.join(':')) | 0;
}

export function orderBook(world: World, parameters: Parameters): unknown {
  return bookShape(world, symbolOf(world, parameters.need('symbol')), Math.min(parameters.integer('limit') ?? BOOK_LEVELS, BOOK_LEVELS));
}

export function minutesOf(granularity: string): number {
  const match = /^(\d{1,2})(m|min|h|H|D|day)(?:utc)?$/.exec(granularity);
  const minutes = Number(match?.[1]) * (MINUTES[match?.[2] ?? ''] ?? Number.NaN);
  if (!(minutes > 0)) throw wrongParameter('granularity');
  return minutes;
}

export function candleShape(world: World, symbol: string, candle: Candle): string[] {
  const scale = world.scale(symbol);
  const prices = [candle.open, candle.high, candle.low, candle.close].map((ticks) => scale.price(ticks));
  const quoteVolume = scale.quote(candle.lots * candle.close);
  return [String(candle.openAt), ...prices, scale.size(candle.lots), quoteVolume, quoteVolume];
}

export function candles(world: World, parameters: Parameters, kind: InstrumentKind = 'spot'): unknown {
  return candlesFrom(world, parameters, kind, parameters.integer('startTime') ?? 0, parameters.limit(1_000));
}

/** Knows no beginning of a range, and fewer at once. */
export function historyCandles(world: World, parameters: Parameters, kind: InstrumentKind = 'spot'): unknown {
  return candlesFrom(world, parameters, kind, 0, parameters.limit(200));
}

function candlesFrom(world: World, parameters: Parameters, kind: InstrumentKind, from: number, limit: number): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'), kind);
  const minutes = minutesOf(parameters.need('granularity'));
  const to = parameters.integer('endTime') ?? Number.POSITIVE_INFINITY;
  return world
    .path(symbol)
    .candlesOf(minutes, /(?:day|D)$/.test(parameters.need('granularity')) ? HONG_KONG_MS : 0)
    .filter(({ openAt }) => openAt >= from && openAt <= to)
    .slice(-limit)
    .map((candle) => candleShape(world, symbol, candle));
}

export function publicTradeShape(world: World, fill: SimulatedFill): Record<string, string> {
  const scale = world.scale(fill.symbol);
  // The side is the taker's.
  const takerSide = (fill.side === 'buy') === fill.isMaker ? 'sell' : 'buy';
  return { tradeId: fill.tradeId, side: takerSide, price: scale.price(fill.priceTicks), size: scale.size(fill.sizeLots), ts: String(fill.at) };
}

export function publicTrades(world: World, parameters: Parameters, kind: InstrumentKind = 'spot'): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'), kind);
  return pastTrades(world, symbol, parameters.limit(1_000)).map((trade) => ({ symbol: symbolId(symbol), ...trade }));
}

/** The newest trades, newest first; the stream of trades begins with them. */
export function pastTrades(world: World, symbol: string, limit = 50): readonly Record<string, string>[] {
  const fills = world.exchange.accounts.flatMap((account) => [...world.exchange.fillsSince(account, symbol, 0)]);
  return fills
    .slice(-limit)
    .reverse()
    .map((fill) => publicTradeShape(world, fill));
}
