/**
 * A venue made of a dialect and what all venues behind ccxt share: one request budget and one idea of the venue's time
 * for all accounts of this process, public data, and a session for each account.
 */
import type { Venue, VenueOptions } from '#core/ports.ts';
import { Api } from './_api.ts';
import { Budget } from './_budget.ts';
import { CcxtMarket } from './_ccxt-market.ts';
import { CcxtSession } from './_ccxt-session.ts';
import type { CcxtDialect } from './_dialect.ts';
import { type Exchange, newExchange } from './_exchange.ts';
import { Pulse } from './_pulse.ts';
import { VenueTime } from './_venue-time.ts';

/** A venue that speaks a dialect through ccxt. Nothing is loaded or connected before the first use. */
export function ccxtVenue(dialect: CcxtDialect, options: VenueOptions): Venue {
  const { clock, tracing } = options;
  const log = options.log.child({ venue: dialect.id });
  // Another address of the venue, such as a simulator's, has a budget of its own.
  const name = options.url === null ? dialect.id : `${dialect.id} at ${options.url}`;
  const budget = new Budget(clock, dialect.budget, options.budgets === undefined ? null : { budgets: options.budgets, name });
  const accountBudgets = new Map<string, Budget>();
  const sessions = new Set<CcxtSession>();
  const pulse = new Pulse();
  const news: CcxtDialect['news'] = (status, headers, body) => {
    pulse.contact(clock.now());
    return dialect.news(status, headers, body);
  };
  const open = (keys: Readonly<Record<string, unknown>>): Promise<Exchange> => newExchange(dialect.className, { ...dialect.settings(options.url), ...keys });
  const newApi = (keys: Readonly<Record<string, unknown>>, accountBudget: ((endpoint: string) => Budget) | null): Api =>
    new Api({ venue: dialect.id, tracing, clock, budget, accountBudget, news, open: () => open(keys) });
  /** One for all sessions of an account, for each endpoint: venues that count by account count these apart. */
  const budgetsOf = (accountId: string): ((endpoint: string) => Budget) | null => {
    const { accountBudget: limits } = dialect;
    if (limits === undefined) return null;
    return (endpoint) => {
      const name = `${accountId} ${endpoint}`;
      const accountBudget = accountBudgets.get(name) ?? new Budget(clock, limits);
      accountBudgets.set(name, accountBudget);
      return accountBudget;
    };
  };
  const publicApi = newApi({}, null);
  const time = new VenueTime(dialect, publicApi, clock);
  const market = new CcxtMarket({ dialect, api: publicApi, time, open: () => open({}), clock, log, pulse });
  return {
    id: dialect.id,
    title: dialect.title,
    credentials: dialect.credentials,
    capabilities: dialect.capabilities,
    market,
    session: (account) => {
      const keys = account.credentials;
      const api = newApi(
        keys === null ? {} : { apiKey: keys.apiKey, secret: keys.apiSecret, ...(keys.passphrase === null ? {} : { password: keys.passphrase }) },
        budgetsOf(account.accountId),
      );
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
    pulse: () => pulse.read(budget, [...accountBudgets.values()]),
    close: async () => {
      await Promise.all([...sessions].map((session) => session.close()));
      await market.close();
      for (const each of [budget, ...accountBudgets.values()]) each.close();
    },
  };
}
