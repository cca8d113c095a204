/**
 * Follows a table by its running numbers. Numbers are taken before their transactions commit, so a row may appear after later
 * ones: numbers that were passed over are asked for again until their transactions can no longer be open.
 */
import type { ReadFrom } from '#core/store/live.ts';

/** No transaction stays open longer; the database ends idle ones after 30 s. */
export const OPEN_TRANSACTION_MS = 60_000;
/** Numbers that are waited for at most; the oldest are given up first. */
export const MAX_MISSING = 2_000;
const ROWS_AT_ONCE = 1_000;

export class UnseenRows {
  readonly #missing = new Map<number, number>();
  #after: number;

  constructor(after: number) {
    this.#after = after;
  }

  get missing(): number {
    return this.#missing.size;
  }

  /** What to ask the table for next. */
  get from(): ReadFrom {
    return { after: this.#after, missing: [...this.#missing.keys()], limit: ROWS_AT_ONCE };
  }

  /** Notes the rows that were read, in the sequence of their numbers; whether there may be more at once. */
  note(ids: readonly number[], now: number): boolean {
    for (const [id, since] of this.#missing) if (now - since > OPEN_TRANSACTION_MS) this.#missing.delete(id);
    for (const id of ids) {
      this.#missing.delete(id);
      if (id <= this.#after) continue;
      for (let passed = Math.max(this.#after + 1, id - MAX_MISSING); passed < id; passed += 1) this.#missing.set(passed, now);
      this.#after = id;
    }
    for (const id of this.#missing.keys()) {
      if (this.#missing.size <= MAX_MISSING) break;
      this.#missing.delete(id);
    }
    return ids.length === ROWS_AT_ONCE;
  }
}
