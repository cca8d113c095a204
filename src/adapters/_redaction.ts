/** Makes log fields plain and safe: secrets masked by their name or shape wherever they stand, errors with their causes, bounded in depth. */

export type Fields = Readonly<Record<string, unknown>>;

const MASK = '[secret]';
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 4000;

/** Names of fields that hold a secret, without case and separators; `apiKey`, `api_key` and `X-MBX-APIKEY` are one. */
const SECRET_NAMES =
  /^(x?(mbx|ok|bapi|kc)?(access)?(apikey|apisecret|secret|passphrase|password|passwd|authorization|cookie|setcookie|signature|sign|token|accesstoken|refreshtoken|idtoken|bottoken|tickettoken|ticket|masterkey|privatekey|secretkey|jwtsecret|jwt|totp|otp|credentials|sealed|passwordhash|tokenhash|databaseurl|redisurl|smtpurl))$/;

/** Secrets inside texts: credentials in addresses, secret query parameters and JSON members, bearer tokens, JWTs, Telegram tokens in paths. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/(\w+:\/\/)[^\s/@]+@/g, `$1${MASK}@`],
  [
    /\b(signature|sign|api_?key|api_?secret|secret|passphrase|password|token|access_token|refresh_token|listenKey)(["']?\s*[=:]\s*["']?)([^\s"'&,;}]+)/gi,
    `$1$2${MASK}`,
  ],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${MASK}`],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/g, MASK],
  [/\bbot\d{6,}:[\w-]+/g, `bot${MASK}`],
];

/** Fields as plain data that may be written down. */
export function cleanFields(fields: Fields): Record<string, unknown> {
  return cleanObject(fields, 0);
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return cleanError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => clean(item, depth + 1));
  if (value instanceof Map) return cleanObject(Object.fromEntries(value), depth + 1);
  if (value instanceof Set) return clean([...value], depth);
  if ('toJSON' in value && typeof value.toJSON === 'function') return clean(value.toJSON(), depth + 1);
  return cleanObject(value as Fields, depth + 1);
}

function cleanObject(fields: Fields, depth: number): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, MAX_ITEMS)) {
    safe[name] = isSecretName(name) && value !== null && value !== undefined ? MASK : clean(value, depth);
  }
  return safe;
}

function cleanError(error: Error, depth: number): Record<string, unknown> {
  const { message, stack, cause, name, ...rest } = { ...error, message: error.message, stack: error.stack, cause: error.cause, name: error.name };
  const safe: Record<string, unknown> = { type: name, message: cleanText(message), ...cleanObject(rest, depth + 1), stack: cleanText(stack ?? '') };
  if (cause !== undefined) safe['cause'] = clean(cause, depth + 1);
  return safe;
}

function cleanText(text: string): string {
  let safe = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  for (const [pattern, replacement] of SECRET_TEXTS) safe = safe.replace(pattern, replacement);
  return safe;
}

function isSecretName(name: string): boolean {
  return SECRET_NAMES.test(name.toLowerCase().replace(/[^a-z]/g, ''));
}
