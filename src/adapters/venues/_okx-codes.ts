/**
 * What OKX's own codes mean for an order. An allow-list: only what is named here is a certain refusal; every other answer
 * leaves the order in doubt. The code stands beside the order (`sCode`) or on the whole answer. The library's classes are
 * no help: it takes "order timed out" for a plain error and a repeated id, which proves an order, for an invalid one.
 * @see https://www.okx.com/docs-v5/en/#error-code
 */
import type { PlaceOutcome } from '#core/venue-ports.ts';
import type { CancelJudgement } from './_dialect.ts';
import type { Answered } from './_request.ts';

/** Refused at the door: malformed, too many, late, not signed for, not allowed. */
const REFUSED_AT_THE_DOOR: readonly number[] = [
  50000, 50002, 50006, 50007, 50008, 50009, 50011, 50012, 50014, 50015, 50016, 50024, 50025, 50027, 50030, 50035, 50061, 50100, 50101, 50102, 50103, 50104,
  50105, 50106, 50107, 50110, 50111, 50112, 50113, 50114, 50115, 50119, 50120,
];

/** Refused by the rules of the instrument, the account or its funds, before the order reached the book. */
const REFUSED_BY_THE_RULES: readonly number[] = [
  51000, 51001, 51002, 51004, 51005, 51006, 51008, 51009, 51010, 51012, 51015, 51020, 51021, 51022, 51024, 51025, 51027, 51028, 51029, 51030, 51031, 51100,
  51116, 51118, 51119, 51120, 51121, 51122, 51124, 51127, 51129, 51131, 51137, 51138, 51139, 51140, 51150, 51155, 51174, 51185, 51201, 51202, 51203, 51204,
  51205, 51732, 51733, 51734, 59113,
];

/** Refused stops: trigger on the wrong side of the market, too many, or not for this instrument. */
const REFUSED_STOPS: readonly number[] = [51250, 51252, 51261, 51275, 51276, 51277, 51278, 51279, 51280, 51281, 51287, 51299, 51309, 51317, 51415];

/**
 * Refused contracts: too many of them, no position to reduce or one in the same direction, or an account that may hold none. Codes
 * about closing at the market (51108 and the like) are left out: they may be about an order that the venue makes itself.
 */
const REFUSED_CONTRACTS: readonly number[] = [51007, 51101, 51102, 51103, 51104, 51105, 51106, 51107, 51112, 51169, 51170];

const REFUSED: ReadonlySet<number> = new Set([...REFUSED_AT_THE_DOOR, ...REFUSED_BY_THE_RULES, ...REFUSED_STOPS, ...REFUSED_CONTRACTS]);

/** The order is filled, cancelled or does not exist; two say which, at some endpoints; a stop that has triggered is none any more. */
const NOT_OPEN: ReadonlySet<number> = new Set([51400, 51401, 51402, 51416]);
/** A cancel is under way. */
const CANCELLING = 51410;
const NO_SUCH_ORDER = 51603;
const LATE = 50102;
const DONE = 0;
const LONGEST_TEXT = 200;

interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** The code and text of an answer: that of its order where there is one, since that of the whole only says that something failed. */
export function errorOf({ status, body }: Pick<Answered, 'status' | 'body'>): Said {
  const whole = said(body, 'code', 'msg', status);
  const first = firstOf(body);
  const ofOrder = first === null || Reflect.get(first, 'sCode') === undefined ? null : said(first, 'sCode', 'sMsg', status);
  // An answer to one order that is not about that order is not understood.
  return ofOrder === null || whole.code === null ? whole : ofOrder.code === DONE && whole.code !== DONE ? { code: null, text: whole.text } : ofOrder;
}

function said(from: unknown, codeField: string, textField: string, status: number): Said {
  if (typeof from !== 'object' || from === null) return { code: null, text: `HTTP ${status} without a readable answer` };
  const code: unknown = Reflect.get(from, codeField);
  const text: unknown = Reflect.get(from, textField);
  const isCode = typeof code === 'string' && /^\d{1,6}$/.test(code);
  return { code: isCode ? Number(code) : null, text: typeof text === 'string' && text !== '' ? text.slice(0, LONGEST_TEXT) : `HTTP ${status}` };
}

/** The only row of an answer's data; `null` when there is none, or more. */
export function firstOf(body: unknown): object | null {
  const data: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'data') : null;
  const first: unknown = Array.isArray(data) && data.length === 1 ? data[0] : null;
  return typeof first === 'object' ? first : null;
}

/** OKX answers most things with HTTP 200 and says in its envelope whether they were done. */
export function isDone(answer: Answered): boolean {
  return answer.status === 200 && errorOf(answer).code === DONE && Array.isArray(Reflect.get(Object(answer.body), 'data'));
}

export function isLate(answer: Answered): boolean {
  return isRefusalStatus(answer.status) && errorOf(answer).code === LATE;
}

/** There is no such order at that place, at that moment. An order that was cancelled untraded is forgotten after two hours. */
export function isNoSuchOrder(answer: Answered): boolean {
  if (isDone(answer)) return Array.isArray(Reflect.get(Object(answer.body), 'data')) && Reflect.get(Reflect.get(Object(answer.body), 'data'), 'length') === 0;
  return isRefusalStatus(answer.status) && errorOf(answer).code === NO_SUCH_ORDER;
}

/** The outcome of placing when the answer is not a success. */
export function judgeRefusedPlace(answer: Answered): PlaceOutcome {
  const { code, text } = errorOf(answer);
  const isCertain = isRefusalStatus(answer.status) && code !== null && REFUSED.has(code);
  return { outcome: isCertain ? 'rejected' : 'unknown', code: named(answer, code), message: text };
}

/** OKX only takes note of a cancel; what has become of the order is told by the order. */
export function judgeCancel(answer: Answered): CancelJudgement {
  if (isDone(answer) && firstOf(answer.body) !== null) return { outcome: 'requested' };
  const { code, text } = errorOf(answer);
  if (isRefusalStatus(answer.status) && code === CANCELLING) return { outcome: 'requested' };
  if (isRefusalStatus(answer.status) && code !== null && NOT_OPEN.has(code)) return { outcome: 'notOpen' };
  return { outcome: 'unknown', code: named(answer, code), message: text };
}

function named(answer: Answered, code: number | null): string {
  return code === null ? `http_${answer.status}` : String(code);
}

/** 5xx never says what became of a request, whatever its body says. */
function isRefusalStatus(status: number): boolean {
  return status >= 200 && status < 500 && (status < 300 || status >= 400);
}
