/** Histories of several instruments merged by time. */
import type { Bars } from '#core/bars/bars.ts';

/** A time at which a bar of some history begins, with every bar that does. */
export interface Moment {
  readonly startAt: number;
  readonly bars: readonly { readonly leg: number; readonly index: number }[];
}

/** All moments of these histories, which are numbered by their place in the list. */
export function* momentsOf(histories: readonly Bars[]): Generator<Moment> {
  const next = histories.map(() => 0);
  for (;;) {
    let startAt = Number.POSITIVE_INFINITY;
    for (const [leg, bars] of histories.entries()) startAt = Math.min(startAt, bars.startAt[next[leg] ?? 0] ?? startAt);
    if (startAt === Number.POSITIVE_INFINITY) return;
    const begun: Moment['bars'][number][] = [];
    for (const [leg, bars] of histories.entries()) {
      const index = next[leg] ?? 0;
      if (bars.startAt[index] !== startAt) continue;
      begun.push({ leg, index });
      next[leg] = index + 1;
    }
    yield { startAt, bars: begun };
  }
}
