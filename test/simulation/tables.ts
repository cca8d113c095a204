/**
 * Tables in memory whose changes within a transaction are all kept or all undone.
 */
export class Transactions {
  #undo: (() => void)[] | null = null;

  /** Carries out all of it or nothing. */
  run<Result>(work: () => Result): Result {
    if (this.#undo !== null) return work();
    const undo: (() => void)[] = [];
    this.#undo = undo;
    try {
      return work();
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    } finally {
      this.#undo = null;
    }
  }

  note(step: () => void): void {
    this.#undo?.push(step);
  }
}

/** Rows by their key; a row is replaced, never changed. */
export class Table<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #transactions: Transactions;

  constructor(transactions: Transactions) {
    this.#transactions = transactions;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  put(key: string, row: Row): void {
    const former = this.#rows.get(key);
    this.#rows.set(key, row);
    this.#transactions.note(() => {
      if (former === undefined) this.#rows.delete(key);
      else this.#rows.set(key, former);
    });
  }

  values(): Row[] {
    return [...this.#rows.values()];
  }
}
