/** Ids of a prefix and a running number: `t1`, `t2`. */

/** The prefix of whoever names none, as backtests do: all of them have the same ids, so the first so many are made once in a process. */
export const PLAIN_PREFIX = 't';
const MOST_KEPT = 65_536;
const KEPT: string[] = [''];

export class RunningIds {
  readonly #prefix: string;
  /** By number; `null` where none are kept. */
  readonly #kept: string[] | null;
  #last = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#kept = prefix === PLAIN_PREFIX ? KEPT : null;
  }

  next(): string {
    this.#last += 1;
    return this.#kept?.[this.#last] ?? this.#make(this.#last);
  }

  #make(number: number): string {
    const id = `${this.#prefix}${number}`;
    if (this.#kept?.length === number && number < MOST_KEPT) this.#kept.push(id);
    return id;
  }
}
