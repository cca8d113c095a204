/** When a symbol's candles begin: found out by daily ones, so that the years before its listing are not asked for minute by minute. */
import type { Span } from '#core/history.ts';
import { CANDLE_INTERVALS, type CandleInterval, type PublicData } from '#core/market-data.ts';
import { PAGE_CANDLES } from './fetch-candles.ts';
import { type AskingWorld, askPatiently } from './patient-asking.ts';

const DAY_MS = CANDLE_INTERVALS['1d'];
/** Shorter spans are asked for as they are. */
export const WORTH_PAGES = 4;

/** From where on there may be candles within the span: its own beginning where that is not sure. */
export async function beginningOf(
  market: Pick<PublicData, 'candles'>,
  symbol: string,
  interval: CandleInterval,
  { from, to }: Span,
  world: AskingWorld,
): Promise<number> {
  const pageMs = PAGE_CANDLES * CANDLE_INTERVALS[interval];
  const lastDay = Math.floor(Math.min(to, world.clock.now()) / DAY_MS) * DAY_MS;
  if (interval === '1d' || to - from < WORTH_PAGES * pageMs || lastDay <= from) return from;
  const ask = (length: CandleInterval, start: number, end: number) => askPatiently(world, () => market.candles(symbol, length, start, end));
  const days = await ask('1d', Math.floor(from / DAY_MS) * DAY_MS, lastDay);
  // The present day has no daily candle yet, and its neighbour may be late.
  const first = Math.min(days[0]?.startAt ?? lastDay - DAY_MS, ...days.map(({ startAt }) => startAt));
  if (first - from < WORTH_PAGES * pageMs) return from;
  // What daily candles say is believed only where those that are wanted say the same.
  const before = await ask(interval, first - pageMs, first);
  const atOnce = await ask(interval, from, from + pageMs);
  return before.length + atOnce.length === 0 ? first : from;
}
