/**
 * The environment, read once through a schema into one frozen object; nothing else reads `process.env`.
 * A name with our prefix that the schema does not know is refused.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { AppError } from '#core/errors.ts';
import { ENVIRONMENT, type Environment, type LogLevel, notesOf, ROLES, type RoleName, variableNames } from './config/environment.ts';
import { nearestName } from './config/nearest-name.ts';
import { Secret } from './config/secret.ts';

const PREFIX = 'ARGOSY_';
const DAY_MS = 86_400_000;
const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));

export interface Config {
  readonly roles: readonly RoleName[];
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly isLoopback: boolean;
    /** Of pages besides our own that may open sockets. */
    readonly origins: readonly string[];
    /** Addresses, ranges or names of reverse proxies that are believed. */
    readonly trustedProxies: readonly string[];
  };
  /** `null` takes no payments. */
  readonly payments: { readonly secret: Secret | null };
  /** Absolute path of the directory that holds everything this installation keeps. */
  readonly data: {
    readonly directory: string;
    /** Where candles of the past are kept. */
    readonly history: string;
  };
  /** `null` stands for the embedded server. */
  /** How long a start waits for the database. */
  readonly database: { readonly url: Secret | null; readonly waitMs: number };
  readonly redis: { readonly url: Secret | null };
  /** `egress` names the address by which venues see this process. */
  readonly venues: { readonly urls: Readonly<Record<string, string>>; readonly egress: string };
  /** Names of the places to scan for signals, or `null` for all. */
  readonly scan: { readonly places: readonly string[] | null };
  /** Names of the strategies to run, or `null` for all. */
  readonly bots: { readonly types: readonly string[] | null };
  /** `null` stands for one made and kept in the data directory. */
  readonly security: { readonly masterKey: Secret | null; readonly jwtSecret: Secret | null };
  /** `isLevelGiven` tells a wish from the default `info`. */
  readonly logs: { readonly level: LogLevel; readonly isLevelGiven: boolean; readonly file: string | null };
  readonly monitor: { readonly token: Secret | null; readonly port: number | null };
  /** `directory` is absolute; `null` makes no nightly backups. `keep` counts them. */
  readonly backup: { readonly passphrase: Secret | null; readonly directory: string | null; readonly keep: number };
  readonly keptFor: { readonly tapesMs: number; readonly equityMs: number; readonly eventsMs: number };
  /** `null` traces nothing. */
  readonly traces: { readonly endpoint: string | null };
  /** `from` is the address that mails come from. */
  readonly mail: { readonly url: Secret | null; readonly from: string | null };
  /** `webhook` is the public address of this server; `null` fetches updates. */
  readonly telegram: { readonly token: Secret | null; readonly apiRoot: string; readonly webhook: string | null };
  /** `null` while the switch is off. */
  readonly telegramUser: { readonly api: { readonly id: number; readonly hash: Secret } | null };
  /** `allowsPrivate`: users' webhooks may reach private networks. `fcm` is a service account in JSON. */
  readonly push: {
    readonly allowsPrivate: boolean;
    readonly fcm: Secret | null;
    readonly apns: { readonly key: Secret; readonly keyId: string; readonly teamId: string; readonly topic: string } | null;
  };
  readonly coinMarketCap: { readonly apiKey: Secret | null; readonly url: string };
  /** Language of the person at the terminal. */
  readonly language: 'en' | 'ru';
}

export interface ConfigSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Directory that relative paths start from. */
  readonly directory: string;
  readonly isContainer: boolean;
}

/** The configuration of this process, from its environment and the file `.env` beside package.json; the environment wins. */
export function loadConfig(): Config {
  const file = resolve(PROJECT, '.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const misspelt = Object.keys(fromFile).flatMap((name) => misspeltIssue(name, 1));
  if (misspelt.length > 0) throw invalid(misspelt);
  const isContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv') || process.env['KUBERNETES_SERVICE_HOST'] !== undefined;
  return parseConfig({ environment: { ...fromFile, ...process.env }, directory: PROJECT, isContainer });
}

/** Checks an environment and groups it; throws AppError `configuration_invalid` that names every variable at fault. */
export function parseConfig(source: ConfigSource): Config {
  const issues: Issue[] = [];
  const given = readVariables(source, issues);
  const parsed = ENVIRONMENT.safeParse(given);
  if (!parsed.success) for (const issue of parsed.error.issues) issues.push(describeIssue(String(issue.path[0]), given, issue.message));
  if (parsed.success) issues.push(...companionIssues(parsed.data));
  if (!parsed.success || issues.length > 0) throw invalid(issues);
  return deepFreeze(group(parsed.data, source));
}

/** Every setting as text for people, one `group.name: value` a line, secrets masked. */
export function describeConfig(config: Config): string {
  const lines = Object.entries(config).flatMap(([section, value]) =>
    typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).map(([name, item]) => `${section}.${name}: ${show(item)}`)
      : [`${section}: ${show(value)}`],
  );
  return lines.join('\n');
}

/** Language of the person at the terminal, for what is said before the configuration is read. */
export function spokenLanguage(): Config['language'] {
  return languageOf(process.env);
}

function languageOf(environment: ConfigSource['environment']): Config['language'] {
  const speech = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return speech.startsWith('ru') ? 'ru' : 'en';
}

interface Issue {
  readonly field: string;
  readonly message: string;
}

/** Variables that others need beside them. */
function companionIssues(environment: Environment): Issue[] {
  const issues: Issue[] = [];
  const need = (
    field:
      | 'ARGOSY_MASTER_KEY'
      | 'ARGOSY_JWT_SECRET'
      | 'ARGOSY_BACKUP_PASSPHRASE'
      | 'ARGOSY_APNS_APP'
      | 'ARGOSY_TELEGRAM_USER_API_ID'
      | 'ARGOSY_TELEGRAM_USER_API_HASH',
    beside: keyof Environment,
    why: string,
  ): void => {
    if (environment[beside] !== undefined && environment[field] === undefined) issues.push({ field, message: `is required together with ${beside}${why}` });
  };
  const shared = ', so that every process has the same one; make it with `openssl rand -base64 32`';
  need('ARGOSY_MASTER_KEY', 'DATABASE_URL', shared);
  need('ARGOSY_JWT_SECRET', 'DATABASE_URL', shared);
  need('ARGOSY_BACKUP_PASSPHRASE', 'ARGOSY_BACKUP_DIR', ': it seals the secrets in the backups');
  if (environment.ARGOSY_TELEGRAM_USER === 'on') {
    need('ARGOSY_TELEGRAM_USER_API_ID', 'ARGOSY_TELEGRAM_USER', ': my.telegram.org gives it out');
    need('ARGOSY_TELEGRAM_USER_API_HASH', 'ARGOSY_TELEGRAM_USER', ': my.telegram.org gives it out');
  }
  need('ARGOSY_APNS_APP', 'ARGOSY_APNS_KEY', ': it says which app the key is for');
  return issues;
}

function group(environment: Environment, source: ConfigSource): Config {
  const secret = (text: string | undefined): Secret | null => (text === undefined ? null : new Secret(text));
  const host = environment.HOST ?? (source.isContainer ? '0.0.0.0' : '127.0.0.1');
  const dataDirectory = resolve(source.directory, environment.ARGOSY_DATA_DIR ?? 'data');
  return {
    roles: environment.ARGOSY_ROLES ?? ROLES,
    http: {
      host,
      port: environment.PORT ?? 8000,
      isLoopback: /^(127\.|localhost$|::1$)/.test(host),
      origins: environment.ARGOSY_ORIGINS ?? [],
      trustedProxies: environment.ARGOSY_TRUSTED_PROXIES ?? [],
    },
    payments: { secret: secret(environment.ARGOSY_PAYMENT_SECRET) },
    data: { directory: dataDirectory, history: resolve(source.directory, environment.ARGOSY_HISTORY_DIRECTORY ?? join(dataDirectory, 'history')) },
    database: { url: secret(environment.DATABASE_URL), waitMs: (environment.ARGOSY_DATABASE_WAIT ?? 60) * 1_000 },
    redis: { url: secret(environment.REDIS_URL) },
    venues: { urls: environment.ARGOSY_VENUE_URLS ?? {}, egress: environment.ARGOSY_EGRESS ?? 'shared' },
    scan: { places: placesOf(environment) },
    bots: { types: environment.BOT_TYPES ?? null },
    security: { masterKey: secret(environment.ARGOSY_MASTER_KEY), jwtSecret: secret(environment.ARGOSY_JWT_SECRET) },
    logs: {
      level: environment.ARGOSY_LOG_LEVEL ?? 'info',
      isLevelGiven: environment.ARGOSY_LOG_LEVEL !== undefined,
      file: environment.ARGOSY_LOG_FILE === undefined ? null : resolve(source.directory, environment.ARGOSY_LOG_FILE),
    },
    monitor: { token: secret(environment.ARGOSY_METRICS_TOKEN), port: environment.ARGOSY_MONITOR_PORT ?? null },
    backup: {
      passphrase: secret(environment.ARGOSY_BACKUP_PASSPHRASE),
      directory: environment.ARGOSY_BACKUP_DIR === undefined ? null : resolve(source.directory, environment.ARGOSY_BACKUP_DIR),
      keep: environment.ARGOSY_BACKUP_KEEP ?? 7,
    },
    keptFor: {
      tapesMs: (environment.ARGOSY_KEEP_TAPES ?? 365) * DAY_MS,
      equityMs: (environment.ARGOSY_KEEP_EQUITY ?? 730) * DAY_MS,
      eventsMs: (environment.ARGOSY_KEEP_EVENTS ?? 180) * DAY_MS,
    },
    traces: { endpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT ?? null },
    mail: { url: secret(environment.SMTP_URL), from: environment.ARGOSY_MAIL_FROM ?? null },
    telegram: {
      token: secret(environment.TELEGRAM_BOT_TOKEN),
      apiRoot: environment.TELEGRAM_API_ROOT ?? 'https://api.telegram.org',
      webhook: environment.ARGOSY_TELEGRAM_WEBHOOK ?? null,
    },
    telegramUser: { api: telegramApiOf(environment) },
    push: pushOf(environment),
    coinMarketCap: { apiKey: secret(environment.COINMARKETCAP_API_KEY), url: environment.COINMARKETCAP_URL ?? 'https://pro-api.coinmarketcap.com' },
    language: languageOf(source.environment),
  };
}

/** Who points venues at simulators wants nothing of the real ones. */
function placesOf({ ARGOSY_SCAN, ARGOSY_VENUE_URLS }: Environment): readonly string[] | null {
  if (ARGOSY_SCAN !== undefined) return ARGOSY_SCAN.filter((name) => name !== 'off');
  return ARGOSY_VENUE_URLS === undefined ? null : [];
}

function telegramApiOf({ ARGOSY_TELEGRAM_USER: isOn, ARGOSY_TELEGRAM_USER_API_ID: id, ARGOSY_TELEGRAM_USER_API_HASH: hash }: Environment) {
  return isOn !== 'on' || id === undefined || hash === undefined ? null : { id, hash: new Secret(hash) };
}

function pushOf({ ARGOSY_PRIVATE_WEBHOOKS, ARGOSY_FCM_ACCOUNT, ARGOSY_APNS_KEY, ARGOSY_APNS_APP }: Environment): Config['push'] {
  const [keyId = '', teamId = '', topic = ''] = ARGOSY_APNS_APP?.split(':') ?? [];
  return {
    allowsPrivate: ARGOSY_PRIVATE_WEBHOOKS === 'allow',
    fcm: ARGOSY_FCM_ACCOUNT === undefined ? null : new Secret(JSON.stringify(ARGOSY_FCM_ACCOUNT)),
    apns: ARGOSY_APNS_KEY === undefined || ARGOSY_APNS_APP === undefined ? null : { key: new Secret(ARGOSY_APNS_KEY), keyId, teamId, topic },
  };
}

/** The given variables by name, from the environment or from the files that `NAME_FILE` names. An empty text counts as not given. */
function readVariables(source: ConfigSource, issues: Issue[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(source.environment)) if (name.startsWith(PREFIX)) issues.push(...misspeltIssue(name, Number.POSITIVE_INFINITY));
  for (const name of variableNames()) {
    const direct = source.environment[name];
    const path = isVariable(`${name}_FILE`) ? undefined : source.environment[`${name}_FILE`];
    if (direct && path) issues.push({ field: name, message: `is given twice: directly and by ${name}_FILE; remove one` });
    else if (direct) given[name] = direct;
    else if (path) readVariableFile(name, resolve(source.directory, path), given, issues);
  }
  return given;
}

function readVariableFile(name: string, path: string, given: Record<string, string>, issues: Issue[]): void {
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (text === '') issues.push({ field: `${name}_FILE`, message: `names "${path}", which is empty` });
    else given[name] = text;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    issues.push({ field: `${name}_FILE`, message: `names "${path}", which cannot be read (${code})` });
  }
}

/** An issue when the name is not one of ours and stands within `distance` letters of one. */
function misspeltIssue(name: string, distance: number): Issue[] {
  const bare = name.endsWith('_FILE') && isVariable(name.slice(0, -'_FILE'.length)) ? name.slice(0, -'_FILE'.length) : name;
  if (isVariable(bare)) return [];
  const nearest = nearestName(bare, variableNames());
  return nearest.distance > distance ? [] : [{ field: name, message: `is not a variable of Argosy; the nearest is ${nearest.name}` }];
}

function isVariable(name: string): name is keyof Environment {
  return Object.hasOwn(ENVIRONMENT.shape, name);
}

function describeIssue(name: string, given: Readonly<Record<string, string>>, message: string): Issue {
  const isSecret = isVariable(name) && notesOf(name).isSecret === true;
  return { field: name, message: isSecret ? `has a value that cannot be used: ${message}` : `is "${given[name]}": ${message}` };
}

function invalid(issues: readonly Issue[]): AppError {
  return new AppError('configuration_invalid', issues.map((issue) => `${issue.field} ${issue.message}.`).join(' '), issues);
}

function show(value: unknown): string {
  if (value === null) return 'not set';
  return value instanceof Secret || typeof value !== 'object' ? String(value) : JSON.stringify(value);
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
