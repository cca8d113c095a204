/** Every kind of job in this folder; made by `npm run generate` from the file names. */
import type { JobKind } from '../job-kind.ts';
import { backtest } from './backtest.ts';
import { backtestCheck } from './backtest-check.ts';
import { backtestSweep } from './backtest-sweep.ts';
import { backup } from './backup.ts';
import { historyDownload } from './history-download.ts';
import { marketQuotes } from './market-quotes.ts';
import { optimization } from './optimization.ts';
import { optimizationSweep } from './optimization-sweep.ts';
import { planEnds } from './plan-ends.ts';
import { retention } from './retention.ts';
import { sessionCleanup } from './session-cleanup.ts';

export const JOB_KINDS: readonly JobKind[] = [backtest, backtestCheck, backtestSweep, backup, historyDownload, marketQuotes, optimization, optimizationSweep, planEnds, retention, sessionCleanup];
