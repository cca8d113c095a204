/**
 * The loop of a backtest over several instruments: their histories go through the one engine and the simulated exchange, moment by
 * moment. Within a bar every instrument goes its path in the same three thirds (as in ../bar-simulation.ts: to the near extreme, to the
 * other, to the close) and all are moved before the strategy looks, so that no distance between them is seen that only the sequence of
 * moving has made. What came first within a third is not known.
 *
 * Moments in which no price that somebody waits for is reached, no two prices are as far apart as the strategy waits for and nothing is
 * due are passed over: the engine is told the last price of each instrument when something happens next.
 */
import { firstBarAt } from '#core/bars/bars.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { ExchangeDriver } from '../exchange-driver.ts';
import { nextRestless, type PriceRange, priceAt, type WatchedSpread } from './quiet-moments.ts';
import { begins, longestAt, type Timeline } from './timeline.ts';

/** Moments between two words of how far it is. */
const TELL_EVERY = 1_000;

export interface LegsSimulationParts {
  readonly driver: ExchangeDriver;
  readonly timeline: Timeline;
  readonly halfSpreadTicks: number;
  /** Every moment is gone through. */
  readonly isStepped: boolean;
  readonly onProgress: (momentsDone: number) => void;
}

export class LegsSimulation {
  /** Moments that have been gone through. */
  momentsDone = 0;
  /** When the last of them was over; before the first when it begins. */
  endedAt: number;
  readonly #parts: LegsSimulationParts;
  readonly #driver: ExchangeDriver;
  readonly #timeline: Timeline;
  readonly #symbols: readonly string[];
  readonly #ranges: readonly PriceRange[];
  readonly #mayPass: boolean;

  constructor(parts: LegsSimulationParts) {
    const { driver, timeline, isStepped } = parts;
    this.#parts = parts;
    this.#driver = driver;
    this.#timeline = timeline;
    this.#symbols = driver.engine.legs.all.map(({ symbol }) => symbol);
    this.#ranges = this.#symbols.map(() => ({ downTicks: 0, upTicks: Number.POSITIVE_INFINITY }));
    this.#mayPass = !isStepped && timeline.intervalMs !== null && !driver.engine.setup.strategy.wants.quotes;
    this.endedAt = timeline.startAt[0] ?? 0;
  }

  run(): void {
    const { length, startAt } = this.#timeline;
    this.#driver.now = startAt[0] ?? 0;
    while (this.momentsDone < length && this.#driver.finishReason === null) {
      this.#passQuiet();
      if (this.momentsDone < length) this.#step();
    }
  }

  get #engine(): Engine {
    return this.#driver.engine;
  }

  #step(): void {
    const { startAt, legs } = this.#timeline;
    const driver = this.#driver;
    const moment = this.momentsDone;
    const beginsAt = startAt[moment] as number;
    const longest = longestAt(this.#timeline, moment);
    for (let third = 0; third <= 3 && driver.finishReason === null; third += 1) {
      driver.passTo(timeAt(beginsAt, third, longest));
      for (const [leg, prices] of legs.entries())
        if (begins(prices, moment)) driver.exchange.movePrice(this.#symbols[leg] as string, priceAt(prices, moment, third), driver.now);
      driver.sync();
      if (moment === 0 && third === 0) driver.tell({ type: 'runStarted', at: driver.now, epoch: 1 });
    }
    this.#isDone(moment + 1);
  }

  /** Goes on to the next moment in which something may happen. */
  #passQuiet(): void {
    const from = this.momentsDone;
    const end = this.#nextDue();
    if (end <= from || !this.#findRanges()) return;
    const stop = nextRestless(this.#timeline, from, end, this.#ranges, this.#watchedSpread());
    if (stop === from) return;
    this.#jumpTo(stop - 1, from);
    this.#isDone(stop);
  }

  /** The first moment in which something is due by the clock; the one in hand where nothing may be passed over. */
  #nextDue(): number {
    const { startAt, length, intervalMs } = this.#timeline;
    const { phase } = this.#engine.state;
    if (!this.#mayPass || phase !== 'running' || intervalMs === null) return this.momentsDone;
    let dueAt = this.#driver.nextTimerAt;
    for (const symbol of this.#symbols) dueAt = Math.min(dueAt, this.#driver.exchange.waits(symbol).dueAt);
    if (dueAt === Number.POSITIVE_INFINITY) return length;
    const lastThirdMs = timeAt(0, 3, intervalMs);
    if ((startAt[this.momentsDone] as number) + lastThirdMs >= dueAt) return this.momentsDone;
    return firstBarAt(this.#timeline, dueAt - lastThirdMs, this.momentsDone);
  }

  /** Between which prices nothing happens; `false` where one that is waited for stands now: then every change counts. */
  #findRanges(): boolean {
    const { halfSpreadTicks: half } = this.#parts;
    const { legs } = this.#engine;
    if (legs.isSpreadReached()) return false;
    for (const [index, { state, symbol }] of legs.all.entries()) {
      const { downTicks, upTicks } = this.#driver.exchange.waits(symbol);
      const range = this.#ranges[index] as PriceRange;
      range.downTicks = Math.max(downTicks, state.watchBelowTicks + half);
      range.upTicks = Math.min(upTicks, (state.watchAboveTicks ?? Number.POSITIVE_INFINITY) - half);
      const ticks = state.bidTicks + half;
      if (ticks <= range.downTicks || ticks >= range.upTicks) return false;
    }
    return true;
  }

  #watchedSpread(): WatchedSpread | null {
    const { legs, state } = this.#engine;
    const watch = state.spreadWatch;
    if (watch === undefined) return null;
    const placeOf = (name: string) => legs.all.indexOf(legs.of(name));
    return { long: placeOf(watch.long), short: placeOf(watch.short), above: watch.above, below: watch.below, halfTicks: this.#parts.halfSpreadTicks };
  }

  /** Brings all prices to the end of a moment; what begins no bar from `from` on stands where it stood. */
  #jumpTo(last: number, from: number): void {
    const { startAt, legs, intervalMs } = this.#timeline;
    const driver = this.#driver;
    for (const [leg, prices] of legs.entries()) {
      let moment = last;
      while (moment >= from && !begins(prices, moment)) moment -= 1;
      if (moment < from) continue;
      const at = timeAt(startAt[moment] as number, 3, intervalMs ?? 0);
      driver.exchange.movePrice(this.#symbols[leg] as string, prices.closeTicks[moment] as number, at);
    }
    driver.passTo(timeAt(startAt[last] as number, 3, intervalMs ?? 0));
    driver.sync();
  }

  #isDone(moments: number): void {
    const before = this.momentsDone;
    this.momentsDone = moments;
    this.endedAt = (this.#timeline.startAt[moments - 1] as number) + longestAt(this.#timeline, moments - 1);
    if (Math.floor(moments / TELL_EVERY) > Math.floor(before / TELL_EVERY)) this.#parts.onProgress(moments);
  }
}

/** When a third of a moment begins. The next bar opens when this one closes. */
function timeAt(startAt: number, third: number, intervalMs: number): number {
  return startAt + Math.floor((Math.min(third, 2.999) * intervalMs) / 3);
}
