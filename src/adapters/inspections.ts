/**
 * What the doctor looks at on this machine: runtime, disk, secrets, port, database, and the clocks of venues. Each finding
 * says what to do in both languages.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, Inspection } from '#core/inspection.ts';
import type { Text } from '#core/params.ts';
import type { Clock } from '#core/ports.ts';
import type { Venue } from '#core/venue-ports.ts';
import { freeBytes } from './_disk.ts';

const RUNTIME_NODE = 26;
const LOW_DISK_BYTES = 1_000_000_000;
/** Oldest PostgreSQL server that the tests know. */
const OLDEST_POSTGRES = 150_000;
const MAX_SKEW_MS = 1_000;
const VENUE_PATIENCE_MS = 6_000;

const same = (text: string): Text => ({ en: text, ru: text });
const fine = (says: Text): Finding => ({ status: 'ok', says });

/** The configuration was read, or nothing else could be looked at. */
export function configurationInspection(): Inspection {
  return { name: { en: 'configuration', ru: 'настройки' }, look: async () => fine({ en: 'can be read', ru: 'читаются' }) };
}

export function runtimeInspection(): Inspection {
  return {
    name: { en: 'Node', ru: 'Node' },
    look: async () => {
      const isRight = Number(process.versions.node.split('.')[0]) === RUNTIME_NODE;
      if (isRight) return fine(same(process.versions.node));
      return {
        status: 'fail',
        says: same(process.versions.node),
        remedy: {
          en: `Argosy runs on the Node ${RUNTIME_NODE} among its own packages: start it with npm start, or put node_modules/.bin first on PATH.`,
          ru: `Argosy работает на Node ${RUNTIME_NODE} из своих пакетов: запускайте через npm start или поставьте node_modules/.bin первым в PATH.`,
        },
      };
    },
  };
}

export function diskInspection(directory: string): Inspection {
  return {
    name: { en: 'disk', ru: 'диск' },
    look: async () => {
      // Before the first start the directory is missing; the disk is that of the one above.
      const there = existsSync(directory) ? directory : join(directory, '..');
      const free = await freeBytes(there);
      const gigabytes = (free / 1e9).toFixed(1);
      const says = { en: `${gigabytes} GB free for ${directory}`, ru: `${gigabytes} ГБ свободно для ${directory}` };
      if (free >= LOW_DISK_BYTES) return fine(says);
      return {
        status: 'fail',
        says,
        remedy: {
          en: 'Free at least 1 GB: a database that cannot write stops all trading.',
          ru: 'Освободите хотя бы 1 ГБ: если база не может писать, торговля останавливается.',
        },
      };
    },
  };
}

/** Files that hold secrets may be read by their owner alone. */
export function secretsInspection(paths: readonly string[]): Inspection {
  return {
    name: { en: 'secrets', ru: 'секреты' },
    look: async () => {
      const found = paths.filter((path) => existsSync(path));
      const open = found.filter((path) => (statSync(path).mode & 0o077) !== 0);
      if (open.length === 0) return fine({ en: `${found.length} files, for their owner alone`, ru: `файлов: ${found.length}, доступны только владельцу` });
      return {
        status: 'fail',
        says: { en: `others may read ${open.join(', ')}`, ru: `другие могут читать ${open.join(', ')}` },
        remedy: { en: `chmod go= ${open.join(' ')}`, ru: `chmod go= ${open.join(' ')}` },
      };
    },
  };
}

/** `fault` is why nobody can listen there now; `isOurs` that it is our own server that does. */
export function portInspection(
  place: { readonly host: string; readonly port: number },
  fault: () => Promise<string | null>,
  isOurs: () => Promise<boolean>,
): Inspection {
  const { host, port } = place;
  return {
    name: { en: 'port', ru: 'порт' },
    look: async () => {
      if (await isOurs()) return fine({ en: `Argosy answers on ${host}:${port}`, ru: `Argosy отвечает на ${host}:${port}` });
      const code = await fault();
      if (code === null) return fine({ en: `${host}:${port} is free; Argosy is not running here`, ru: `${host}:${port} свободен; Argosy здесь не запущен` });
      return {
        status: 'fail',
        says: { en: `${host}:${port} cannot be used (${code})`, ru: `${host}:${port} занять нельзя (${code})` },
        remedy: {
          en: `Stop the program that listens there, or set PORT to another number: PORT=${port + 1} npm start`,
          ru: `Остановите программу, занявшую порт, или задайте другой: PORT=${port + 1} npm start`,
        },
      };
    },
  };
}

export function databaseInspection(
  /** `null` while there is no database yet. */
  facts: () => Promise<DatabaseFacts | null>,
  knownMigrations: number,
): Inspection {
  return {
    name: { en: 'database', ru: 'база данных' },
    look: async () => {
      const known = await facts();
      if (known === null) return fine({ en: 'not made yet; the first start makes it', ru: 'ещё не создана; её создаст первый запуск' });
      const { version, number, migrations } = known;
      const says = {
        en: `PostgreSQL ${version}, ${migrations} of ${knownMigrations} migrations`,
        ru: `PostgreSQL ${version}, миграций ${migrations} из ${knownMigrations}`,
      };
      if (number < OLDEST_POSTGRES) return { status: 'fail', says, remedy: { en: 'Use PostgreSQL 15 or newer.', ru: 'Используйте PostgreSQL 15 или новее.' } };
      if (migrations > knownMigrations)
        return {
          status: 'fail',
          says,
          remedy: {
            en: 'A newer version of Argosy has worked on this database: start that version.',
            ru: 'С базой работала более новая версия Argosy: запустите её.',
          },
        };
      if (migrations < knownMigrations)
        return {
          status: 'warn',
          says,
          remedy: {
            en: 'Take a backup, then: argosy migrate. Starting Argosy does the same.',
            ru: 'Сделайте копию, затем: argosy migrate. Запуск Argosy делает то же.',
          },
        };
      return fine(says);
    },
  };
}

/** As far as a look over the database needs them. */
interface DatabaseFacts {
  readonly version: string;
  readonly number: number;
  readonly migrations: number;
  readonly skewMs: number;
}

export function databaseClockInspection(facts: () => Promise<DatabaseFacts | null>): Inspection {
  return clockInspection({ en: 'clock of the database', ru: 'часы базы данных' }, async () => (await facts())?.skewMs ?? 0);
}

/** How far the clocks of two machines are apart, in milliseconds. */
function clockInspection(name: Text, skewMs: () => Promise<number>): Inspection {
  return {
    name,
    look: async () => {
      const skew = Math.round(await skewMs());
      const says = { en: `${skew} ms apart from this machine`, ru: `расхождение с этой машиной ${skew} мс` };
      if (Math.abs(skew) <= MAX_SKEW_MS) return fine(says);
      return {
        status: 'fail',
        says,
        remedy: {
          en: 'Keep the clock of this machine with NTP (timedatectl set-ntp true).',
          ru: 'Включите синхронизацию часов этой машины (timedatectl set-ntp true).',
        },
      };
    },
  };
}

/** The clocks of venues that take keys, as far as they can be reached; the paper venue has ours. */
export function venueInspections(venues: ReadonlyMap<string, Venue>, clock: Clock): readonly Inspection[] {
  return [...venues.values()]
    .filter(({ credentials }) => credentials.length > 0)
    .map((venue) => {
      const inner = clockInspection({ en: `clock of ${venue.title}`, ru: `часы ${venue.title}` }, () => inTime(venue, clock));
      return {
        name: inner.name,
        look: () =>
          inner.look().catch(
            (error: unknown): Finding => ({
              status: 'warn',
              says: {
                en: `cannot be reached (${error instanceof Error ? error.message : String(error)})`,
                ru: `недоступна (${error instanceof Error ? error.message : String(error)})`,
              },
            }),
          ),
      };
    });
}

async function inTime(venue: Venue, clock: Clock): Promise<number> {
  const session = venue.session({ accountId: 'doctor', credentials: null });
  let callOff: () => void = () => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    callOff = clock.after(VENUE_PATIENCE_MS, () => reject(new Error(`no answer within ${VENUE_PATIENCE_MS / 1000} s`)));
  });
  try {
    return await Promise.race([session.clockOffsetMs(), late]);
  } finally {
    callOff();
    await session.close();
  }
}
