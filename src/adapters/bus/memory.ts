/** The bus inside one process: every message reaches every subscriber of its topic, after the caller has gone on. */
import type { Log, OpenBus } from '#core/ports.ts';
import { LocalBus } from './_local.ts';

export function memoryBus(log: Log): OpenBus {
  const local = new LocalBus(log);
  let isClosed = false;
  return {
    kind: 'memory',
    publish: (topic, message) => {
      if (!isClosed) local.deliver(topic, message);
    },
    subscribe: (topic, handler, onGap) => local.subscribe(topic, handler, onGap),
    isUp: () => !isClosed,
    ready: () => (isClosed ? Promise.reject(new Error('the bus is closed')) : Promise.resolve()),
    close: () => {
      isClosed = true;
      local.clear();
      return Promise.resolve();
    },
  };
}
