/** One thread of a sweep: computes its share of the columns, then runs its share of the sets over columns that all threads read. */
import { parentPort, workerData } from 'node:worker_threads';
import { runBacktest } from '#app/backtest/backtest.ts';
import { BarColumns, type SharedColumns } from '#core/bars/bar-columns.ts';
import { unitsOf } from '#core/bars/bar-units.ts';
import type { Bars } from '#core/bars/bars.ts';
import { planFigures } from '#core/figure-plan.ts';
import { figureOf } from '#core/indicator-operand.ts';
import { sma } from '#core/indicators/sma.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import { movingAverageCross } from '#strategies/moving-average-cross.ts';

/** What a thread begins with. */
export interface SweepStart {
  readonly bars: Bars;
  readonly instrument: Instrument;
}

/** What it is told: to get warm on some sets, to compute averages, or to take columns over and run sets. */
export type SweepTask =
  | { readonly type: 'warmUp'; readonly configs: readonly SweepConfig[] }
  | { readonly type: 'compute'; readonly periods: readonly number[] }
  | { readonly type: 'run'; readonly columns: readonly SharedColumns[]; readonly configs: readonly SweepConfig[] };

export type SweepConfig = Readonly<Record<string, unknown>>;

/** Of each set what an optimiser looks at. */
export interface SweepResult {
  readonly config: SweepConfig;
  readonly profitShare: number;
  readonly drawdown: number;
  readonly trades: number;
}

export type SweepAnswer =
  | { readonly type: 'computed'; readonly columns: readonly SharedColumns[] }
  | { readonly type: 'done'; readonly results: readonly SweepResult[] };

const { bars, instrument } = workerData as SweepStart;
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');
const columns = new BarColumns(bars, (length) => new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT)));

port.on('message', (task: SweepTask) => {
  port.postMessage(answerTo(task));
});

function answerTo(task: SweepTask): SweepAnswer {
  switch (task.type) {
    case 'warmUp':
      return { type: 'done', results: task.configs.map((config) => run(config, {})) };
    case 'compute':
      for (const period of task.periods)
        for (const source of planFigures([figureOf(sma, { period })]).sources) columns.indicator(source, unitsOf({ prices: 'ticks' }, new Scale(instrument)));
      return { type: 'computed', columns: columns.share() };
    case 'run':
      columns.adopt(task.columns);
      return { type: 'done', results: task.configs.map((config) => run(config, { columns })) };
  }
}

function run(config: SweepConfig, more: { readonly columns?: BarColumns }): SweepResult {
  const result = runBacktest({ strategy: movingAverageCross, config, instrument, bars, ...more });
  return { config, profitShare: result.profitShare, drawdown: result.drawdown.share, trades: result.trades.count };
}
