/**
 * Own executions at MEXC, complete as far as the venue remembers: a month. Pages hold a hundred and cannot be turned by
 * id, only narrowed by time, and the list gives times in whole seconds; so a full page narrows the window to what it
 * may have left out, in whichever sequence the venue lists.
 */
import type { VenueFill } from '#core/venue-ports.ts';
import { type Row, rows, text, UnreadableAnswer, whole } from './_fields.ts';
import { readFill, wholeSecond } from './_mexc-rows.ts';
import type { Asking } from './_request.ts';

const PAGE = 100;
/** A little less than the month that the venue keeps, so that it does not refuse the window. */
const KEPT_MS = 30 * 86_400_000 - 60_000;
/** Our idea of the venue's time must not cut off the newest executions. */
const AHEAD_MS = 60_000;

type Page = (from: number, to: number) => Promise<readonly Row[]>;

/** Executions of an account in one instrument from `since` on; `now` is venue time. What is older than a month is not told. */
export async function fillsSince(ask: Asking, marketId: string, symbol: string, since: number, now: number): Promise<readonly VenueFill[]> {
  // The venue may compare whole seconds: what happened within this one must not be passed over.
  const from = Math.max(wholeSecond(since), wholeSecond(now) - KEPT_MS);
  const trades = await collect(pages(ask, { symbol: marketId }), from, Math.round(now) + AHEAD_MS);
  return readFills(trades, symbol).filter(({ at }) => at >= wholeSecond(since));
}

/** Executions of one order. */
export async function fillsOf(ask: Asking, marketId: string, symbol: string, venueOrderId: string): Promise<readonly VenueFill[]> {
  const about = { symbol: marketId, orderId: venueOrderId };
  const trades = rows(await ask({ endpoint: 'spotPrivateGetMyTrades', params: { ...about, limit: PAGE }, weight: 10 }));
  if (trades.length < PAGE) return readFills(trades, symbol);
  const newest = Math.max(...trades.map((trade) => whole(trade, 'time')));
  const rest = await collect(pages(ask, about), newest - KEPT_MS, newest + AHEAD_MS);
  return readFills([...trades, ...rest], symbol);
}

function pages(ask: Asking, about: Readonly<Record<string, string>>): Page {
  return async (startTime, endTime) =>
    rows(await ask({ endpoint: 'spotPrivateGetMyTrades', params: { ...about, limit: PAGE, startTime, endTime }, weight: 10 }));
}

async function collect(page: Page, from: number, to: number): Promise<readonly Row[]> {
  const trades = await page(from, to);
  if (trades.length < PAGE) return trades;
  if (from >= to) throw new UnreadableAnswer('more executions in a millisecond than a page holds');
  const times = trades.map((trade) => whole(trade, 'time'));
  const oldestEnd = Math.min(...times) + 999;
  // Newest first: everything after the oldest second on the page is on it.
  const isNewestFirst = (times[0] ?? 0) > (times.at(-1) ?? 0);
  if (isNewestFirst && oldestEnd < to) return [...trades, ...(await collect(page, from, oldestEnd))];
  const middle = Math.floor((from + to) / 2);
  return [...trades, ...(await collect(page, from, middle)), ...(await collect(page, middle + 1, to))];
}

function readFills(trades: readonly Row[], symbol: string): readonly VenueFill[] {
  const fills = [...new Map(trades.map((trade) => [text(trade, 'id'), readFill(trade, symbol)])).values()];
  return fills.sort((one, other) => one.at - other.at || compareIds(one.tradeId, other.tradeId));
}

function compareIds(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}
