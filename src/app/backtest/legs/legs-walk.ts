/**
 * The loop of a backtest over several instruments in which every price is told: for strategies that hear of every bar or quote, and for
 * rules of their users that wait for prices within a bar. Otherwise as legs-simulation.ts, whose results are the same. Prices of the first
 * instrument that its user's rules wait for are come to one after the other: there all stop.
 */
import type { ExchangeDriver } from '../exchange-driver.ts';
import type { LegBars } from './leg-bars.ts';
import { priceAt } from './quiet-moments.ts';
import { begins, endOf, isWordDue, longestAt, type Timeline, type TimelineLeg } from './timeline.ts';

export interface LegsWalkParts {
  readonly driver: ExchangeDriver;
  readonly timeline: Timeline;
  /** `null` for a strategy that wants no bars. */
  readonly legBars: LegBars | null;
  readonly halfSpreadTicks: number;
  readonly onProgress: (momentsDone: number) => void;
}

/** Open, the extreme that comes first, the other, and the close. */
type Path = readonly [number, number, number, number];

/** An instrument whose bar begins. */
interface OpenBar {
  readonly leg: number;
  readonly symbol: string;
  path: Path;
}

export class LegsWalk {
  /** Moments that have been gone through. */
  momentsDone = 0;
  readonly #parts: LegsWalkParts;

  constructor(parts: LegsWalkParts) {
    this.#parts = parts;
  }

  /** When the last moment was over; before the first when that begins. */
  get endedAt(): number {
    return endOf(this.#parts.timeline, this.momentsDone);
  }

  run(): void {
    const { driver, timeline, onProgress } = this.#parts;
    driver.now = timeline.startAt[0] ?? 0;
    while (this.momentsDone < timeline.length && driver.finishReason === null) {
      this.#goThrough(this.momentsDone);
      this.momentsDone += 1;
      if (isWordDue(this.momentsDone - 1, this.momentsDone)) onProgress(this.momentsDone);
    }
  }

  #goThrough(moment: number): void {
    const { driver, timeline, legBars } = this.#parts;
    const startAt = timeline.startAt[moment] as number;
    const lengthMs = longestAt(timeline, moment);
    const open = this.#openAt(moment);
    driver.passTo(startAt);
    for (const { leg } of open) legBars?.beforeBar(leg);
    for (const { symbol, path } of open) driver.exchange.movePrice(symbol, path[0], driver.now);
    driver.sync();
    if (moment === 0) driver.tell({ type: 'runStarted', at: driver.now, epoch: 1 });
    legBars?.begin();
    this.#assumeTheWorse(open);
    for (const third of [1, 2, 3] as const) {
      this.#moveAlong(open, third, (share) => startAt + Math.floor((Math.min(third - 1 + share, 2.999) * lengthMs) / 3));
      legBars?.begin();
    }
    if (legBars === null || driver.finishReason !== null) return;
    // The next bar opens when this one closes.
    driver.passTo(startAt + lengthMs);
    for (const { leg } of open) legBars.afterBar(leg);
  }

  #openAt(moment: number): readonly OpenBar[] {
    const { driver, timeline } = this.#parts;
    return driver.engine.legs.all.flatMap(({ symbol }, leg): OpenBar[] => {
      const prices = timeline.legs[leg] as TimelineLeg;
      const price = (third: number): number => priceAt(prices, moment, third);
      return begins(prices, moment) ? [{ leg, symbol, path: [price(0), price(1), price(2), price(3)] }] : [];
    });
  }

  /** What was bought before, with its stop and its take profit by rule in one bar, meets its stop first. */
  #assumeTheWorse(open: readonly OpenBar[]): void {
    const { driver, halfSpreadTicks } = this.#parts;
    const first = open.find(({ leg }) => leg === 0);
    if (first === undefined) return;
    const [begin, one, other, close] = first.path;
    const [low, high] = [Math.min(one, other), Math.max(one, other)];
    if (driver.engine.rules?.hasBothExits(low - halfSpreadTicks, high - halfSpreadTicks) === true) first.path = [begin, low, high, close];
  }

  /** To the next turn of all paths. */
  #moveAlong(open: readonly OpenBar[], third: 1 | 2 | 3, timeAt: (share: number) => number): void {
    const { driver } = this.#parts;
    for (let done: number | null = 0; done !== null && driver.finishReason === null; ) {
      const stop = this.#shareToWatched(open, third, done);
      const share = stop ?? 1;
      driver.passTo(timeAt(share));
      for (const { symbol, path } of open) driver.exchange.movePrice(symbol, at(path, third, share), driver.now);
      driver.sync();
      done = stop;
    }
  }

  /** How much of the third the first instrument has gone when it comes to a price that a rule waits for; `null` where none is on its way. */
  #shareToWatched(open: readonly OpenBar[], third: 1 | 2 | 3, done: number): number | null {
    const { driver, halfSpreadTicks } = this.#parts;
    const bids = driver.engine.rules?.watched;
    const path = open.find(({ leg }) => leg === 0)?.path;
    if (bids === undefined || path === undefined) return null;
    const [from, target, present] = [path[third - 1] ?? 0, path[third], at(path, third, done)];
    const watched = (target < from ? bids.belowTicks : bids.aboveTicks) + halfSpreadTicks;
    const isOnTheWay = target < from ? watched < present && watched > target : watched > present && watched < target;
    return isOnTheWay ? (watched - from) / (target - from) : null;
  }
}

function at(path: Path, third: 1 | 2 | 3, share: number): number {
  const from = path[third - 1] ?? 0;
  return Math.round(from + (path[third] - from) * share);
}
