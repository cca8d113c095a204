/** Every way to search in this folder; made by `npm run generate` from the file names. */
import type { Search } from '../search.ts';
import { evolution } from './evolution.ts';
import { grid } from './grid.ts';
import { random } from './random.ts';

export const SEARCHES: readonly Search[] = [evolution, grid, random];
