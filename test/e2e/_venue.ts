/**
 * A small venue for tests of the API: one instrument, a price that stands still, and keys whose text says how they fare.
 */
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import { CANDLE_INTERVALS, type Candle, type PublicTrade, type Ticker } from '#core/market-data.ts';
import type { VenuePosition } from '#core/perpetual-ports.ts';
import type { Balance, KeyReport, TradingSession, Venue, VenueAccount, VenueCapabilities } from '#core/venue-ports.ts';
import { QUOTES_ONLY } from '#test/support/quotes-only.ts';

export const BTC: Omit<Instrument, 'venue'> = {
  symbol: 'BTC/USDT',
  base: 'BTC',
  quote: 'USDT',
  kind: 'spot',
  settle: 'USDT',
  perpetual: null,
  priceIncrement: '0.01',
  sizeIncrement: '0.00001',
  minPrice: '0.01',
  maxPrice: '1000000',
  minSize: '0.00001',
  maxSize: '9000',
  minNotional: '5',
  makerFeeRate: '0.001',
  takerFeeRate: '0.001',
  status: 'trading',
};

export interface ScriptedVenue extends Venue {
  /** While `false` nothing answers. */
  isUp: boolean;
  holdings: readonly Balance[];
  /** How often it was asked for anything. */
  requests: number;
  /** What a session tells of positions in perpetuals; `null` of a venue that has none. */
  positions: readonly VenuePosition[] | PortError | null;
  readonly listed: Map<string, Instrument>;
  /** Accounts whose sessions were opened and not closed again. */
  readonly openSessions: ReadonlySet<object>;
}

/** A venue by the name of `id`. API keys containing `withdraw`, `readonly` or `wrong` fare as they say. */
export function scriptedVenue(id: string, credentials: Venue['credentials']): ScriptedVenue {
  const openSessions = new Set<object>();
  const instruments = new Map<string, Instrument>(
    [BTC, { ...BTC, symbol: 'ETH/USDT', base: 'ETH' }].map((instrument) => [instrument.symbol, { ...instrument, venue: id }]),
  );
  const ask = async <Answer>(answer: () => Answer): Promise<Answer> => {
    venue.requests += 1;
    if (!venue.isUp) throw new PortError('venue_unavailable', `${venue.title} does not answer`, { outcome: 'failed', retryAfterMs: 5_000 });
    return answer();
  };
  const venue: ScriptedVenue = {
    id,
    title: id === 'paper' ? 'Paper' : 'Binance',
    credentials,
    isUp: true,
    positions: null,
    listed: instruments,
    holdings: [{ asset: 'USDT', free: '1000', locked: '0' }],
    requests: 0,
    openSessions,
    capabilities: CAPABILITIES,
    market: {
      ...QUOTES_ONLY,
      instruments: () => ask(() => instruments),
      quote: (symbol) => ask(() => ({ symbol, bid: '60000', ask: '60000.01', at: 1_700_000_000_000 })),
      book: (symbol) => ask(() => ({ symbol, bids: LEVELS[0], asks: LEVELS[1], at: 1_700_000_000_000, merged: 1 })),
      candles: (_symbol, interval, from, to) => ask(() => candlesBetween(CANDLE_INTERVALS[interval], from, to)),
      trades: (symbol) => ask(() => [trade(symbol, 1), trade(symbol, 2), trade(symbol, 3)]),
      tickers: () => ask(() => TICKERS),
      watchQuotes: () => () => undefined,
      notice: () => (id === 'paper' ? { en: 'Demonstration market: <made up> prices.', ru: 'Демонстрационный рынок: цены вымышлены.' } : null),
      close: async () => undefined,
    },
    session: (account) => sessionOf(account),
    close: async () => undefined,
  };

  function sessionOf(account: VenueAccount): TradingSession {
    const token = {};
    openSessions.add(token);
    const unused = (): never => {
      throw new Error('the API never trades by itself');
    };
    return {
      listen: unused,
      clockOffsetMs: unused,
      place: unused,
      cancel: unused,
      findOrder: unused,
      openOrders: unused,
      fillsSince: unused,
      fillsOf: unused,
      balances: (kind) => ask(() => (kind === 'perpetual' ? [{ asset: 'USDT', free: '7', locked: '3' }] : venue.holdings)),
      feeRates: unused,
      ...(venue.positions === null ? {} : { perpetual: { positions: () => ask(() => held(venue.positions)), setLeverage: unused, fundingSince: unused } }),
      checkKey: () => ask(() => reportOf(account)),
      close: async () => {
        openSessions.delete(token);
      },
    };
  }
  return venue;
}

const CAPABILITIES: VenueCapabilities = {
  markets: ['spot'],
  walletsApart: false,
  orderTypes: ['limit', 'market', 'stopLimit'],
  timeInForce: ['gtc', 'ioc', 'fok'],
  postOnly: true,
  privateStream: true,
  cancelAll: false,
  deadMansSwitch: null,
  requestWindowMs: 5_000,
  absenceMarginMs: 1_000,
};

const LEVELS = [
  [
    ['60000', '0.5'],
    ['59999.99', '1'],
  ],
  [['60000.01', '0.25']],
] as const;

/** The second has no buyer. */
const TICKERS: readonly Ticker[] = [
  { symbol: 'BTC/USDT', last: '60000', bid: '60000', ask: '60000.01', quoteVolume: '125000000', at: 1_700_000_000_000 },
  { symbol: 'ETH/BTC', last: '0.05', bid: null, ask: '0.0501', quoteVolume: '7', at: 1_700_000_000_000 },
];

/** A candle for each interval but every seventh, which tells its own number. */
function candlesBetween(lengthMs: number, from: number, to: number): Candle[] {
  const candles: Candle[] = [];
  for (let index = Math.ceil(from / lengthMs); index * lengthMs < to; index += 1)
    if (index % 7 !== 0) candles.push({ startAt: index * lengthMs, open: '1', high: '3', low: '0.5', close: '2', volume: String(index) });
  return candles;
}

function trade(symbol: string, number: number): PublicTrade {
  return { tradeId: String(number), symbol, side: number % 2 === 0 ? 'sell' : 'buy', price: '60000', size: '0.1', at: 1_700_000_000_000 + number };
}

function held(positions: ScriptedVenue['positions']): readonly VenuePosition[] {
  if (positions instanceof PortError) throw positions;
  return positions ?? [];
}

function reportOf({ credentials }: VenueAccount): KeyReport {
  const { apiKey = '', passphrase = null } = credentials ?? {};
  if (apiKey.includes('wrong') || passphrase === 'wrong') throw new PortError('key_rejected', 'API-key format invalid.', { outcome: 'failed' });
  return { canTrade: !apiKey.includes('readonly'), canWithdraw: apiKey.includes('withdraw'), isIpRestricted: null };
}
