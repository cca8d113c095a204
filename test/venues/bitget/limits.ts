/** Bitget's budgets: so many requests a second to each endpoint, by account or address, and six thousand a minute for the address. */
import { BitgetRefusal } from './refusals.ts';

const ADDRESS_PER_MINUTE = 6_000;

export class Limits {
  /** Multiplies every limit. */
  readonly #factor: number;
  readonly #second = new Counter(1_000);
  readonly #minute = new Counter(60_000);

  constructor(factor = 1) {
    this.#factor = factor;
  }

  /** Books a request, or refuses it with 429; what is left of the endpoint's second. `who` is what the limit is counted by. */
  spend(endpoint: string, who: string, limit: number, at: number): number {
    const ofAddress = this.#minute.add('address', at);
    const left = Math.floor(limit * this.#factor) - this.#second.add(`${endpoint} ${who}`, at);
    if (left < 0 || ofAddress > ADDRESS_PER_MINUTE * this.#factor) throw new BitgetRefusal('429', 'Too Many Requests', 429);
    return left;
  }
}

class Counter {
  readonly #lengthMs: number;
  #window = -1;
  #used = new Map<string, number>();

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** How many there are in this window, this one included. */
  add(name: string, at: number): number {
    const window = Math.floor(at / this.#lengthMs);
    if (window !== this.#window) this.#used = new Map();
    this.#window = window;
    const used = (this.#used.get(name) ?? 0) + 1;
    this.#used.set(name, used);
    return used;
  }
}
