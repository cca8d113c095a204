/** OKX's budgets: so many requests to an endpoint in two seconds, counted by account (orders by instrument too) or by address. */
import { OkxRefusal } from './refusals.ts';

const WINDOW_MS = 2_000;

export class Limits {
  /** Multiplies every limit. */
  readonly #factor: number;
  #window = -1;
  #used = new Map<string, number>();

  constructor(factor = 1) {
    this.#factor = factor;
  }

  /** Books a request, or refuses it with 50011. `who` is what the limit is counted by. */
  spend(endpoint: string, who: string, limit: number, at: number): void {
    const window = Math.floor(at / WINDOW_MS);
    if (window !== this.#window) this.#used = new Map();
    this.#window = window;
    const name = `${endpoint} ${who}`;
    const used = (this.#used.get(name) ?? 0) + 1;
    this.#used.set(name, used);
    if (used > limit * this.#factor) throw new OkxRefusal('50011', 'Too Many Requests', { status: 429 });
  }
}
