/**
 * Quotes of the whole market: read now and then by a job, within the credits of a month, and served from the database with their age.
 * What is refused is not asked again before it can help, and what was read before goes on being served.
 */

import type { Clock, Log } from '#core/ports.ts';
import type { KeptQuote, QuoteAnswer, QuoteFilter, QuoteSource, QuoteSourceState } from '#core/quotes/market-quote.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';

/** Currencies that are read, the largest; one credit of the source for two hundred. */
export const QUOTES_READ = 200;
export const QUOTES_PER_CREDIT = 200;
/** Every five minutes is 8,928 credits in a month of 31 days; this is what the smallest plan grants. */
export const CREDITS_PER_MONTH = 10_000;
/** Older quotes are served as stale: two rounds have brought none. */
export const FRESH_MS = 600_000;
/** A currency that was not among those read for so long is gone. */
export const KEPT_MS = 7 * 86_400_000;
/** The source computes no more often, so asking sooner buys nothing. */
export const MIN_PAUSE_MS = 60_000;
const MINUTE_MS = 60_000;
/** A key or a plan does not mend itself. */
export const MENDING_MS = 3_600_000;

export interface QuoteShelf extends Page<KeptQuote> {
  readonly source: QuoteSourceState | null;
}

/** A page of what is kept, and how its source stands. */
export async function readQuotes(store: Pick<Store, 'quotes'>, filter: QuoteFilter, page: PageRequest): Promise<QuoteShelf> {
  const [listed, source] = await Promise.all([store.quotes.list(filter, page), store.quotes.state()]);
  return { ...listed, source };
}

export type SyncReport =
  | { readonly outcome: 'read'; readonly quotes: number; readonly unread: number; readonly creditsUsed: number }
  | { readonly outcome: 'rested'; readonly until: number; readonly problem: string }
  | { readonly outcome: 'refused'; readonly problem: string; readonly until: number | null };

/** One round. Done twice it asks once; PortError when the database does not answer. */
export async function syncQuotes(parts: {
  readonly store: Pick<Store, 'quotes'>;
  readonly source: QuoteSource;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<SyncReport> {
  const { store, source, clock, log } = parts;
  const now = clock.now();
  const state = thisMonths(await store.quotes.state(), now);
  const cost = Math.ceil(QUOTES_READ / QUOTES_PER_CREDIT);
  const rest = restOf(state, cost, now);
  if (rest !== null) {
    if (rest.problem !== state.problem) await store.quotes.keep([], { ...state, restUntil: rest.until, problem: rest.problem }, 0);
    return { outcome: 'rested', ...rest };
  }
  // Paid for before it is asked: a process that dies meanwhile has asked all the same.
  await store.quotes.keep([], { ...state, creditsUsed: state.creditsUsed + cost, triedAt: now }, 0);
  const answer = await source.largest(QUOTES_READ);
  const asked = { ...state, creditsUsed: state.creditsUsed + (answer.outcome === 'quotes' ? Math.max(cost, answer.credits) : answer.credits), triedAt: now };
  if (answer.outcome === 'quotes') {
    await store.quotes.keep(answer.quotes, { ...asked, restUntil: null, problem: '', syncedAt: now }, now - KEPT_MS);
    if (answer.unread > 0) log.warn({ unread: answer.unread }, 'some quotes could not be read');
    return { outcome: 'read', quotes: answer.quotes.length, unread: answer.unread, creditsUsed: asked.creditsUsed };
  }
  const until = restAfter(answer, now);
  log.warn({ refusal: answer.refusal, until }, answer.detail);
  await store.quotes.keep([], { ...asked, restUntil: until, problem: answer.detail }, 0);
  return { outcome: 'refused', problem: answer.detail, until };
}

function thisMonths(state: QuoteSourceState | null, now: number): QuoteSourceState {
  const month = new Date(now).toISOString().slice(0, 7);
  if (state === null) return { month, creditsUsed: 0, restUntil: null, problem: '', triedAt: null, syncedAt: null };
  return state.month === month ? state : { ...state, month, creditsUsed: 0 };
}

function restOf(
  { restUntil, problem, triedAt, creditsUsed }: QuoteSourceState,
  cost: number,
  now: number,
): { readonly until: number; readonly problem: string } | null {
  if (restUntil !== null && restUntil > now) return { until: restUntil, problem };
  if (triedAt !== null && now - triedAt < MIN_PAUSE_MS && now >= triedAt) return { until: triedAt + MIN_PAUSE_MS, problem };
  if (creditsUsed + cost <= CREDITS_PER_MONTH) return null;
  return { until: nextMonth(now), problem: `the ${CREDITS_PER_MONTH} credits of this month are spent` };
}

/** When asking again can help; `null` for the next round. */
function restAfter({ refusal, retryAfterMs }: Extract<QuoteAnswer, { readonly outcome: 'refused' }>, now: number): number | null {
  switch (refusal) {
    case 'minute_limit':
      return now + Math.max(MINUTE_MS, retryAfterMs ?? 0);
    case 'address_limit':
      return now + Math.max(2 * MINUTE_MS, retryAfterMs ?? 0);
    case 'day_limit':
      return now - (now % 86_400_000) + 86_400_000;
    case 'month_limit':
      return nextMonth(now);
    case 'key_refused':
    case 'plan_excludes':
    case 'bad_request':
      return now + MENDING_MS;
    case 'unavailable':
    case 'malformed':
      return null;
  }
}

function nextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
