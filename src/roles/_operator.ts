/** The operator of an installation, for the commands: its database, its server, and everything the doctor looks at. */
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { bcryptPasswords } from '#adapters/passwords.ts';
import { askServer } from '#adapters/server-report.ts';
import { aesVault } from '#adapters/vault.ts';
import type { Config } from '#config';
import type { Log } from '#core/ports.ts';
import type { Operator, Terminal } from '#edges/cli/operator.ts';
import { operatorHistory } from './_history.ts';
import { inspectionsOf } from './_inspections.ts';
import { openKeys } from './_keys.ts';
import { asUser } from './_operator-api.ts';
import { commandDatabase } from './_operator-database.ts';
import { openStrategySandbox } from './_sandbox.ts';
import { openTelegramUsers } from './_telegram-user.ts';

export function openOperator(config: Config, version: string, terminal: Terminal, log: Log): Operator {
  const { http, roles } = config;
  const clock = systemClock;
  const database = commandDatabase(config, version, { clock, log });
  const server = async () => (roles.includes('api') ? askServer(http.host, http.port) : null);
  return {
    language: config.language,
    version,
    clock,
    ids: randomIds,
    passwords: bcryptPasswords(),
    terminal,
    log,
    database,
    history: operatorHistory(config, { clock, log }),
    asUser: (email, work) => asUser(email, work, { config, version, log }),
    server,
    sandbox: openStrategySandbox,
    vault: () => aesVault(openKeys(config).masterKey),
    telegramUsers: () => openTelegramUsers(config, version),
    inspections: () => inspectionsOf(config, database, { clock, log, server }),
  };
}
