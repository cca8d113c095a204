/**
 * The loop of a backtest: history goes through the one engine and the one matching engine, bar by bar. A bar that
 * reaches no order, no watched price and no due time costs two comparisons; all others are walked along their path.
 *
 * The path of a bar is fixed by rule, since a bar does not tell it: the market jumps from the last close to the open
 * (resting orders fill at their own price, everything else at the open), then goes to the low first when the bar
 * closes at or above its open and to the high first otherwise, then to the other extreme, then to the close. Each of
 * the three legs takes a third of the bar's time, at even speed. A bar in which something that was bought before has both
 * its stop and its take profit by its user's rules goes to the low first, whatever its close: the worse is assumed.
 */
import { BarTimes } from '#core/bars/bar-times.ts';
import type { Bars } from '#core/bars/bars.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { BarClosed, RuleTurned } from '#core/events.ts';
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Matching } from '#core/matching/matching.ts';
import type { Order } from '#core/order.ts';
import type { BarFeed, BarPassed, TellBar } from './bar-feed.ts';
import { EngineDriver, type EngineDriverParts } from './engine-driver.ts';
import type { EquityCurve } from './equity-curve.ts';

export interface BarSimulationParts extends Omit<EngineDriverParts, 'beforeFill'> {
  readonly bars: Bars;
  readonly curve: EquityCurve;
  readonly feed: BarFeed;
  /** Bars before the first, told once the run has begun. */
  readonly warmUp: readonly (BarClosed | RuleTurned)[];
  readonly halfSpreadTicks: number;
  /** Share of a bar's volume that our orders may fill; `null` for no limit. */
  readonly volumeShare: number | null;
  /** Called at every point of the equity curve with the bars done; `false` ends the run there. */
  readonly onProgress: ((barsDone: number) => boolean) | null;
}

const NEVER = Number.POSITIVE_INFINITY;

export class BarSimulation {
  readonly #parts: BarSimulationParts;
  readonly #driver: EngineDriver;
  readonly #engine: Engine;
  readonly #matching: Matching<Order>;
  readonly #bars: Bars;
  readonly #times: BarTimes;
  readonly #curve: EquityCurve;
  readonly #half: number;
  /** An order in a queue is touched where another is not yet: one tick before the price goes through it. */
  readonly #queueTicks: 0 | 1;
  /** The bar in hand. */
  #index = 0;
  /** Bars whose equity has been followed, and between which prices those since then have closed. */
  #accounted = 0;
  #lowestClose = NEVER;
  #highestClose = -NEVER;
  #isCalledOff = false;

  constructor(parts: BarSimulationParts) {
    this.#parts = parts;
    this.#driver = new EngineDriver({ ...parts, beforeFill: () => this.#accountTo(this.#index) });
    this.#engine = parts.engine;
    this.#matching = parts.matching;
    this.#bars = parts.bars;
    this.#times = BarTimes.of(parts.bars);
    this.#curve = parts.curve;
    this.#half = parts.halfSpreadTicks;
    this.#queueTicks = parts.queue === null ? 0 : 1;
  }

  /** Bars that have been gone through. */
  get barsDone(): number {
    return this.#index;
  }

  /** Why the strategy or a stop ended the run; empty when it ran to the last bar. */
  get finishReason(): string {
    return this.#driver.finishReason;
  }

  run(): void {
    const { length } = this.#bars;
    this.#begin();
    const { feed } = this.#parts;
    const tell: TellBar = (bar) => this.#closeBar(bar);
    const wantsAll = this.#engine.setup.strategy.wants.quotes;
    while (this.#index < length && !this.#isOver()) {
      if (!wantsAll && feed.nextBar > this.#index) this.#skipQuiet(Math.min(feed.nextBar, length));
      if (this.#index >= length || this.#isOver()) break;
      feed.beforeBar(this.#index, tell);
      if (this.#isTouched(this.#index)) this.#walk(this.#index);
      else this.#matching.jump(this.#bars.closeTicks[this.#index] as number);
      feed.afterBar(this.#index, tell);
      this.#noteCloses(this.#bars.closeTicks[this.#index] as number, this.#bars.closeTicks[this.#index] as number);
      this.#index += 1;
      if (this.#index >= this.#curve.nextSample) this.#accountTo(this.#index);
    }
    this.#accountTo(this.#index);
    this.#curve.close(this.#index);
  }

  #isOver(): boolean {
    return this.#driver.isFinished || this.#isCalledOff;
  }

  #begin(): void {
    const open = this.#bars.openTicks[0] ?? 0;
    this.#driver.passTimeTo(this.#bars.startAt[0] ?? 0);
    this.#matching.quote(open - this.#half, open + this.#half);
    this.#driver.begin();
    for (const bar of this.#parts.warmUp) this.#driver.closeBar(bar);
  }

  /** Goes on to the next bar in which something happens, but not past `end`. */
  #skipQuiet(end: number): void {
    const { openTicks, lowTicks, highTicks, closeTicks, intervalMs } = this.#bars;
    const downAt = this.#downAt();
    const upAt = this.#upAt();
    const from = this.#index;
    const { nextDueAt } = this.#driver.agenda;
    const stop = nextDueAt === NEVER ? end : Math.min(end, this.#times.firstFrom(nextDueAt - intervalMs, from));
    let index = from;
    while (index < stop && !this.#isCalledOff) {
      const until = Math.min(stop, this.#curve.nextSample);
      // Prices are above zero and end somewhere: where nothing waits there is nothing to look at.
      if (downAt <= 0 && upAt === NEVER) index = until;
      // The open lies between low and high: it is read along, or each bar that is walked would wait for it.
      else
        while (index < until && (lowTicks[index] as number) > downAt && (highTicks[index] as number) < upAt && (openTicks[index] as number) > downAt)
          index += 1;
      this.#noteCloses(downAt, upAt);
      if (index >= this.#curve.nextSample) this.#accountTo(index);
      if (index < until) break;
    }
    this.#index = index;
    if (index > from) this.#matching.jump(closeTicks[index - 1] as number);
  }

  /** Bars have closed between these prices. */
  #noteCloses(lowTicks: number, highTicks: number): void {
    if (lowTicks < this.#lowestClose) this.#lowestClose = lowTicks;
    if (highTicks > this.#highestClose) this.#highestClose = highTicks;
  }

  /** Follows equity up to a bar with the holding of now: called before the holding changes, and where a sample is due. */
  #accountTo(done: number): void {
    if (done <= this.#accounted) return;
    const { position } = this.#engine.state;
    const flowAtoms = position.quoteAtoms - this.#driver.otherFeeAtoms;
    const lots = position.baseGrains / GRAINS_PER_LOT;
    this.#curve.follow(this.#bars.closeTicks, this.#accounted, done, flowAtoms, lots, this.#lowestClose, this.#highestClose);
    this.#accounted = done;
    this.#lowestClose = NEVER;
    this.#highestClose = -NEVER;
    if (this.#curve.takeSampled() && this.#parts.onProgress !== null && !this.#parts.onProgress(done)) this.#isCalledOff = true;
  }

  /** Bars whose low stays above this and whose high stays below {@link #upAt} change nothing. */
  #downAt(): number {
    return Math.max(this.#matching.nextDownTicks + this.#queueTicks, this.#watchedBelow());
  }

  #upAt(): number {
    return Math.min(this.#matching.nextUpTicks - this.#queueTicks, this.#watchedAbove());
  }

  #watchedBelow(): number {
    const ofRules = this.#engine.rules?.watched;
    return Math.max(this.#engine.state.watchBelowTicks, ofRules?.belowTicks ?? 0) + this.#half;
  }

  #watchedAbove(): number {
    const ofRules = this.#engine.rules?.watched;
    return Math.min((this.#engine.state.watchAboveTicks ?? NEVER) - this.#half, (ofRules?.aboveTicks ?? NEVER) + this.#half);
  }

  #isTouched(index: number): boolean {
    const { lowTicks, highTicks, intervalMs } = this.#bars;
    const { nextDueAt } = this.#driver.agenda;
    const downAt = this.#downAt();
    const upAt = this.#upAt();
    if (downAt > 0 && (lowTicks[index] as number) <= downAt) return true;
    if (upAt < NEVER && (highTicks[index] as number) >= upAt) return true;
    return this.#engine.setup.strategy.wants.quotes || (nextDueAt < NEVER && this.#times.opensAt(index) + intervalMs >= nextDueAt);
  }

  #walk(index: number): void {
    const { bars, volumeShare } = this.#parts;
    const startAt = this.#times.opensAt(index);
    const open = bars.openTicks[index] ?? 0;
    const close = bars.closeTicks[index] ?? 0;
    const low = bars.lowTicks[index] ?? 0;
    const high = bars.highTicks[index] ?? 0;
    const third = bars.intervalMs / 3;
    this.#driver.beginBar();
    this.#driver.passTimeTo(startAt);
    this.#matching.quote(open - this.#half, open + this.#half, volumeShare === null ? NEVER : Math.floor((bars.volumeLots[index] ?? 0) * volumeShare));
    while (this.#matching.settle()) this.#driver.deliver();
    this.#lookAround();
    const isRising = close >= open || this.#engine.rules?.hasBothExits(low - this.#half, high - this.#half) === true;
    this.#leg(isRising ? low : high, startAt, startAt + third);
    this.#tradeInQueue(index);
    this.#leg(isRising ? high : low, startAt + third, startAt + 2 * third);
    this.#tradeInQueue(index);
    this.#leg(close, startAt + 2 * third, startAt + bars.intervalMs);
    // What the next bar trades is not known before it opens.
    this.#matching.liquidityLots = NEVER;
  }

  /** At the turn of a bar others trade an even share of its volume at that price. */
  #tradeInQueue(index: number): void {
    const { bars, queue, volumeShare } = this.#parts;
    if (queue === null || this.#isOver()) return;
    const levels = (bars.highTicks[index] ?? 0) - (bars.lowTicks[index] ?? 0) + 1;
    if (this.#matching.print(Math.floor(((bars.volumeLots[index] ?? 0) * (volumeShare ?? 1)) / levels), queue)) this.#driver.deliver();
  }

  /** Moves the price from where it is to `target`, stopping at every order, watched price and due time on the way. */
  #leg(target: number, startAt: number, endAt: number): void {
    const driver = this.#driver;
    const from = this.#matching.priceTicks;
    const isDown = target <= from;
    // Most legs reach nothing.
    if (driver.agenda.nextDueAt >= endAt && driver.agenda.nextDueAt > driver.now && (isDown ? target > this.#downAt() : target < this.#upAt())) {
      this.#matching.jump(target);
      driver.passTimeTo(Math.floor(endAt));
      if (!this.#isOver()) this.#lookAround();
      return;
    }
    while (!this.#isOver()) {
      driver.guard();
      const { nextDueAt } = driver.agenda;
      if (nextDueAt <= driver.now) {
        driver.runDue();
        continue;
      }
      const at = this.#matching.priceTicks;
      const isDueOnLeg = nextDueAt < endAt;
      const dueStop = isDueOnLeg ? between(at, target, Math.round(from + ((target - from) * (nextDueAt - startAt)) / (endAt - startAt))) : target;
      const watched = isDown ? this.#watchedBelow() : this.#watchedAbove();
      const isWatchFirst = isDown ? watched < at && watched >= dueStop : watched > at && watched <= dueStop;
      if (this.#matching.advance(isWatchFirst ? watched : dueStop)) {
        this.#passTime(from, target, startAt, endAt);
        driver.deliver();
      } else if (isWatchFirst) {
        this.#passTime(from, target, startAt, endAt);
        driver.syncQuote();
        driver.deliver();
      } else if (isDueOnLeg) {
        driver.passTimeTo(nextDueAt);
      } else {
        break;
      }
    }
    driver.passTimeTo(Math.floor(endAt));
    if (!this.#isOver()) this.#lookAround();
  }

  /** The time at which a leg is where the price is now. */
  #passTime(from: number, target: number, startAt: number, endAt: number): void {
    const done = target === from ? 1 : (this.#matching.priceTicks - from) / (target - from);
    this.#driver.passTimeTo(Math.floor(startAt + (endAt - startAt) * done));
  }

  /** At a turn of the path: whoever watches this price, or every price, is told. */
  #lookAround(): void {
    if (!this.#engine.wantsQuote(this.#matching.bidTicks, this.#matching.askTicks)) return;
    this.#driver.syncQuote();
    this.#driver.deliver();
  }

  #closeBar(bar: BarClosed | RuleTurned | BarPassed): void {
    if (this.#isOver()) return;
    this.#driver.passTimeTo(bar.at);
    this.#driver.closeBar(bar);
  }
}

/** `value`, but neither before `from` nor past `to` on the way from one to the other. */
function between(from: number, to: number, value: number): number {
  return from <= to ? Math.min(to, Math.max(from, value)) : Math.max(to, Math.min(from, value));
}
