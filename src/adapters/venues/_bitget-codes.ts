/**
 * What Bitget's own error codes mean for an order, decided on status, code and text. An allow-list: only what is named
 * here is a certain refusal; every other answer leaves the order in doubt.
 * @see https://www.bitget.com/api-doc/spot/error-code/restapi
 */
import type { PlaceOutcome } from '#core/venue-ports.ts';
import type { CancelJudgement } from './_dialect.ts';
import type { Answered } from './_request.ts';

const SUCCESS = '00000';

/** The key, its passphrase, its rights or the address it may be used from. */
export const KEY_CODES: ReadonlySet<string> = new Set([
  '40001', // no key
  '40002', // no signature
  '40003', // no signature
  '40006', // unknown key
  '40009', // wrong signature
  '40011', // no passphrase
  '40012', // wrong key or passphrase
  '40014', // no permission
  '40018', // address
  '40036', // wrong passphrase
  '40037', // unknown key
  '40038', // address
  '40041', // unknown key
  '40084', // a key of the other kind of account
  '40085', // a key of a unified account, which this part of the venue does not serve
]);

/** Outside the request window, by the time in the header or by the window in the body. */
const LATE_CODES: ReadonlySet<string> = new Set(['40005', '40008', '40078', '40079']);

/** A symbol that is not listed; the first is said of any parameter whose value does not exist. */
export const SYMBOL_CODES: ReadonlySet<string> = new Set(['40034', '40102', '41113']);

const REFUSED_CODES: ReadonlySet<string> = new Set([
  ...KEY_CODES,
  ...LATE_CODES,
  ...SYMBOL_CODES,
  '429', // too many requests
  '22002', // no position to close
  '22004', // no trading of this symbol over the API
  '22034', // below the least order amount
  '22038', // size between two increments
  '40007', // content type
  '40016', // account without second factor
  '40017', // parameter
  '40019', // parameter missing
  '40020', // parameter
  '40022', // account restricted
  '40023', // API restricted
  '40024', // account frozen
  '40025', // no permission
  '40026', // user disabled
  '40031', // account closed
  '40053', // parameter out of range
  '40057', // parameter
  '40058', // parameter
  '40059', // parameter
  '40064', // parameter
  '40304', // client id too long
  '40305', // client id malformed
  '40404', // no such path
  '40409', // format
  '40706', // price
  '40710', // account frozen
  '40723', // too many open orders
  '40724', // parameter missing
  '40754', // balance
  '40761', // too many open orders
  '40762', // balance
  '40774', // an order of the other position mode
  '40797', // leverage
  '40811', // parameter missing
  '40813', // parameter missing
  '40815', // price above the highest
  '40816', // price below the lowest
  '41101', // parameter
  '41103', // precision
  '41114', // pair under maintenance
  '43005', // too many orders
  '43006', // size too small
  '43007', // size too large
  '43008', // price too low
  '43009', // price too high
  '43010', // value too small
  '43011', // parameter
  '43012', // balance
  '43027', // value too small
  '43028', // price between two increments
  '43037', // value too small
  '43038', // value too large
  '43039', // price limit
  '43040', // price limit
  '43041', // value too large
  '43042', // value too small
  '43048', // no symbol
  '43115', // pair not open yet
  '43119', // trading not open
  '43120', // pair not open
  '43128', // too many orders
  '43132', // balance
  '45009', // account at risk
  '45035', // price between two increments
  '45110', // value too small
  '45111', // size too small
  '45112', // size too large
  '45113', // value too large
  '45114', // value too small
  '45115', // price between two increments
  '45117', // a position or orders in the other margin mode
  '45118', // too many orders
  '70227', // user may not place orders
  '400172', // parameter
]);

/** Said of a senseless parameter, and, without naming one, while the venue is being updated; only the former is certain. */
const PARAMETER_CHECK = '40808';
const NAMED_CHECK = /check\w*scale|error value/i;

/** No open order of that name. Duplicates (40786, 43118, 45034) are not here: they are evidence that the order exists. */
const NOT_OPEN_CODES: ReadonlySet<string> = new Set(['22001', '40109', '40768', '43001', '43004', '45031', '45057']);
const ABSENT_CODES: ReadonlySet<string> = new Set(['40109', '40768', '43001', '45057']);
const LONGEST_TEXT = 200;

/** The venue's code and text, where the answer carries them. */
export function errorOf(answer: Pick<Answered, 'status' | 'body'>): { readonly code: string | null; readonly text: string } {
  const { body } = answer;
  if (typeof body !== 'object' || body === null) return { code: null, text: `HTTP ${answer.status} without a readable answer` };
  const code: unknown = Reflect.get(body, 'code');
  const text: unknown = Reflect.get(body, 'msg') ?? Reflect.get(body, 'message');
  return {
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : null,
    text: typeof text === 'string' ? text.slice(0, LONGEST_TEXT) : `HTTP ${answer.status}`,
  };
}

export function isDone(answer: Answered): boolean {
  return answer.status === 200 && errorOf(answer).code === SUCCESS;
}

export function isLate(answer: Answered): boolean {
  const { code } = errorOf(answer);
  return isRefusalStatus(answer.status) && code !== null && LATE_CODES.has(code);
}

/** Both proofs that there is no such order: an empty list, and a code that says so. */
export function isAbsent(answer: Answered): boolean {
  const { code } = errorOf(answer);
  if (!isDone(answer)) return isRefusalStatus(answer.status) && code !== null && ABSENT_CODES.has(code);
  const data: unknown = Reflect.get(Object(answer.body), 'data');
  return Array.isArray(data) && data.length === 0;
}

/** The outcome of placing when the answer is not a success. */
export function judgeRefusedPlace(answer: Answered): PlaceOutcome {
  const { code, text } = errorOf(answer);
  const isCertain = isRefusalStatus(answer.status) && code !== null && (REFUSED_CODES.has(code) || (code === PARAMETER_CHECK && NAMED_CHECK.test(text)));
  return { outcome: isCertain ? 'rejected' : 'unknown', code: code ?? `http_${answer.status}`, message: text };
}

/** The outcome of cancelling when the answer is not a success. */
export function judgeRefusedCancel(answer: Answered): CancelJudgement {
  const { code, text } = errorOf(answer);
  if (isRefusalStatus(answer.status) && code !== null && NOT_OPEN_CODES.has(code)) return { outcome: 'notOpen' };
  return { outcome: 'unknown', code: code ?? `http_${answer.status}`, message: text };
}

/** The venue refuses with 4xx, at times with 200 and a code; 5xx never says what became of a request. */
function isRefusalStatus(status: number): boolean {
  return status === 200 || (status >= 400 && status < 500);
}
