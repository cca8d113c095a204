/**
 * Which of several sets are better when there is more than one objective: fronts of sets of which none beats another in
 * everything, and how much room each has on its front.
 * @see Deb et al., "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", 2002
 */

/** Whether one is nowhere worse and somewhere better. */
export function dominates(one: readonly number[], other: readonly number[]): boolean {
  let isBetter = false;
  for (const [index, value] of one.entries()) {
    const against = other[index] ?? Number.NEGATIVE_INFINITY;
    if (value < against) return false;
    if (value > against) isBetter = true;
  }
  return isBetter;
}

/** Places of all scores by front, the best front first. */
export function frontsOf(scores: readonly (readonly number[])[]): readonly (readonly number[])[] {
  if (scores.every((each) => each.length === 1)) return rowsOfEquals(scores);
  const beats = scores.map(() => [] as number[]);
  const beatenBy = scores.map(() => 0);
  for (let one = 0; one < scores.length; one += 1)
    for (let other = 0; other < one; other += 1) {
      const [first, second] = [scores[one] ?? [], scores[other] ?? []];
      const [winner, loser] = dominates(first, second) ? [one, other] : dominates(second, first) ? [other, one] : [-1, -1];
      if (winner < 0) continue;
      beats[winner]?.push(loser);
      beatenBy[loser] = (beatenBy[loser] ?? 0) + 1;
    }
  const fronts: number[][] = [];
  let front = [...scores.keys()].filter((place) => beatenBy[place] === 0);
  while (front.length > 0) {
    fronts.push(front);
    const next: number[] = [];
    for (const place of front)
      for (const loser of beats[place] ?? []) {
        beatenBy[loser] = (beatenBy[loser] ?? 0) - 1;
        if (beatenBy[loser] === 0) next.push(loser);
      }
    front = next.sort((one, other) => one - other);
  }
  return fronts;
}

/** Room around each member of a front: the more, the rarer what it offers. The ends of every objective have infinite room. */
export function crowdingOf(scores: readonly (readonly number[])[], front: readonly number[]): ReadonlyMap<number, number> {
  const room = new Map(front.map((place) => [place, 0]));
  const width = scores[front[0] ?? 0]?.length ?? 0;
  for (let objective = 0; objective < width; objective += 1) {
    const value = (place: number) => scores[place]?.[objective] ?? 0;
    const sorted = front.toSorted((one, other) => value(one) - value(other) || one - other);
    const [first, last] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
    const span = value(last) - value(first);
    for (const end of [first, last]) room.set(end, Number.POSITIVE_INFINITY);
    if (!(span > 0)) continue;
    for (let index = 1; index < sorted.length - 1; index += 1) {
      const place = sorted[index] as number;
      room.set(place, (room.get(place) ?? 0) + (value(sorted[index + 1] as number) - value(sorted[index - 1] as number)) / span);
    }
  }
  return room;
}

/** All places, the best first: by front, and on one front by room, the earlier first where that is the same. */
export function rankedPlaces(scores: readonly (readonly number[])[]): readonly { readonly place: number; readonly front: number }[] {
  return frontsOf(scores).flatMap((front, index) => {
    const room = crowdingOf(scores, front);
    const roomOf = (place: number) => room.get(place) ?? 0;
    // Two that both have infinite room are neither before the other by it.
    const byRoom = (one: number, other: number) => (roomOf(one) === roomOf(other) ? 0 : roomOf(other) - roomOf(one));
    return front.toSorted((one, other) => byRoom(one, other) || one - other).map((place) => ({ place, front: index }));
  });
}

/** Of one objective a front is whoever has the same value. */
function rowsOfEquals(scores: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const value = (place: number) => scores[place]?.[0] ?? 0;
  const sorted = [...scores.keys()].sort((one, other) => value(other) - value(one) || one - other);
  const fronts: number[][] = [];
  for (const place of sorted) {
    const front = fronts.at(-1);
    if (front !== undefined && value(front[0] ?? 0) === value(place)) front.push(place);
    else fronts.push([place]);
  }
  return fronts;
}
