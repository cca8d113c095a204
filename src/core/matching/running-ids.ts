/** Ids of a prefix and a running number: `t1`, `t2`. What a thousand of them have in common is written once. */

const THOUSAND = 1_000;
const LAST_DIGITS: readonly string[] = Array.from({ length: THOUSAND }, (_, number) => String(number).padStart(3, '0'));

export class RunningIds {
  readonly #prefix: string;
  #beginning = '';
  #thousands = 0;
  #rest = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  next(): string {
    this.#rest += 1;
    if (this.#rest === THOUSAND) {
      this.#rest = 0;
      this.#thousands += 1;
      this.#beginning = this.#prefix + String(this.#thousands);
    }
    return this.#thousands === 0 ? this.#prefix + String(this.#rest) : this.#beginning + (LAST_DIGITS[this.#rest] as string);
  }
}
