/**
 * Own executions at Binance, complete: in windows of a day, as the venue demands, and page by page inside a full one.
 */
import type { VenueFill } from '#core/venue-ports.ts';
import { amount, flag, type Row, rows, text, whole } from './_fields.ts';
import type { Asking } from './_request.ts';

const PAGE = 1000;
const WINDOW_MS = 24 * 3_600_000;
/** Looking back further than this, all executions from the first one on are fewer requests than empty days. */
const LONGEST_WINDOWED_MS = 60 * WINDOW_MS;

type Page = (range: Readonly<Record<string, number | string>>) => Promise<readonly Row[]>;

/** Executions of an account in one instrument from `since` on; `now` is venue time. */
export async function fillsSince(ask: Asking, marketId: string, symbol: string, since: number, now: number): Promise<readonly VenueFill[]> {
  const page = pages(ask, { symbol: marketId }, 20);
  const found = now - since > LONGEST_WINDOWED_MS ? await allFrom(page, '0') : await windowed(page, since, now);
  return readFills(found, symbol).filter(({ at }) => at >= since);
}

/** Executions of one order. */
export async function fillsOf(ask: Asking, marketId: string, symbol: string, venueOrderId: string): Promise<readonly VenueFill[]> {
  const page = pages(ask, { symbol: marketId, orderId: venueOrderId }, 5);
  const trades = await page({});
  return readFills(trades.length < PAGE ? trades : [...trades, ...(await allFrom(page, after(trades)))], symbol);
}

function pages(ask: Asking, about: Readonly<Record<string, string>>, weight: number): Page {
  return async (range) => rows(await ask({ endpoint: 'privateGetMyTrades', params: { ...about, limit: PAGE, ...range }, weight }));
}

function readFills(trades: readonly Row[], symbol: string): readonly VenueFill[] {
  const fills = [...new Map(trades.map((trade) => [text(trade, 'id'), readFill(trade, symbol)])).values()];
  return fills.sort((one, other) => one.at - other.at || compareIds(one.tradeId, other.tradeId));
}

async function windowed(page: Page, since: number, now: number): Promise<readonly Row[]> {
  const found: Row[] = [];
  let from = Math.max(0, Math.floor(since));
  // The last window has no end: our idea of the venue's time must not cut off the newest executions.
  for (; now - from >= WINDOW_MS; from += WINDOW_MS) {
    const trades = await page({ startTime: from, endTime: from + WINDOW_MS - 1 });
    found.push(...trades);
    if (trades.length >= PAGE) return [...found, ...(await allFrom(page, after(trades)))];
  }
  const trades = await page({ startTime: from });
  found.push(...trades);
  return trades.length >= PAGE ? [...found, ...(await allFrom(page, after(trades)))] : found;
}

/** Every execution from an id on, without regard to time. */
async function allFrom(page: Page, firstId: string): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let fromId = firstId; ; ) {
    const trades = await page({ fromId });
    found.push(...trades);
    if (trades.length < PAGE) return found;
    fromId = after(trades);
  }
}

function after(trades: readonly Row[]): string {
  const highest = trades.map((trade) => BigInt(text(trade, 'id'))).reduce((one, other) => (one > other ? one : other), 0n);
  return String(highest + 1n);
}

function compareIds(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}

function readFill(trade: Row, symbol: string): VenueFill {
  return {
    tradeId: text(trade, 'id'),
    venueOrderId: text(trade, 'orderId'),
    clientOrderId: null,
    symbol,
    side: flag(trade, 'isBuyer') ? 'buy' : 'sell',
    price: amount(trade, 'price'),
    size: amount(trade, 'qty'),
    feeAsset: text(trade, 'commissionAsset'),
    feeAmount: amount(trade, 'commission'),
    isMaker: flag(trade, 'isMaker'),
    at: whole(trade, 'time'),
  };
}
