/** Every objective in this folder; made by `npm run generate` from the file names. */
import type { Objective } from '../objective.ts';
import { calmar } from './calmar.ts';
import { drawdown } from './drawdown.ts';
import { expectancy } from './expectancy.ts';
import { profit } from './profit.ts';
import { profitFactor } from './profit-factor.ts';
import { sharpe } from './sharpe.ts';
import { sortino } from './sortino.ts';

export const OBJECTIVES: readonly Objective[] = [calmar, drawdown, expectancy, profit, profitFactor, sharpe, sortino];
