/**
 * What MEXC's own error codes mean for an order, decided on status, code and text. An allow-list: only what is named
 * here is a certain refusal; every other answer leaves the order in doubt. The venue documents no code for a client id
 * that was used before, so none is here that could be it.
 * @see https://www.mexc.com/api-docs/spot-v3/general-info
 */
import type { CancelOutcome, PlaceOutcome } from '#core/venue-ports.ts';
import type { Answered } from './_request.ts';

/** Of the key, its signature and its rights: refused at the door. */
const KEY_CODES: ReadonlySet<number> = new Set([
  401, // no authority
  402, // key expired
  403, // access denied
  406, // address not on the white list
  602, // signature
  10072, // invalid key
  700001, // malformed key
  700002, // signature
  700006, // address not on the white list
  700007, // no permission for the endpoint
]);

/** Of the request or the order, refused before the matching engine has it. */
const REFUSED_CODES: ReadonlySet<number> = new Set([
  ...KEY_CODES,
  -1121, // invalid symbol
  -1128, // combination of parameters
  429, // too many requests
  10007, // bad symbol
  10073, // request time
  10095, // amount is null
  10096, // amount has too many decimals
  10097, // amount is wrong
  10101, // insufficient balance
  10102, // amount is zero or negative
  30000, // trading in the symbol is suspended
  30001, // direction is not allowed
  30002, // below the minimum value
  30003, // above the maximum value
  30004, // insufficient position
  30005, // oversold
  30010, // no valid price
  30014, // invalid symbol
  30016, // trading is disabled
  30018, // market orders are disabled
  30019, // market orders are disabled for the API
  30020, // no permission for the symbol
  30021, // invalid symbol
  30027, // position limit, buying is suspended
  30028, // risk control, selling is suspended
  30029, // too many orders
  30032, // position limit
  30041, // order type is not allowed
  30087, // price outside the allowed range
  33333, // wrong parameter
  44444, // parameter is null
  70011, // the pair may not be traded by API keys
  700003, // outside the request window: nothing was placed
  700004, // parameter is missing
  700005, // receive window too long
  700008, // illegal characters
  700013, // content type
  730002, // wrong parameter
]);

/** A code that says "bad request" and leaves it to the text why. */
const TEXT_CODE = 400;
const REFUSED_TEXTS: readonly RegExp[] = [/scale is invalid/i, /api key required/i];

const LATE = 700003;
/** The key lacks the right that the endpoint needs. */
export const NO_PERMISSION = 700007;
const UNKNOWN_ORDER = -2011;
const NO_SUCH_ORDER = -2013;
const LONGEST_TEXT = 200;
/** The request was turned away at the gate; also without a readable body. */
const TURNED_AWAY: ReadonlySet<number> = new Set([418, 429]);
/** Codes of answers that carry what was asked for; most carry none. */
const SUCCESS_CODES: ReadonlySet<number> = new Set([0, 200]);

/** The venue's code and text, where the answer carries them. */
export function errorOf({ body, status }: Answered): { readonly code: number | null; readonly text: string } {
  if (typeof body !== 'object' || body === null) return { code: null, text: `HTTP ${status} without a readable answer` };
  const code = codeOf(body);
  const text: unknown = Reflect.get(body, 'msg') ?? Reflect.get(body, 'message');
  return { code, text: typeof text === 'string' ? text.slice(0, LONGEST_TEXT) : `HTTP ${status}` };
}

export function isSuccess({ status, body }: Answered): boolean {
  if (status !== 200 || typeof body !== 'object' || body === null) return false;
  const code = codeOf(body);
  return code === null || SUCCESS_CODES.has(code);
}

/** ccxt makes texts of the numbers in answers that it does not refuse itself. */
export function codeOf(body: object): number | null {
  const code: unknown = Reflect.get(body, 'code');
  const number = typeof code === 'string' && /^-?\d{1,9}$/.test(code) ? Number(code) : code;
  return typeof number === 'number' ? number : null;
}

export function isLate(answer: Answered): boolean {
  return isRefusal(answer) && errorOf(answer).code === LATE;
}

/** The one answer that proves, at that moment, that there is no such order. */
export function isNoSuchOrder(answer: Answered): boolean {
  return isRefusal(answer) && errorOf(answer).code === NO_SUCH_ORDER;
}

/** Whether the key lacks the right, rather than being no good at all. */
export function isWithoutPermission(answer: Answered): boolean {
  return isRefusal(answer) && errorOf(answer).code === NO_PERMISSION;
}

export function isAboutKey(code: number): boolean {
  return KEY_CODES.has(code);
}

/** Whether a refusal is certain: the request did nothing and never will. */
export function isCertainRefusal(answer: Answered): boolean {
  if (TURNED_AWAY.has(answer.status)) return true;
  const { code, text } = errorOf(answer);
  if (!isRefusal(answer) || code === null) return false;
  return code === TEXT_CODE ? REFUSED_TEXTS.some((known) => known.test(text)) : REFUSED_CODES.has(code);
}

/** The outcome of placing when the answer is not a success. */
export function judgeRefusedPlace(answer: Answered): PlaceOutcome {
  const { code, text } = errorOf(answer);
  return { outcome: isCertainRefusal(answer) ? 'rejected' : 'unknown', code: code === null ? `http_${answer.status}` : String(code), message: text };
}

/** The outcome of cancelling when the answer is not a success. */
export function judgeRefusedCancel(answer: Answered): CancelOutcome {
  const { code, text } = errorOf(answer);
  if (isRefusal(answer) && code === UNKNOWN_ORDER) return { outcome: 'notOpen' };
  return { outcome: 'unknown', code: code === null ? `http_${answer.status}` : String(code), message: text };
}

/** The venue says of 5xx that the outcome is unknown, whatever the body says; at times it refuses with 200. */
function isRefusal({ status }: Answered): boolean {
  return status === 200 || (status >= 400 && status < 500);
}
