/**
 * Tells the strategy of a backtest only the bars at which it is known beforehand to ask for something: what a run does that hears
 * every bar, where the strategy does nothing but give back what was asked before.
 */
import type { Bars } from '#core/bars.ts';
import type { BarClosed } from '#core/events.ts';
import type { BarsWanted } from '#core/strategy.ts';
import type { BarFeed, TellBar } from './bar-feed.ts';
import { type MadeBars, makeBars } from './made-bars.ts';

/** Knows at which bars something will be asked for. */
export interface HeardBars {
  /** Bars that need not be told before the next that must be; infinity where none must. */
  readonly quietBars: number;
  /** Those have gone by. */
  passQuiet(): void;
}

const NEVER = Number.POSITIVE_INFINITY;

export class HeardFeed implements BarFeed {
  readonly #heard: HeardBars;
  readonly #made: MadeBars;
  /** The first of the bars made that has neither been told nor passed over. */
  #from = 0;
  /** One object for all bars: whoever keeps it copies it. */
  readonly #event: { -readonly [Key in keyof BarClosed]: BarClosed[Key] };

  /** `wanted`: the length of bars that is told; `null` for that of the history, whose bars then do not say it. */
  constructor(history: Bars, wanted: BarsWanted | null, heard: HeardBars) {
    this.#heard = heard;
    this.#made = wanted === null ? { bars: history, toldWith: null, isLate: null } : makeBars(history, wanted.intervalMs, null);
    const prices = { openTicks: 0, highTicks: 0, lowTicks: 0, closeTicks: 0, volumeLots: 0 };
    this.#event = { type: 'barClosed', at: 0, ...(wanted === null ? {} : { closedAt: 0, intervalMs: wanted.intervalMs, isHistory: false }), ...prices };
  }

  get nextBar(): number {
    const place = this.#from + this.#heard.quietBars;
    const { bars, toldWith } = this.#made;
    if (place >= bars.length) return NEVER;
    return toldWith === null ? place : (toldWith[place] as number);
  }

  beforeBar(index: number, tell: TellBar): void {
    if (this.#made.isLate !== null && this.nextBar === index && this.#made.isLate[this.#from + this.#heard.quietBars] === 1) this.#tell(tell);
  }

  afterBar(index: number, tell: TellBar): void {
    if (this.nextBar === index) this.#tell(tell);
  }

  #tell(tell: TellBar): void {
    const { bars } = this.#made;
    const place = this.#from + this.#heard.quietBars;
    this.#heard.passQuiet();
    this.#from = place + 1;
    const event = this.#event;
    event.at = (bars.startAt[place] as number) + bars.intervalMs;
    if (event.intervalMs !== undefined) event.closedAt = event.at;
    event.openTicks = bars.openTicks[place] as number;
    event.highTicks = bars.highTicks[place] as number;
    event.lowTicks = bars.lowTicks[place] as number;
    event.closeTicks = bars.closeTicks[place] as number;
    event.volumeLots = bars.volumeLots[place] as number;
    tell(event);
  }
}
