/** Draws of the chaos test from a seeded source, and its clock: lanes of faults that run beside each other until the storm is over. */
import type { Random } from '../venues/_random.ts';

/** A wait between events that come independently of each other, `meanMs` on average. */
export function waitOf(random: Random, meanMs: number): number {
  return -Math.log(1 - random()) * meanMs;
}

export function between(random: Random, least: number, most: number): number {
  return Math.round(least + random() * (most - least));
}

export function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

export class Storm {
  readonly #endsAt: number;
  #isOver = false;
  #wakes = new Set<() => void>();
  readonly #lanes: Promise<void>[] = [];
  /** Lanes that ended with an error of their own. */
  readonly failures: string[] = [];

  /** Ends at a moment of `performance.now()`, if it is not ended before. */
  constructor(endsAt: number) {
    this.#endsAt = endsAt;
  }

  get leftMs(): number {
    return this.#isOver ? 0 : Math.max(0, this.#endsAt - performance.now());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Runs `act` over and over, each time after a wait of `meanMs` on average; the first wait is the shorter half of one. */
  lane(name: string, random: Random, meanMs: number, act: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      await this.sleep(waitOf(random, meanMs) / 2);
      while (!this.#isOver) {
        await act();
        await this.sleep(waitOf(random, meanMs));
      }
    };
    this.#lanes.push(
      run().catch((error: unknown) => void this.failures.push(`the lane "${name}" broke: ${error instanceof Error ? error.stack : String(error)}`)),
    );
  }

  /** At most to the end of the storm. */
  async sleep(ms: number): Promise<void> {
    if (this.#isOver) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wakes.add(wake);
    });
  }

  /** Ends the storm; every lane finishes what it has begun. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const wake of [...this.#wakes]) wake();
    await Promise.all(this.#lanes);
  }
}

/** Counts by group and kind, for the closing table. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  add(group: string, kind: string, count = 1): void {
    const kinds = this.#counts.get(group) ?? new Map<string, number>();
    this.#counts.set(group, kinds.set(kind, (kinds.get(kind) ?? 0) + count));
  }

  total(group: string): number {
    return [...(this.#counts.get(group)?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }

  /** One line a group, the most frequent kinds first. */
  lines(): string[] {
    const width = Math.max(...[...this.#counts.keys()].map((group) => group.length));
    return [...this.#counts].map(([group, kinds]) => {
      const shown = [...kinds].sort(([, one], [, other]) => other - one).map(([kind, count]) => `${kind} ${count}`);
      return `  ${group.padEnd(width)}  ${String(this.total(group)).padStart(6)}  ${shown.join(', ')}`;
    });
  }
}
