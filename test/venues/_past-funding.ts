/** Settlements of the past as simulated venues tell them: those of BTC every eight hours, of others every hour; the rate tells the hour of the day. */
import { decimal, plain } from '#core/money.ts';

export interface PastSettlement {
  readonly at: number;
  readonly rate: string;
}

const HOUR_MS = 3_600_000;

/** From `from` to `to`, both included, the newest first. */
export function settlementsBetween(symbol: string, from: number, to: number): readonly PastSettlement[] {
  const everyMs = symbol.startsWith('BTC/') ? 8 * HOUR_MS : HOUR_MS;
  const found: PastSettlement[] = [];
  for (let at = Math.floor(to / everyMs) * everyMs; at >= from; at -= everyMs)
    found.push({ at, rate: plain(decimal('0.0001').times(new Date(at).getUTCHours() + 1)) });
  return found;
}
