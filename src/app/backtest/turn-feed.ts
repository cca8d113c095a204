/**
 * Tells the strategy of a backtest only the bars at which its rule turns, found beforehand: what a run hears that goes bar by bar
 * and skips those at which the rule says nothing.
 */
import type { BarColumns } from '#core/bars/bar-columns.ts';
import type { BarRule } from '#core/bars/bar-rule.ts';
import { BarTimes } from '#core/bars/bar-times.ts';
import { Turns } from '#core/bars/bar-turns.ts';
import { type Bars, newBars } from '#core/bars/bars.ts';
import type { Engine, RunSetup } from '#core/engine/engine.ts';
import type { BarClosed, RuleTurned } from '#core/events.ts';
import type { BarsWanted } from '#core/strategy.ts';
import type { BarFeed, TellBar } from './bar-feed.ts';
import { MadeBarCursor, type MadeBars, makeBars } from './made-bars.ts';

export interface TurnFeedParts {
  readonly setup: RunSetup;
  readonly rule: BarRule;
  /** The length of bars the rule looks at; `null` for those of the history. */
  readonly wanted: BarsWanted | null;
  readonly history: Bars;
  /** Bars before the first, which the rule takes in before all others. */
  readonly warmUp: readonly BarClosed[];
  /** Columns over the history that several runs share; `null` where there are none. */
  readonly columns: BarColumns | null;
  readonly engine: Engine;
}

export class TurnFeed implements BarFeed {
  /** Where the rule turns among the warm-up bars. */
  readonly warmUp: readonly RuleTurned[];
  readonly #engine: Engine;
  readonly #intervalMs: number;
  readonly #cursor: MadeBarCursor;
  readonly #times: BarTimes;
  readonly #turns: Turns;
  /** How many bars stand before the first of those made. */
  readonly #ahead: number;
  /** The bar of the history with which the next turn is told. */
  #nextTurn: number;
  /** One object for all turns: whoever keeps it copies it. */
  readonly #event: { -readonly [Key in keyof RuleTurned]: RuleTurned[Key] } = { type: 'ruleTurned', at: 0, closedAt: 0, turn: 0, isHistory: false };

  constructor({ setup, rule, wanted, history, warmUp, columns, engine }: TurnFeedParts) {
    const made: MadeBars = wanted === null ? { bars: history, toldWith: null, isLate: null } : makeBars(history, wanted.intervalMs);
    const { bars } = made;
    this.#engine = engine;
    this.#intervalMs = bars.intervalMs;
    this.#cursor = new MadeBarCursor(made);
    this.#times = BarTimes.of(bars);
    const shared = columns?.bars === bars && warmUp.length === 0 ? columns : null;
    this.#ahead = warmUp.length;
    this.#turns = new Turns(rule, setup.params, setup.scale, warmUp.length === 0 ? bars : withBefore(warmUp, bars), shared);
    const turned: RuleTurned[] = [];
    for (; this.#turns.bar < this.#ahead; this.#turns.next()) {
      const bar = warmUp[this.#turns.bar];
      if (bar !== undefined) turned.push({ type: 'ruleTurned', at: bar.at, closedAt: bar.closedAt ?? bar.at, turn: this.#turns.value, isHistory: true });
    }
    this.warmUp = turned;
    this.#nextTurn = this.#cursor.toldWith(this.#turnAt());
  }

  get nextBar(): number {
    return this.#isWatching() ? this.#cursor.toldWith(this.#cursor.place) : this.#nextTurn;
  }

  beforeBar(index: number, tell: TellBar): void {
    this.#cursor.passTo(index, false);
    if (this.#cursor.isLate) this.#closeWith(index, tell);
  }

  afterBar(index: number, tell: TellBar): void {
    this.#cursor.passTo(index, true);
    this.#closeWith(index, tell);
  }

  /** One that stands at a watched price is told of that price again once it has been elsewhere, so it has to know of every close. */
  #isWatching(): boolean {
    const { bidTicks, askTicks } = this.#engine.state;
    return this.#engine.wantsQuote(bidTicks, askTicks);
  }

  #closeWith(index: number, tell: TellBar): void {
    const { place } = this.#cursor;
    if (this.#cursor.toldWith(place) !== index) return;
    const at = this.#times.opensAt(place) + this.#intervalMs;
    this.#cursor.place = place + 1;
    if (place === this.#turnAt()) this.#turn(at, tell);
    else if (this.#isWatching()) tell({ type: 'barPassed', at });
  }

  #turn(at: number, tell: TellBar): void {
    const event = this.#event;
    event.at = at;
    event.closedAt = at;
    event.turn = this.#turns.value;
    this.#turns.next();
    this.#nextTurn = this.#cursor.toldWith(this.#turnAt());
    tell(event);
  }

  /** Where among the bars made the rule turns next. */
  #turnAt(): number {
    return this.#turns.bar - this.#ahead;
  }
}

function withBefore(warmUp: readonly BarClosed[], bars: Bars): Bars {
  const { intervalMs } = bars;
  const all = newBars(warmUp.length + bars.length, intervalMs);
  for (const [index, bar] of warmUp.entries()) {
    all.startAt[index] = (bar.closedAt ?? bar.at) - intervalMs;
    all.openTicks[index] = bar.openTicks;
    all.highTicks[index] = bar.highTicks;
    all.lowTicks[index] = bar.lowTicks;
    all.closeTicks[index] = bar.closeTicks;
    all.volumeLots[index] = bar.volumeLots;
  }
  for (const column of ['startAt', 'openTicks', 'highTicks', 'lowTicks', 'closeTicks', 'volumeLots'] as const) all[column].set(bars[column], warmUp.length);
  return all;
}
