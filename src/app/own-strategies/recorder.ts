/**
 * Has a strategy act on a real context and keeps what it asked of it, so that the same can be asked again elsewhere
 * without the strategy.
 */
import type { Liquidation } from '#core/events.ts';
import type { SpreadWatch } from '#core/legs/leg-state.ts';
import type { OrderRequest } from '#core/order.ts';
import type { Figures, Wish } from '#core/sandbox/port.ts';
import { carryOut, floodFault, isPossible, MAX_SUBMITS, wishFault } from '#core/sandbox/wishes.ts';
import type { Context, LegContext } from '#core/strategy.ts';
import { type LegRecorder, RecordedLeg } from './recorded-leg.ts';

const NOTHING: readonly Wish[] = [];

/** A bar that is heard before the engine is told of it. */
export interface BarAhead {
  /** When it closes. */
  readonly at: number;
  /** Brings the engine there. */
  arrive(): void;
  /** Whether the bar that closes at this time has been heard. */
  hasHeard(at: number): boolean;
}

/** A context that passes everything on and keeps what was asked. A wish that is none throws a TypeError at whoever asks. */
export class Recorder implements Context {
  #inner: Context | null = null;
  #legs: readonly RecordedLeg[] = [];
  /** The context of which the legs were made. */
  #legsOf: Context | null = null;
  readonly #legRecorder: LegRecorder = {
    innerLeg: (index) => this.#context.legs[index] as LegContext,
    keep: (wish) => this.#keep(wish),
    watchFirst: (belowTicks, aboveTicks) => this.watchPrice(belowTicks, aboveTicks),
  };
  /** `null` once the engine is there. */
  #ahead: BarAhead | null = null;
  #isAhead = false;
  #wishes: Wish[] = [];
  #belowTicks = Number.NaN;
  #aboveTicks = Number.NaN;

  /** A call of the strategy begins, with the context it was given. `ahead`: the engine has yet to come there, and does where it is looked at. */
  begin(inner: Context, ahead: BarAhead | null = null): this {
    this.#inner = inner;
    this.#ahead = ahead;
    this.#isAhead = ahead !== null;
    return this;
  }

  /** What was asked since. */
  take(): readonly Wish[] {
    if (this.#wishes.length === 0) return NOTHING;
    const wishes = this.#wishes;
    this.#wishes = [];
    return wishes;
  }

  get #context(): Context {
    if (this.#inner === null) throw new TypeError('the context is of use only while the strategy is being called');
    if (this.#ahead !== null) this.#arrive(this.#ahead);
    return this.#inner;
  }

  #arrive(ahead: BarAhead): void {
    this.#ahead = null;
    ahead.arrive();
  }

  get at() {
    return this.#ahead?.at ?? this.#context.at;
  }
  get scale() {
    return this.#context.scale;
  }
  get feeAsset() {
    return this.#context.feeAsset;
  }
  get bidTicks() {
    return this.#context.bidTicks;
  }
  get askTicks() {
    return this.#context.askTicks;
  }
  get position() {
    return this.#context.position;
  }
  get isTrading() {
    return this.#context.isTrading;
  }
  get canOpen() {
    return this.#context.canOpen;
  }
  get legs(): readonly LegContext[] {
    const inner = this.#context;
    if (this.#legsOf !== inner) {
      this.#legs = Object.freeze(inner.legs.map(({ name }, index) => new RecordedLeg(name, index, this.#legRecorder)));
      this.#legsOf = inner;
    }
    return this.#legs;
  }
  leg(name: string): LegContext {
    const { legs } = this;
    for (let index = 0; index < legs.length; index += 1) if (legs[index]?.name === name) return legs[index] as LegContext;
    throw new TypeError(`the run has no leg "${String(name)}"`);
  }
  moveQuote(from: string, to: string, atoms: number): void {
    this.#askPossible(['move', from, to, Math.floor(atoms)]);
  }
  watchSpread(watch: SpreadWatch | null): void {
    this.#askPossible(watch === null ? ['noSpread'] : ['spread', watch.long, watch.short, watch.above, watch.below]);
  }
  keepSettings(): never {
    throw new TypeError('the settings of a bot with a strategy of your own are changed by you alone');
  }
  freeBaseGrains() {
    return this.#context.freeBaseGrains();
  }
  freeQuoteAtoms() {
    return this.#context.freeQuoteAtoms();
  }
  order(clientOrderId: string) {
    return this.#context.order(clientOrderId);
  }

  submit(request: OrderRequest): string {
    const { side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag } = request;
    this.#keep(['submit', side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag]);
    return this.#context.submit({ side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag });
  }

  cancel(clientOrderId: string): void {
    this.#ask(['cancel', clientOrderId]);
  }

  /** Watching what is watched already is nothing new. An engine that has yet to come there must not watch it before. */
  watchPrice(belowTicks: number, aboveTicks: number): void {
    if (belowTicks === this.#belowTicks && aboveTicks === this.#aboveTicks) return;
    const wish: Wish = ['watch', belowTicks, aboveTicks === Number.POSITIVE_INFINITY ? null : aboveTicks];
    if (this.#isAhead) this.#keep(wish);
    else this.#ask(wish);
    this.#belowTicks = belowTicks;
    this.#aboveTicks = aboveTicks;
  }

  setTimer(name: string, at: number): void {
    this.#ask(['timer', name, at]);
  }

  clearTimer(name: string): void {
    this.#ask(['clear', name]);
  }

  report(fact: 'target_reached' | 'strategy_note', text: string, data: Figures = {}): void {
    this.#ask(['report', fact, text, { ...data }]);
  }

  finish(reason: string, liquidation: Liquidation): void {
    this.#ask(['finish', reason, liquidation]);
  }

  #ask(wish: Wish): void {
    this.#keep(wish);
    carryOut(this.#context, wish);
  }

  #askPossible(wish: Wish): void {
    if (wishFault(wish) === null && !isPossible(this.#context, wish)) throw new TypeError('this is not possible between these legs');
    this.#ask(wish);
  }

  #keep(wish: Wish): void {
    const fault = wishFault(wish) ?? (this.#wishes.length >= MAX_SUBMITS ? floodFault([...this.#wishes, wish]) : null);
    if (fault !== null) throw new TypeError(fault);
    this.#wishes.push(wish);
  }
}
