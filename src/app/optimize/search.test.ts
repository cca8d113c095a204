import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dominates, frontsOf, rankedPlaces } from './pareto.ts';
import type { Search, SearchWish, Tried } from './search.ts';
import { evolution, POPULATION } from './searches/evolution.ts';
import { grid } from './searches/grid.ts';
import { SEARCHES } from './searches/index.gen.ts';
import { random } from './searches/random.ts';
import { seededRandom, shuffled } from './seeded-random.ts';
import { type Axis, type Point, pointAt, sizeOf } from './space.ts';

const axis = (name: string, count: number): Axis => ({ name, values: Array.from({ length: count }, (_, index) => index) });
const wish = (sizes: readonly number[], trials: number, seed = 1): SearchWish => ({ axes: sizes.map((size, index) => axis(`x${index}`, size)), trials, seed });

function searched(search: Search, asked: SearchWish, scores: (point: Point) => readonly number[] | null): readonly Tried[] {
  const tried: Tried[] = [];
  for (const round of search.rounds(asked).keys()) {
    const points = search.propose(asked, round, [...tried]);
    tried.push(...points.map((point) => ({ point, scores: scores(point) })));
  }
  return tried;
}

describe.each(SEARCHES.map((search) => [search.kind, search] as const))('%s', (_, search) => {
  it('proposes each point once, all of them in the space, as many as it said', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.boolean(),
        (sizes, trials, seed, fails) => {
          const asked = wish(sizes, trials, seed);
          const tried = searched(search, asked, (point) =>
            fails && (point[0] ?? 0) % 2 === 0 ? null : [point.reduce((sum, value) => sum + value, 0), -(point[0] ?? 0)],
          );
          expect(tried.length).toBe(search.rounds(asked).reduce((sum, count) => sum + count, 0));
          expect(tried.length).toBe(search === grid ? sizeOf(asked.axes) : Math.min(trials, sizeOf(asked.axes)));
          expect(new Set(tried.map(({ point }) => String(point))).size).toBe(tried.length);
          for (const { point } of tried) for (const [index, value] of point.entries()) expect(asked.axes[index]?.values[value]).toBe(value);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('proposes the same for the same seed', () => {
    const asked = wish([40, 40, 5], 100, 7);
    const score = (point: Point) => [Math.sin(point[0] ?? 0) + (point[1] ?? 0)];
    expect(searched(search, asked, score)).toEqual(searched(search, asked, score));
  });
});

describe('evolution', () => {
  // A hill with ripples: few of 27 million points are near its top.
  const hill = (point: Point) => [-point.reduce((sum, value, index) => sum + (value - 100 - index * 50) ** 2 / 1_000 + Math.sin(value) ** 2, 0)];
  const best = (tried: readonly Tried[]) => Math.max(...tried.map(({ scores }) => scores?.[0] ?? Number.NEGATIVE_INFINITY));

  it('finds better sets than chance with the same number of trials', () => {
    const wins = [1, 2, 3, 4, 5].filter((seed) => {
      const asked = wish([300, 300, 300], 480, seed);
      return best(searched(evolution, asked, hill)) > best(searched(random, asked, hill));
    });
    expect(wins.length).toBeGreaterThanOrEqual(4);
  });

  it('spreads over the front of two objectives that pull apart', () => {
    const asked = wish([200, 200], 20 * POPULATION, 3);
    // The front is where the second value is 0: the first then trades one for the other.
    const tried = searched(evolution, asked, ([x = 0, y = 0]) => [-(x ** 2) - y * 1_000, -((x - 150) ** 2) - y * 1_000]);
    const places = frontsOf(tried.map(({ scores }) => scores ?? []))[0] ?? [];
    const firsts = places.map((place) => tried[place]?.point[0] ?? 0);
    expect(places.every((place) => (tried[place]?.point[1] ?? 1) <= 2)).toBe(true);
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(100);
  });
});

describe('fronts', () => {
  it('hold none that another of the same or a later front beats', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (scores) => {
        const fronts = frontsOf(scores);
        expect([...fronts.flat()].sort((one, other) => one - other)).toEqual([...scores.keys()]);
        for (const [index, front] of fronts.entries())
          for (const place of front) {
            const beaters = [...scores.keys()].filter((other) => dominates(scores[other] ?? [], scores[place] ?? []));
            expect(beaters.every((other) => fronts.slice(0, index).some((earlier) => earlier.includes(other)))).toBe(true);
            if (index > 0) expect(beaters.length).toBeGreaterThan(0);
          }
      }),
    );
  });

  it('of one objective rank by its value, the earlier of equals first', () => {
    expect(rankedPlaces([[1], [3], [2], [3]])).toEqual([
      { place: 1, front: 0 },
      { place: 3, front: 0 },
      { place: 2, front: 1 },
      { place: 0, front: 2 },
    ]);
  });
});

it('counts points as numbers are counted', () => {
  const { axes } = wish([2, 3], 1);
  expect([0, 1, 2, 3, 4, 5].map((number) => pointAt(axes, number))).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2],
  ]);
});

it('draws evenly, differently for each seed and stream, and shuffles without loss', () => {
  const first = (seed: number, stream: number) => seededRandom(seed, stream)();
  expect(new Set([first(1, 0), first(1, 1), first(2, 0), first(2 ** 33 + 1, 0)]).size).toBe(4);
  const means = Array.from({ length: 4 }, (_, stream) => {
    const each = seededRandom(9, stream);
    return Array.from({ length: 4_000 }, each).reduce((sum, value) => sum + value, 0) / 4_000;
  });
  for (const mean of means) expect(mean).toBeCloseTo(0.5, 1);
  expect(shuffled([1, 2, 3, 4, 5], seededRandom(3)).toSorted()).toEqual([1, 2, 3, 4, 5]);
});
