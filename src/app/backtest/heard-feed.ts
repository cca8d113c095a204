/**
 * Tells the strategy of a backtest only the bars at which it is known beforehand to ask for something: what a run does that hears
 * every bar, where the strategy does nothing but give back what was asked before.
 */
import type { Bars } from '#core/bars/bars.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { BarClosed } from '#core/events.ts';
import type { BarsWanted } from '#core/strategy.ts';
import type { BarFeed, TellBar } from './bar-feed.ts';
import { MadeBarCursor, type MadeBars, makeBars } from './made-bars.ts';

/** Knows at which bars something will be asked for. */
export interface HeardBars {
  /** Before anything else, for whoever goes through the bars itself. */
  begin?(feed: HeardHistory): void;
  /** Bars from this place on that need not be told before the next that must be; infinity where none must. */
  quietBars(from: number): number;
  /** So many of them have gone by. */
  pass(bars: number): void;
}

/** What a feed of bars goes through. */
export interface HeardHistory {
  readonly engine: Engine;
  readonly history: Bars;
  readonly made: MadeBars;
  /** The event of a bar made: one object for all, told or not. */
  eventOf(place: number): BarClosed;
}

export class HeardFeed implements BarFeed {
  readonly #heard: HeardBars;
  readonly #engine: Engine;
  readonly #made: MadeBars;
  readonly #cursor: MadeBarCursor;
  /** One object for all bars: whoever keeps it copies it. */
  readonly #event: { -readonly [Key in keyof BarClosed]: BarClosed[Key] };

  /** `wanted`: the length of bars that is told; `null` for that of the history, whose bars then do not say it. */
  constructor(history: Bars, wanted: BarsWanted | null, heard: HeardBars, engine: Engine) {
    this.#heard = heard;
    this.#engine = engine;
    this.#made = wanted === null ? { bars: history, toldWith: null, isLate: null } : makeBars(history, wanted.intervalMs);
    this.#cursor = new MadeBarCursor(this.#made);
    const prices = { openTicks: 0, highTicks: 0, lowTicks: 0, closeTicks: 0, volumeLots: 0 };
    this.#event = { type: 'barClosed', at: 0, ...(wanted === null ? {} : { closedAt: 0, intervalMs: wanted.intervalMs, isHistory: false }), ...prices };
    heard.begin?.({ engine, history, made: this.#made, eventOf: (place) => this.#eventOf(place) });
  }

  get nextBar(): number {
    return this.#cursor.toldWith(this.#cursor.place + this.#quietBars());
  }

  beforeBar(index: number, tell: TellBar): void {
    this.#passTo(index, false);
    if (this.#cursor.isLate && this.#isDue(index)) this.#tell(tell);
  }

  afterBar(index: number, tell: TellBar): void {
    this.#passTo(index, true);
    if (this.#isDue(index)) this.#tell(tell);
  }

  /** Several may be told with the same bar of the history: one that need not be is not for the sake of another. */
  #isDue(index: number): boolean {
    return this.#cursor.toldWith(this.#cursor.place) === index && this.#quietBars() === 0;
  }

  #quietBars(): number {
    return this.#isWatching() ? 0 : this.#heard.quietBars(this.#cursor.place);
  }

  /**
   * Every bar brings the engine the price of its close. One that stands at a watched price is told of that price again once it has been
   * elsewhere, so then it has to know of every close.
   */
  #isWatching(): boolean {
    const { bidTicks, askTicks } = this.#engine.state;
    return this.#engine.wantsQuote(bidTicks, askTicks);
  }

  #passTo(index: number, isOver: boolean): void {
    const passed = this.#cursor.passTo(index, isOver);
    if (passed > 0) this.#heard.pass(passed);
  }

  #tell(tell: TellBar): void {
    const { place } = this.#cursor;
    this.#cursor.place = place + 1;
    tell(this.#eventOf(place));
  }

  #eventOf(place: number): BarClosed {
    const { bars } = this.#made;
    const event = this.#event;
    event.at = (bars.startAt[place] as number) + bars.intervalMs;
    if (event.intervalMs !== undefined) event.closedAt = event.at;
    event.openTicks = bars.openTicks[place] as number;
    event.highTicks = bars.highTicks[place] as number;
    event.lowTicks = bars.lowTicks[place] as number;
    event.closeTicks = bars.closeTicks[place] as number;
    event.volumeLots = bars.volumeLots[place] as number;
    return event;
  }
}
