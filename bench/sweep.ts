/** A sweep of parameter sets over one history, on worker threads that share its columns. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SharedColumns } from '#core/bars/bar-columns.ts';
import { type Bars, newBars } from '#core/bars/bars.ts';
import type { Instrument } from '#core/instrument.ts';
import type { SweepAnswer, SweepConfig, SweepResult, SweepStart, SweepTask } from './sweep-worker.ts';

export interface Sweep {
  readonly bars: Bars;
  readonly instrument: Instrument;
  readonly fasts: readonly number[];
  readonly slows: readonly number[];
  readonly threads: number;
}

export interface SweepOutcome {
  readonly sets: number;
  /** Indicator columns that all threads read. */
  readonly columns: number;
  readonly ms: number;
  /** Of all threads together. */
  readonly processorMs: number;
  readonly results: readonly SweepResult[];
}

/** Runs every pair of a fast and a slow average; the threads and the history in shared memory are there before the clock starts. */
export async function runSweep({ bars, instrument, fasts, slows, threads }: Sweep): Promise<SweepOutcome> {
  const start: SweepStart = { bars: inSharedMemory(bars), instrument };
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./sweep-worker.ts', import.meta.url), { workerData: start }));
  try {
    const configs = fasts.flatMap((fast) => slows.map((slow) => configOf(fast, slow)));
    // Threads compile what they run: the first sets are not measured, as the first runs of the other benchmarks are not.
    await ask(workers, () => ({ type: 'warmUp', configs: configs.slice(0, WARM_UPS) }));
    const startedAt = performance.now();
    const usage = process.cpuUsage();
    const columns = await computeColumns(workers, [...new Set([...fasts, ...slows])]);
    const answers = await ask(workers, (thread) => ({ type: 'run', columns, configs: shareOf(configs, thread, threads) }));
    const ms = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(usage);
    const processorMs = (user + system) / 1_000;
    return {
      sets: configs.length,
      columns: columns.length,
      ms,
      processorMs,
      results: answers.flatMap((answer) => (answer.type === 'done' ? answer.results : [])),
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

const WARM_UPS = 3;

function configOf(fast: number, slow: number): SweepConfig {
  return { average: 'sma', fast, slow, timeframe: '1m', investment: '10000' };
}

/** Every average once, shared out among the threads. */
async function computeColumns(workers: readonly Worker[], periods: readonly number[]): Promise<readonly SharedColumns[]> {
  const answers = await ask(workers, (thread) => ({ type: 'compute', periods: shareOf(periods, thread, workers.length) }));
  return answers.flatMap((answer) => (answer.type === 'computed' ? answer.columns : []));
}

function shareOf<Item>(items: readonly Item[], thread: number, threads: number): readonly Item[] {
  return items.filter((_, index) => index % threads === thread);
}

async function ask(workers: readonly Worker[], task: (thread: number) => SweepTask): Promise<readonly SweepAnswer[]> {
  return Promise.all(
    workers.map(async (worker, thread) => {
      worker.postMessage(task(thread));
      const [answer] = (await once(worker, 'message')) as [SweepAnswer];
      return answer;
    }),
  );
}

function inSharedMemory(bars: Bars): Bars {
  const shared = newBars(0, bars.intervalMs);
  const copy = (column: Float64Array) => {
    const copied = new Float64Array(new SharedArrayBuffer(column.byteLength));
    copied.set(column);
    return copied;
  };
  const { startAt, openTicks, highTicks, lowTicks, closeTicks, volumeLots, length } = bars;
  return {
    ...shared,
    length,
    startAt: copy(startAt),
    openTicks: copy(openTicks),
    highTicks: copy(highTicks),
    lowTicks: copy(lowTicks),
    closeTicks: copy(closeTicks),
    volumeLots: copy(volumeLots),
  };
}
