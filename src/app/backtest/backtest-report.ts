/** The report of a backtest: its ledger laid over its bars, so that equity is known at every close. */
import type { Bars } from '#core/bars/bars.ts';
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import { EquityFigures } from '../report/equity-figures.ts';
import type { LotMatching } from '../report/ledger.ts';
import { PriceRanges } from '../report/price-ranges.ts';
import { type RunReport, reportOf } from '../report/run-report.ts';
import type { BacktestResult } from './backtest.ts';
import type { RunLedger } from './run-log.ts';

/** Of a result that kept its ledger, over the bars it ran on; throws for one that did not. */
export function backtestReport(result: BacktestResult, bars: Bars, lots: LotMatching = 'fifo'): RunReport {
  const { ledger, setup } = result;
  if (ledger === null) throw new Error('a backtest without its ledger has no report');
  const { scale, limits, lentGrains } = setup;
  const openTicks = bars.openTicks[0] ?? 0;
  const capitalAtoms = limits.budgetAtoms + Math.round((lentGrains / GRAINS_PER_LOT) * openTicks);
  const equity = new EquityFigures(capitalAtoms, result.startedAt, result.endedAt);
  follow(equity, ledger, bars, result.bars, { cash: limits.budgetAtoms, grains: lentGrains });
  return reportOf({
    scale,
    ledger,
    lots,
    startedAt: result.startedAt,
    endedAt: result.endedAt,
    capitalAtoms,
    openTicks,
    lastTicks: bars.closeTicks[result.bars - 1] ?? openTicks,
    equity,
    ranges: new PriceRanges(bars),
  });
}

function follow(equity: EquityFigures, ledger: RunLedger, bars: Bars, count: number, held: { cash: number; grains: number }): void {
  const { fills, fillBars, funding, fundingBars } = ledger;
  let { cash, grains } = held;
  let nextFill = 0;
  let nextFunding = 0;
  for (let index = 0; index < count; index += 1) {
    for (; nextFill < fills.length && (fillBars[nextFill] ?? 0) <= index; nextFill += 1) {
      const fill = fills[nextFill]?.fill;
      if (fill === undefined) break;
      const direction = fill.side === 'buy' ? 1 : -1;
      cash -= direction * fill.priceTicks * fill.sizeLots + fill.feeAtoms + fill.otherFeeAtoms;
      grains += direction * fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
    }
    for (; nextFunding < funding.length && (fundingBars[nextFunding] ?? 0) <= index; nextFunding += 1) cash += funding[nextFunding]?.amountAtoms ?? 0;
    const close = bars.closeTicks[index] as number;
    const lots = grains / GRAINS_PER_LOT;
    equity.add((bars.startAt[index] as number) + bars.intervalMs, cash + lots * close, close, lots);
  }
  equity.end();
}
