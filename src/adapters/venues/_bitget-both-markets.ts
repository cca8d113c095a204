/** What Bitget says alike in both of its markets: how requests are signed, counted and answered. */

import type { ErrorCode } from '#core/errors.ts';
import type { OutboundOrder, PlaceOutcome } from '#core/venue-ports.ts';
import { errorOf, isAbsent, isDone, isLate, judgeRefusedCancel, judgeRefusedPlace, KEY_CODES, SYMBOL_CODES } from './_bitget-codes.ts';
import { dataOf, readKey } from './_bitget-rows.ts';
import type { BudgetNews } from './_budget.ts';
import type { CancelJudgement, CcxtDialect } from './_dialect.ts';
import { row, whole } from './_fields.ts';
import { agentFor } from './_link.ts';
import type { Answered, Failure } from './_request.ts';

/**
 * What requests weigh in a quarter of a second of one account, so that in any second, which lies in five of them at most,
 * it stays below the venue's counts: ten orders, cancels, looks at balances, twenty looks at an order. Looks at the key, one
 * in a second, are too rare for a count.
 */
export const ACCOUNT_WEIGHTS = { place: 40, cancel: 45, find: 22, balances: 40, checkKey: 80 } as const;
/** Most limits of the venue are by the second, and it does not say which one was passed. */
const DEFAULT_BRAKE_MS = 1000;
/** The venue finds orders by our id for two hours after they were placed. */
export const FOUND_BY_OUR_ID_MS = 110 * 60_000;

type Common = Pick<
  CcxtDialect,
  | 'id'
  | 'title'
  | 'credentials'
  | 'className'
  | 'budget'
  | 'accountBudget'
  | 'settings'
  | 'news'
  | 'isSuccess'
  | 'failure'
  | 'isTimeRefusal'
  | 'time'
  | 'readTime'
  | 'judgePlace'
  | 'judgeCancel'
  | 'isAbsent'
  | 'readKey'
>;

export const bitgetCommon: Common = {
  id: 'bitget',
  title: 'Bitget',
  credentials: ['apiKey', 'apiSecret', 'passphrase'],
  className: 'bitget',
  budget: { weight: 6000, windowMs: 60_000 },
  accountBudget: { weight: 100, windowMs: 250 },
  settings,
  news,
  isSuccess: isDone,
  failure,
  isTimeRefusal: isLate,
  time: { endpoint: 'publicCommonGetV2PublicTime', params: {}, weight: 1 },
  readTime: (body) => whole(row(dataOf(body)), 'serverTime'),
  judgePlace,
  judgeCancel,
  isAbsent,
  readKey,
};

/**
 * No stops: a trigger order takes no request window, so that it could be placed after its bot has changed hands, and what
 * it places when it triggers is another order with other ids.
 */
export const BITGET_CAPABILITIES: Omit<CcxtDialect['capabilities'], 'markets' | 'walletsApart'> = {
  orderTypes: ['limit', 'market'],
  timeInForce: ['gtc', 'ioc', 'fok'],
  postOnly: true,
  privateStream: true,
  cancelAll: true,
  deadMansSwitch: null,
  requestWindowMs: 5000,
  absenceMarginMs: 60_000,
};

function settings(url: string | null): Readonly<Record<string, unknown>> {
  const common = {
    enableRateLimit: false,
    userAgent: 'Argosy',
    // Texts of refusals are read, so their language is said.
    headers: { locale: 'en-US' },
    // The kind of account is said here: asked for, any failure would be remembered as the answer.
    options: { defaultType: 'spot', uta: false, fetchMarkets: { types: ['spot'] }, maxRetriesOnFailure: 0, broker: '' },
  };
  if (url === null) return common;
  const http = url.replace(/\/+$/, '');
  const sockets = http.replace(/^http/, 'ws');
  const api = {
    spot: http,
    mix: http,
    margin: http,
    common: http,
    uta: http,
    user: http,
    ws: { public: `${sockets}/v2/ws/public`, private: `${sockets}/v2/ws/private` },
  };
  return { ...common, ...agentFor(http), urls: { api } };
}

function news(status: number, headers: Headers, body: unknown): BudgetNews {
  if (status !== 429 && errorOf({ status, body }).code !== '429') return { usedWeight: null, brakeMs: null };
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return { usedWeight: null, brakeMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : DEFAULT_BRAKE_MS };
}

function failure(answer: Answered): Failure {
  const { code, text } = errorOf(answer);
  return { code: failureCode(answer.status, code), message: `Bitget answered ${code ?? `HTTP ${answer.status}`}: ${text}` };
}

function failureCode(status: number, code: string | null): ErrorCode {
  if (status >= 500 || code === null) return status === 429 ? 'venue_rate_limited' : 'venue_unavailable';
  if (KEY_CODES.has(code)) return 'key_rejected';
  if (SYMBOL_CODES.has(code)) return 'symbol_unknown';
  return status === 429 || code === '429' ? 'venue_rate_limited' : 'venue_unavailable';
}

function judgePlace(answer: Answered, order: OutboundOrder): PlaceOutcome {
  if (!isDone(answer)) return judgeRefusedPlace(answer);
  const data = dataOfAnswer(answer);
  const venueOrderId: unknown = data?.['clientOid'] === order.clientOrderId ? data['orderId'] : null;
  if (typeof venueOrderId === 'string' && /^[1-9]\d{0,24}$/.test(venueOrderId)) return { outcome: 'accepted', venueOrderId };
  return { outcome: 'unknown', code: 'unreadable_answer', message: 'Bitget answered without the order that was asked for' };
}

/** The venue takes note of a cancel; whether it came in time is seen at the order. */
function judgeCancel(answer: Answered, clientOrderId: string): CancelJudgement {
  if (!isDone(answer)) return judgeRefusedCancel(answer);
  if (dataOfAnswer(answer)?.['clientOid'] === clientOrderId) return { outcome: 'requested' };
  return { outcome: 'unknown', code: 'unreadable_answer', message: 'Bitget answered about another order' };
}

function dataOfAnswer({ body }: Answered): Readonly<Record<string, unknown>> | null {
  const data = dataOf(body);
  return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : null;
}
