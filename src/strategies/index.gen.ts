/** Every strategy in this folder; made by `npm run generate` from the file names. */
import type { Strategy } from '#core/strategy.ts';
import { dca } from './dca.ts';
import { grid } from './grid.ts';

export const STRATEGIES: readonly Strategy[] = [dca, grid];
