/**
 * The part of a bus inside this process, the same for all of them: who listens to what, who is told of gaps, and nobody
 * harms another. Everything is delivered after the caller has gone on.
 */
import type { Bus, Log } from '#core/ports.ts';

export type Message = Parameters<Bus['publish']>[1];

interface Listener {
  readonly handle: (message: Message) => void;
  readonly onGap: (() => void) | undefined;
}

export class LocalBus {
  readonly #topics = new Map<string, Set<Listener>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  deliver(topic: string, message: Message): void {
    for (const listener of this.#topics.get(topic) ?? []) this.#soon(topic, listener, () => listener.handle(message));
  }

  /** Tells every subscriber of every topic that something may have been missed. */
  tellGap(): void {
    for (const [topic, listeners] of this.#topics) {
      for (const listener of listeners) this.#soon(topic, listener, () => listener.onGap?.());
    }
  }

  subscribe(topic: string, handle: (message: Message) => void, onGap?: () => void): () => void {
    // An object for each, so that the same function subscribed twice hears twice and each ends by itself.
    const listener: Listener = { handle, onGap };
    const listeners = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#topics.get(topic) === listeners) this.#topics.delete(topic);
    };
  }

  clear(): void {
    this.#topics.clear();
  }

  #soon(topic: string, listener: Listener, act: () => void): void {
    queueMicrotask(() => {
      if (this.#topics.get(topic)?.has(listener) !== true) return;
      try {
        act();
      } catch (error) {
        this.#log.error({ topic, err: error }, 'a subscriber failed');
      }
    });
  }
}
