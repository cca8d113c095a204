/** The operator of an installation, for the commands: its database, its server, and everything the doctor looks at. */
import { join } from 'node:path';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import {
  clockInspection,
  databaseInspection,
  diskInspection,
  portInspection,
  runtimeInspection,
  secretsInspection,
  venueInspections,
} from '#adapters/inspections.ts';
import { bcryptPasswords } from '#adapters/passwords.ts';
import { askServer, portFault } from '#adapters/server-report.ts';
import { committedMigrations } from '#adapters/store/migrate.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import type { Config } from '#config';
import type { Log } from '#core/ports.ts';
import type { Operator, Terminal } from '#edges/cli/operator.ts';
import { commandDatabase } from './_operator-database.ts';

export function openOperator(config: Config, version: string, terminal: Terminal, log: Log): Operator {
  const {
    http,
    data,
    venues: { urls },
    roles,
  } = config;
  const clock = systemClock;
  const database = commandDatabase(config, version, { clock, log });
  const server = async () => (roles.includes('api') ? askServer(http.host, http.port) : null);
  const secrets = ['master.key', 'jwt.secret', 'postgres/argosy.password'].map((name) => join(data.directory, name));
  const books = { restingOrders: async () => [], netFlows: async () => [] };
  return {
    language: config.language,
    version,
    clock,
    ids: randomIds,
    passwords: bcryptPasswords(),
    terminal,
    database,
    server,
    inspections: () => {
      const venues = new Map(VENUES.map((module) => [module.id, module.open({ clock, ids: randomIds, log, urls, url: urls[module.id] ?? null, books })]));
      return [
        runtimeInspection(),
        diskInspection(data.directory),
        secretsInspection([...secrets, join(import.meta.dirname, '..', '..', '.env')]),
        portInspection(
          http,
          () => portFault(http.host, http.port),
          async () => (await server()) !== null,
        ),
        databaseInspection(() => database.facts(), committedMigrations().length),
        clockInspection({ en: 'clock of the database', ru: 'часы базы данных' }, () =>
          database.use(async (store) => {
            const from = clock.now();
            return (await store.operations.overview()).databaseNow - (from + clock.now()) / 2;
          }),
        ),
        ...venueInspections(venues, clock),
      ];
    },
  };
}
