/**
 * A venue made of a dialect and what all venues behind ccxt share: one request budget and one idea of the venue's time
 * for all accounts of this process, public data, and a session for each account.
 */
import type { Venue, VenueAccount, VenueOptions } from '#core/ports.ts';
import { Api } from './_api.ts';
import type { Budget } from './_budget.ts';
import { Budgets } from './_budgets.ts';
import { CcxtMarket } from './_ccxt-market.ts';
import { CcxtSession } from './_ccxt-session.ts';
import type { CcxtDialect } from './_dialect.ts';
import { type Exchange, newExchange } from './_exchange.ts';
import { VenueTime } from './_venue-time.ts';

/** A dialect at work. */
export interface OpenDialect {
  readonly market: CcxtMarket;
  readonly time: VenueTime;
  readonly session: (account: VenueAccount) => CcxtSession;
  /** Closes market and sessions; the budgets are their maker's to close. */
  readonly close: () => Promise<void>;
}

/** A venue that speaks a dialect through ccxt. Nothing is loaded or connected before the first use. */
export function ccxtVenue(dialect: CcxtDialect, options: VenueOptions): Venue {
  const budgets = new Budgets(dialect, options, dialect.id);
  const { market, session, close } = openDialect(dialect, options, budgets);
  return {
    id: dialect.id,
    title: dialect.title,
    credentials: dialect.credentials,
    capabilities: dialect.capabilities,
    market,
    session,
    close: async () => {
      await close();
      budgets.close();
    },
  };
}

/** Puts a dialect to work; `sharedTime` where another dialect of the venue has measured its clock already. */
export function openDialect(dialect: CcxtDialect, options: VenueOptions, budgets: Budgets, sharedTime?: VenueTime): OpenDialect {
  const { clock } = options;
  const log = options.log.child({ venue: dialect.id });
  const sessions = new Set<CcxtSession>();
  const make = (keys: Readonly<Record<string, unknown>>): Promise<Exchange> => newExchange(dialect.className, { ...dialect.settings(options.url), ...keys });
  const newApi = (accountBudget: ((endpoint: string) => Budget) | null, open: () => Promise<Exchange>): Api =>
    new Api({ clock, budget: budgets.address, accountBudget, news: dialect.news, open });
  const publicApi = newApi(null, () => make({}));
  const time = sharedTime ?? new VenueTime(dialect, publicApi, clock);
  // Streams and sessions come to life when what they say can be understood.
  const open = async (keys: Readonly<Record<string, unknown>>): Promise<Exchange> => {
    await market.ready();
    return make(keys);
  };
  const market: CcxtMarket = new CcxtMarket({ dialect, api: publicApi, time, open: () => open({}), clock, log });
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
