/** When strategies try again what was refused. */

/** Wait after the first refusal; doubles with every further one. */
export const FIRST_RETRY_MS = 1_000;
/** Longest wait between two tries. */
export const LONGEST_RETRY_MS = 300_000;

/** Refusals that concern the bot as a whole: nothing is placed until they pass. */
export const WHOLE_BOT_CODES: ReadonlySet<string> = new Set(['order_rate_exceeded', 'trading_halted', 'no_market_price']);

/** Wait after so many refusals in a row, in milliseconds. */
export function retryWait(failures: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20));
}
