/**
 * Counts of requests in the memory of this process. A window begins with the first request of its key. So many keys are kept
 * at most: a flood of addresses must not fill the memory.
 */
import type { Clock } from '#core/ports.ts';
import type { RequestCounter } from '#core/request-counter.ts';

/** The one whose window began first is forgotten first. */
export const MAX_KEYS = 50_000;

export function memoryCounter(clock: Clock, maxKeys = MAX_KEYS): RequestCounter {
  const windows = new Map<string, { used: number; readonly endsAt: number }>();
  return {
    count: (key, windowMs) => {
      const now = clock.now();
      let window = windows.get(key);
      if (window === undefined || window.endsAt <= now || window.endsAt > now + windowMs) {
        windows.delete(key);
        window = { used: 0, endsAt: now + windowMs };
        windows.set(key, window);
        const oldest = windows.keys().next();
        if (windows.size > maxKeys && oldest.done === false) windows.delete(oldest.value);
      }
      window.used += 1;
      return Promise.resolve({ used: window.used, resetMs: window.endsAt - now });
    },
    close: () => Promise.resolve(),
  };
}
