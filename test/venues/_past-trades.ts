/** Trades of the past as simulated venues tell them: few in most minutes, and each hour a second with as many as no answer holds at once. */
export interface PastTrade {
  readonly id: string;
  readonly at: number;
  readonly price: string;
  readonly size: string;
  readonly side: 'buy' | 'sell';
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Trades of the busy second, one in each of its milliseconds. */
const BUSY = 600;

/** From `from` to `to`, both included, the newest first. */
export function tradesBetween(from: number, to: number): readonly PastTrade[] {
  const found: PastTrade[] = [];
  for (let minute = Math.floor(to / MINUTE_MS) * MINUTE_MS; minute > from - MINUTE_MS; minute -= MINUTE_MS)
    for (const trade of tradesOfMinute(minute)) if (trade.at >= from && trade.at <= to) found.push(trade);
  return found;
}

function tradesOfMinute(minute: number): readonly PastTrade[] {
  const isBusy = minute % HOUR_MS === 0;
  const count = isBusy ? BUSY : 2;
  // Two of one moment in every quiet minute.
  return Array.from({ length: count }, (_, index): PastTrade => {
    const at = minute + (isBusy ? 1_000 + index : 30_000);
    return { id: String(minute + index), at, price: String(100 + (index % 7)), size: '0.01', side: index % 2 === 0 ? 'buy' : 'sell' };
  }).reverse();
}
