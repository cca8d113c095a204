/**
 * What Binance's own error codes mean for an order, decided on status, code and text. An allow-list: only what is named
 * here is a certain refusal; every other answer leaves the order in doubt.
 * @see https://developers.binance.com/docs/binance-spot-api-docs/errors
 */
import type { CancelOutcome, PlaceOutcome } from '#core/venue-ports.ts';
import type { Answered } from './_request.ts';

/** Refused before the request reached the matching engine. */
const REFUSED_CODES: ReadonlySet<number> = new Set([
  -1002, // not authorised
  -1003, // too many requests; with 429 and 418
  -1013, // a filter of the symbol: price, size, notional
  -1014, // unsupported combination
  -1015, // too many new orders
  -1020, // unsupported operation
  -1021, // outside the request window: nothing was placed
  -1022, // wrong signature
  -1131, // receive window too long
  -2008, // unknown key
  -2014, // malformed key
  -2015, // key, IP or permission
]);

/** Malformed, missing or senseless parameters. */
const FIRST_MALFORMED = -1130;
const LAST_MALFORMED = -1100;

/** Codes that say "rejected" and leave it to the text why. */
const TEXT_CODES: ReadonlySet<number> = new Set([-1010, -2010]);

/** Texts of certain refusals. "Duplicate order sent." is not among them: it is evidence that the order exists. */
const REFUSED_TEXTS: readonly RegExp[] = [
  /insufficient balance/i,
  /would immediately match/i,
  /would trigger immediately/i,
  /market is closed/i,
  /are not support(ed)? for this symbol/i,
  /is not supported for this symbol/i,
  /price \* qty is zero or less/i,
  /icebergqty exceeds qty/i,
  /this action is disabled on this account/i,
  /this account may not place or cancel orders/i,
  /unsupported order combination/i,
  /relationship of the prices for the orders is not correct/i,
  /symbol is (not permitted|restricted) for this account/i,
  /api trading is not enabled/i,
  /liquidity is less than/i,
  /filter failure/i,
];

const UNKNOWN_ORDER = -2011;
const NO_SUCH_ORDER = -2013;
const LATE = -1021;
const LONGEST_TEXT = 200;

/** The venue's code and text, where the answer carries them. */
export function errorOf(answer: Answered): { readonly code: number | null; readonly text: string } {
  const { body } = answer;
  if (typeof body !== 'object' || body === null) return { code: null, text: `HTTP ${answer.status} without a readable answer` };
  const code: unknown = Reflect.get(body, 'code');
  const text: unknown = Reflect.get(body, 'msg');
  return { code: typeof code === 'number' ? code : null, text: typeof text === 'string' ? text.slice(0, LONGEST_TEXT) : `HTTP ${answer.status}` };
}

export function isLate(answer: Answered): boolean {
  return isRefusalStatus(answer.status) && errorOf(answer).code === LATE;
}

/** The one answer that proves, at that moment, that there is no such order. */
export function isNoSuchOrder(answer: Answered): boolean {
  return isRefusalStatus(answer.status) && errorOf(answer).code === NO_SUCH_ORDER;
}

/** The outcome of placing when the answer is not a success. */
export function judgeRefusedPlace(answer: Answered): PlaceOutcome {
  const { code, text } = errorOf(answer);
  const named = code === null ? `http_${answer.status}` : String(code);
  const isCertain = isRefusalStatus(answer.status) && code !== null && isCertainRefusal(code, text);
  return { outcome: isCertain ? 'rejected' : 'unknown', code: named, message: text };
}

/** The outcome of cancelling when the answer is not a success. */
export function judgeRefusedCancel(answer: Answered): CancelOutcome {
  const { code, text } = errorOf(answer);
  if (isRefusalStatus(answer.status) && code === UNKNOWN_ORDER && !/cancel restrictions|was not canceled/i.test(text)) return { outcome: 'notOpen' };
  return { outcome: 'unknown', code: code === null ? `http_${answer.status}` : String(code), message: text };
}

function isCertainRefusal(code: number, text: string): boolean {
  if (TEXT_CODES.has(code)) return REFUSED_TEXTS.some((known) => known.test(text));
  return REFUSED_CODES.has(code) || (code >= FIRST_MALFORMED && code <= LAST_MALFORMED);
}

/** 5xx never says what became of a request, whatever its body says. */
function isRefusalStatus(status: number): boolean {
  return status >= 400 && status < 500;
}
