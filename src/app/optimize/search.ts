/**
 * The contract of a way to search: round after round it names points to try, and knows of those before it what came of them and
 * nothing else. Points follow from the seed and from the rounds before, so they are the same on however many machines.
 */
import type { Text } from '#core/params.ts';
import type { Axis, Point } from './space.ts';

export interface SearchWish {
  readonly axes: readonly Axis[];
  /** Sets to try at most. */
  readonly trials: number;
  readonly seed: number;
}

/** A point that was tried, and how good it was: a number for each objective, the more the better, none for what was refused, given up or has no figure. */
export interface Tried {
  readonly point: Point;
  readonly scores: readonly number[] | null;
}

export interface Search {
  readonly kind: string;
  readonly title: Text;
  readonly summary: Text;
  /** How many points each round has. Their sum is at most the trials wished for, and at most what the space has. */
  rounds(wish: SearchWish): readonly number[];
  /** The points of a round, all different from each other and from those before; `earlier` has all of the rounds before, in their sequence. */
  propose(wish: SearchWish, round: number, earlier: readonly Tried[]): readonly Point[];
}
