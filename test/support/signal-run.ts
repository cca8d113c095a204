/** One run of a strategy of signals, with the laws of its position checked after every step beside those of every strategy. */
import { expect } from 'vitest';
import type { Strategy } from '#core/strategy.ts';
import type { SignalState } from '#strategies/_signal-state.ts';
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
    const { heldGrains, heldCostAtoms, profitAtoms } = this.state;
    const { position } = engine.state;
    expect(heldGrains, 'base held').toBe(position.baseGrains);
    expect(profitAtoms - heldCostAtoms, 'profit adds up to the fills').toBe(position.quoteAtoms - this.otherFeeAtoms);
  }
}
