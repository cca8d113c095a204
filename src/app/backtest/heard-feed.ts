/**
 * Tells the strategy of a backtest only the bars at which it is known beforehand to ask for something: what a run does that hears
 * every bar, where the strategy does nothing but give back what was asked before.
 */
import type { Bars } from '#core/bars.ts';
import type { Engine } from '#core/engine.ts';
import type { BarClosed } from '#core/events.ts';
import type { BarsWanted } from '#core/strategy.ts';
import type { BarFeed, TellBar } from './bar-feed.ts';
import { type MadeBars, makeBars } from './made-bars.ts';

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

const NEVER = Number.POSITIVE_INFINITY;

export class HeardFeed implements BarFeed {
  readonly #heard: HeardBars;
  readonly #engine: Engine;
  readonly #made: MadeBars;
  /** The first of the bars made that has neither been told nor passed over. */
  #from = 0;
  /** One object for all bars: whoever keeps it copies it. */
  readonly #event: { -readonly [Key in keyof BarClosed]: BarClosed[Key] };

  /** `wanted`: the length of bars that is told; `null` for that of the history, whose bars then do not say it. */
  constructor(history: Bars, wanted: BarsWanted | null, heard: HeardBars, engine: Engine) {
    this.#heard = heard;
    this.#engine = engine;
    this.#made = wanted === null ? { bars: history, toldWith: null, isLate: null } : makeBars(history, wanted.intervalMs, null);
    const prices = { openTicks: 0, highTicks: 0, lowTicks: 0, closeTicks: 0, volumeLots: 0 };
    this.#event = { type: 'barClosed', at: 0, ...(wanted === null ? {} : { closedAt: 0, intervalMs: wanted.intervalMs, isHistory: false }), ...prices };
    heard.begin?.({ engine, history, made: this.#made, eventOf: (place) => this.#eventOf(place) });
  }

  get nextBar(): number {
    return this.#toldWith(this.#from + this.#quietBars);
  }

  beforeBar(index: number, tell: TellBar): void {
    this.#passTo(index, false);
    if (this.#made.isLate?.[this.#from] === 1 && this.#isDue(index)) this.#tell(tell);
  }

  afterBar(index: number, tell: TellBar): void {
    this.#passTo(index, true);
    if (this.#isDue(index)) this.#tell(tell);
  }

  /** Several may be told with the same bar of the history: one that need not be is not for the sake of another. */
  #isDue(index: number): boolean {
    return this.#toldWith(this.#from) === index && this.#quietBars === 0;
  }

  get #quietBars(): number {
    return this.#isWatching ? 0 : this.#heard.quietBars(this.#from);
  }

  /**
   * Every bar brings the engine the price of its close. One that stands at a watched price is told of that price again once it has been
   * elsewhere, so then it has to know of every close.
   */
  get #isWatching(): boolean {
    const { bidTicks, askTicks } = this.#engine.state;
    return this.#engine.wantsQuote(bidTicks, askTicks);
  }

  #toldWith(place: number): number {
    const { bars, toldWith } = this.#made;
    if (place >= bars.length) return NEVER;
    return toldWith === null ? place : (toldWith[place] as number);
  }

  /** Those told with earlier bars of the history have gone by, and once that bar is over those told before it, too. */
  #passTo(index: number, isOver: boolean): void {
    const { toldWith, isLate } = this.#made;
    let place = toldWith === null ? index : this.#from;
    while (this.#toldWith(place) < index || (isOver && isLate?.[place] === 1 && this.#toldWith(place) === index)) place += 1;
    if (place > this.#from) this.#heard.pass(place - this.#from);
    this.#from = Math.max(place, this.#from);
  }

  #tell(tell: TellBar): void {
    const place = this.#from;
    this.#from = place + 1;
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
