/** Who watches what: one entry for a key, however many listen, with the first and the last of them told. */

export interface Watched<Value, State> {
  readonly key: string;
  readonly state: State;
  readonly listeners: Set<(value: Value) => void>;
}

export interface WatchersOptions<Value, State> {
  readonly onFirst: (watched: Watched<Value, State>) => void;
  readonly onLast: (watched: Watched<Value, State>) => void;
}

export class Watchers<Value, State> {
  readonly #options: WatchersOptions<Value, State>;
  readonly #watched = new Map<string, Watched<Value, State>>();

  constructor(options: WatchersOptions<Value, State>) {
    this.#options = options;
  }

  /** `undefined` when nobody watches it. */
  get(key: string): Watched<Value, State> | undefined {
    return this.#watched.get(key);
  }

  /** Whether somebody still waits for this entry and not for a later one of its key. */
  isCurrent(watched: Watched<Value, State>): boolean {
    return this.#watched.get(watched.key) === watched;
  }

  /** Joins who watches `key`; `begin` makes its state for the first of them. Returns how this watch is ended. */
  watch(key: string, begin: () => State, onValue: (value: Value) => void): { readonly watched: Watched<Value, State>; readonly end: () => void } {
    let watched = this.#watched.get(key);
    if (watched === undefined) {
      const first: Watched<Value, State> = { key, state: begin(), listeners: new Set() };
      this.#options.onFirst(first);
      this.#watched.set(key, first);
      watched = first;
    }
    const joined = watched;
    // A listener of its own, so that the same function may watch twice.
    const listener = (value: Value): void => onValue(value);
    joined.listeners.add(listener);
    const end = (): void => {
      if (!joined.listeners.delete(listener) || joined.listeners.size > 0 || !this.isCurrent(joined)) return;
      this.#watched.delete(key);
      this.#options.onLast(joined);
    };
    return { watched: joined, end };
  }

  tell({ listeners }: Watched<Value, State>, value: Value): void {
    for (const listener of [...listeners]) listener(value);
  }

  /** Ends all watches. */
  clear(): void {
    for (const watched of [...this.#watched.values()]) {
      this.#watched.delete(watched.key);
      watched.listeners.clear();
      this.#options.onLast(watched);
    }
  }
}
