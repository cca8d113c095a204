/** What is kept of one run of an optimisation: the figures objectives look at, and what honesty needs to know of its daily returns. */
import { calmarRatio, returnsOf } from '#core/performance.ts';
import type { BacktestResult } from '../backtest/backtest.ts';
import type { LegsBacktestResult } from '../backtest/legs/legs-backtest.ts';
import { portfolioOf } from '../backtest/legs/legs-report.ts';
import { momentsOf, type ReturnMoments } from '../honesty/return-moments.ts';
import type { LotMatching } from '../report/ledger.ts';
import { matchTrades } from '../report/round-trips.ts';
import { tripFigures } from '../report/trip-figures.ts';

export interface TrialFigures {
  readonly profitShare: number;
  readonly annualReturn: number | null;
  readonly drawdown: number;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly calmar: number | null;
  /** Of closed trades; `null` also where nobody asked for them. */
  readonly profitFactor: number | null;
  /** Profit of a closed trade as a share of the capital. */
  readonly expectancy: number | null;
  /** Executions. */
  readonly trades: number;
  /** `null` of a run over several instruments. */
  readonly holdShare: number | null;
  /** Of the daily returns. */
  readonly moments: ReturnMoments;
}

/** Figures of closed trades need a result that kept its ledger. */
export function trialFigures(result: BacktestResult, lots: LotMatching): TrialFigures {
  const { profitShare, annualReturn, drawdown, sharpe, sortino, holdShare, ledger, dailyReturns } = result;
  const trips = ledger === null ? null : tripFigures(matchTrades(ledger, lots).trips);
  const capitalAtoms = result.setup.scale.atoms(result.capital, 'nearest');
  return {
    profitShare,
    annualReturn,
    drawdown: drawdown.share,
    sharpe,
    sortino,
    calmar: calmarRatio(annualReturn, drawdown.share),
    profitFactor: trips === null || trips.lostAtoms === 0 ? null : trips.wonAtoms / -trips.lostAtoms,
    expectancy: trips === null || trips.count === 0 ? null : (trips.wonAtoms + trips.lostAtoms) / trips.count / capitalAtoms,
    trades: result.trades.count,
    holdShare,
    moments: momentsOf(dailyReturns),
  };
}

/** Of the equity of all instruments together, as the report of the same run has them. */
export function legsTrialFigures(result: LegsBacktestResult, lots: LotMatching): TrialFigures {
  const { figures, equity } = portfolioOf(result, lots);
  const { profitShare, annualReturn, drawdownShare, sharpe, sortino, calmar, profitFactor, expectancy, capital } = figures;
  return {
    profitShare,
    annualReturn,
    drawdown: drawdownShare,
    sharpe,
    sortino,
    calmar,
    profitFactor,
    expectancy: expectancy === null ? null : Number(expectancy) / Number(capital),
    trades: result.trades.count,
    holdShare: null,
    moments: momentsOf(returnsOf(equity.daily)),
  };
}
