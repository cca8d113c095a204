/**
 * How bars reach the strategy of a backtest: those it has asked for, made of the backtest's own, each told when it is over,
 * warm-up bars before the first decision. A live run gets the same events from the venue's candles.
 */
import { BarMaker, type MadeBar } from '#core/bars/bar-maker.ts';
import type { Bars } from '#core/bars/bars.ts';
import { AppError } from '#core/errors.ts';
import type { BarClosed, RuleTurned } from '#core/events.ts';
import type { BarsWanted } from '#core/strategy.ts';

/** A bar of which nothing is told but where it closed: the price goes to the run as with any other. */
export interface BarPassed {
  readonly type: 'barPassed';
  readonly at: number;
}

export type TellBar = (bar: BarClosed | RuleTurned | BarPassed) => void;

/** Tells bars as the history goes by. */
export interface BarFeed {
  /** The next bar of the history with which something may be told; nothing is missed where those before it are passed over. */
  readonly nextBar: number;
  /** Tells of bars whose time is over before the bar in hand opens. */
  beforeBar(index: number, tell: TellBar): void;
  /** Tells of bars that end with the bar in hand. */
  afterBar(index: number, tell: TellBar): void;
}

/** For strategies that want no bars. */
export const NO_BARS: BarFeed = { nextBar: Number.POSITIVE_INFINITY, beforeBar: () => undefined, afterBar: () => undefined };

/** Tells every bar of the history. */
export class OwnBarFeed implements BarFeed {
  readonly nextBar = 0;
  readonly #bars: Bars;
  /** One object for all bars: whoever keeps it copies it. */
  readonly #event: { -readonly [Key in keyof BarClosed]: BarClosed[Key] } = {
    type: 'barClosed',
    at: 0,
    openTicks: 0,
    highTicks: 0,
    lowTicks: 0,
    closeTicks: 0,
    volumeLots: 0,
  };

  constructor(bars: Bars) {
    this.#bars = bars;
  }

  beforeBar(): void {
    // None is ever late.
  }

  afterBar(index: number, tell: TellBar): void {
    const bars = this.#bars;
    const event = this.#event;
    event.at = (bars.startAt[index] as number) + bars.intervalMs;
    event.openTicks = bars.openTicks[index] as number;
    event.highTicks = bars.highTicks[index] as number;
    event.lowTicks = bars.lowTicks[index] as number;
    event.closeTicks = bars.closeTicks[index] as number;
    event.volumeLots = bars.volumeLots[index] as number;
    tell(event);
  }
}

/** Tells every bar of the lengths that are wanted. */
export class MadeBarFeed implements BarFeed {
  readonly nextBar = 0;
  readonly #bars: Bars;
  readonly #makers: readonly BarMaker[];
  /** One object for all bars: whoever keeps it copies it. */
  readonly #event: { -readonly [Key in keyof Required<Omit<BarClosed, 'leg'>>]: Required<BarClosed>[Key] } = {
    type: 'barClosed',
    at: 0,
    closedAt: 0,
    intervalMs: 0,
    isHistory: false,
    openTicks: 0,
    highTicks: 0,
    lowTicks: 0,
    closeTicks: 0,
    volumeLots: 0,
  };

  /** Throws AppError `candles_invalid` where a wanted length is no multiple of the history's. */
  constructor(bars: Bars, wanted: readonly BarsWanted[]) {
    assertMultiples(bars, wanted);
    this.#bars = bars;
    this.#makers = wanted.map(({ intervalMs }) => new BarMaker(intervalMs));
  }

  beforeBar(index: number, tell: TellBar): void {
    const startAt = this.#bars.startAt[index] ?? 0;
    for (const maker of this.#makers) this.#tell(maker, maker.takeOverdue(startAt), tell);
  }

  afterBar(index: number, tell: TellBar): void {
    for (const maker of this.#makers) this.#tell(maker, maker.add(this.#bars, index), tell);
  }

  #tell({ intervalMs }: BarMaker, made: MadeBar | null, tell: TellBar): void {
    if (made === null) return;
    const event = this.#event;
    event.at = made.closedAt;
    event.closedAt = made.closedAt;
    event.intervalMs = intervalMs;
    event.openTicks = made.openTicks;
    event.highTicks = made.highTicks;
    event.lowTicks = made.lowTicks;
    event.closeTicks = made.closeTicks;
    event.volumeLots = made.volumeLots;
    tell(event);
  }
}

/** The last bars before a run that its strategy wants for warming up, in the sequence of their ends; `at` is the beginning of the run. */
export function warmUpBars(history: Bars, wanted: readonly BarsWanted[], at: number): readonly BarClosed[] {
  assertMultiples(history, wanted);
  const told = wanted.flatMap(({ intervalMs, warmUp }) => {
    const maker = new BarMaker(intervalMs);
    const made: BarClosed[] = [];
    const add = (bar: MadeBar | null) => {
      if (bar !== null) made.push({ type: 'barClosed', at, intervalMs, isHistory: true, ...bar });
    };
    for (let index = 0; index < history.length && (history.startAt[index] ?? 0) + history.intervalMs <= at; index += 1) {
      add(maker.takeOverdue(history.startAt[index] ?? 0));
      add(maker.add(history, index));
    }
    return made.slice(made.length - Math.min(made.length, warmUp));
  });
  return told.toSorted((one, other) => (one.closedAt ?? 0) - (other.closedAt ?? 0));
}

/** Throws AppError `candles_invalid` where a wanted length is no multiple of the history's. */
export function assertMultiples(bars: Bars, wanted: readonly BarsWanted[]): void {
  for (const { intervalMs } of wanted)
    if (intervalMs % bars.intervalMs !== 0)
      throw new AppError(
        'candles_invalid',
        `the strategy decides on bars of ${intervalMs / 60_000} minutes, which cannot be made of candles of ${bars.intervalMs / 60_000} minutes; give shorter candles or choose a longer timeframe`,
      );
}
