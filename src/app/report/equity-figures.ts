/**
 * Follows a run's equity value by value and keeps what a report tells of it: falls, days, months, exposure, time in the market, and
 * a curve thin enough to draw that still shows the deepest fall of each stretch.
 */
import { Falls } from './falls.ts';

const DAY_MS = 86_400_000;

/** Points of a curve at most, whatever the length of the run. */
export const MAX_REPORT_POINTS = 600;

export interface CurvePoint {
  readonly at: number;
  readonly equityAtoms: number;
  readonly priceTicks: number;
  /** The deepest fall from the peak since the point before, as a share. */
  readonly drawdown: number;
}

export interface MonthFigures {
  /** Such as `2026-01`, in UTC. */
  readonly month: string;
  readonly profitAtoms: number;
  /** Of the equity at its beginning; `null` where that was not above zero. */
  readonly share: number | null;
}

export class EquityFigures {
  readonly points: CurvePoint[] = [];
  readonly months: MonthFigures[] = [];
  /** Equity at the end of each UTC day, the capital before the first. */
  readonly daily: number[];
  readonly falls: Falls;
  readonly #startsAt: number;
  readonly #pointMs: number;
  #at: number;
  #equity: number;
  #priceTicks = 0;
  #pointAt: number;
  #pointDrawdown = 0;
  #dayEndsAt: number;
  #monthEndsAt: number;
  #monthAt: number;
  #monthEquity: number;
  #inMarketMs = 0;
  #exposureMs = 0;

  constructor(capitalAtoms: number, startsAt: number, endsAt: number) {
    this.falls = new Falls(capitalAtoms, startsAt);
    this.daily = [capitalAtoms];
    this.#startsAt = startsAt;
    this.#pointMs = Math.max(1, (endsAt - startsAt) / MAX_REPORT_POINTS);
    this.#at = startsAt;
    this.#equity = capitalAtoms;
    this.#pointAt = startsAt + this.#pointMs;
    this.#dayEndsAt = endOfDay(startsAt);
    this.#monthEndsAt = endOfMonth(startsAt);
    this.#monthAt = startsAt;
    this.#monthEquity = capitalAtoms;
  }

  /** Share of the time at whose end a lot or more was held. */
  get timeInMarket(): number {
    return this.#at > this.#startsAt ? this.#inMarketMs / (this.#at - this.#startsAt) : 0;
  }

  /** Value of what was held as a share of equity, averaged over time. */
  get exposure(): number {
    return this.#at > this.#startsAt ? this.#exposureMs / (this.#at - this.#startsAt) : 0;
  }

  /** The value at the end of a span that begins with the value before. Values come in sequence; lots are negative for a short. */
  add(at: number, equityAtoms: number, priceTicks: number, heldLots: number): void {
    // A day or month that ended in a gap ended with the value before it.
    if (at > this.#dayEndsAt) this.#closeDay(at - 1);
    if (at > this.#monthEndsAt) this.#closeMonth(at - 1);
    const size = Math.abs(heldLots);
    if (size >= 1) {
      this.#inMarketMs += at - this.#at;
      if (equityAtoms > 0) this.#exposureMs += (at - this.#at) * ((size * priceTicks) / equityAtoms);
    }
    this.#at = at;
    this.#equity = equityAtoms;
    this.#priceTicks = priceTicks;
    this.falls.follow(equityAtoms, at);
    if (this.falls.share > this.#pointDrawdown) this.#pointDrawdown = this.falls.share;
    if (at === this.#dayEndsAt) this.#closeDay(at);
    if (at === this.#monthEndsAt) this.#closeMonth(at);
    if (at >= this.#pointAt) this.#addPoint();
  }

  /** Closes the day and month under way, and the curve. */
  end(): void {
    if (this.#at > this.#dayEndsAt - DAY_MS) this.#closeDay(this.#at);
    if (this.#at > this.#monthAt) this.#closeMonth(this.#at);
    if (this.points.at(-1)?.at !== this.#at) this.#addPoint();
  }

  #addPoint(): void {
    this.points.push({ at: this.#at, equityAtoms: this.#equity, priceTicks: this.#priceTicks, drawdown: this.#pointDrawdown });
    this.#pointDrawdown = 0;
    while (this.#pointAt <= this.#at) this.#pointAt += this.#pointMs;
  }

  #closeDay(nextAt: number): void {
    this.daily.push(this.#equity);
    this.#dayEndsAt = endOfDay(nextAt);
  }

  #closeMonth(nextAt: number): void {
    const profitAtoms = this.#equity - this.#monthEquity;
    const month = new Date(this.#monthAt).toISOString().slice(0, 7);
    this.months.push({ month, profitAtoms, share: this.#monthEquity > 0 ? profitAtoms / this.#monthEquity : null });
    this.#monthAt = nextAt;
    this.#monthEquity = this.#equity;
    this.#monthEndsAt = endOfMonth(nextAt);
  }
}

function endOfDay(at: number): number {
  return (Math.floor(at / DAY_MS) + 1) * DAY_MS;
}

/** The beginning of the month after the one that a time is in. */
function endOfMonth(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
