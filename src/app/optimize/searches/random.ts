/** Tries sets of values that chance picks, none twice. @see Bergstra and Bengio, "Random Search for Hyper-Parameter Optimization", 2012 */
import type { Search } from '../search.ts';
import { seededRandom } from '../seeded-random.ts';
import { sizeOf } from '../space.ts';
import { UntriedPoints } from '../untried-points.ts';

export const random: Search = {
  kind: 'random',
  title: { en: 'By chance', ru: 'Случайный' },
  summary: {
    en: 'Tries combinations picked by chance from the seed; good where there are too many to try all.',
    ru: 'Пробует случайные сочетания по зерну; подходит, когда всех слишком много.',
  },
  rounds: ({ axes, trials }) => [Math.min(trials, sizeOf(axes))],
  propose: ({ axes, trials, seed }) => {
    const untried = new UntriedPoints(axes, seededRandom(seed), []);
    return Array.from({ length: Math.min(trials, sizeOf(axes)) }, () => untried.any());
  },
};
