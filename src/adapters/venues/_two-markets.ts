/**
 * A venue whose spot and perpetual markets speak dialects of their own: one of each, put together to one venue. What is
 * asked goes to the market that its symbol belongs to.
 */
import { type Instrument, type InstrumentKind, isPerpetualSymbol } from '#core/instrument.ts';
import type { Book, Candle, CandleInterval, PastData, PublicTrade, Ticker } from '#core/market-data.ts';
import type { PerpetualMarketData } from '#core/perpetual-ports.ts';
import type { MarketScan } from '#core/signals/market-scan.ts';
import type { MarketData, Quote, Venue, VenueCapabilities, VenueOptions } from '#core/venue-ports.ts';
import { Budgets } from './_budgets.ts';
import { openDialect } from './_ccxt.ts';
import type { CcxtMarket } from './_ccxt-market.ts';
import type { CcxtDialect } from './_dialect.ts';
import { Pulse } from './_pulse.ts';
import type { ScannedMarkets } from './_scan.ts';
import { TwoMarketSession } from './_two-market-session.ts';

export interface TwoMarkets {
  readonly spot: CcxtDialect;
  readonly perpetual: CcxtDialect;
  /** Whether the venue counts the requests to both markets together. */
  readonly oneBudget: boolean;
  /** What scanners read of both. */
  readonly scanOf?: (markets: ScannedMarkets, now: () => number) => MarketScan;
}

export function twoMarketVenue(dialects: TwoMarkets, options: VenueOptions): Venue {
  const { spot: dialect, perpetual: perpetualDialect, oneBudget, scanOf } = dialects;
  const spotBudgets = new Budgets(dialect, options, dialect.id);
  const perpetualBudgets = oneBudget ? spotBudgets : new Budgets(perpetualDialect, options, `${dialect.id} perpetuals`);
  const pulse = new Pulse();
  const spot = openDialect(dialect, options, { budgets: spotBudgets, pulse });
  // One clock for both: the window of an order is fixed before anybody knows which market it goes to.
  const perpetual = openDialect(perpetualDialect, options, { budgets: perpetualBudgets, pulse, time: spot.time });
  const market = new TwoMarketData(spot.market, perpetual.market);
  const log = options.log.child({ venue: dialect.id });
  const capabilities = together(dialect.capabilities, perpetualDialect.capabilities);
  return {
    id: dialect.id,
    title: dialect.title,
    credentials: dialect.credentials,
    capabilities,
    market,
    ...(scanOf === undefined ? {} : { scan: scanOf({ spot: spot.market, futures: perpetual.market }, () => options.clock.now()) }),
    ...(dialect.coinNetworks === undefined ? {} : { networksNeedKey: true }),
    session: (account) => new TwoMarketSession({ spot: spot.session(account), perpetual: perpetual.session(account), capabilities, log }),
    // Of two budgets of the address the fuller one is told.
    pulse: () => {
      const freeShare = ({ address }: Budgets): number => address.left / address.limits.weight;
      const fuller = freeShare(perpetualBudgets) < freeShare(spotBudgets) ? perpetualBudgets : spotBudgets;
      return pulse.read(fuller.address, [...new Set([...spotBudgets.accounts, ...perpetualBudgets.accounts])]);
    },
    close: async () => {
      await perpetual.close();
      await spot.close();
      for (const budgets of new Set([spotBudgets, perpetualBudgets])) budgets.close();
    },
  };
}

/** What holds for both. */
function together(spot: VenueCapabilities, perpetual: VenueCapabilities): VenueCapabilities {
  return {
    ...spot,
    markets: [...spot.markets, ...perpetual.markets],
    walletsApart: perpetual.walletsApart,
    orderTypes: spot.orderTypes.filter((type) => perpetual.orderTypes.includes(type)),
    timeInForce: spot.timeInForce.filter((each) => perpetual.timeInForce.includes(each)),
    postOnly: spot.postOnly && perpetual.postOnly,
    privateStream: spot.privateStream && perpetual.privateStream,
    cancelAll: spot.cancelAll && perpetual.cancelAll,
    deadMansSwitch: perpetual.deadMansSwitch === null ? null : spot.deadMansSwitch,
    requestWindowMs: Math.min(spot.requestWindowMs, perpetual.requestWindowMs),
    absenceMarginMs: Math.max(spot.absenceMarginMs, perpetual.absenceMarginMs),
  };
}

function kindOf(symbol: string): InstrumentKind {
  return isPerpetualSymbol(symbol) ? 'perpetual' : 'spot';
}

class TwoMarketData implements MarketData {
  readonly perpetual: PerpetualMarketData;
  readonly #markets: Readonly<Record<InstrumentKind, CcxtMarket>>;

  constructor(spot: CcxtMarket, perpetual: CcxtMarket) {
    this.#markets = { spot, perpetual };
    if (perpetual.perpetual === undefined) throw new Error('a market of perpetuals that has none');
    this.perpetual = perpetual.perpetual;
  }

  /** While the market of perpetuals does not answer, spot is told alone: there are places from where only that can be reached. */
  async instruments(): Promise<ReadonlyMap<string, Instrument>> {
    const [spot, perpetual] = await Promise.allSettled([this.#markets.spot.instruments(), this.#markets.perpetual.instruments()]);
    if (spot.status === 'rejected') throw spot.reason;
    return perpetual.status === 'rejected' ? new SpotAlone(spot.value, perpetual.reason) : new Map([...spot.value, ...perpetual.value]);
  }

  quote(symbol: string): Promise<Quote> {
    return this.#of(symbol).quote(symbol);
  }

  watchQuotes(symbol: string, onQuote: (quote: Quote) => void): () => void {
    return this.#of(symbol).watchQuotes(symbol, onQuote);
  }

  book(symbol: string, depth: number): Promise<Book> {
    return this.#of(symbol).book(symbol, depth);
  }

  candles(symbol: string, interval: CandleInterval, from: number, to: number): Promise<readonly Candle[]> {
    return this.#of(symbol).candles(symbol, interval, from, to);
  }

  trades(symbol: string, limit: number): Promise<readonly PublicTrade[]> {
    return this.#of(symbol).trades(symbol, limit);
  }

  past(symbol: string): PastData {
    return this.#of(symbol).past(symbol);
  }

  async tickers(): Promise<readonly Ticker[]> {
    const [spot, perpetual] = await Promise.allSettled([this.#markets.spot.tickers(), this.#markets.perpetual.tickers()]);
    if (spot.status === 'rejected') throw spot.reason;
    return perpetual.status === 'rejected' ? spot.value : [...spot.value, ...perpetual.value];
  }

  watchTrades(symbol: string, onTrade: (trade: PublicTrade) => void): () => void {
    return this.#of(symbol).watchTrades(symbol, onTrade);
  }

  watchCandles(symbol: string, interval: CandleInterval, onCandle: (candle: Candle) => void): () => void {
    return this.#of(symbol).watchCandles(symbol, interval, onCandle);
  }

  watchBook(symbol: string, onBook: (book: Book) => void): () => void {
    return this.#of(symbol).watchBook(symbol, onBook);
  }

  notice(): null {
    return null;
  }

  async close(): Promise<void> {
    await Promise.all([this.#markets.spot.close(), this.#markets.perpetual.close()]);
  }

  #of(symbol: string): CcxtMarket {
    return this.#markets[kindOf(symbol)];
  }
}

/** Instruments of which the perpetuals could not be had: who asks for one is told so, and not that it is not traded. */
class SpotAlone extends Map<string, Instrument> {
  readonly #reason: unknown;

  constructor(spot: ReadonlyMap<string, Instrument>, reason: unknown) {
    super(spot);
    this.#reason = reason;
  }

  override get(symbol: string): Instrument | undefined {
    if (isPerpetualSymbol(symbol)) throw this.#reason;
    return super.get(symbol);
  }
}
