/** One run of a strategy of signals, with the laws of its position checked after every step beside those of every strategy. */
import { expect } from 'vitest';
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Strategy } from '#core/strategy.ts';
import type { DirectedTrade, SignalState } from '#strategies/_signal-state.ts';
import { StrategyRun, type StrategyRunOptions } from './strategy-run.ts';

export const HOUR_MS = 3_600_000;

export class SignalRun extends StrategyRun {
  constructor(strategy: Strategy, options: StrategyRunOptions) {
    super(strategy, options);
  }

  get state(): SignalState {
    return this.engine.state.strategy as SignalState;
  }

  /** An hour ends with this close: the price goes there, then the bar is told. */
  close(price: string): this {
    return this.price(price).bar(HOUR_MS, { open: price, high: price, low: price, close: price });
  }

  closes(...prices: readonly string[]): this {
    for (const price of prices) this.close(price);
    return this;
  }

  override checkLaws(): void {
    super.checkLaws();
    const { engine } = this;
    if (engine.state.strategy === null || engine.state.phase === 'liquidating' || engine.state.phase === 'finished') return;
    const { heldGrains, heldCostAtoms, profitAtoms, directed } = this.state;
    const { position } = engine.state;
    if (directed !== undefined) return this.#checkDirected(directed);
    expect(heldGrains, 'base held').toBe(position.baseGrains);
    expect(profitAtoms - heldCostAtoms, 'profit adds up to the fills').toBe(position.quoteAtoms - this.otherFeeAtoms);
  }

  /** One position, long or short, is all there is, and what closes it may only reduce. */
  #checkDirected({ trade }: DirectedTrade): void {
    const sign = trade?.intent.direction === 'short' ? -1 : 1;
    // The exchange has closed it by itself; the strategy hears of that with its next event.
    if (this.engine.state.position.baseGrains === 0 && trade?.position.stage !== 'done') return;
    expect(0 + sign * (trade?.position.heldGrains ?? 0), 'what is held').toBe(this.engine.state.position.baseGrains);
    if (trade === null) return expect(this.orders, 'no order is left behind').toEqual([]);
    const closing = this.orders.filter(({ side }) => (side === 'buy') === sign < 0);
    expect(closing.filter(({ reduceOnly }) => !reduceOnly)).toEqual([]);
    expect(closing.reduce((sum, order) => sum + order.sizeLots - order.filledLots, 0) * GRAINS_PER_LOT).toBeLessThanOrEqual(trade.position.heldGrains);
  }
}
