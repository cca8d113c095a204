/**
 * The loop of a backtest over several instruments: their histories go through the one engine and the simulated exchange, moment by
 * moment. Within a bar every instrument goes its path in the same three thirds (as in ../bar-simulation.ts: to the near extreme, to the
 * other, to the close) and all are moved before the strategy looks, so that no distance between them is seen that only the sequence of
 * moving has made. What came first within a third is not known.
 *
 * Thirds in which no price that somebody waits for is reached, no two prices are as far apart as the strategy waits for and nothing is
 * due are passed over. Before anything else happens the exchange and the engine are brought to the last of them.
 */
import { firstBarAt } from '#core/bars/bars.ts';
import type { ExchangeDriver } from '../exchange-driver.ts';
import { nextRestless, priceAt } from './quiet-moments.ts';
import { begins, endOf, isWordDue, longestAt, type Timeline, type TimelineLeg } from './timeline.ts';
import { Waiting } from './waiting.ts';

/** The close is a third as well. */
const LAST_THIRD = 3;

export interface LegsSimulationParts {
  readonly driver: ExchangeDriver;
  readonly timeline: Timeline;
  readonly halfSpreadTicks: number;
  readonly onProgress: (momentsDone: number) => void;
}

export class LegsSimulation {
  /** Moments that have been gone through. */
  momentsDone = 0;
  readonly #driver: ExchangeDriver;
  readonly #timeline: Timeline;
  readonly #symbols: readonly string[];
  readonly #waiting: Waiting;
  readonly #onProgress: LegsSimulationParts['onProgress'];
  /** The first moment of those that were passed over since all prices were told, and the last with its third; -1 where none was. */
  #passedFrom = -1;
  #passedTo = 0;
  #passedThird = 0;

  constructor({ driver, timeline, halfSpreadTicks, onProgress }: LegsSimulationParts) {
    this.#driver = driver;
    this.#timeline = timeline;
    this.#symbols = driver.engine.legs.all.map(({ symbol }) => symbol);
    this.#waiting = new Waiting(driver, halfSpreadTicks);
    this.#onProgress = onProgress;
  }

  /** When the last moment was over; before the first when that begins. */
  get endedAt(): number {
    return endOf(this.#timeline, this.momentsDone);
  }

  run(): void {
    const { length, startAt } = this.#timeline;
    this.#driver.now = startAt[0] ?? 0;
    while (this.momentsDone < length && this.#driver.finishReason === null) {
      this.#passQuiet();
      if (this.momentsDone < length) this.#goThrough();
    }
    this.#catchUp();
  }

  #goThrough(): void {
    const { startAt } = this.#timeline;
    const driver = this.#driver;
    const waiting = this.#waiting;
    const moment = this.momentsDone;
    const beginsAt = startAt[moment] as number;
    const longest = longestAt(this.#timeline, moment);
    for (let third = 0; third <= LAST_THIRD && driver.finishReason === null; third += 1) {
      const at = timeAt(beginsAt, third, longest);
      if (driver.nextTimerAt <= at) {
        this.#catchUp();
        driver.passTo(at);
        waiting.look();
      }
      if (waiting.isQuiet(this.#timeline, moment, third, at)) this.#pass(moment, moment, third);
      else this.#move(moment, third, at);
    }
    this.#isDone(moment + 1);
  }

  /** Everybody hears of a third. */
  #move(moment: number, third: number, at: number): void {
    const { legs } = this.#timeline;
    const driver = this.#driver;
    this.#catchUp();
    driver.passTo(at);
    for (let leg = 0; leg < legs.length; leg += 1) {
      const prices = legs[leg] as TimelineLeg;
      if (begins(prices, moment)) driver.exchange.movePrice(this.#symbols[leg] as string, priceAt(prices, moment, third), driver.now);
    }
    driver.sync();
    if (moment === 0 && third === 0) driver.tell({ type: 'runStarted', at: driver.now, epoch: 1 });
    this.#waiting.look();
  }

  /** Goes on to the next moment in which something may happen. */
  #passQuiet(): void {
    const { startAt, length, intervalMs } = this.#timeline;
    const { mayPass, dueAt, ranges, spread } = this.#waiting;
    const from = this.momentsDone;
    if (!mayPass || intervalMs === null) return;
    const lastThirdMs = timeAt(0, LAST_THIRD, intervalMs);
    if ((startAt[from] as number) + lastThirdMs >= dueAt) return;
    const end = dueAt === Number.POSITIVE_INFINITY ? length : firstBarAt(this.#timeline, dueAt - lastThirdMs, from);
    const stop = nextRestless(this.#timeline, from, end, ranges, spread);
    if (stop === from) return;
    this.#pass(from, stop - 1, LAST_THIRD);
    this.#isDone(stop);
  }

  #pass(from: number, to: number, third: number): void {
    if (this.#passedFrom < 0) this.#passedFrom = from;
    this.#passedTo = to;
    this.#passedThird = third;
  }

  /** Brings all prices to the end of what was passed over; an instrument of which no bar began there stands where it stood. */
  #catchUp(): void {
    const { startAt, legs, intervalMs } = this.#timeline;
    const driver = this.#driver;
    const from = this.#passedFrom;
    const to = this.#passedTo;
    if (from < 0) return;
    this.#passedFrom = -1;
    for (let leg = 0; leg < legs.length; leg += 1) {
      const prices = legs[leg] as TimelineLeg;
      let moment = to;
      while (moment >= from && !begins(prices, moment)) moment -= 1;
      if (moment < from) continue;
      const third = moment === to ? this.#passedThird : LAST_THIRD;
      const at = timeAt(startAt[moment] as number, third, intervalMs ?? 0);
      driver.exchange.movePrice(this.#symbols[leg] as string, priceAt(prices, moment, third), at);
    }
    driver.passTo(timeAt(startAt[to] as number, this.#passedThird, intervalMs ?? 0));
    driver.sync();
  }

  #isDone(moments: number): void {
    const before = this.momentsDone;
    this.momentsDone = moments;
    if (isWordDue(before, moments)) this.#onProgress(moments);
  }
}

/** When a third of a moment begins. The next bar opens when this one closes. */
function timeAt(startAt: number, third: number, intervalMs: number): number {
  return startAt + Math.floor((Math.min(third, 2.999) * intervalMs) / LAST_THIRD);
}
