/** Everything the doctor looks at on this machine, in this sequence. It changes nothing. */
import { join } from 'node:path';
import { randomIds } from '#adapters/ids.ts';
import {
  configurationInspection,
  databaseClockInspection,
  databaseInspection,
  diskInspection,
  portInspection,
  runtimeInspection,
  secretsInspection,
  venueInspections,
} from '#adapters/inspections.ts';
import { portFault, type ServerReport } from '#adapters/server-report.ts';
import { committedMigrations } from '#adapters/store/migrate.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import type { Config } from '#config';
import type { Inspection } from '#core/inspection.ts';
import type { Clock, Log } from '#core/ports.ts';
import { NO_BOOKS } from './_history.ts';
import type { CommandDatabase } from './_operator-database.ts';

const SECRETS = ['master.key', 'jwt.secret', 'postgres/argosy.password'];
export function inspectionsOf(
  config: Config,
  database: CommandDatabase,
  world: { readonly clock: Clock; readonly log: Log; readonly server: () => Promise<ServerReport | null> },
): readonly Inspection[] {
  const { http, data } = config;
  const { urls } = config.venues;
  const options = { ...world, ids: randomIds, urls, books: NO_BOOKS };
  const venues = new Map(VENUES.map((module) => [module.id, module.open({ ...options, url: urls[module.id] ?? null })]));
  const secrets = [...SECRETS.map((name) => join(data.directory, name)), join(import.meta.dirname, '..', '..', '.env')];
  return [
    configurationInspection(),
    runtimeInspection(),
    diskInspection(data.directory),
    secretsInspection(secrets),
    portInspection(
      http,
      () => portFault(http.host, http.port),
      async () => (await world.server()) !== null,
    ),
    databaseInspection(() => database.facts(), committedMigrations().length),
    databaseClockInspection(() => database.facts()),
    ...venueInspections(venues, world.clock),
  ];
}
