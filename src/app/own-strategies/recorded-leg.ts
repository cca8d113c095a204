/** One of several instruments as a user's strategy sees it: what it asks of it is kept like what it asks of its context. */
import type { OrderRequest } from '#core/order.ts';
import type { Wish } from '#core/sandbox/port.ts';
import type { LegContext } from '#core/strategy.ts';

/** What a leg needs of its recorder. */
export interface LegRecorder {
  /** The leg as it is in the call of the strategy in hand; throws a TypeError between two calls. */
  innerLeg(index: number): LegContext;
  /** Keeps a wish. Throws a TypeError for one that is none. */
  keep(wish: Wish): void;
  /** Watches the first leg: it is watched through the context as well, and whatever was asked last holds. */
  watchFirst(belowTicks: number, aboveTicks: number): void;
}

export class RecordedLeg implements LegContext {
  readonly name: string;
  readonly #index: number;
  readonly #recorder: LegRecorder;
  #belowTicks = Number.NaN;
  #aboveTicks = Number.NaN;

  constructor(name: string, index: number, recorder: LegRecorder) {
    this.name = name;
    this.#index = index;
    this.#recorder = recorder;
  }

  get #inner(): LegContext {
    return this.#recorder.innerLeg(this.#index);
  }

  get scale() {
    return this.#inner.scale;
  }
  get feeAsset() {
    return this.#inner.feeAsset;
  }
  get bidTicks() {
    return this.#inner.bidTicks;
  }
  get askTicks() {
    return this.#inner.askTicks;
  }
  get position() {
    return this.#inner.position;
  }
  get isOpen() {
    return this.#inner.isOpen;
  }
  freeBaseGrains() {
    return this.#inner.freeBaseGrains();
  }
  freeQuoteAtoms() {
    return this.#inner.freeQuoteAtoms();
  }

  submit({ side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag }: OrderRequest): string {
    const inner = this.#inner;
    // What is of the first instrument is asked of the context outside as well.
    const wish = [side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag] as const;
    this.#recorder.keep(this.#index === 0 ? ['submit', ...wish] : ['submitAt', this.name, ...wish]);
    return inner.submit({ side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag });
  }

  /** Watching what is watched already is nothing new. */
  watchPrice(belowTicks: number, aboveTicks: number): void {
    if (this.#index === 0) return this.#recorder.watchFirst(belowTicks, aboveTicks);
    if (belowTicks === this.#belowTicks && aboveTicks === this.#aboveTicks) return;
    const inner = this.#inner;
    this.#recorder.keep(['watchAt', this.name, belowTicks, aboveTicks === Number.POSITIVE_INFINITY ? null : aboveTicks]);
    inner.watchPrice(belowTicks, aboveTicks);
    this.#belowTicks = belowTicks;
    this.#aboveTicks = aboveTicks;
  }
}
