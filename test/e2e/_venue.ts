/**
 * A small venue for tests of the API: one instrument, a price that stands still, and keys whose text says how they fare.
 */
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import type { Balance, KeyReport, TradingSession, Venue, VenueAccount } from '#core/ports.ts';

export const BTC: Omit<Instrument, 'venue'> = {
  symbol: 'BTC/USDT',
  base: 'BTC',
  quote: 'USDT',
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
  /** Accounts whose sessions were opened and not closed again. */
  readonly openSessions: ReadonlySet<object>;
}

/** A venue by the name of `id`. API keys containing `withdraw`, `readonly` or `wrong` fare as they say. */
export function scriptedVenue(id: string, credentials: Venue['credentials']): ScriptedVenue {
  const openSessions = new Set<object>();
  const instruments = new Map([BTC, { ...BTC, symbol: 'ETH/USDT', base: 'ETH' }].map((instrument) => [instrument.symbol, { ...instrument, venue: id }]));
  const ask = async <Answer>(answer: () => Answer): Promise<Answer> => {
    if (!venue.isUp) throw new PortError('venue_unavailable', `${venue.title} does not answer`, { outcome: 'failed', retryAfterMs: 5_000 });
    return answer();
  };
  const venue: ScriptedVenue = {
    id,
    title: id === 'paper' ? 'Paper' : 'Binance',
    credentials,
    isUp: true,
    holdings: [{ asset: 'USDT', free: '1000', locked: '0' }],
    openSessions,
    capabilities: {
      orderTypes: ['limit', 'market', 'stopLimit'],
      timeInForce: ['gtc', 'ioc', 'fok'],
      postOnly: true,
      privateStream: true,
      requestWindowMs: 5_000,
      absenceMarginMs: 1_000,
    },
    market: {
      instruments: () => ask(() => instruments),
      quote: (symbol) => ask(() => ({ symbol, bid: '60000', ask: '60000.01', at: 1_700_000_000_000 })),
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
      balances: () => ask(() => venue.holdings),
      checkKey: () => ask(() => reportOf(account)),
      close: async () => {
        openSessions.delete(token);
      },
    };
  }
  return venue;
}

function reportOf({ credentials }: VenueAccount): KeyReport {
  const { apiKey = '', passphrase = null } = credentials ?? {};
  if (apiKey.includes('wrong') || passphrase === 'wrong') throw new PortError('key_rejected', 'API-key format invalid.', { outcome: 'failed' });
  return { canTrade: !apiKey.includes('readonly'), canWithdraw: apiKey.includes('withdraw'), isIpRestricted: null };
}
