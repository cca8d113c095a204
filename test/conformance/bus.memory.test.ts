import { memoryBus } from '#adapters/bus/memory.ts';
import type { OpenBus } from '#core/ports.ts';
import { busConformance } from './bus.ts';

// Inside one process there is one bus, so its members are the same.
busConformance('memory', async () => {
  let bus: OpenBus | null = null;
  return {
    open: async ({ log }) => {
      bus ??= memoryBus(log);
      return { bus, proxy: null };
    },
    close: async () => undefined,
  };
});
