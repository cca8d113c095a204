/**
 * Bars of several instruments, told to a strategy that wants them: those of one moment when all of them have closed, in the sequence of the
 * instruments. Until every instrument has a price the run waits, and what has closed by then warms it up.
 */
import type { BarClosed } from '#core/events.ts';
import type { BarsWanted } from '#core/strategy.ts';
import { type BarFeed, MadeBarFeed, OwnBarFeed, type TellBar, warmUpBars } from '../bar-feed.ts';
import type { ExchangeDriver } from '../exchange-driver.ts';
import type { LegHistory } from './leg-history.ts';

export class LegBars {
  readonly #driver: ExchangeDriver;
  readonly #feeds: readonly BarFeed[];
  /** The bar of each history that is in hand. */
  readonly #indexes: number[];
  /** Told when the run has begun; `null` from then on. */
  #warmUp: BarClosed[] | null;

  /** `wanted` is `null` for the bars of the histories themselves. Throws AppError `candles_invalid` where a wanted length is no multiple of theirs. */
  constructor(driver: ExchangeDriver, histories: readonly LegHistory[], wanted: readonly BarsWanted[] | null) {
    this.#driver = driver;
    this.#feeds = histories.map(({ bars }) => (wanted === null ? new OwnBarFeed(bars) : new MadeBarFeed(bars, wanted)));
    this.#indexes = histories.map(() => -1);
    const before = histories.map(({ bars, history }, leg) =>
      wanted === null || history === undefined ? [] : warmUpBars(history, wanted, bars.startAt[0] ?? 0).map((bar) => this.#marked(bar, leg)),
    );
    this.#warmUp = before.flat();
  }

  /** The next bar of an instrument opens: tells of those that are over by then. */
  beforeBar(leg: number): void {
    const index = (this.#indexes[leg] ?? -1) + 1;
    this.#indexes[leg] = index;
    this.#feeds[leg]?.beforeBar(index, this.#telling(leg));
  }

  /** Tells of bars that end with the one in hand. */
  afterBar(leg: number): void {
    this.#feeds[leg]?.afterBar(this.#indexes[leg] ?? 0, this.#telling(leg));
  }

  /** Tells what has been waiting, once the run has begun. */
  begin(): void {
    if (this.#warmUp === null || this.#driver.engine.state.strategy === null) return;
    const waiting = this.#warmUp.toSorted((one, other) => (one.closedAt ?? one.at) - (other.closedAt ?? other.at));
    this.#warmUp = null;
    for (const bar of waiting) this.#driver.tell({ ...bar, at: this.#driver.now, isHistory: true });
  }

  #telling(leg: number): TellBar {
    return (bar) => {
      if (bar.type !== 'barClosed') return;
      const marked = this.#marked(bar, leg);
      if (this.#warmUp === null) this.#driver.tell(marked);
      else this.#warmUp.push(marked);
    };
  }

  #marked(bar: BarClosed, leg: number): BarClosed {
    return { ...bar, at: this.#driver.now, ...this.#driver.engine.legs.all[leg]?.mark };
  }
}
