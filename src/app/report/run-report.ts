/**
 * The report of a run, backtest or live: every figure follows from its ledger and its equity, and the parts add up to the whole.
 * Amounts are decimals in the coin of the profit, shares and ratios plain numbers, `null` where too little is known.
 */
import { GRAINS_PER_LOT, type Scale } from '#core/instrument.ts';
import type { DecimalString } from '#core/money.ts';
import { annualReturn, calmarRatio, periodsPerYear, returnsOf, sharpeRatio, sortinoRatio } from '#core/performance.ts';
import type { EquityFigures } from './equity-figures.ts';
import type { Ledger, LotMatching } from './ledger.ts';
import { type LedgerSums, ledgerSums, type Turnover, turnoverOf } from './ledger-sums.ts';
import type { PriceRanges } from './price-ranges.ts';
import { type MatchedTrades, matchTrades, type RoundTrip } from './round-trips.ts';
import { type TripFigures, tripFigures } from './trip-figures.ts';

const DAY_MS = 86_400_000;
/** Trades that a report lists; its figures count all of them. */
export const MAX_LISTED_TRADES = 10_000;

export interface ReportInput {
  readonly scale: Scale;
  readonly ledger: Ledger;
  readonly lots: LotMatching;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly capitalAtoms: number;
  /** First and last price of the run. */
  readonly openTicks: number;
  readonly lastTicks: number;
  /** Followed to the end. */
  readonly equity: EquityFigures;
  /** Without it nothing is known of what a trade went through meanwhile. */
  readonly ranges: PriceRanges | null;
}

export interface ReportTrade {
  /** Of a run over several instruments: which one. */
  readonly symbol?: string;
  readonly direction: 'long' | 'short';
  readonly clientOrderId: string;
  readonly enteredAt: number;
  readonly leftAt: number;
  /** In base. */
  readonly size: DecimalString;
  readonly entryPrice: DecimalString;
  readonly exitPrice: DecimalString;
  /** After the fees of both sides. */
  readonly profit: DecimalString;
  /** Of what was paid to enter. */
  readonly profitShare: number;
  readonly fees: DecimalString;
  /** The furthest that the price went against it and with it while it was held, before fees; neither is negative. `null` where not known. */
  readonly worstMove: DecimalString | null;
  readonly bestMove: DecimalString | null;
}

export interface ReportPoint {
  readonly at: number;
  readonly equity: DecimalString;
  /** `null` of a run over several instruments. */
  readonly price: DecimalString | null;
  readonly drawdown: number;
}

export interface ReportFigures {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly capital: DecimalString;
  readonly profit: DecimalString;
  readonly profitShare: number;
  readonly annualReturn: number | null;
  /** The parts of the profit: trades that are closed, what is held at the last price, funding received less paid. */
  readonly closedProfit: DecimalString;
  readonly floatingProfit: DecimalString;
  readonly funding: DecimalString;
  /** All fees, which are in the parts already. */
  readonly fees: DecimalString;
  readonly makerFees: DecimalString;
  readonly takerFees: DecimalString;
  /** `null` of a run over several instruments, whose sizes do not add up. */
  readonly bought: Turnover | null;
  readonly sold: Turnover | null;
  readonly fillCount: number;
  readonly tradeCount: number;
  readonly wonCount: number;
  readonly lostCount: number;
  readonly winRate: number | null;
  /** What winners brought over what losers took; `null` without losers. */
  readonly profitFactor: number | null;
  /** Profit of a trade on average. */
  readonly expectancy: DecimalString | null;
  readonly averageWin: DecimalString | null;
  readonly averageLoss: DecimalString | null;
  readonly bestTrade: DecimalString;
  readonly worstTrade: DecimalString;
  readonly longestLosing: number;
  readonly averageTradeMs: number | null;
  readonly drawdownShare: number;
  readonly drawdown: DecimalString;
  readonly drawdownPeakAt: number;
  readonly drawdownTroughAt: number;
  readonly longestDrawdownMs: number;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly calmar: number | null;
  readonly timeInMarket: number;
  readonly exposure: number;
  /** The same capital turned into base at the first price with the taker fee, and held; `null` of a run over several instruments. */
  readonly holdShare: number | null;
  readonly overHoldShare: number | null;
}

export interface RunReport {
  readonly figures: ReportFigures;
  readonly months: readonly { readonly month: string; readonly profit: DecimalString; readonly share: number | null }[];
  readonly curve: readonly ReportPoint[];
  /** The first {@link MAX_LISTED_TRADES}. */
  readonly trades: readonly ReportTrade[];
}

export function reportOf(input: ReportInput): RunReport {
  const { scale, equity, ledger, lots, ranges } = input;
  const matched = matchTrades(ledger, lots);
  return {
    figures: figuresOf(input, matched),
    months: equity.months.map(({ month, profitAtoms, share }) => ({ month, profit: scale.quote(Math.round(profitAtoms)), share })),
    curve: equity.points.map(({ at, equityAtoms, priceTicks, drawdown }) => ({
      at,
      equity: scale.quote(Math.round(equityAtoms)),
      price: scale.price(priceTicks),
      drawdown,
    })),
    trades: matched.trips.slice(0, MAX_LISTED_TRADES).map((trip) => tradeOf(trip, scale, ranges)),
  };
}

function figuresOf(input: ReportInput, matched: MatchedTrades): ReportFigures {
  const { scale, ledger, startedAt, endedAt, capitalAtoms, equity } = input;
  const sums = ledgerSums(ledger);
  return figuresFrom({
    startedAt,
    endedAt,
    capitalAtoms,
    equity,
    sums,
    trips: tripFigures(matched.trips),
    floatingAtoms: openAtoms(matched, input.lastTicks),
    fillCount: ledger.fills.length,
    ...turnoverOf(sums, scale),
    holdShare: (input.lastTicks / input.openTicks) * (1 - Number(scale.instrument.takerFeeRate)) - 1,
    quoteOf: (atoms) => scale.quote(Math.round(atoms)),
  });
}

export interface FiguresInput extends Pick<ReportFigures, 'startedAt' | 'endedAt' | 'fillCount' | 'bought' | 'sold' | 'holdShare'> {
  readonly capitalAtoms: number;
  readonly equity: EquityFigures;
  readonly sums: Pick<LedgerSums, 'makerFeeAtoms' | 'takerFeeAtoms' | 'fundingAtoms'>;
  readonly trips: TripFigures;
  readonly floatingAtoms: number;
  /** What atoms of all of these are in quote. */
  readonly quoteOf: (atoms: number) => DecimalString;
}

/** The figures of sums, whichever runs they were taken of. */
export function figuresFrom(input: FiguresInput): ReportFigures {
  const { startedAt, endedAt, capitalAtoms, equity, sums, trips, floatingAtoms, fillCount, bought, sold, holdShare, quoteOf } = input;
  const closedAtoms = trips.wonAtoms + trips.lostAtoms;
  const profitAtoms = closedAtoms + floatingAtoms + sums.fundingAtoms;
  const profitShare = profitAtoms / capitalAtoms;
  const yearly = annualReturn(profitShare, endedAt - startedAt);
  const { deepest } = equity.falls;
  const returns = returnsOf(equity.daily);
  const perYear = periodsPerYear(DAY_MS);
  const each = (atoms: number, count: number) => (count === 0 ? null : quoteOf(atoms / count));
  return {
    startedAt,
    endedAt,
    capital: quoteOf(capitalAtoms),
    profit: quoteOf(profitAtoms),
    profitShare,
    annualReturn: yearly,
    closedProfit: quoteOf(closedAtoms),
    floatingProfit: quoteOf(floatingAtoms),
    funding: quoteOf(sums.fundingAtoms),
    fees: quoteOf(sums.makerFeeAtoms + sums.takerFeeAtoms),
    makerFees: quoteOf(sums.makerFeeAtoms),
    takerFees: quoteOf(sums.takerFeeAtoms),
    bought,
    sold,
    fillCount,
    tradeCount: trips.count,
    wonCount: trips.won,
    lostCount: trips.lost,
    winRate: trips.count === 0 ? null : trips.won / trips.count,
    profitFactor: trips.lostAtoms === 0 ? null : trips.wonAtoms / -trips.lostAtoms,
    expectancy: each(closedAtoms, trips.count),
    averageWin: each(trips.wonAtoms, trips.won),
    averageLoss: each(trips.lostAtoms, trips.lost),
    bestTrade: quoteOf(trips.bestAtoms),
    worstTrade: quoteOf(trips.worstAtoms),
    longestLosing: trips.longestLosing,
    averageTradeMs: trips.count === 0 ? null : Math.round(trips.heldMs / trips.count),
    drawdownShare: deepest.share,
    drawdown: quoteOf(deepest.amountAtoms),
    drawdownPeakAt: deepest.peakAt,
    drawdownTroughAt: deepest.troughAt,
    longestDrawdownMs: equity.falls.longestMs,
    sharpe: sharpeRatio(returns, perYear),
    sortino: sortinoRatio(returns, perYear),
    calmar: calmarRatio(yearly, deepest.share),
    timeInMarket: equity.timeInMarket,
    exposure: equity.exposure,
    holdShare,
    overHoldShare: holdShare === null ? null : profitShare - holdShare,
  };
}

/** What is held at a price, with what came in and went out for it. */
export function openAtoms({ open }: MatchedTrades, priceTicks: number): number {
  let grains = 0;
  let flow = 0;
  for (const lot of open) {
    grains += lot.grains;
    flow += lot.flowAtoms;
  }
  return Math.round((grains / GRAINS_PER_LOT) * priceTicks) + flow;
}

export function tradeOf(trip: RoundTrip, scale: Scale, ranges: PriceRanges | null): ReportTrade {
  const { entryTicks, exitTicks, grains } = trip;
  const moves = ranges === null ? null : movesOf(trip, ranges);
  const amount = (ticks: number) => scale.quote(Math.round((grains / GRAINS_PER_LOT) * Math.max(0, ticks)));
  return {
    direction: trip.direction,
    clientOrderId: trip.clientOrderId,
    enteredAt: trip.enteredAt,
    leftAt: trip.leftAt,
    size: scale.base(grains),
    entryPrice: scale.price(hundredths(entryTicks)),
    exitPrice: scale.price(hundredths(exitTicks)),
    profit: scale.quote(trip.profitAtoms),
    profitShare: trip.entryAtoms === 0 ? 0 : trip.profitAtoms / trip.entryAtoms,
    fees: scale.quote(trip.feeAtoms),
    worstMove: moves === null ? null : amount(moves.against),
    bestMove: moves === null ? null : amount(moves.along),
  };
}

/** Furthest moves in ticks. Bars in which it was entered or left count with its own prices alone: they do not tell in which order theirs came. */
function movesOf(
  { direction, entryTicks, exitTicks, enteredAt, leftAt }: RoundTrip,
  ranges: PriceRanges,
): { readonly against: number; readonly along: number } {
  const range = ranges.between(enteredAt, leftAt);
  const low = Math.min(exitTicks, range?.lowTicks ?? exitTicks);
  const high = Math.max(exitTicks, range?.highTicks ?? exitTicks);
  return direction === 'long' ? { against: entryTicks - low, along: high - entryTicks } : { against: high - entryTicks, along: entryTicks - low };
}

/** Average prices are shown to a hundredth of an increment. */
function hundredths(ticks: number): number {
  return Math.round(ticks * 100) / 100;
}
