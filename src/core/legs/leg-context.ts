/** One leg as the strategy of its run sees it: reading and asking, nothing else. */
import type { OrderRequest } from '../order.ts';
import type { LegContext } from '../strategy.ts';
import type { Leg } from './leg.ts';

export class EngineLegContext implements LegContext {
  readonly name: string;
  readonly #leg: Leg;
  readonly #submit: (request: OrderRequest, leg: Leg) => string;

  constructor(leg: Leg, submit: (request: OrderRequest, leg: Leg) => string) {
    this.name = leg.name ?? '';
    this.#leg = leg;
    this.#submit = submit;
  }

  get scale() {
    return this.#leg.terms.scale;
  }
  get feeAsset() {
    return this.#leg.terms.feeAsset;
  }
  get bidTicks() {
    return this.#leg.state.bidTicks;
  }
  get askTicks() {
    return this.#leg.state.askTicks;
  }
  get position() {
    return this.#leg.state.position;
  }
  get isOpen() {
    return this.#leg.isOpen;
  }
  freeBaseGrains() {
    return this.#leg.freeBaseGrains();
  }
  freeQuoteAtoms() {
    return this.#leg.freeQuoteAtoms();
  }
  submit(request: OrderRequest) {
    return this.#submit(request, this.#leg);
  }
  watchPrice(belowTicks: number, aboveTicks: number) {
    this.#leg.watch(belowTicks, Number.isFinite(aboveTicks) ? aboveTicks : null);
  }
}
