/** How Binance is reached, spot and futures alike: addresses, names of instruments, what its headers and refusals say. */
import type { ErrorCode } from '#core/errors.ts';
import type { RequestWindow } from '#core/venue-ports.ts';
import { errorOf } from './_binance-codes.ts';
import type { BudgetNews } from './_budget.ts';
import type { Params } from './_exchange.ts';
import { row, whole } from './_fields.ts';
import { agentFor } from './_link.ts';
import type { Answered } from './_request.ts';

/** How long the venue asks for silence when it does not say. */
const DEFAULT_BRAKE_MS = 10_000;

/** Unified symbols of Binance are its own asset names with a slash between them; a perpetual bears the name of its pair. */
export function marketId(symbol: string): string {
  return symbol.replace('/', '').replace(/:.*$/, '');
}

export function settings(url: string | null): Readonly<Record<string, unknown>> {
  const common = {
    enableRateLimit: false,
    userAgent: 'Argosy',
    options: { defaultType: 'spot', fetchMargins: false, fetchMarkets: { types: ['spot'] }, maxRetriesOnFailure: 0 },
  };
  if (url === null) return common;
  const http = url.replace(/\/+$/, '');
  const sockets = http.replace(/^http/, 'ws');
  const api = {
    public: `${http}/api/v3`,
    private: `${http}/api/v3`,
    sapi: `${http}/sapi/v1`,
    fapiPublic: `${http}/fapi/v1`,
    fapiPrivate: `${http}/fapi/v1`,
    fapiPrivateV3: `${http}/fapi/v3`,
    ws: { spot: `${sockets}/stream/ws`, future: `${sockets}/futures/ws`, 'ws-api': { spot: `${sockets}/ws-api/v3` } },
  };
  return { ...common, ...agentFor(http), urls: { api } };
}

export function news(status: number, headers: Headers, body: unknown): BudgetNews {
  const used = Number(headers.get('x-mbx-used-weight-1m') ?? Number.NaN);
  const usedWeight = Number.isFinite(used) ? used : null;
  if (status !== 429 && status !== 418) return { usedWeight, brakeMs: null };
  // -1015 is about one account's orders, not about the address.
  if (typeof body === 'object' && body !== null && Reflect.get(body, 'code') === -1015) return { usedWeight, brakeMs: null };
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return { usedWeight, brakeMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : DEFAULT_BRAKE_MS };
}

const FAILURES: ReadonlyMap<number, ErrorCode> = new Map([
  [-1002, 'key_rejected'],
  [-1022, 'key_rejected'],
  [-2008, 'key_rejected'],
  [-2014, 'key_rejected'],
  [-2015, 'key_rejected'],
  [-1003, 'venue_rate_limited'],
  [-1121, 'symbol_unknown'],
  // The futures API's word for an order that it does not know.
  [-2013, 'not_found'],
]);

export function failure(answer: Answered): { readonly code: ErrorCode; readonly message: string } {
  const { code, text } = errorOf(answer);
  const known = code === null || answer.status >= 500 ? undefined : FAILURES.get(code);
  const byStatus: ErrorCode = answer.status === 429 || answer.status === 418 ? 'venue_rate_limited' : 'venue_unavailable';
  return { code: known ?? byStatus, message: `Binance answered ${code ?? `HTTP ${answer.status}`}: ${text}` };
}

/** What both markets of Binance share. */
export const BINANCE = {
  title: 'Binance',
  credentials: ['apiKey', 'apiSecret'],
  className: 'binance',
  settings,
  news,
  isSuccess: (answer: Answered) => answer.status === 200,
  failure,
  fixed: (params: Params, window: RequestWindow) => ({ ...params, timestamp: Math.round(window.timestampMs), recvWindow: window.windowMs }),
  marketId,
  readTime: (body: unknown) => whole(row(body), 'serverTime'),
} as const;

/** What both of them can do. */
export const BINANCE_ABILITIES = {
  orderTypes: ['limit', 'market', 'stopLimit', 'stopMarket'],
  timeInForce: ['gtc', 'ioc', 'fok'],
  postOnly: true,
  privateStream: true,
  cancelAll: true,
  // The countdown of perpetuals is for one symbol, and none of the account.
  deadMansSwitch: null,
  requestWindowMs: 5000,
  absenceMarginMs: 60_000,
} as const;
