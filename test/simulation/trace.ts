/**
 * What happened in a simulated world, as lines: a hash over all of them that tells whether two runs were the same, and
 * the lines themselves for people.
 */
import { START } from './clock.ts';

/** Lines kept for the timeline of a failure. */
const MAX_LINES = 20_000;

export class Trace {
  readonly lines: string[] = [];
  #low = 0x811c9dc5;
  #high = 0x01000193;

  /** Adds a line; `at` is virtual time. */
  add(at: number, text: string): void {
    const line = `${((at - START) / 1_000).toFixed(3).padStart(9)}  ${text}`;
    for (let index = 0; index < line.length; index += 1) {
      const code = line.charCodeAt(index);
      this.#low = Math.imul(this.#low ^ code, 0x01000193);
      this.#high = Math.imul(this.#high ^ code, 0x5bd1e995) ^ (this.#low >>> 15);
    }
    if (this.lines.length < MAX_LINES) this.lines.push(line);
  }

  get hash(): string {
    return [this.#low, this.#high].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
