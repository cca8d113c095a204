/**
 * A planted bug: what it changes in the rules of the books, in the ports handed to a process, or in the application.
 */

import type { Store } from '#core/store/store.ts';
import type { TradingSession, Venue, VenueCapabilities } from '#core/venue-ports.ts';
import type { SimulatedProcess } from './clock.ts';
import type { StoreRules } from './database.ts';

export interface Mutant {
  readonly name: string;
  readonly rules?: Partial<StoreRules>;
  readonly wrapStore?: (store: Store, process: SimulatedProcess) => Store;
  readonly wrapVenue?: (venue: Venue, process: SimulatedProcess) => Venue;
  /** Changes the application; the returned function changes it back. */
  readonly patch?: () => () => void;
}

export const NO_MUTANT: Mutant = { name: '' };

export function overStore(store: Store, changes: Partial<Store>): Store {
  return { ...store, ...changes };
}

/** Every session of the venue with some methods replaced. */
export function overSession(changes: (session: TradingSession, process: SimulatedProcess) => Partial<TradingSession>): NonNullable<Mutant['wrapVenue']> {
  return (venue, process) => ({
    ...venue,
    session: (account) => {
      const session = venue.session(account);
      return {
        listen: (handlers) => session.listen(handlers),
        clockOffsetMs: () => session.clockOffsetMs(),
        place: (order, window) => session.place(order, window),
        cancel: (id, symbol) => session.cancel(id, symbol),
        findOrder: (id, symbol) => session.findOrder(id, symbol),
        openOrders: (symbol) => session.openOrders(symbol),
        fillsSince: (symbol, since) => session.fillsSince(symbol, since),
        fillsOf: (id, symbol) => session.fillsOf(id, symbol),
        balances: () => session.balances(),
        feeRates: (symbol) => session.feeRates(symbol),
        checkKey: () => session.checkKey(),
        close: () => session.close(),
        ...changes(session, process),
      };
    },
  });
}

export function withCapabilities(changes: Partial<VenueCapabilities>): NonNullable<Mutant['wrapVenue']> {
  return (venue) => ({ ...venue, capabilities: { ...venue.capabilities, ...changes } });
}

/** Replaces a method of the application until it is put back. */
export function patched<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  change: (original: Owner[Name]) => Owner[Name],
): () => () => void {
  return () => {
    const original = owner[name];
    owner[name] = change(original);
    return () => {
      owner[name] = original;
    };
  };
}
