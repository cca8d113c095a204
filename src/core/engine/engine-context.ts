/**
 * The engine as its strategy sees it: reading and asking, nothing else.
 */
import type { WriteReport } from '../commands.ts';
import type { Liquidation } from '../events.ts';
import type { Scale } from '../instrument.ts';
import type { Leg } from '../legs/leg.ts';
import { EngineLegContext } from '../legs/leg-context.ts';
import type { SpreadWatch } from '../legs/leg-state.ts';
import type { Legs } from '../legs/legs.ts';
import type { OrderRequest } from '../order.ts';
import type { FeeAsset } from '../risk.ts';
import type { Context, LegContext } from '../strategy.ts';
import type { OrderLookup } from './order-index.ts';
import type { RunDesk } from './run-desk.ts';
import type { RunState } from './run-state.ts';

/** What of the engine a context needs. */
export interface ContextSource {
  readonly at: number;
  readonly setup: { readonly scale: Scale; readonly feeAsset: FeeAsset };
  readonly state: RunState;
  readonly orders: OrderLookup;
  readonly legs: Legs;
  readonly desk: Pick<RunDesk, 'setTimer' | 'clearTimer' | 'report' | 'emit'>;
  submit(request: OrderRequest, leg?: Leg): string;
  cancel(clientOrderId: string): void;
  finish(reason: string, liquidation: Liquidation): void;
}

export class EngineContext implements Context {
  readonly legs: readonly LegContext[];
  readonly #engine: ContextSource;

  constructor(engine: ContextSource) {
    this.#engine = engine;
    this.legs = engine.legs.all.map((leg) => new EngineLegContext(leg, (request, of) => engine.submit(request, of)));
  }

  get at() {
    return this.#engine.at;
  }
  get scale() {
    return this.#engine.setup.scale;
  }
  get feeAsset() {
    return this.#engine.setup.feeAsset;
  }
  get bidTicks() {
    return this.#engine.state.bidTicks;
  }
  get askTicks() {
    return this.#engine.state.askTicks;
  }
  get position() {
    return this.#engine.state.position;
  }
  get isTrading() {
    return this.#engine.state.phase === 'running' && this.#engine.state.tradingState !== 'halted';
  }
  get canOpen() {
    const { state, legs } = this.#engine;
    return state.phase === 'running' && legs.tradingState(state.tradingState) === 'active';
  }
  leg(name: string) {
    const leg = this.legs.find((each) => each.name === name);
    if (leg === undefined) throw new Error(`the strategy has declared no leg "${name}"`);
    return leg;
  }
  moveQuote(from: string, to: string, atoms: number) {
    const { legs } = this.#engine;
    legs.moveQuote(legs.of(from), legs.of(to), atoms);
  }
  watchSpread(watch: SpreadWatch | null) {
    this.#engine.legs.watchSpread(watch);
  }
  freeBaseGrains() {
    return this.#engine.legs.first.freeBaseGrains();
  }
  freeQuoteAtoms() {
    return this.#engine.legs.first.freeQuoteAtoms();
  }
  order(clientOrderId: string) {
    return this.#engine.orders.get(clientOrderId);
  }
  submit(request: OrderRequest) {
    return this.#engine.submit(request);
  }
  cancel(clientOrderId: string) {
    this.#engine.cancel(clientOrderId);
  }
  watchPrice(belowTicks: number, aboveTicks: number) {
    this.#engine.state.watchBelowTicks = belowTicks;
    this.#engine.state.watchAboveTicks = Number.isFinite(aboveTicks) ? aboveTicks : null;
  }
  setTimer(name: string, at: number) {
    this.#engine.desk.setTimer(name, at);
  }
  clearTimer(name: string) {
    this.#engine.desk.clearTimer(name);
  }
  report(fact: 'target_reached' | 'strategy_note', text: string | WriteReport, data?: Readonly<Record<string, string | number | boolean | null>>) {
    this.#engine.desk.report(fact, text, data);
  }
  keepSettings(settings: Readonly<Record<string, unknown>>) {
    this.#engine.desk.emit({ type: 'keepSettings', settings: { ...settings } });
  }
  finish(reason: string, liquidation: Liquidation) {
    this.#engine.finish(reason, liquidation);
  }
}
