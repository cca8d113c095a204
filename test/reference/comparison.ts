/** The engine and the naive references side by side: what each of them traded, and its equity to the last unit. */
import { Decimal } from 'decimal.js';
import { type BacktestResult, runBacktest } from '#app/backtest/backtest.ts';
import type { Bars } from '#core/bars/bars.ts';
import type { Instrument } from '#core/instrument.ts';
import { grid } from '#strategies/grid.ts';
import { movingAverageCross } from '#strategies/moving-average-cross.ts';
import { type NaiveCrossover, naiveCrossover } from './naive-crossover.ts';
import { naiveGrid } from './naive-grid.ts';
import type { NaiveBar, NaiveMarket, NaiveTerms } from './naive-market.ts';

export interface Outcome {
  readonly trades: number;
  readonly equity: string;
}

export interface Comparison {
  readonly engine: Outcome;
  readonly naive: Outcome;
}

export function compareCrossover(bars: Bars, instrument: Instrument, settings: NaiveCrossover, timeframe: string): Comparison {
  const { fast, slow, investment } = settings;
  const config = { average: 'sma', fast, slow, investment, timeframe };
  const result = runBacktest({ strategy: movingAverageCross, config, instrument, bars });
  return compared(result, naiveCrossover(termsOf(instrument), settings, naiveBars(bars)), bars);
}

/** The naive grid takes lines and sizes from what the engine's plan has promised. */
export function compareGrid(bars: Bars, instrument: Instrument, config: Readonly<Record<string, unknown>> & { readonly investment: string }): Comparison {
  const result = runBacktest({ strategy: grid, config, instrument, bars });
  const cells = result.preview['orders'] as readonly { readonly buy_price: string; readonly sell_price: string; readonly size: string }[];
  const ticks = (price: string) => new Decimal(price).div(instrument.priceIncrement).toNumber();
  const lines = [...cells.map((cell) => ticks(cell.buy_price)), ticks(cells.at(-1)?.sell_price ?? '0')];
  const naive = naiveGrid(termsOf(instrument), { lines, sizes: cells.map(({ size }) => size), investment: config.investment }, naiveBars(bars));
  return compared(result, naive, bars);
}

function compared(result: BacktestResult, naive: NaiveMarket, bars: Bars): Comparison {
  return {
    engine: { trades: result.trades.count, equity: new Decimal(result.capital).plus(result.profit).toFixed() },
    naive: { trades: naive.trades, equity: naive.equity(bars.closeTicks[bars.length - 1] ?? 0) },
  };
}

function termsOf(instrument: Instrument): NaiveTerms {
  const { priceIncrement: tick, sizeIncrement: lot, minSize, minNotional: minValue, takerFeeRate: fee } = instrument;
  return { tick, lot, minSize, minValue, fee };
}

function naiveBars(bars: Bars): readonly NaiveBar[] {
  return Array.from({ length: bars.length }, (_, index) => ({
    open: bars.openTicks[index] ?? 0,
    high: bars.highTicks[index] ?? 0,
    low: bars.lowTicks[index] ?? 0,
    close: bars.closeTicks[index] ?? 0,
  }));
}
