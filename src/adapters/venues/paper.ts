/**
 * The paper venue: orders trade in this process against public prices, and no money moves.
 * Its address may be `demo` (the demonstration market at once) or that of the venue whose prices it shows.
 */
import type { Venue, VenueOptions } from '#core/venue-ports.ts';
import { DemoMarket } from './_demo-market.ts';
import { PaperExchange } from './_paper-exchange.ts';
import { PaperMarket } from './_paper-market.ts';
import { PaperSession } from './_paper-session.ts';
import { defineVenue } from './_venue.ts';
import { binance } from './binance.ts';

const DEMO = 'demo';
const TITLE = 'Paper trading';

export const paper = defineVenue({ id: 'paper', title: TITLE, open });

function open(options: VenueOptions): Venue {
  const { clock, ids, books } = options;
  const log = options.log.child({ venue: 'paper' });
  const real = options.url === DEMO ? null : binance.open({ ...options, url: options.url ?? options.urls[binance.id] ?? null });
  const market = new PaperMarket({ clock, log, real: real?.market ?? null, demo: new DemoMarket(clock), isInUse: () => exchange.isInUse });
  const exchange = new PaperExchange({ clock, log, books, market, idPrefix: `p${ids.next()}-` });
  return {
    id: 'paper',
    title: TITLE,
    credentials: [],
    capabilities: {
      markets: ['spot', 'perpetual'],
      walletsApart: false,
      orderTypes: ['limit', 'market', 'stopLimit', 'stopMarket'],
      timeInForce: ['gtc', 'ioc', 'fok'],
      postOnly: true,
      privateStream: true,
      cancelAll: true,
      deadMansSwitch: null,
      requestWindowMs: 5000,
      absenceMarginMs: 0,
    },
    market,
    ...(real?.pulse === undefined ? {} : { pulse: real.pulse }),
    isLocal: true,
    session: ({ accountId, owner }) => new PaperSession({ account: { accountId, owner: owner ?? null }, paper: exchange, clock }),
    close: async () => {
      exchange.close();
      await market.close();
      await real?.close();
    },
  };
}
