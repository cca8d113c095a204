/** The Clock port on the machine's own clock. */
import type { Clock } from '#core/ports.ts';

/** Node counts a timer's delay in 32 bits; longer waits go in pieces. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const end = performance.now() + ms;
    let timer = setTimeout(tick, Math.min(Math.max(0, ms), LONGEST_DELAY_MS));
    function tick(): void {
      const leftMs = end - performance.now();
      if (leftMs < 1) callback();
      else timer = setTimeout(tick, Math.min(leftMs, LONGEST_DELAY_MS));
    }
    return () => clearTimeout(timer);
  },
};
