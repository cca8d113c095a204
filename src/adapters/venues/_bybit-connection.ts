/** How Bybit is reached, whatever is traded: addresses, names of instruments, times of requests, what its headers and refusals say. */
import type { ErrorCode } from '#core/errors.ts';
import type { RequestWindow } from '#core/venue-ports.ts';
import type { BudgetNews } from './_budget.ts';
import { errorOf, isBan, isDone, isLate } from './_bybit-codes.ts';
import { LIST_WEIGHT } from './_bybit-lists.ts';
import type { Exchange, Params } from './_exchange.ts';
import { row, whole } from './_fields.ts';
import { agentFor } from './_link.ts';
import type { Answered } from './_request.ts';

/**
 * What requests weigh in half a second of one account, so that in any second, which lies in three of them at most, it
 * stays well below the venue's counts, also when some arrive later than others: 15 of 20 orders, 15 of 20 cancels, 39
 * of 50 for each list, 6 of 10 looks at the key, 3 of 5 at the fees and at the coins.
 */
export const ACCOUNT_WEIGHTS = { place: 18, cancel: 20, find: 7, read: LIST_WEIGHT, checkKey: 33, feeRates: 60, coins: 60 } as const;
/** How long an address that asked too often must stay silent. */
const BAN_MS = 600_000;
/** How long the venue asks for silence when it does not say. */
const DEFAULT_BRAKE_MS = 5_000;
const TOO_MANY_VISITS: ReadonlySet<number> = new Set([10006, 10018, 10429]);

/** Symbols of Bybit are its coin names without anything between them; a perpetual bears the name of its pair. */
export function marketId(symbol: string): string {
  return symbol.replace('/', '').replace(/:.*$/, '');
}

export function settings(url: string | null): Readonly<Record<string, unknown>> {
  const common = {
    enableRateLimit: false,
    userAgent: 'Argosy',
    // The kind of account is said here: asked for, a junk answer or a failure would be remembered as another kind.
    options: {
      defaultType: 'spot',
      enableUnifiedMargin: false,
      enableUnifiedAccount: true,
      unifiedMarginStatus: 6,
      maxRetriesOnFailure: 0,
      brokerId: 'Argosy',
    },
  };
  if (url === null) return common;
  const http = url.replace(/\/+$/, '');
  const sockets = http.replace(/^http/, 'ws');
  const ws = { public: { spot: `${sockets}/v5/public/spot`, linear: `${sockets}/v5/public/linear` }, private: { spot: { unified: `${sockets}/v5/private` } } };
  return { ...common, ...agentFor(http), urls: { api: { public: http, private: http, ws } } };
}

/** ccxt writes time and window into headers when it signs, which it does before anything else is done. */
export function fixed(params: Params, window: RequestWindow, exchange: Exchange): Params {
  const timestamp = Math.round(window.timestampMs);
  exchange.nonce = () => timestamp;
  exchange.options['recvWindow'] = window.windowMs;
  return params;
}

export function news(status: number, headers: Headers, body: unknown): BudgetNews {
  if (isBan(status, body)) return { usedWeight: null, brakeMs: BAN_MS };
  const { code } = errorOf({ status, body });
  if (status !== 429 && (code === null || !TOO_MANY_VISITS.has(code))) return { usedWeight: null, brakeMs: null };
  const resetAt = Number(headers.get('x-bapi-limit-reset-timestamp') ?? Number.NaN);
  const at = typeof body === 'object' && body !== null ? Number(Reflect.get(body, 'time')) : Number.NaN;
  const brakeMs = resetAt - at;
  return { usedWeight: null, brakeMs: Number.isFinite(brakeMs) && brakeMs > 0 ? Math.min(brakeMs, BAN_MS) : DEFAULT_BRAKE_MS };
}

const FAILURES: ReadonlyMap<number, ErrorCode> = new Map([
  [10003, 'key_rejected'],
  [10004, 'key_rejected'],
  [10005, 'key_rejected'],
  [10007, 'key_rejected'],
  [10010, 'key_rejected'],
  [33004, 'key_rejected'],
  [-2015, 'key_rejected'],
  [10006, 'venue_rate_limited'],
  [10018, 'venue_rate_limited'],
  [10429, 'venue_rate_limited'],
  [170121, 'symbol_unknown'],
]);

export function failure(answer: Answered): { readonly code: ErrorCode; readonly message: string } {
  const { code, text } = errorOf(answer);
  const known = code === null || answer.status >= 500 ? undefined : code === 10001 && /symbol/i.test(text) ? 'symbol_unknown' : FAILURES.get(code);
  const isTooMuch = answer.status === 429 || isBan(answer.status, answer.body);
  const byStatus: ErrorCode = isTooMuch ? 'venue_rate_limited' : answer.status === 401 ? 'key_rejected' : 'venue_unavailable';
  return { code: known ?? byStatus, message: `Bybit answered ${code ?? `HTTP ${answer.status}`}: ${text}` };
}

/** What both markets of Bybit share; budgets are of an address and of an account, whatever it trades. */
export const BYBIT = {
  title: 'Bybit',
  credentials: ['apiKey', 'apiSecret'],
  className: 'bybit',
  // An address may ask 600 times in any five seconds, which lie in six of our seconds at most; one more and it is shut out.
  budget: { weight: 100, windowMs: 1000 },
  accountBudget: { weight: 100, windowMs: 500 },
  settings,
  news,
  isSuccess: isDone,
  failure,
  isTimeRefusal: isLate,
  fixed,
  marketId,
  time: { endpoint: 'publicGetV5MarketTime', params: {}, weight: 1 },
  readTime: (body: unknown) => whole(row(body), 'time'),
} as const;

/** What both of them can do. */
export const BYBIT_ABILITIES = {
  walletsApart: false,
  orderTypes: ['limit', 'market', 'stopLimit', 'stopMarket'],
  timeInForce: ['gtc', 'ioc', 'fok'],
  postOnly: true,
  privateStream: true,
  cancelAll: true,
  deadMansSwitch: { kind: 'disconnect', leastMs: 3_000, mostMs: 300_000 },
  requestWindowMs: 5000,
  absenceMarginMs: 60_000,
} as const;
