import { expect, it } from 'vitest';
import { seededRandom } from '../optimize/seeded-random.ts';
import { overfittingProbability } from './overfitting.ts';
import { momentsOf } from './return-moments.ts';

const DAYS = 400;
const noise = (seed: number, edge = 0) => {
  const random = seededRandom(seed);
  return momentsOf(Array.from({ length: DAYS }, () => random() - 0.5 + edge));
};
const trials = (count: number, edgeOf: (index: number) => number = () => 0) => Array.from({ length: count }, (_, index) => noise(index + 1, edgeOf(index)));

it('is about a half where all trials are noise', () => {
  const probabilities = [0, 1, 2, 3, 4, 5].map((row) => overfittingProbability(Array.from({ length: 30 }, (_, index) => noise(row * 100 + index))) ?? -1);
  const mean = probabilities.reduce((sum, each) => sum + each, 0) / probabilities.length;
  expect(mean).toBeGreaterThan(0.3);
  expect(mean).toBeLessThan(0.75);
});

it('is nothing where one trial is better than the others throughout', () => {
  expect(overfittingProbability(trials(30, (index) => (index === 7 ? 0.3 : 0)))).toBe(0);
});

it('is certain where who is best in one half is worst in the other', () => {
  const better = (isFirst: boolean) => Array.from({ length: DAYS }, (_, day) => (day < DAYS / 2 === isFirst ? 1 : -1) * 0.01 + (day % 3) * 0.001);
  const flat = Array.from({ length: 20 }, () => momentsOf(Array.from({ length: DAYS }, (_, day) => (day % 3) * 0.001 - 0.001)));
  expect(overfittingProbability([momentsOf(better(true)), momentsOf(better(false)), ...flat])).toBeGreaterThan(0.9);
});

it('says nothing of few trials, few days, or trials that are all the same', () => {
  expect(overfittingProbability(trials(9))).toBeNull();
  expect(overfittingProbability(Array.from({ length: 12 }, () => momentsOf([0.1, 0.2])))).toBeNull();
  // Whoever is chosen stands in the middle of equals.
  expect(overfittingProbability(Array.from({ length: 12 }, () => noise(1)))).toBe(1);
});
