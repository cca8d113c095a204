/**
 * Lets good sets have offspring: NSGA-II over steps instead of real numbers, for one objective or several. Survivors are chosen
 * among all that was ever tried, and nothing is tried twice.
 * @see Deb et al., "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", 2002
 */
import { rankedPlaces } from '../pareto.ts';
import type { Search, SearchWish, Tried } from '../search.ts';
import { pick, type Random, seededRandom } from '../seeded-random.ts';
import { type Axis, type Point, sizeOf } from '../space.ts';
import { UntriedPoints } from '../untried-points.ts';

/** Sets of a generation. */
export const POPULATION = 32;
/** How often a child that was tried before is changed again before chance picks another. */
const MAX_CHANGES = 8;
/** Reach of a change, as a share of the axis. */
const REACH = 0.2;

export const evolution: Search = {
  kind: 'evolution',
  title: { en: 'Evolution', ru: 'Эволюция' },
  summary: {
    en: `Keeps the best and tries combinations and changes of them, ${POPULATION} at a time; finds good sets with few trials, and several objectives at once.`,
    ru: `Сохраняет лучшие и пробует их сочетания и изменения, по ${POPULATION} за раз; находит хорошие наборы за меньшее число попыток, по нескольким целям сразу.`,
  },
  rounds: ({ axes, trials }) => {
    const all = Math.min(trials, sizeOf(axes));
    return Array.from({ length: Math.ceil(all / POPULATION) }, (_, round) => Math.min(POPULATION, all - round * POPULATION));
  },
  propose: (wish, round, earlier) => {
    const count = evolution.rounds(wish)[round] ?? 0;
    const random = seededRandom(wish.seed, round);
    const untried = new UntriedPoints(
      wish.axes,
      random,
      earlier.map(({ point }) => point),
    );
    const parents = survivorsOf(earlier);
    if (parents.length < 2) return Array.from({ length: count }, () => untried.any());
    return Array.from({ length: count }, () => offspring(wish, parents, random, untried));
  },
};

/** The best that were tried, the best first. */
function survivorsOf(earlier: readonly Tried[]): readonly Point[] {
  const scored = earlier.flatMap(({ point, scores }) => (scores === null ? [] : [{ point, scores }]));
  const best = rankedPlaces(scored.map(({ scores }) => scores)).slice(0, POPULATION);
  return best.map(({ place }) => (scored[place] as Tried).point);
}

function offspring({ axes }: SearchWish, parents: readonly Point[], random: Random, untried: UntriedPoints): Point {
  const [one, other] = [winner(parents, random), winner(parents, random)];
  let child = changed(
    axes,
    one.map((value, axis) => (random() < 0.5 ? value : (other[axis] ?? value))),
    random,
  );
  for (let change = 0; change < MAX_CHANGES; change += 1) {
    if (untried.take(child)) return child;
    child = changed(axes, child, random);
  }
  return untried.any();
}

/** The better of two that chance picks; the sequence of the survivors is their rank. */
function winner(parents: readonly Point[], random: Random): Point {
  return parents[Math.min(pick(random, parents.length), pick(random, parents.length))] ?? [];
}

/** On average one axis moves, mostly by little. */
function changed(axes: readonly Axis[], point: Point, random: Random): Point {
  return point.map((value, axis) => {
    const count = axes[axis]?.values.length ?? 1;
    if (count === 1 || random() >= 1 / axes.length) return value;
    const distance = 1 + pick(random, Math.max(1, Math.round(random() * REACH * count)));
    const moved = random() < 0.5 ? value - distance : value + distance;
    // Beyond an end it turns back.
    return Math.max(0, Math.min(count - 1, moved < 0 ? -moved : moved >= count ? 2 * (count - 1) - moved : moved));
  });
}
