/**
 * A venue made of a dialect and what all venues behind ccxt share: one request budget and one idea of the venue's time
 * for all accounts of this process, public data, and a session for each account.
 */

import type { MarketScan } from '#core/signals/market-scan.ts';
import type { Venue, VenueAccount, VenueOptions } from '#core/venue-ports.ts';
import { Api } from './_api.ts';
import type { Budget } from './_budget.ts';
import { Budgets } from './_budgets.ts';
import { CcxtMarket } from './_ccxt-market.ts';
import { CcxtSession } from './_ccxt-session.ts';
import type { CcxtDialect } from './_dialect.ts';
import { type Exchange, newExchange } from './_exchange.ts';
import { Pulse } from './_pulse.ts';
import { VenueTime } from './_venue-time.ts';

/** A dialect at work. */
export interface OpenDialect {
  readonly market: CcxtMarket;
  readonly time: VenueTime;
  readonly session: (account: VenueAccount) => CcxtSession;
  /** Closes market and sessions; what it stands on is its maker's to close. */
  readonly close: () => Promise<void>;
}

/** What dialects of one venue may share. */
export interface DialectGround {
  readonly budgets: Budgets;
  readonly pulse: Pulse;
  /** Where another dialect of the venue has measured its clock already. */
  readonly time?: VenueTime;
}

/** Opens what scanners read of a venue beside its market. */
export type ScanOf = (dialect: CcxtDialect, options: VenueOptions, market: CcxtMarket) => { readonly scan: MarketScan; readonly close: () => Promise<void> };

/** A venue that speaks a dialect through ccxt. Nothing is loaded or connected before the first use. */
export function ccxtVenue(dialect: CcxtDialect, options: VenueOptions, scanOf?: ScanOf): Venue {
  const budgets = new Budgets(dialect, options, dialect.id);
  const pulse = new Pulse();
  const { market, session, close } = openDialect(dialect, options, { budgets, pulse });
  const scanned = scanOf?.(dialect, options, market);
  return {
    id: dialect.id,
    title: dialect.title,
    credentials: dialect.credentials,
    capabilities: dialect.capabilities,
    market,
    session,
    ...(scanned === undefined ? {} : { scan: scanned.scan }),
    ...(dialect.coinNetworks === undefined ? {} : { networksNeedKey: true }),
    pulse: () => pulse.read(budgets.address, budgets.accounts),
    close: async () => {
      await scanned?.close();
      await close();
      budgets.close();
    },
  };
}

/** Puts a dialect to work. */
export function openDialect(dialect: CcxtDialect, options: VenueOptions, { budgets, pulse, time: sharedTime }: DialectGround): OpenDialect {
  const { clock, tracing } = options;
  const log = options.log.child({ venue: dialect.id });
  const sessions = new Set<CcxtSession>();
  const news: CcxtDialect['news'] = (status, headers, body) => {
    pulse.contact(clock.now());
    return dialect.news(status, headers, body);
  };
  const make = (keys: Readonly<Record<string, unknown>>): Promise<Exchange> => newExchange(dialect.className, { ...dialect.settings(options.url), ...keys });
  const newApi = (accountBudget: ((endpoint: string) => Budget) | null, open: () => Promise<Exchange>): Api =>
    new Api({ venue: dialect.id, tracing, clock, budget: budgets.address, accountBudget, news, open });
  const publicApi = newApi(null, () => make({}));
  const time = sharedTime ?? new VenueTime(dialect, publicApi, clock);
  // Streams and sessions come to life when what they say can be understood.
  const open = async (keys: Readonly<Record<string, unknown>>): Promise<Exchange> => {
    await market.ready();
    return make(keys);
  };
  const market: CcxtMarket = new CcxtMarket({ dialect, api: publicApi, time, open: () => open({}), clock, log, pulse });
  return {
    market,
    time,
    session: (account) => {
      const keys = account.credentials;
      const known = keys === null ? {} : { apiKey: keys.apiKey, secret: keys.apiSecret, ...(keys.passphrase === null ? {} : { password: keys.passphrase }) };
      const api = newApi(budgets.of(account.accountId), () => open(known));
      const session = new CcxtSession({
        dialect,
        api,
        time,
        market,
        clock,
        log: log.child({ accountId: account.accountId }),
        pulse,
        onClose: () => sessions.delete(session),
      });
      sessions.add(session);
      return session;
    },
    close: async () => {
      await Promise.all([...sessions].map((session) => session.close()));
      await market.close();
    },
  };
}
