/** Everything a backtest over several instruments is told by: the document of any backtest, and what each instrument brought. */
import type { Text } from '#core/params.ts';
import type { LotMatching } from '../../report/ledger.ts';
import { assumptionsOf } from '../assumptions.ts';
import { type BacktestDocument, type DocumentFill, type DocumentOrder, fillOf, MAX_LISTED, orderOf } from '../backtest-document.ts';
import type { VenueModel } from '../venue-model.ts';
import type { LegResult, LegsBacktestResult } from './legs-backtest.ts';
import { legsReport } from './legs-report.ts';

export interface LegsSubject {
  readonly config: unknown;
  readonly venue: VenueModel;
  readonly lots: LotMatching;
  readonly warnings: readonly Text[];
}

export function legsDocumentOf({ config, venue, lots, warnings }: LegsSubject, result: LegsBacktestResult): BacktestDocument {
  const { strategy, scale } = result.setup;
  const { legs, ...report } = legsReport(result, lots);
  const told = result.legs.flatMap((leg, index) => {
    const { instrument } = leg.history;
    const figures = legs[index];
    const marginMode = instrument.kind === 'perpetual' ? ('isolated' as const) : null;
    const assumptions = assumptionsOf(venue, instrument, { setup: leg.terms, marginMode }, 'candles');
    return figures === undefined ? [] : [{ symbol: instrument.symbol, base: instrument.base, assumptions, figures }];
  });
  const [first] = told;
  if (first === undefined) throw new Error('a run has a first leg');
  const fills = listed(result.legs, ({ ledger, terms }) => ledger.fills.map((each) => fillOf(each, terms.scale)));
  const orders = listed(result.legs, ({ ledger, terms }) => [...ledger.orders.values()].map((each) => orderOf(each, terms.scale)));
  const { instrument } = scale;
  return {
    format: 1,
    strategy: strategy.name,
    strategyVersion: strategy.version,
    strategyTitle: strategy.title,
    config,
    exchange: instrument.venue,
    symbol: instrument.symbol,
    base: instrument.base,
    quote: instrument.settle,
    intervalMs: result.legs[0]?.history.bars.intervalMs ?? 0,
    candles: result.bars,
    warmUpBars: 0,
    endReason: result.endReason,
    assumptions: first.assumptions,
    legs: told,
    warnings,
    report,
    liquidations: result.legs.reduce((count, leg) => count + liquidationsOf(leg), 0),
    orderCounts: result.orders,
    ranges: [],
    strategyFigures: result.figures,
    preview: result.preview,
    fills: fills.slice(0, MAX_LISTED),
    orders: orders.slice(0, MAX_LISTED),
    unlisted: {
      fills: Math.max(0, fills.length - MAX_LISTED),
      orders: Math.max(0, orders.length - MAX_LISTED),
      trades: report.figures.tradeCount - report.trades.length,
    },
    notes: result.notes,
    notesDropped: result.notesDropped,
  };
}

/** The lists of all legs as one in the sequence of time, every row with its symbol. */
function listed<Row extends DocumentFill | DocumentOrder>(legs: readonly LegResult[], rowsOf: (leg: LegResult) => readonly Row[]): readonly Row[] {
  const rows = legs.flatMap((leg) => rowsOf(leg).map((row) => ({ symbol: leg.history.instrument.symbol, ...row })));
  return rows.sort((one, other) => one.at - other.at);
}

/** Orders that filled and that the run never placed are the venue's own. */
function liquidationsOf({ ledger }: LegResult): number {
  return new Set(ledger.fills.map(({ clientOrderId }) => clientOrderId).filter((id) => !ledger.orders.has(id))).size;
}
