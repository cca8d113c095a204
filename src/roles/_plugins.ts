/** The venues and strategies of this process, from the registries that are derived from their folders. */
import { booksOf } from '#adapters/store/books.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import { CONTAINER_TYPES, CUSTOM } from '#app/bots/bot-types.ts';
import type { Config } from '#config';
import { AppError } from '#core/errors.ts';
import type { Clock, Ids, Log, SharedBudgets } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Tracing } from '#core/tracing.ts';
import type { Venue } from '#core/venue-ports.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import type { Closing } from './_closing.ts';
import { POOL_SOURCES } from './_pool-sources.ts';

/** Every venue by its id. Opening one connects to nothing. */
export function openVenues(
  config: Config,
  store: Store,
  world: { readonly clock: Clock; readonly ids: Ids; readonly log: Log; readonly tracing: Tracing; readonly budgets?: SharedBudgets },
  closing: Closing,
): ReadonlyMap<string, Venue> {
  const { urls } = config.venues;
  requireKnown('ARGOSY_VENUE_URLS', Object.keys(urls), [...VENUES.map((venue) => venue.id), ...Object.keys(POOL_SOURCES)]);
  const books = booksOf(store);
  const venues = new Map(VENUES.map((module) => [module.id, module.open({ ...world, url: urls[module.id] ?? null, urls, books })]));
  for (const [id, venue] of venues) closing.add(`venue ${id}`, () => venue.close());
  return venues;
}

/** Every strategy by its name. */
export function openStrategies(config: Config): ReadonlyMap<string, Strategy> {
  requireKnown('BOT_TYPES', config.bots.types ?? [], [...new Set([...CONTAINER_TYPES, CUSTOM, ...STRATEGIES.map((strategy) => strategy.name)])]);
  return new Map(STRATEGIES.map((strategy) => [strategy.name, strategy]));
}

function requireKnown(variable: string, given: readonly string[], known: readonly string[]): void {
  const stranger = given.find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new AppError('configuration_invalid', `${variable} names "${stranger}", which there is not; known are ${known.join(', ')}.`);
}
