/**
 * The report of a run over several instruments: their ledgers, each in its own integers, counted in one unit of the coin they share, so
 * that the parts add up to the whole exactly. What sizes and prices of different instruments cannot tell together is `null`.
 */
import { GRAINS_PER_LOT, type Scale } from '#core/instrument.ts';
import { Decimal, type DecimalString, plain } from '#core/money.ts';
import { EquityFigures } from '../../report/equity-figures.ts';
import type { LotMatching } from '../../report/ledger.ts';
import { type LedgerSums, ledgerSums, type Turnover, turnoverOf } from '../../report/ledger-sums.ts';
import { PriceRanges } from '../../report/price-ranges.ts';
import { type MatchedTrades, matchTrades, type RoundTrip } from '../../report/round-trips.ts';
import { figuresFrom, MAX_LISTED_TRADES, openAtoms, type ReportFigures, type RunReport, tradeOf } from '../../report/run-report.ts';
import { tripFigures } from '../../report/trip-figures.ts';
import type { RunLedger } from '../run-log.ts';
import type { LegResult, LegsBacktestResult } from './legs-backtest.ts';
import { longestAt, timelineOf } from './timeline.ts';

/** What one instrument brought; amounts in the coin of the profit. */
export interface LegFigures
  extends Pick<ReportFigures, 'profit' | 'closedProfit' | 'floatingProfit' | 'funding' | 'fees' | 'makerFees' | 'takerFees' | 'fillCount' | 'tradeCount'> {
  readonly capital: DecimalString;
  readonly bought: Turnover;
  readonly sold: Turnover;
  /** In base; negative for a short. */
  readonly held: DecimalString;
  readonly lastPrice: DecimalString;
}

export interface LegsReport extends RunReport {
  readonly legs: readonly LegFigures[];
}

export function legsReport(result: LegsBacktestResult, lots: LotMatching = 'fifo'): LegsReport {
  const { legs, trips, equity, figures, quoteOf } = portfolioOf(result, lots);
  const ranges = new Map(legs.map((leg) => [leg, new PriceRanges(leg.leg.history.bars)]));
  return {
    figures,
    months: equity.months.map(({ month, profitAtoms, share }) => ({ month, profit: quoteOf(profitAtoms), share })),
    curve: equity.points.map(({ at, equityAtoms, drawdown }) => ({ at, equity: quoteOf(equityAtoms), price: null, drawdown })),
    trades: trips.slice(0, MAX_LISTED_TRADES).map(({ leg, trip }) => ({
      symbol: leg.leg.history.instrument.symbol,
      ...tradeOf(trip, leg.leg.terms.scale, ranges.get(leg) ?? null),
    })),
    legs: legs.map(figuresOfLeg),
  };
}

/** What such a report is made of: figures and equity of all instruments together, for whoever wants nothing else. */
export interface Portfolio {
  readonly figures: ReportFigures;
  readonly equity: EquityFigures;
  readonly legs: readonly CountedLeg[];
  /** Of all legs, in the sequence of their ends. */
  readonly trips: readonly { readonly leg: CountedLeg; readonly trip: RoundTrip }[];
  readonly quoteOf: (units: number) => DecimalString;
}

export function portfolioOf(result: LegsBacktestResult, lots: LotMatching): Portfolio {
  const { startedAt, endedAt } = result;
  const unit = unitOf(result.legs.map(({ terms }) => terms.scale));
  const legs = result.legs.map((leg, index) => countedLeg(leg, result, lots, unit.perAtom[index] ?? 1));
  const sum = (of: (leg: CountedLeg) => number) => legs.reduce((total, leg) => total + of(leg) * leg.perAtom, 0);
  const capitalAtoms = sum(({ capitalAtoms: own }) => own);
  const equity = new EquityFigures(capitalAtoms, startedAt, endedAt);
  follow(equity, legs, result);
  const trips = legs.flatMap((leg) => leg.matched.trips.map((trip) => ({ leg, trip }))).sort((one, other) => one.trip.leftAt - other.trip.leftAt);
  const quoteOf = (units: number) => plain(unit.value.times(Math.round(units)));
  return {
    figures: figuresFrom({
      startedAt,
      endedAt,
      capitalAtoms,
      equity,
      sums: {
        makerFeeAtoms: sum(({ sums }) => sums.makerFeeAtoms),
        takerFeeAtoms: sum(({ sums }) => sums.takerFeeAtoms),
        fundingAtoms: sum(({ sums }) => sums.fundingAtoms),
      },
      trips: tripFigures(trips.map(({ leg, trip }) => inUnits(trip, leg.perAtom))),
      floatingAtoms: sum(({ floatingAtoms }) => floatingAtoms),
      fillCount: legs.reduce((count, { leg }) => count + leg.ledger.fills.length, 0),
      bought: null,
      sold: null,
      holdShare: null,
      quoteOf,
    }),
    equity,
    legs,
    trips,
    quoteOf,
  };
}

/** One leg with its sums, in its own atoms. */
interface CountedLeg {
  readonly leg: LegResult;
  /** Units that all legs are counted in, to an atom of this one. */
  readonly perAtom: number;
  readonly matched: MatchedTrades;
  readonly sums: LedgerSums;
  readonly capitalAtoms: number;
  readonly floatingAtoms: number;
  readonly lastTicks: number;
}

function countedLeg(leg: LegResult, { endedAt }: LegsBacktestResult, lots: LotMatching, perAtom: number): CountedLeg {
  const { ledger, terms, history } = leg;
  const { bars } = history;
  const matched = matchTrades(ledger, lots);
  let last = bars.length - 1;
  while (last > 0 && (bars.startAt[last] ?? 0) >= endedAt) last -= 1;
  const lastTicks = bars.closeTicks[last] ?? 0;
  return {
    leg,
    perAtom,
    matched,
    sums: ledgerSums(ledger),
    capitalAtoms: terms.limits.budgetAtoms + Math.round((terms.lentGrains / GRAINS_PER_LOT) * (bars.openTicks[0] ?? 0)),
    floatingAtoms: openAtoms(matched, lastTicks),
    lastTicks,
  };
}

function figuresOfLeg({ leg, matched, sums, capitalAtoms, floatingAtoms, lastTicks }: CountedLeg): LegFigures {
  const { scale } = leg.terms;
  const closedAtoms = matched.trips.reduce((total, { profitAtoms }) => total + profitAtoms, 0);
  return {
    capital: scale.quote(capitalAtoms),
    profit: scale.quote(closedAtoms + floatingAtoms + sums.fundingAtoms),
    closedProfit: scale.quote(closedAtoms),
    floatingProfit: scale.quote(floatingAtoms),
    funding: scale.quote(sums.fundingAtoms),
    fees: scale.quote(sums.makerFeeAtoms + sums.takerFeeAtoms),
    makerFees: scale.quote(sums.makerFeeAtoms),
    takerFees: scale.quote(sums.takerFeeAtoms),
    ...turnoverOf(sums, scale),
    fillCount: leg.ledger.fills.length,
    tradeCount: matched.trips.length,
    held: leg.held,
    lastPrice: scale.price(lastTicks),
  };
}

/** The largest power of ten of which the atoms of all are whole multiples. */
function unitOf(scales: readonly Scale[]): { readonly value: Decimal; readonly perAtom: readonly number[] } {
  const atoms = scales.map(({ instrument }) => new Decimal(instrument.priceIncrement).times(instrument.sizeIncrement));
  const value = new Decimal(10).pow(-Math.max(...atoms.map((atom) => atom.decimalPlaces())));
  return { value, perAtom: atoms.map((atom) => atom.div(value).toNumber()) };
}

function inUnits(trip: RoundTrip, perAtom: number): RoundTrip {
  return { ...trip, profitAtoms: trip.profitAtoms * perAtom, entryAtoms: trip.entryAtoms * perAtom, feeAtoms: trip.feeAtoms * perAtom };
}

/** Equity of all legs at the end of every moment, each at its last close. */
function follow(equity: EquityFigures, counted: readonly CountedLeg[], { bars: momentsDone }: LegsBacktestResult): void {
  const timeline = timelineOf(counted.map(({ leg }) => leg.history.bars));
  const books = counted.map((each, index) => new LegBook(each, timeline.legs[index]?.closeTicks ?? NO_PRICES));
  for (let moment = 0; moment < momentsDone; moment += 1) {
    let [total, gross, isHeld] = [0, 0, false];
    for (let index = 0; index < books.length; index += 1) {
      const book = books[index] as LegBook;
      book.moveTo(moment);
      total += book.equity;
      gross += book.gross;
      isHeld ||= book.isHeld;
    }
    // What is held of several instruments counts by its value: as one thing at that price.
    equity.add((timeline.startAt[moment] as number) + longestAt(timeline, moment), total, gross, isHeld ? 1 : 0);
  }
  equity.end();
}

const NO_PRICES = new Float64Array(0);

/** Cash and holding of a leg as its ledger goes on. */
class LegBook {
  /** In units, at the end of the moment in hand. */
  equity = 0;
  gross = 0;
  isHeld = false;
  readonly #ledger: RunLedger;
  readonly #perAtom: number;
  readonly #openTicks: number;
  readonly #closeTicks: Float64Array;
  #cashAtoms: number;
  #grains: number;
  /** The moment of the next fill or payment that is not in the books yet. */
  #nextMoment = 0;
  #nextFill = 0;
  #nextFunding = 0;

  /** `closeTicks` are those of every moment. */
  constructor({ leg: { terms, history, ledger }, perAtom }: CountedLeg, closeTicks: Float64Array) {
    this.#ledger = ledger;
    this.#perAtom = perAtom;
    this.#openTicks = history.bars.openTicks[0] ?? 0;
    this.#closeTicks = closeTicks;
    this.#cashAtoms = terms.limits.budgetAtoms;
    this.#grains = terms.lentGrains;
  }

  /** Moments come one by one. */
  moveTo(moment: number): void {
    if (moment >= this.#nextMoment) this.#take(moment);
    // Before its first bar it stands where that opens.
    const priceTicks = (this.#closeTicks[moment] as number) || this.#openTicks;
    this.equity = (this.#cashAtoms + (this.#grains / GRAINS_PER_LOT) * priceTicks) * this.#perAtom;
    this.gross = (Math.abs(this.#grains) / GRAINS_PER_LOT) * priceTicks * this.#perAtom;
  }

  /** All that happened up to a moment. */
  #take(moment: number): void {
    const { fills, fillBars, funding, fundingBars } = this.#ledger;
    for (; (fillBars[this.#nextFill] ?? Number.POSITIVE_INFINITY) <= moment; this.#nextFill += 1) {
      const fill = fills[this.#nextFill]?.fill;
      if (fill === undefined) break;
      const direction = fill.side === 'buy' ? 1 : -1;
      this.#cashAtoms -= direction * fill.priceTicks * fill.sizeLots + fill.feeAtoms + fill.otherFeeAtoms;
      this.#grains += direction * fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
    }
    for (; (fundingBars[this.#nextFunding] ?? Number.POSITIVE_INFINITY) <= moment; this.#nextFunding += 1)
      this.#cashAtoms += funding[this.#nextFunding]?.amountAtoms ?? 0;
    this.isHeld = Math.abs(this.#grains) >= GRAINS_PER_LOT;
    this.#nextMoment = Math.min(fillBars[this.#nextFill] ?? Number.POSITIVE_INFINITY, fundingBars[this.#nextFunding] ?? Number.POSITIVE_INFINITY);
  }
}
