/**
 * Equity of a run at the close of every bar: its deepest drawdown exactly, and a curve and daily values at samples.
 */
import { BarTimes } from '#core/bars/bar-times.ts';
import type { Bars } from '#core/bars/bars.ts';
import type { Drawdown } from '#core/performance.ts';

const DAY_MS = 86_400_000;

/** Points of the curve at most. */
export const MAX_CURVE_POINTS = 500;

export interface EquityPointTicks {
  /** Closing time of the bar. */
  readonly at: number;
  /** Equity in atoms. */
  readonly equity: number;
  readonly priceTicks: number;
}

export class EquityCurve {
  readonly points: EquityPointTicks[] = [];
  /** Equity at the last close of every UTC day, in atoms; the capital before the first. */
  readonly daily: number[];
  /** Bars done at the next sample: {@link follow} must not be asked to go past it. */
  nextSample: number;
  readonly #bars: Bars;
  readonly #times: BarTimes;
  readonly #cash: number;
  readonly #stride: number;
  #nextPoint: number;
  #nextDay: number;
  #peak: number;
  /** Only equity below this deepens the drawdown. */
  #floor: number;
  #worstShare = 0;
  #worstAmount = 0;
  #equity: number;
  #isSampled = false;

  /** `cashAtoms` is the quote the run begins with, `capitalAtoms` all it begins with at its value then. */
  constructor(bars: Bars, cashAtoms: number, capitalAtoms: number) {
    this.#bars = bars;
    this.#times = BarTimes.of(bars);
    this.#cash = cashAtoms;
    this.#peak = capitalAtoms;
    this.#floor = capitalAtoms;
    this.#equity = capitalAtoms;
    this.#stride = Math.max(1, Math.ceil(bars.length / MAX_CURVE_POINTS));
    this.#nextPoint = this.#stride;
    this.#nextDay = this.#endOfDay(0);
    this.nextSample = Math.min(this.#nextPoint, this.#nextDay);
    this.daily = [capitalAtoms];
  }

  get equityAtoms(): number {
    return this.#equity;
  }

  get drawdown(): Drawdown {
    return { share: this.#worstShare, amount: this.#worstAmount };
  }

  /** Whether a sample was taken since the last call. */
  takeSampled(): boolean {
    const isSampled = this.#isSampled;
    this.#isSampled = false;
    return isSampled;
  }

  /**
   * Follows the closes of the bars from `from` to `to` (exclusive), over which the net cash flow so far and the base held stay the same.
   * `lowTicks` and `highTicks` are prices between which all of them lie, as far as that is known.
   */
  follow(
    closeTicks: Float64Array,
    from: number,
    to: number,
    flowAtoms: number,
    baseLots: number,
    lowTicks = Number.NEGATIVE_INFINITY,
    highTicks = Number.POSITIVE_INFINITY,
  ): void {
    if (to <= from) return;
    const cash = this.#cash + flowAtoms;
    const isLong = baseLots > 0;
    const least = cash + baseLots * (isLong ? lowTicks : highTicks);
    const most = cash + baseLots * (isLong ? highTicks : lowTicks);
    // Where no price in between is a new peak or a deeper fall none is looked at. Without base one close is like the other.
    const end = least >= this.#floor && most <= this.#peak ? from : baseLots === 0 ? from + 1 : to;
    for (let index = from; index < end; index += 1) {
      index = firstOutside(closeTicks, index, end, cash, baseLots, this.#peak, this.#floor);
      if (index < end) this.#mark(cash + baseLots * (closeTicks[index] as number));
    }
    this.#equity = cash + baseLots * (closeTicks[to - 1] as number);
    if (to >= this.nextSample) this.#sample(to);
  }

  /** Equity stands above its peak or deepens the drawdown. */
  #mark(equity: number): void {
    if (equity > this.#peak) {
      this.#peak = equity;
      this.#floor = equity * (1 - this.#worstShare);
      return;
    }
    const fall = this.#peak - equity;
    this.#worstShare = this.#peak > 0 ? fall / this.#peak : 0;
    this.#worstAmount = fall;
    this.#floor = this.#peak > 0 ? equity : Number.NEGATIVE_INFINITY;
  }

  /** Adds the last point. */
  close(barsDone: number): void {
    const last = this.points.at(-1);
    const at = this.#closingTime(barsDone - 1);
    if (barsDone > 0 && last?.at !== at) this.points.push({ at, equity: this.#equity, priceTicks: this.#bars.closeTicks[barsDone - 1] ?? 0 });
  }

  #sample(done: number): void {
    if (done >= this.#nextPoint) {
      this.points.push({ at: this.#closingTime(done - 1), equity: this.#equity, priceTicks: this.#bars.closeTicks[done - 1] ?? 0 });
      this.#nextPoint += this.#stride;
    }
    if (done >= this.#nextDay) {
      this.daily.push(this.#equity);
      this.#nextDay = this.#endOfDay(done);
    }
    this.nextSample = Math.min(this.#nextPoint, this.#nextDay);
    this.#isSampled = true;
  }

  #closingTime(index: number): number {
    return index < 0 ? this.#bars.intervalMs : this.#times.opensAt(index) + this.#bars.intervalMs;
  }

  /** Bars done when the day of the bar at `index` is over. */
  #endOfDay(index: number): number {
    if (index >= this.#bars.length) return Number.POSITIVE_INFINITY;
    const nextDayAt = (Math.floor(this.#times.opensAt(index) / DAY_MS) + 1) * DAY_MS;
    return this.#times.firstFrom(nextDayAt, index + 1);
  }
}

/** The first bar from `from` on at whose close equity lies outside of two lines; `to` where there is none. Two comparisons a bar, and nothing else. */
function firstOutside(closeTicks: Float64Array, from: number, to: number, cash: number, lots: number, above: number, below: number): number {
  let index = from;
  for (; index < to; index += 1) {
    const equity = cash + lots * (closeTicks[index] as number);
    if (equity > above || equity < below) break;
  }
  return index;
}
