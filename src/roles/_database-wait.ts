/** Waits at the start for a database server that is starting or out of reach: services start in any order, and networks come late. */
import { PortError } from '#core/errors.ts';
import type { Clock, Log } from '#core/ports.ts';

export const FIRST_PAUSE_MS = 250;
export const LAST_PAUSE_MS = 5_000;

export interface Patience {
  readonly clock: Clock;
  readonly log: Log;
  /** No try begins later than this after the first; 0 tries once. */
  readonly waitMs: number;
}

/** Tries until `open` succeeds. What no waiting mends (anything but PortError `store_unavailable`) and the last failure are thrown. */
export async function whenReachable<Result>(open: () => Promise<Result>, { clock, log, waitMs }: Patience): Promise<Result> {
  const giveUpAt = clock.now() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2)) {
    try {
      return await open();
    } catch (error) {
      const leftMs = giveUpAt - clock.now();
      if (!(error instanceof PortError) || error.code !== 'store_unavailable' || leftMs <= 0) throw error;
      log.warn({ reason: error.message, givingUpInSeconds: Math.ceil(leftMs / 1_000) }, 'waiting for the database');
      await new Promise<void>((resolve) => void clock.after(Math.min(pauseMs, leftMs), resolve));
    }
  }
}
