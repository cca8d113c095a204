/**
 * Where a simulated market's prices come from: a seeded random walk inside a band, moves made by hand, and the candles
 * and daily figures that follow from both.
 */
import type { Random } from './_random.ts';

export interface WalkOptions {
  /** Largest step, as a share of the price. */
  readonly stepShare: number;
  /** How far the walk may go from where it started, as a share of that price; it is pushed back at the edges. */
  readonly bandShare: number;
  readonly spreadTicks: number;
  /** Lots behind each quote, drawn between the two; `null`: more than anyone asks for. */
  readonly liquidityLots: readonly [number, number] | null;
}

export const DEFAULT_WALK: WalkOptions = { stepShare: 0.001, bandShare: 0.05, spreadTicks: 2, liquidityLots: null };

/** Open time, then prices in ticks and volume in lots. */
export interface Candle {
  readonly openAt: number;
  open: number;
  high: number;
  low: number;
  close: number;
  lots: number;
  trades: number;
}

export interface MarketQuote {
  readonly bidTicks: number;
  readonly askTicks: number;
  readonly liquidityLots: number;
}

const MINUTE_MS = 60_000;
const MAX_CANDLES = 1_500;

export class PricePath {
  readonly #walk: WalkOptions;
  readonly #random: Random;
  readonly #anchorTicks: number;
  /** One-minute candles, oldest first. */
  readonly candles: Candle[] = [];
  lastTicks: number;
  quote: MarketQuote;
  /** The quote before the present one, and how many there have been: what a stream of differences is made from. */
  former: MarketQuote;
  revision = 1;
  /** When the minute before opened, where the newest print began a new one; `null` where it did not. */
  #closedMinuteAt: number | null = null;

  /** Starts at `startTicks` with a history of `MAX_CANDLES / 3` minutes before `at`. */
  constructor(startTicks: number, at: number, walk: WalkOptions, random: Random) {
    this.#walk = walk;
    this.#random = random;
    this.#anchorTicks = startTicks;
    this.lastTicks = startTicks;
    this.quote = this.#around(startTicks);
    this.former = this.quote;
    this.#writeHistory(at);
  }

  /** The next step of the walk; returns the new quote. */
  step(at: number): MarketQuote {
    const reach = this.#anchorTicks * this.#walk.bandShare;
    const drift = (this.#anchorTicks - this.lastTicks) / reach;
    // The pull grows with the cube of the distance: free in the middle, firm at the edges.
    const move = (this.#random() * 2 - 1 + drift ** 3) * this.#walk.stepShare * this.lastTicks;
    return this.set(Math.max(this.#walk.spreadTicks + 1, Math.round(this.lastTicks + move)), at);
  }

  /** Puts the middle of the market at `ticks`. */
  set(ticks: number, at: number): MarketQuote {
    this.lastTicks = ticks;
    this.former = this.quote;
    this.quote = this.#around(ticks);
    this.revision += 1;
    this.#print(ticks, 1 + Math.floor(this.#random() * 1_000), at);
    return this.quote;
  }

  /** Candles of `minutes` each, oldest first, put together from the one-minute ones; counted from `offsetMs` past midnight UTC. */
  candlesOf(minutes: number, offsetMs = 0): readonly Candle[] {
    if (minutes === 1) return this.candles;
    const joined: Candle[] = [];
    for (const candle of this.candles) {
      const openAt = candle.openAt - ((candle.openAt - offsetMs) % (minutes * MINUTE_MS));
      const last = joined.at(-1);
      if (last?.openAt === openAt) join(last, candle);
      else joined.push({ ...candle, openAt });
    }
    return joined;
  }

  /** The candle that the newest print has closed; `null` where it has closed none. */
  justClosed(minutes: number): Candle | null {
    const newest = this.candles.at(-1);
    if (newest === undefined || this.#closedMinuteAt === null) return null;
    const spanOf = (at: number): number => Math.floor(at / (minutes * MINUTE_MS));
    return spanOf(this.#closedMinuteAt) === spanOf(newest.openAt) ? null : (this.candlesOf(minutes).at(-2) ?? null);
  }

  /** The last 24 hours as one candle. */
  day(at: number): Candle {
    const day: Candle = {
      openAt: at - 24 * 60 * MINUTE_MS,
      open: this.lastTicks,
      high: this.lastTicks,
      low: this.lastTicks,
      close: this.lastTicks,
      lots: 0,
      trades: 0,
    };
    let isFirst = true;
    for (const candle of this.candles) {
      if (candle.openAt < day.openAt) continue;
      if (isFirst) day.open = candle.open;
      isFirst = false;
      join(day, candle);
    }
    return day;
  }

  #around(ticks: number): MarketQuote {
    const below = Math.floor(this.#walk.spreadTicks / 2);
    const { liquidityLots } = this.#walk;
    const lots = liquidityLots === null ? Number.POSITIVE_INFINITY : Math.round(liquidityLots[0] + this.#random() * (liquidityLots[1] - liquidityLots[0]));
    return { bidTicks: Math.max(1, ticks - below), askTicks: Math.max(1, ticks - below) + this.#walk.spreadTicks, liquidityLots: lots };
  }

  #print(ticks: number, lots: number, at: number): void {
    const openAt = at - (at % MINUTE_MS);
    const last = this.candles.at(-1);
    const print: Candle = { openAt, open: ticks, high: ticks, low: ticks, close: ticks, lots, trades: 1 };
    this.#closedMinuteAt = null;
    if (last !== undefined && last.openAt >= openAt) {
      join(last, print);
      return;
    }
    this.#closedMinuteAt = last?.openAt ?? null;
    this.candles.push(print);
    if (this.candles.length > MAX_CANDLES) this.candles.splice(0, this.candles.length - MAX_CANDLES);
  }

  /** Walks backwards from the start, so that the newest candle closes where trading begins. */
  #writeHistory(at: number): void {
    let close = this.#anchorTicks;
    const history: Candle[] = [];
    for (let index = 1; index <= MAX_CANDLES / 3; index += 1) {
      const open = Math.max(1, Math.round(close * (1 + (this.#random() * 2 - 1) * this.#walk.stepShare)));
      const wick = Math.round(close * this.#walk.stepShare * this.#random());
      history.push({
        openAt: at - (at % MINUTE_MS) - index * MINUTE_MS,
        open,
        close,
        high: Math.max(open, close) + wick,
        low: Math.max(1, Math.min(open, close) - wick),
        lots: 1 + Math.floor(this.#random() * 10_000),
        trades: 10,
      });
      close = open;
    }
    this.candles.push(...history.reverse());
  }
}

function join(into: Candle, next: Candle): void {
  into.high = Math.max(into.high, next.high);
  into.low = Math.min(into.low, next.low);
  into.close = next.close;
  into.lots += next.lots;
  into.trades += next.trades;
}
