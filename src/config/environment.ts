/**
 * The schema of the environment: every variable with its check and its documentation, from which `.env.example` is made.
 */
import { isIP } from 'node:net';
import { z } from 'zod';

export const ROLES = ['api', 'bots', 'worker', 'scanner', 'telegram'] as const;
/** A part of the product that a process may run; several processes may run the same one. */
export type RoleName = (typeof ROLES)[number];

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const MASTER_KEY_BYTES = 32;
/** Shorter passphrases can be guessed by machines. */
export const MIN_PASSPHRASE_LENGTH = 12;

/** What `.env.example` says of a variable. */
interface VariableNotes {
  readonly help: string;
  readonly example: string;
  readonly isSecret?: boolean;
}

const variable = <Schema extends z.ZodType>(schema: Schema, notes: VariableNotes): z.ZodOptional<Schema> => schema.optional().meta({ ...notes });
const url = (...protocols: readonly string[]) =>
  z.string().refine((text) => protocols.includes(URL.parse(text)?.protocol ?? ''), {
    error: `expected an address that begins with ${protocols.map((name) => `${name}//`).join(' or ')}`,
  });
const list = <Name extends string>(isKnown: (name: string) => name is Name, expected: string) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .refine((names): names is Name[] => names.length > 0 && names.every(isKnown), { error: expected });

/** Every variable, with what `.env.example` says of it. */
export const ENVIRONMENT = z.object({
  PORT: variable(wholeNumber(0, 65_535), { help: 'Port of the HTTP server; 0 takes a free one.', example: '8000' }),
  HOST: variable(z.string(), { help: 'Address to listen on; 127.0.0.1 unless in a container, where it is 0.0.0.0.', example: '127.0.0.1' }),
  DATABASE_URL: variable(url('postgres:', 'postgresql:'), {
    help: 'PostgreSQL server; without it an embedded one keeps its files in the data directory.',
    example: 'postgresql://argosy:password@localhost:5432/argosy',
    isSecret: true,
  }),
  ARGOSY_DATABASE_WAIT: variable(wholeNumber(0, 86_400), {
    help: 'Seconds that a start waits for a database that is starting or cannot be reached; 60 without it, 0 gives up at once.',
    example: '60',
  }),
  REDIS_URL: variable(url('redis:', 'rediss:'), {
    help: 'Redis server that carries wake-ups, jobs and shared request budgets between processes; without it PostgreSQL does.',
    example: 'redis://localhost:6379',
    isSecret: true,
  }),
  SMTP_URL: variable(url('smtp:', 'smtps:'), {
    help: 'Mail server for notices; smtp:// is encrypted by STARTTLS, smtps:// from the start. No e-mail without it.',
    example: 'smtp://user:password@mail.example.com:587',
    isSecret: true,
  }),
  ARGOSY_MAIL_FROM: variable(
    z.string().refine((text) => /^[^\s@<>",;:]+@[^\s@<>",;:]+$/.test(text), { error: 'expected an e-mail address such as argosy@example.com' }),
    { help: 'Address that e-mails come from; the user of SMTP_URL without it, where that is an address.', example: 'argosy@example.com' },
  ),
  TELEGRAM_BOT_TOKEN: variable(z.string(), { help: 'Token of the Telegram bot; no Telegram without it.', example: '', isSecret: true }),
  TELEGRAM_API_ROOT: variable(url('http:', 'https:'), { help: 'Address of the Telegram Bot API.', example: 'https://api.telegram.org' }),
  ARGOSY_TELEGRAM_WEBHOOK: variable(url('https:', 'http:'), {
    help: 'Address at which this server is reached from outside, where Telegram shall bring updates to it; without it they are fetched, which needs no address.',
    example: 'https://argosy.example.org',
  }),
  ARGOSY_TELEGRAM_USER: variable(z.enum(['on', 'off'], { error: 'expected on or off' }), {
    help: 'Set to on, it lets the role telegram read channels by the account of the owner, who logs in with `argosy telegram login`; off without it. Needs the two below.',
    example: 'on',
  }),
  ARGOSY_TELEGRAM_USER_API_ID: variable(wholeNumber(1, 999_999_999), {
    help: 'Number of the application at my.telegram.org by which the account is reached.',
    example: '1234567',
  }),
  ARGOSY_TELEGRAM_USER_API_HASH: variable(z.string().regex(/^[0-9a-f]{32}$/i, { error: 'expected 32 hexadecimal digits, as my.telegram.org shows them' }), {
    help: 'Its hash, a secret.',
    example: '',
    isSecret: true,
  }),
  ARGOSY_PRIVATE_WEBHOOKS: variable(z.enum(['allow'], { error: 'expected allow, or nothing' }), {
    help: 'Set to allow, it lets the webhooks of users reach private networks and this machine, unencrypted too; without it only public addresses by https.',
    example: 'allow',
  }),
  ARGOSY_FCM_ACCOUNT: variable(
    jsonOf(
      z.object({ project_id: z.string(), client_email: z.string(), private_key: z.string(), token_uri: url('https:', 'http:') }),
      'the file of a service account, as Firebase gives it out',
    ),
    {
      help: 'Service account of Firebase, its file as it is, for notices to apps on Android; best given as ARGOSY_FCM_ACCOUNT_FILE.',
      example: '',
      isSecret: true,
    },
  ),
  ARGOSY_APNS_KEY: variable(
    z.string().refine((text) => /^-----BEGIN PRIVATE KEY-----[\s\S]+-----END PRIVATE KEY-----\s*$/.test(text), { error: 'expected a private key in PEM' }),
    { help: 'Key of Apple for notices to apps on iPhones; best given as ARGOSY_APNS_KEY_FILE.', example: '', isSecret: true },
  ),
  ARGOSY_APNS_APP: variable(
    z.string().refine((text) => /^[A-Z0-9]{10}:[A-Z0-9]{10}:[A-Za-z0-9.-]{1,155}$/.test(text), {
      error: 'expected the id of the key, that of the team and that of the app with colons between them',
    }),
    {
      help: 'What ARGOSY_APNS_KEY is for: id of the key, of the team and of the app, with colons between them.',
      example: 'ABC123DEFG:DEF123GHIJ:com.example.argosy',
    },
  ),
  COINMARKETCAP_API_KEY: variable(z.string(), {
    help: 'Key of the CoinMarketCap API, from which quotes of the market come; without it there are none.',
    example: '',
    isSecret: true,
  }),
  COINMARKETCAP_URL: variable(url('http:', 'https:'), {
    help: 'Address of the CoinMarketCap API.',
    example: 'https://pro-api.coinmarketcap.com',
  }),
  BOT_TYPES: variable(
    list((name): name is string => /^[a-z][a-z0-9-]*$/.test(name), 'expected names of strategies with commas between them, such as grid'),
    {
      help: 'Strategies whose bots this process runs, with commas between them: grid, dca, and custom for every other one; all without it.',
      example: 'grid',
    },
  ),
  ARGOSY_DATA_DIR: variable(z.string(), { help: 'Where the embedded database and the generated keys are kept. Back it up.', example: './data' }),
  ARGOSY_HISTORY_DIRECTORY: variable(z.string(), {
    help: 'Where candles of the past are kept; the directory history in the data directory without it. It can be downloaded again.',
    example: './data/history',
  }),
  ARGOSY_ROLES: variable(
    list((name): name is RoleName => (ROLES as readonly string[]).includes(name), `expected some of ${ROLES.join(', ')} with commas between them`),
    { help: `Roles of this process, with commas between them; all without it: ${ROLES.join(', ')}.`, example: ROLES.join(',') },
  ),
  ARGOSY_MASTER_KEY: variable(
    z.string().refine(isStrongKey, { error: `expected ${MASTER_KEY_BYTES} random bytes in base64 or hexadecimal, as \`openssl rand -base64 32\` prints them` }),
    {
      help: 'Key that seals exchange keys: 32 random bytes in base64 or hexadecimal. Made and kept in the data directory without it; required with DATABASE_URL.',
      example: '',
      isSecret: true,
    },
  ),
  ARGOSY_JWT_SECRET: variable(
    z.string().refine(isStrongSecret, { error: 'expected at least 32 unpredictable characters, as `openssl rand -base64 48` prints them' }),
    {
      help: 'Secret that signs access tokens, at least 32 characters. Made and kept in the data directory without it; required with DATABASE_URL.',
      example: '',
      isSecret: true,
    },
  ),
  ARGOSY_VENUE_URLS: variable(jsonOf(z.record(z.string(), z.union([url('http:', 'https:'), z.literal('demo')]))), {
    help: 'JSON object that points exchanges at other addresses, for tests against simulators; {"paper":"demo"} keeps the paper exchange on its demonstration market.',
    example: '{"binance":"http://127.0.0.1:9001"}',
  }),
  ARGOSY_PAYMENT_SECRET: variable(
    z.string().refine(isStrongSecret, { error: 'expected at least 32 unpredictable characters, as `openssl rand -base64 48` prints them' }),
    {
      help: 'Secret shared with whoever takes payments for plans and signs what it sends to /api/v1/payments/webhook; without it nothing is taken there.',
      example: '',
      isSecret: true,
    },
  ),
  ARGOSY_ORIGINS: variable(
    list((text): text is string => URL.parse(text)?.origin === text, 'expected origins such as https://trade.example.com with commas between them'),
    { help: 'Origins of pages besides our own that may open sockets, with commas between them.', example: 'https://trade.example.com' },
  ),
  ARGOSY_TRUSTED_PROXIES: variable(
    list(isProxy, 'expected addresses such as 10.0.0.2, ranges such as 10.0.0.0/8, or loopback or uniquelocal, with commas between them'),
    {
      help: 'Reverse proxies in front, with commas between them: addresses, ranges, loopback or uniquelocal. Whom they name in X-Forwarded-For is taken for the caller, whose requests are counted; without it nobody is believed and all behind a proxy share its limits.',
      example: 'loopback',
    },
  ),
  ARGOSY_SCAN: variable(
    list((name): name is string => /^[a-z][a-z0-9-]*$/.test(name), 'expected names of places with commas between them, such as mexc,binance, or off'),
    {
      help: 'Places whose prices are scanned for signals, with commas between them, or off; all without it, none where ARGOSY_VENUE_URLS is set.',
      example: 'mexc,binance,bybit,okx,bitget,dexscreener,geckoterminal',
    },
  ),
  ARGOSY_METRICS_TOKEN: variable(
    z.string().refine((text) => isStrongSecret(text) && !/\s/.test(text), {
      error: 'expected at least 32 unpredictable characters without spaces, as `openssl rand -base64 48` prints them',
    }),
    {
      help: 'Token that opens /metrics and the details of /health from other machines, at least 32 characters; on this machine they are open.',
      example: '',
      isSecret: true,
    },
  ),
  ARGOSY_MONITOR_PORT: variable(wholeNumber(1, 65_535), {
    help: 'Port for /health and /metrics of a process without the role api; without it such a process listens nowhere.',
    example: '8001',
  }),
  ARGOSY_BACKUP_PASSPHRASE: variable(
    z.string().refine((text) => text.length >= MIN_PASSPHRASE_LENGTH, { error: `expected at least ${MIN_PASSPHRASE_LENGTH} characters` }),
    {
      help: 'Passphrase that seals the secrets in a backup, at least 12 characters; `argosy backup` and `argosy restore` ask for it without it.',
      example: '',
      isSecret: true,
    },
  ),
  ARGOSY_BACKUP_DIR: variable(z.string(), {
    help: 'Directory into which the role worker backs up every night; needs ARGOSY_BACKUP_PASSPHRASE. Not on the disk of the database. None without it.',
    example: '/backups',
  }),
  ARGOSY_BACKUP_KEEP: variable(wholeNumber(1, 1_000), { help: 'How many of the nightly backups stay; 7 without it.', example: '7' }),
  ARGOSY_KEEP_TAPES: variable(wholeNumber(1, 36_500), {
    help: 'Days for which the tape of a run is kept after its end; 365 without it. Orders, executions and the audit log are kept for ever.',
    example: '365',
  }),
  ARGOSY_KEEP_EQUITY: variable(wholeNumber(1, 36_500), { help: 'Days for which points of the equity curve are kept; 730 without it.', example: '730' }),
  ARGOSY_KEEP_EVENTS: variable(wholeNumber(1, 36_500), {
    help: 'Days for which events that were told, and commands that bots have taken, are kept; 180 without it.',
    example: '180',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(url('http:', 'https:'), {
    help: 'OpenTelemetry collector that traces are sent to (OTLP over HTTP); without it nothing is traced.',
    example: 'http://localhost:4318',
  }),
  ARGOSY_EGRESS: variable(
    z.string().refine((text) => /^[\w.:-]{1,64}$/.test(text), { error: 'expected up to 64 letters, digits and .:_- such as the address itself' }),
    {
      help: 'Name of the address by which this process reaches the exchanges. Processes of one name share the request budgets of that address; all do without it.',
      example: '203.0.113.7',
    },
  ),
  ARGOSY_LOG_LEVEL: variable(z.enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(', ')}` }), {
    help: `Least important lines to log: ${LOG_LEVELS.join(', ')}.`,
    example: 'info',
  }),
  ARGOSY_LOG_FILE: variable(z.string(), {
    help: 'File for the log besides the output; rotated at 20 MB, with the ten files before it kept.',
    example: './data/logs/argosy.log',
  }),
});

export type Environment = z.infer<typeof ENVIRONMENT>;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the schema notes of a variable. */
export function notesOf(name: keyof Environment): VariableNotes {
  return ENVIRONMENT.shape[name].meta() as unknown as VariableNotes;
}

export function variableNames(): readonly (keyof Environment)[] {
  return Object.keys(ENVIRONMENT.shape) as (keyof Environment)[];
}

function wholeNumber(min: number, max: number) {
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, { error: `expected a whole number from ${min} to ${max}` })
    .transform(Number);
}

function jsonOf<Schema extends z.ZodType>(schema: Schema, expected = 'a JSON object such as {"binance":"http://127.0.0.1:9001"}') {
  return z.string().transform((text, context): z.infer<Schema> => {
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    context.issues.push({ code: 'custom', input: text, message: `expected ${expected}` });
    return z.NEVER;
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An address, a range of addresses, or a name for the private ones. */
function isProxy(text: string): text is string {
  const [address = '', prefix, ...rest] = text.split('/');
  if (PROXY_NAMES.has(text)) return true;
  const bits = isIP(address) === 6 ? 128 : isIP(address) === 4 ? 32 : -1;
  return bits > 0 && rest.length === 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= bits));
}

const PROXY_NAMES: ReadonlySet<string> = new Set(['loopback', 'uniquelocal']);

/** Random bytes repeat little: a key with fewer than 16 different bytes of 32 has been typed by hand. */
function isStrongKey(text: string): boolean {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(/^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? text : '', 'base64');
  return bytes.length === MASTER_KEY_BYTES && new Set(bytes).size >= 16;
}

function isStrongSecret(text: string): boolean {
  return text.length >= 32 && new Set(text).size >= 12;
}
