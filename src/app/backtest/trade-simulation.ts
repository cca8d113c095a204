/**
 * The loop of a backtest over trades: each trade that was moves the price to where it happened, and nothing is assumed in between.
 * Orders that the price jumps over fill at their own price, everything else at the price of the trade.
 */
import type { Bars } from '#core/bars/bars.ts';
import type { BarClosed, RuleTurned } from '#core/events.ts';
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Matching } from '#core/matching/matching.ts';
import type { Order } from '#core/order.ts';
import type { BarPassed, TellBar } from './bar-feed.ts';
import type { BarSimulationParts } from './bar-simulation.ts';
import { EngineDriver } from './engine-driver.ts';
import type { TradeHistory } from './trade-history.ts';

export interface TradeSimulationParts extends BarSimulationParts {
  readonly trades: TradeHistory;
  /** Index of the first trade of each bar; one more stands for the end. */
  readonly firstTrades: Uint32Array;
}

export class TradeSimulation {
  readonly #parts: TradeSimulationParts;
  readonly #driver: EngineDriver;
  readonly #matching: Matching<Order>;
  readonly #bars: Bars;
  #index = 0;
  #accounted = 0;
  #isCalledOff = false;

  constructor(parts: TradeSimulationParts) {
    this.#parts = parts;
    this.#driver = new EngineDriver({ ...parts, beforeFill: () => this.#accountTo(this.#index) });
    this.#matching = parts.matching;
    this.#bars = parts.bars;
  }

  /** Bars that have been gone through. */
  get barsDone(): number {
    return this.#index;
  }

  /** Why the strategy or a stop ended the run; empty when it ran to the last trade. */
  get finishReason(): string {
    return this.#driver.finishReason;
  }

  run(): void {
    const { feed, curve } = this.#parts;
    const tell: TellBar = (bar) => this.#closeBar(bar);
    this.#begin();
    for (; this.#index < this.#bars.length && !this.#isOver(); this.#index += 1) {
      if (this.#index >= curve.nextSample) this.#accountTo(this.#index);
      feed.beforeBar(this.#index, tell);
      this.#tradeBar(this.#index);
      feed.afterBar(this.#index, tell);
    }
    this.#accountTo(this.#index);
    curve.close(this.#index);
  }

  #isOver(): boolean {
    return this.#driver.isFinished || this.#isCalledOff;
  }

  #begin(): void {
    this.#driver.passTimeTo(this.#parts.trades.at[0] ?? 0);
    this.#quote(this.#bars.openTicks[0] ?? 0, Number.POSITIVE_INFINITY);
    this.#driver.begin();
    for (const bar of this.#parts.warmUp) this.#driver.closeBar(bar);
  }

  #tradeBar(index: number): void {
    const { trades, firstTrades } = this.#parts;
    this.#driver.beginBar();
    const end = firstTrades[index + 1] ?? trades.length;
    for (let trade = firstTrades[index] ?? 0; trade < end && !this.#isOver(); trade += 1) {
      this.#passTimeTo(trades.at[trade] ?? 0);
      if (!this.#isOver()) this.#trade(trades.priceTicks[trade] ?? 0, trades.sizeLots[trade] ?? 0);
    }
  }

  #trade(priceTicks: number, sizeLots: number): void {
    const { volumeShare, queue, engine } = this.#parts;
    const driver = this.#driver;
    this.#quote(priceTicks, volumeShare === null ? Number.POSITIVE_INFINITY : Math.floor(sizeLots * volumeShare));
    while (!this.#isOver() && this.#matching.settle()) driver.deliver();
    if (queue !== null && !this.#isOver() && this.#matching.print(Math.floor(sizeLots * (volumeShare ?? 1)), queue)) driver.deliver();
    if (!this.#isOver() && engine.wantsQuote(this.#matching.bidTicks, this.#matching.askTicks)) {
      driver.syncQuote();
      driver.deliver();
    }
    // What the next trade takes is not known before it happens.
    this.#matching.liquidityLots = Number.POSITIVE_INFINITY;
  }

  #quote(priceTicks: number, liquidityLots: number): void {
    const half = this.#parts.halfSpreadTicks;
    this.#matching.quote(priceTicks - half, priceTicks + half, liquidityLots);
  }

  /** Timers, requests on their way and funding, each at its time. */
  #passTimeTo(at: number): void {
    const driver = this.#driver;
    while (!this.#isOver() && driver.agenda.nextDueAt <= at) {
      driver.passTimeTo(driver.agenda.nextDueAt);
      driver.guard();
      driver.runDue();
    }
    driver.passTimeTo(at);
  }

  #closeBar(bar: BarClosed | RuleTurned | BarPassed): void {
    this.#passTimeTo(bar.at);
    if (!this.#isOver()) this.#driver.closeBar(bar);
  }

  /** Follows equity up to a bar with the holding of now. */
  #accountTo(done: number): void {
    if (done <= this.#accounted) return;
    const { curve, engine, onProgress } = this.#parts;
    const { position } = engine.state;
    // Samples of the curve are taken one at a time.
    while (this.#accounted < done) {
      const to = Math.min(done, Math.max(this.#accounted + 1, curve.nextSample));
      curve.follow(this.#bars.closeTicks, this.#accounted, to, position.quoteAtoms - this.#driver.otherFeeAtoms, position.baseGrains / GRAINS_PER_LOT);
      this.#accounted = to;
      if (curve.takeSampled() && onProgress !== null && !onProgress(to)) this.#isCalledOff = true;
    }
  }
}
