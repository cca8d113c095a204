/**
 * Has a strategy hear the bars of a rehearsal one after the other while nothing but bars can happen, without a step of the engine for
 * each: that follows only where the strategy looks around, and the bar itself is told where the strategy has asked for something.
 */
import { firstBarAt } from '#core/bars/bars.ts';
import type { QuoteChanged } from '#core/events.ts';
import type { Order } from '#core/order.ts';
import type { HeardBars, HeardHistory } from '../backtest/heard-feed.ts';
import type { BarHearer } from './observed.ts';
import type { BarAhead } from './recorder.ts';

/** With more orders than this at the venue every bar is told as it comes. */
const MAX_ORDERS = 8;
/** How near, in ticks, a bar may come to a price that something waits at. */
const MARGIN_TICKS = 2;
const NEVER = Number.POSITIVE_INFINITY;
const NONE = -1;

/** Within these prices and before this time nothing but bars can happen. */
interface Calm {
  belowTicks: number;
  aboveTicks: number;
  dueAt: number;
}

export class Listener implements HeardBars, BarAhead {
  readonly #hearer: BarHearer;
  readonly #halfSpreadTicks: number;
  readonly #quote: { -readonly [Key in keyof QuoteChanged]: QuoteChanged[Key] } = { type: 'quoteChanged', at: 0, bidTicks: 0, askTicks: 0 };
  #feed: HeardHistory | null = null;
  /** The last bar that has been heard, and whether something was asked for there. */
  #heard = NONE;
  #hasWished = false;
  /** The bar in hand. */
  #place = NONE;

  constructor(hearer: BarHearer, halfSpreadTicks: number) {
    this.#hearer = hearer;
    this.#halfSpreadTicks = halfSpreadTicks;
  }

  begin(feed: HeardHistory): void {
    this.#feed = feed;
  }

  quietBars(from: number): number {
    if (this.#heard < from && this.#feed !== null) this.#listen(this.#feed, from);
    return this.#heard < from ? 0 : this.#heard - from + (this.#hasWished ? 0 : 1);
  }

  pass(): void {
    // They have been heard by then.
  }

  /** When the bar in hand is over. */
  get at(): number {
    const { startAt, intervalMs } = this.#bars;
    return (startAt[this.#place] as number) + intervalMs;
  }

  hasHeard(at: number): boolean {
    const { startAt, intervalMs } = this.#bars;
    return this.#heard !== NONE && at <= (startAt[this.#heard] as number) + intervalMs;
  }

  /** Brings the engine to the time and the price at which the bar in hand closes. */
  arrive(): void {
    const closeTicks = this.#bars.closeTicks[this.#place] as number;
    const quote = this.#quote;
    quote.at = this.at;
    quote.bidTicks = closeTicks - this.#halfSpreadTicks;
    quote.askTicks = closeTicks + this.#halfSpreadTicks;
    this.#feed?.engine.step(quote);
  }

  get #bars() {
    if (this.#feed === null) throw new Error('there are no bars to be heard yet');
    return this.#feed.made.bars;
  }

  /** Goes on until something is asked for, or something else may happen. */
  #listen(feed: HeardHistory, from: number): void {
    const calm = this.#calmOf(feed);
    if (calm === null) return;
    const { bars } = feed.made;
    const end = calm.dueAt === NEVER ? bars.length : firstBarAt(bars, calm.dueAt - bars.intervalMs, from);
    const isWide = calm.belowTicks <= 0 && calm.aboveTicks === NEVER;
    this.#hasWished = false;
    for (let place = from; place < end; place += 1) {
      if (!isWide && !isWithin(feed, place, calm)) return;
      this.#place = place;
      this.#heard = place;
      if (!this.#hearer.hear(feed.eventOf(place), this)) continue;
      this.#hasWished = true;
      return;
    }
  }

  /** `null` where something may happen at any time. */
  #calmOf({ engine }: HeardHistory): Calm | null {
    const { state, setup, orders } = engine;
    const isWithPosition = setup.scale.isPerpetual && state.position.baseGrains !== 0;
    if (state.phase !== 'running' || setup.strategy.wants.quotes || isWithPosition || setup.rules != null || orders.size > MAX_ORDERS) return null;
    const margin = this.#halfSpreadTicks + MARGIN_TICKS;
    const calm = {
      belowTicks: state.watchBelowTicks <= 0 ? 0 : state.watchBelowTicks + margin,
      aboveTicks: (state.watchAboveTicks ?? NEVER) - margin,
      dueAt: NEVER,
    };
    for (const order of orders.values()) {
      if (order.state !== 'accepted' && order.state !== 'partiallyFilled') return null;
      narrow(calm, order, margin);
    }
    for (const name in state.timers) calm.dueAt = Math.min(calm.dueAt, state.timers[name] as number);
    return calm;
  }
}

/** A limit waits on its own side of the market, a stop on the other, and by its limit once it is triggered. */
function narrow(calm: Calm, { side, priceTicks, triggerTicks }: Order, margin: number): void {
  const isBuy = side === 'buy';
  if (priceTicks > 0) {
    if (isBuy) calm.belowTicks = Math.max(calm.belowTicks, priceTicks + margin);
    else calm.aboveTicks = Math.min(calm.aboveTicks, priceTicks - margin);
  }
  if (triggerTicks > 0) {
    if (isBuy) calm.aboveTicks = Math.min(calm.aboveTicks, triggerTicks - margin);
    else calm.belowTicks = Math.max(calm.belowTicks, triggerTicks + margin);
  }
}

/** Whether the history stays within these prices from the bar before this one on until this one is told. */
function isWithin({ history, made }: HeardHistory, place: number, { belowTicks, aboveTicks }: Calm): boolean {
  const { toldWith, isLate } = made;
  const first = toldWith === null ? place : place === 0 ? 0 : (toldWith[place - 1] as number);
  const last = toldWith === null ? place : (toldWith[place] as number) - (isLate?.[place] ?? 0);
  for (let index = first; index <= last; index += 1)
    if ((history.lowTicks[index] as number) <= belowTicks || (history.highTicks[index] as number) >= aboveTicks) return false;
  return true;
}
