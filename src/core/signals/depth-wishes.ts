/** Whose books are wanted, and how urgently: 0 before 1 before 2. */
export class DepthWishes {
  readonly #urgencies = new Map<number, number>();

  add(index: number, urgency: 0 | 1 | 2): void {
    const known = this.#urgencies.get(index);
    if (known === undefined || urgency < known) this.#urgencies.set(index, urgency);
  }

  /** Takes them off the list: who still wants one asks again. */
  take(limit: number): readonly number[] {
    const taken = [...this.#urgencies].sort(([, one], [, other]) => one - other).slice(0, limit);
    for (const [index] of taken) this.#urgencies.delete(index);
    return taken.map(([index]) => index);
  }

  clear(): void {
    this.#urgencies.clear();
  }
}
