/**
 * What the density bench measures besides its result: how often each method of the store is called and how long it takes,
 * and how long the event loop is held up.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Store } from '#core/store/store.ts';

interface Calls {
  count: number;
  readonly tookMs: number[];
}

/** Calls are remembered one by one up to this many of a method. */
const MAX_CALLS = 1_000_000;

export class StoreProbe {
  readonly store: Store;
  readonly #calls = new Map<string, Calls>();

  constructor(store: Store) {
    this.store = this.#watched(store, '');
  }

  reset(): void {
    this.#calls.clear();
  }

  /** Calls of a method that have ended since the last reset. */
  countOf(name: string): number {
    return this.#calls.get(name)?.count ?? 0;
  }

  /** One line for each method, those that took the most time in all first. */
  lines(seconds: number): readonly string[] {
    const sum = ({ tookMs }: Calls): number => tookMs.reduce((total, ms) => total + ms, 0);
    const rows = [...this.#calls].sort(([, one], [, other]) => sum(other) - sum(one));
    return rows.map(([name, calls]) => `  ${name.padEnd(24)} ${(calls.count / seconds).toFixed(1).padStart(8)}/s  ${percentiles(calls.tookMs)}`);
  }

  #watched<Area extends object>(area: Area, path: string): Area {
    return new Proxy(area, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        const name = `${path}${String(key)}`;
        if (typeof value === 'function') return (...args: unknown[]) => this.#time(name, () => Reflect.apply(value, target, args));
        return typeof value === 'object' && value !== null ? this.#watched(value, `${name}.`) : value;
      },
    });
  }

  #time(name: string, call: () => unknown): unknown {
    const startedAt = performance.now();
    const result = call();
    if (!(result instanceof Promise)) return result;
    const note = (): void => {
      const calls = this.#calls.get(name) ?? { count: 0, tookMs: [] };
      this.#calls.set(name, calls);
      calls.count += 1;
      if (calls.tookMs.length < MAX_CALLS) calls.tookMs.push(performance.now() - startedAt);
    };
    result.then(note, note);
    return result;
  }
}

/** Measures by how much timers come late; call the result for a line. */
export function watchEventLoop(): () => string {
  const lag = monitorEventLoopDelay({ resolution: 2 });
  lag.enable();
  return () => {
    const [p50, p99, p999, most] = [lag.percentile(50), lag.percentile(99), lag.percentile(99.9), lag.max].map((ns) => (ns / 1e6).toFixed(1));
    return `event loop held up, 2 ms included: p50 ${p50} ms, p99 ${p99} ms, p99.9 ${p999} ms, longest ${most} ms`;
  };
}

/** `p50 …, p90 …, p99 …, slowest …` of figures in milliseconds. */
export function percentiles(figures: readonly number[]): string {
  const sorted = [...figures].sort((one, other) => one - other);
  const at = (share: number): string => `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)} ms`;
  return `p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, slowest ${at(1)}`;
}
