/** What a person at the terminal meets: defaults that work, refusals that name the variable, and no secret on the screen. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AppError } from '#core/errors.ts';
import { ENVIRONMENT, notesOf, variableNames } from './config/environment.ts';
import { type Config, describeConfig, parseConfig } from './config.ts';

const KEY = 'dhQ4oF3hHIALZzUa02GJDCrBTBQ22ZLWOVOYCmrcsuw=';
const JWT = 'b1946ac92492d2347c6235b4d2611184-x';
const DATABASE_URL = 'postgresql://argosy:tr0ub4dor@db.example:5432/argosy';

function configOf(environment: Record<string, string>, isContainer = false): Config {
  return parseConfig({ environment, directory: '/srv/argosy', isContainer });
}

function refusalOf(environment: Record<string, string>): string {
  try {
    configOf(environment);
  } catch (error) {
    if (error instanceof AppError && error.code === 'configuration_invalid') return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('trusted proxies', () => {
  it.each(['10.0.0.2', '10.0.0.0/8', '2001:db8::/32', 'loopback', 'uniquelocal'])('may be %s', (proxy) => {
    expect(configOf({ ARGOSY_TRUSTED_PROXIES: `${proxy}, 192.0.2.1` }).http.trustedProxies).toEqual([proxy, '192.0.2.1']);
  });

  it.each(['true', '*', '0.0.0.0/0', '10.0.0.0/33', '10.0.0.0/8/8', 'proxy.example.com', ','])('may not be %s', (proxy) => {
    expect(refusalOf({ ARGOSY_TRUSTED_PROXIES: proxy })).toContain('ARGOSY_TRUSTED_PROXIES');
  });
});

describe('backups and retention', () => {
  it('take a directory below the project, a count and ages in days, and have defaults', () => {
    expect(configOf({}).backup).toEqual({ passphrase: null, directory: null, keep: 7 });
    expect(configOf({}).keptFor).toEqual({ tapesMs: 365 * 86_400_000, equityMs: 730 * 86_400_000, eventsMs: 180 * 86_400_000 });
    const environment = { ARGOSY_BACKUP_DIR: 'backups', ARGOSY_BACKUP_PASSPHRASE: 'a long passphrase', ARGOSY_BACKUP_KEEP: '30', ARGOSY_KEEP_TAPES: '1' };
    expect(configOf(environment).backup).toMatchObject({ directory: '/srv/argosy/backups', keep: 30 });
    expect(configOf(environment).keptFor.tapesMs).toBe(86_400_000);
  });

  it('need a passphrase beside the directory', () => {
    expect(refusalOf({ ARGOSY_BACKUP_DIR: 'backups' })).toBe(
      'ARGOSY_BACKUP_PASSPHRASE is required together with ARGOSY_BACKUP_DIR: it seals the secrets in the backups.',
    );
    expect(refusalOf({ ARGOSY_BACKUP_KEEP: '0' })).toContain('ARGOSY_BACKUP_KEEP is "0"');
  });
});

describe('defaults', () => {
  it('needs no variable at all: embedded database, loopback, all roles', () => {
    const config = configOf({});
    expect(config.http).toEqual({ host: '127.0.0.1', port: 8000, isLoopback: true, origins: [], trustedProxies: [] });
    expect(config.database.url).toBeNull();
    expect(config.data.directory).toBe('/srv/argosy/data');
    expect(config.roles).toEqual(['api', 'bots', 'worker', 'scanner', 'telegram']);
    expect(config.security).toEqual({ masterKey: null, jwtSecret: null });
    expect(config.logs).toEqual({ level: 'info', isLevelGiven: false, file: null });
    expect(config.bots.types).toBeNull();
  });

  it('listens on every address in a container', () => {
    expect(configOf({}, true).http).toEqual({ host: '0.0.0.0', port: 8000, isLoopback: false, origins: [], trustedProxies: [] });
    expect(configOf({ HOST: '127.0.0.1' }, true).http.isLoopback).toBe(true);
  });

  it('counts an empty variable as not given', () => {
    expect(configOf({ PORT: '', DATABASE_URL: '', ARGOSY_ROLES: '' })).toEqual(configOf({}));
  });

  it('speaks Russian where the locale does', () => {
    expect(configOf({ LANG: 'ru_RU.UTF-8' }).language).toBe('ru');
    expect(configOf({ LANG: 'ru_RU.UTF-8', LC_ALL: 'C.UTF-8' }).language).toBe('en');
  });

  it('scans every place, those that are named, none, and none of the real ones beside simulators', () => {
    expect(configOf({}).scan.places).toBeNull();
    expect(configOf({ ARGOSY_SCAN: 'mexc, okx' }).scan.places).toEqual(['mexc', 'okx']);
    expect(configOf({ ARGOSY_SCAN: 'off' }).scan.places).toEqual([]);
    expect(configOf({ ARGOSY_VENUE_URLS: '{"binance":"http://127.0.0.1:9001"}' }).scan.places).toEqual([]);
    expect(configOf({ ARGOSY_VENUE_URLS: '{"binance":"http://127.0.0.1:9001"}', ARGOSY_SCAN: 'binance' }).scan.places).toEqual(['binance']);
  });

  it('is frozen all the way down', () => {
    const config = configOf({ ARGOSY_VENUE_URLS: '{"binance":"http://127.0.0.1:9001"}' });
    expect([config, config.http, config.venues.urls, config.roles].map(Object.isFrozen)).toEqual([true, true, true, true]);
  });
});

describe('values', () => {
  it('reads every group', () => {
    const config = configOf({
      PORT: '0',
      ARGOSY_ROLES: 'api',
      BOT_TYPES: 'grid, dca',
      ARGOSY_DATA_DIR: '/var/lib/argosy',
      ARGOSY_LOG_LEVEL: 'debug',
      ARGOSY_LOG_FILE: 'logs/a.log',
    });
    expect(config.http.port).toBe(0);
    expect(config.roles).toEqual(['api']);
    expect(config.bots.types).toEqual(['grid', 'dca']);
    expect(config.data.directory).toBe('/var/lib/argosy');
    expect(config.logs).toEqual({ level: 'debug', isLevelGiven: true, file: '/srv/argosy/logs/a.log' });
  });

  it('reads a value from the file that NAME_FILE names', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'argosy-config-')), 'secret');
    writeFileSync(path, `${JWT}\n`);
    expect(configOf({ ARGOSY_JWT_SECRET_FILE: path }).security.jwtSecret?.reveal()).toBe(JWT);
    expect(refusalOf({ ARGOSY_JWT_SECRET_FILE: path, ARGOSY_JWT_SECRET: JWT })).toBe(
      'ARGOSY_JWT_SECRET is given twice: directly and by ARGOSY_JWT_SECRET_FILE; remove one.',
    );
    expect(refusalOf({ PORT_FILE: `${path}.gone` })).toBe(`PORT_FILE names "${path}.gone", which cannot be read (ENOENT).`);
  });
});

describe('refusals', () => {
  it.each([
    ['PORT', 'abc', 'PORT is "abc": expected a whole number from 0 to 65535.'],
    ['PORT', '65536', 'PORT is "65536": expected a whole number from 0 to 65535.'],
    ['PORT', '1e3', 'PORT is "1e3": expected a whole number from 0 to 65535.'],
    ['ARGOSY_ROLES', 'api,web', 'ARGOSY_ROLES is "api,web": expected some of api, bots, worker, scanner, telegram with commas between them.'],
    ['ARGOSY_LOG_LEVEL', 'loud', 'ARGOSY_LOG_LEVEL is "loud": expected one of debug, info, warn, error.'],
    ['DATABASE_URL', 'mysql://u:hunter2@x', 'DATABASE_URL has a value that cannot be used: expected an address that begins with postgres:// or postgresql://.'],
    ['ARGOSY_VENUE_URLS', '{"binance":', 'ARGOSY_VENUE_URLS is "{"binance":": expected a JSON object such as {"binance":"http://127.0.0.1:9001"}.'],
    [
      'ARGOSY_VENUE_URLS',
      '{"binance":"file:///etc"}',
      'ARGOSY_VENUE_URLS is "{"binance":"file:///etc"}": expected a JSON object such as {"binance":"http://127.0.0.1:9001"}.',
    ],
  ])('refuses %s=%s and says what is expected', (name, value, message) => {
    expect(refusalOf({ [name]: value })).toBe(message);
  });

  it('names the nearest variable for an unknown one with our prefix', () => {
    expect(refusalOf({ ARGOSY_DATADIR: '/x' })).toBe('ARGOSY_DATADIR is not a variable of Argosy; the nearest is ARGOSY_DATA_DIR.');
  });

  it('leaves unknown variables without our prefix alone', () => {
    expect(configOf({ EDITOR: 'vi' })).toEqual(configOf({}));
  });

  it('names all faults at once', () => {
    expect(refusalOf({ PORT: 'x', ARGOSY_LOG_LEVEL: 'y' })).toContain('PORT is "x"');
    expect(refusalOf({ PORT: 'x', ARGOSY_LOG_LEVEL: 'y' })).toContain('ARGOSY_LOG_LEVEL is "y"');
  });

  it('requires both secrets with a database server', () => {
    expect(refusalOf({ DATABASE_URL, ARGOSY_MASTER_KEY: KEY })).toBe(
      'ARGOSY_JWT_SECRET is required together with DATABASE_URL, so that every process has the same one; make it with `openssl rand -base64 32`.',
    );
    expect(configOf({ DATABASE_URL, ARGOSY_MASTER_KEY: KEY, ARGOSY_JWT_SECRET: JWT }).database.url?.reveal()).toBe(DATABASE_URL);
  });

  it.each(['short', 'A'.repeat(44), `${'AAAA'.repeat(10)}AAA=`, 'not base64 at all, but long enough !!!!!!!!!!', KEY.slice(4)])(
    'refuses the weak master key %s',
    (key) => {
      const message = refusalOf({ ARGOSY_MASTER_KEY: key });
      expect(message).toContain('ARGOSY_MASTER_KEY has a value that cannot be used');
      expect(message).not.toContain(key);
    },
  );

  it.each(['changeme', 'a'.repeat(64), 'secret'.repeat(10)])('refuses the weak signing secret %s', (secret) => {
    expect(refusalOf({ ARGOSY_JWT_SECRET: secret })).toContain('ARGOSY_JWT_SECRET has a value that cannot be used');
  });
});

describe('secrets', () => {
  it('print as [secret] however they are printed', () => {
    const config = configOf({ DATABASE_URL, ARGOSY_MASTER_KEY: KEY, ARGOSY_JWT_SECRET: JWT, TELEGRAM_BOT_TOKEN: '12345:token' });
    const printed = [describeConfig(config), JSON.stringify(config), inspect(config, { depth: null, showHidden: true }), `${config.security.masterKey}`].join(
      '\n',
    );
    for (const secret of [DATABASE_URL, 'tr0ub4dor', KEY, JWT, '12345:token']) expect(printed).not.toContain(secret);
    expect(describeConfig(config)).toContain('security.masterKey: [secret]');
    expect(describeConfig(config)).toContain('http.port: 8000');
  });
});

it('explains every variable in one line and an example that is accepted', () => {
  for (const name of variableNames()) {
    const { help, example } = notesOf(name);
    expect(help, name).toMatch(/^[A-Z].{10,}\.$/s);
    if (example !== '') expect(ENVIRONMENT.shape[name].safeParse(example).success, `${name}=${example}`).toBe(true);
  }
});
