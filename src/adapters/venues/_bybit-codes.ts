/**
 * What Bybit's own codes mean for an order. An allow-list: only what is named here is a certain refusal; every other
 * answer leaves the order in doubt. The library's classes are no help: it takes "order creation timeout" for an invalid order.
 * @see https://bybit-exchange.github.io/docs/v5/error
 */
import type { PlaceOutcome } from '#core/venue-ports.ts';
import type { CancelJudgement } from './_dialect.ts';
import type { Answered } from './_request.ts';

/** Refused at the door: parameters, time, key, account, rate. */
const REFUSED_AT_THE_DOOR: readonly number[] = [
  10001, 10002, 10003, 10004, 10005, 10006, 10007, 10008, 10009, 10010, 10018, 10024, 10027, 10028, 10029, 33004, -2015,
];

/** Refused by the spot market before the order reached its book: rules of the instrument, funds, restrictions. */
const REFUSED_BY_THE_MARKET: readonly number[] = [
  170005, 170010, 170011, 170019, 170031, 170033, 170034, 170036, 170037, 170105, 170115, 170116, 170117, 170121, 170124, 170130, 170131, 170132, 170133,
  170134, 170135, 170136, 170137, 170140, 170148, 170151, 170157, 170159, 170192, 170193, 170194, 170197, 170198, 170199, 170200, 170201, 170202, 170203,
  170204, 170206, 170207, 170209, 170210, 170215, 170216, 170217, 170218, 170219, 170220, 170221, 170222, 170223, 170224, 170226, 170227, 170228, 170229,
  170230, 170241, 170341, 170344, 170346, 170348, 170355, 170358, 170359, 170360, 170371, 170372, 170381, 170382, 170709, 170810,
];

/** The same of derivatives. 110072, a repeated id, is not among them: it is evidence that the order exists. */
const REFUSED_BY_DERIVATIVES: readonly number[] = [
  110003, 110004, 110005, 110006, 110007, 110009, 110011, 110012, 110014, 110016, 110017, 110020, 110021, 110023, 110031, 110032, 110034, 110035, 110040,
  110042, 110044, 110045, 110051, 110052, 110053, 110057, 110063, 110066, 110068, 110069, 110070, 110092, 110093, 110094, 110095, 110096, 110097, 110098,
  110099, 110100, 110123, 110124, 110125, 110126,
];

const REFUSED: ReadonlySet<number> = new Set([...REFUSED_AT_THE_DOOR, ...REFUSED_BY_THE_MARKET, ...REFUSED_BY_DERIVATIVES]);

/** What texts that say too little are about. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/position idx not match/i, 'the account holds longs and shorts apart (hedge mode); switch it to one-way mode at Bybit'],
  [/reduce-only/i, 'there is no position that it could reduce'],
  [/ab not enough/i, 'there is not enough free margin in the unified account'],
];

/** Does not exist, has been filled, has been cancelled, cancelling has finished. */
const NOT_OPEN: ReadonlySet<number> = new Set([170213, 170139, 170142, 170190, 110001, 110008, 110010]);
/** A cancel is under way. */
const CANCELLING = 170212;
const LATE = 10002;
const LONGEST_TEXT = 200;
/** The text of the door that keeps out an address which asks too often; other 403 pages may come from anywhere. */
const BANNED = /access too frequent/i;

/** The venue's code and text, where the answer carries them. */
export function errorOf(answer: Pick<Answered, 'status' | 'body'>): { readonly code: number | null; readonly text: string } {
  const { status, body } = answer;
  if (isBan(status, body)) return { code: null, text: 'access too frequent' };
  if (typeof body !== 'object' || body === null) return { code: null, text: `HTTP ${status} without a readable answer` };
  const text: unknown = Reflect.get(body, 'retMsg');
  return { code: codeIn(Reflect.get(body, 'retCode')), text: typeof text === 'string' ? text.slice(0, LONGEST_TEXT) : `HTTP ${status}` };
}

/** A number; ccxt makes texts of all numbers of an answer in which one is too large to be exact. */
function codeIn(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : null;
}

/** Bybit answers nearly everything with HTTP 200 and says in its envelope whether it was done. */
export function isDone(answer: Answered): boolean {
  return answer.status === 200 && errorOf(answer).code === 0;
}

export function isLate(answer: Answered): boolean {
  return isRefusalStatus(answer.status) && errorOf(answer).code === LATE;
}

/** The address is shut out; nothing it sends is looked at. */
export function isBan(status: number, body: unknown): boolean {
  const text: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'retMsg') : body;
  return status === 403 && typeof text === 'string' && BANNED.test(text);
}

/** The outcome of placing when the answer is not a success. */
export function judgeRefusedPlace(answer: Answered): PlaceOutcome {
  const { code, text } = errorOf(answer);
  if (isBan(answer.status, answer.body)) return { outcome: 'rejected', code: 'http_403', message: text };
  // Keys that are not taken are refused with this status, with or without a body.
  if (answer.status === 401) return { outcome: 'rejected', code: code === null ? 'http_401' : String(code), message: text };
  // A text about a repeated request is evidence that the order exists, whatever code it comes with.
  const isCertain = isRefusalStatus(answer.status) && code !== null && REFUSED.has(code) && !/duplicate/i.test(text);
  const remedy = REMEDIES.find(([pattern]) => pattern.test(text))?.[1];
  const message = remedy === undefined ? text : `${text} (${remedy})`;
  return { outcome: isCertain ? 'rejected' : 'unknown', code: code === null ? `http_${answer.status}` : String(code), message };
}

/** The outcome of cancelling when the answer is not a success. */
export function judgeRefusedCancel(answer: Answered): CancelJudgement {
  const { code, text } = errorOf(answer);
  if (isRefusalStatus(answer.status) && code !== null && NOT_OPEN.has(code)) return { outcome: 'notOpen' };
  if (isRefusalStatus(answer.status) && code === CANCELLING) return { outcome: 'requested' };
  return { outcome: 'unknown', code: code === null ? `http_${answer.status}` : String(code), message: text };
}

/** 5xx never says what became of a request, whatever its body says. */
function isRefusalStatus(status: number): boolean {
  return status === 200 || (status >= 400 && status < 500);
}
