/** The Bus port inside one process: every message reaches every subscriber of its topic, after the caller has gone on. */
import type { Bus, Log } from '#core/ports.ts';

type Handler = Parameters<Bus['subscribe']>[1];

export function memoryBus(log: Log): Bus {
  const topics = new Map<string, Set<Handler>>();
  const deliver = (topic: string, handler: Handler, message: Readonly<Record<string, unknown>>): void => {
    if (topics.get(topic)?.has(handler) !== true) return;
    try {
      handler(message);
    } catch (error) {
      log.error({ topic, err: error }, 'a subscriber failed');
    }
  };
  return {
    publish(topic, message) {
      for (const handler of topics.get(topic) ?? []) queueMicrotask(() => deliver(topic, handler, message));
    },
    subscribe(topic, given) {
      // The same function subscribed twice hears twice, and each ends by itself.
      const handler: Handler = (message) => given(message);
      const handlers = topics.get(topic) ?? new Set();
      topics.set(topic, handlers.add(handler));
      return () => {
        handlers.delete(handler);
        if (handlers.size === 0 && topics.get(topic) === handlers) topics.delete(topic);
      };
    },
  };
}
