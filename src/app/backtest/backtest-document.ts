/** Everything a backtest is told by, as plain data: what was run, on which assumptions, what came of it, and the lists to look into. */
import type { Bars } from '#core/bars/bars.ts';
import type { Instrument, Scale } from '#core/instrument.ts';
import type { DecimalString } from '#core/money.ts';
import type { Text } from '#core/params.ts';
import type { Strategy } from '#core/strategy.ts';
import type { LedgerFill, LedgerOrder, LotMatching } from '../report/ledger.ts';
import { PriceRanges } from '../report/price-ranges.ts';
import { feeValue } from '../report/round-trips.ts';
import type { RunReport } from '../report/run-report.ts';
import type { LiveComparison } from './against-live.ts';
import { type Assumptions, assumptionsOf } from './assumptions.ts';
import type { BacktestResult } from './backtest.ts';
import { backtestReport } from './backtest-report.ts';
import type { LegFigures } from './legs/legs-report.ts';
import type { VenueModel } from './venue-model.ts';

/** Executions and orders that a document lists, each; its figures count all of them. */
export const MAX_LISTED = 10_000;

export interface DocumentFill {
  /** Of a run over several instruments: which one. */
  readonly symbol?: string;
  readonly at: number;
  readonly clientOrderId: string;
  readonly tradeId: string;
  readonly side: 'buy' | 'sell';
  readonly price: DecimalString;
  readonly size: DecimalString;
  /** At its value in quote. */
  readonly fee: DecimalString;
  readonly isMaker: boolean;
}

export interface DocumentOrder {
  /** Of a run over several instruments: which one. */
  readonly symbol?: string;
  readonly at: number;
  readonly endedAt: number | null;
  readonly clientOrderId: string;
  readonly side: 'buy' | 'sell';
  readonly type: string;
  /** `null` where it has none. */
  readonly price: DecimalString | null;
  readonly triggerPrice: DecimalString | null;
  readonly size: DecimalString;
  readonly filledSize: DecimalString;
  readonly averagePrice: DecimalString | null;
  readonly outcome: string;
  readonly tag: string;
}

export interface DocumentLeg {
  readonly symbol: string;
  readonly base: string;
  readonly assumptions: Assumptions;
  readonly figures: LegFigures;
}

/** What was run, beyond what its result knows. */
export interface BacktestSubject {
  readonly strategy: Strategy;
  readonly config: unknown;
  readonly instrument: Instrument;
  readonly bars: Bars;
  readonly venue: VenueModel;
  readonly lots: LotMatching;
  readonly history: 'candles' | 'trades';
  /** Candles before the first that the strategy warmed up on. */
  readonly warmUpBars: number;
  /** What is to be known of the data, such as gaps that were filled. */
  readonly warnings: readonly Text[];
}

export interface BacktestDocument {
  readonly format: 1;
  readonly strategy: string;
  readonly strategyVersion: number;
  readonly strategyTitle: Text;
  readonly config: unknown;
  readonly exchange: string;
  readonly symbol: string;
  readonly base: string;
  /** The coin of profit, fees and capital. */
  readonly quote: string;
  readonly intervalMs: number;
  readonly candles: number;
  readonly warmUpBars: number;
  readonly endReason: string;
  /** Of a run over several instruments those of the first. */
  readonly assumptions: Assumptions;
  /** Of a run over several instruments: what is assumed of each, and what it brought; the first one first. */
  readonly legs?: readonly DocumentLeg[];
  readonly warnings: readonly Text[];
  readonly report: RunReport;
  readonly liquidations: number;
  readonly orderCounts: BacktestResult['orders'];
  /** Lowest and highest price up to each point of the curve from the one before; empty for several instruments. */
  readonly ranges: readonly { readonly low: DecimalString; readonly high: DecimalString }[];
  readonly strategyFigures: BacktestResult['figures'];
  readonly preview: BacktestResult['preview'];
  readonly fills: readonly DocumentFill[];
  readonly orders: readonly DocumentOrder[];
  /** Of all lists together: rows that were left out for their number. */
  readonly unlisted: { readonly fills: number; readonly orders: number; readonly trades: number };
  readonly notes: BacktestResult['notes'];
  readonly notesDropped: number;
  /** The live run explained by this one, where that was asked for. */
  readonly against?: LiveComparison;
}

/** Of a result that kept its ledger. */
export function documentOf(subject: BacktestSubject, result: BacktestResult): BacktestDocument {
  const { strategy, instrument, bars, venue } = subject;
  const { scale } = result.setup;
  const report = backtestReport(result, bars, subject.lots);
  const fills = result.ledger?.fills ?? [];
  const orders = [...(result.ledger?.orders.values() ?? [])];
  return {
    format: 1,
    strategy: strategy.name,
    strategyVersion: strategy.version,
    strategyTitle: strategy.title,
    config: subject.config,
    exchange: instrument.venue,
    symbol: instrument.symbol,
    base: instrument.base,
    quote: instrument.settle,
    intervalMs: bars.intervalMs,
    candles: result.bars,
    warmUpBars: subject.warmUpBars,
    endReason: result.endReason,
    assumptions: assumptionsOf(venue, instrument, result, subject.history),
    warnings: subject.warnings,
    report,
    liquidations: result.liquidations,
    orderCounts: result.orders,
    ranges: rangesOf(report, bars, scale, result.startedAt),
    strategyFigures: result.figures,
    preview: result.preview,
    fills: fills.slice(0, MAX_LISTED).map((each) => fillOf(each, scale)),
    orders: orders.slice(0, MAX_LISTED).map((each) => orderOf(each, scale)),
    unlisted: {
      fills: Math.max(0, fills.length - MAX_LISTED),
      orders: Math.max(0, orders.length - MAX_LISTED),
      trades: report.figures.tradeCount - report.trades.length,
    },
    notes: result.notes,
    notesDropped: result.notesDropped,
  };
}

function rangesOf({ curve }: RunReport, bars: Bars, scale: Scale, startedAt: number): BacktestDocument['ranges'] {
  const ranges = new PriceRanges(bars);
  return curve.map(({ at, price }, index) => {
    const range = ranges.between(curve[index - 1]?.at ?? startedAt, at);
    const last = price ?? '0';
    return range === null ? { low: last, high: last } : { low: scale.price(range.lowTicks), high: scale.price(range.highTicks) };
  });
}

export function fillOf({ at, clientOrderId, fill }: LedgerFill, scale: Scale): DocumentFill {
  const { tradeId, side, priceTicks, sizeLots, isMaker } = fill;
  return { at, clientOrderId, tradeId, side, price: scale.price(priceTicks), size: scale.size(sizeLots), fee: scale.quote(feeValue(fill)), isMaker };
}

export function orderOf({ order, outcome, endedAt, filledLots, filledAtoms }: LedgerOrder, scale: Scale): DocumentOrder {
  const { clientOrderId, side, type, priceTicks, triggerTicks, sizeLots, tag, createdAt } = order;
  return {
    at: createdAt,
    endedAt,
    clientOrderId,
    side,
    type,
    price: priceTicks > 0 ? scale.price(priceTicks) : null,
    triggerPrice: triggerTicks > 0 ? scale.price(triggerTicks) : null,
    size: scale.size(sizeLots),
    filledSize: scale.size(filledLots),
    averagePrice: filledLots > 0 ? scale.price(Math.round((filledAtoms / filledLots) * 100) / 100) : null,
    outcome,
    tag,
  };
}
