/**
 * Has a strategy act on a real context and keeps what it asked of it, so that the same can be asked again elsewhere
 * without the strategy.
 */
import type { Liquidation } from '#core/events.ts';
import type { OrderRequest } from '#core/order.ts';
import type { Figures, Wish } from '#core/sandbox/port.ts';
import { carryOut, floodFault, MAX_SUBMITS, wishFault } from '#core/sandbox/wishes.ts';
import type { Context } from '#core/strategy.ts';

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
  get legs(): readonly never[] {
    return refuseLegs();
  }
  leg(): never {
    return refuseLegs();
  }
  moveQuote(): never {
    return refuseLegs();
  }
  watchSpread(): never {
    return refuseLegs();
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

  #keep(wish: Wish): void {
    const fault = wishFault(wish) ?? (this.#wishes.length >= MAX_SUBMITS ? floodFault([...this.#wishes, wish]) : null);
    if (fault !== null) throw new TypeError(fault);
    this.#wishes.push(wish);
  }
}

function refuseLegs(): never {
  throw new TypeError('a strategy of your own trades one instrument: use the context itself');
}
