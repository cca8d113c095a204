/** One run of a strategy that trades one amount, with the laws of its executor checked after every step beside those of every strategy. */
import { expect } from 'vitest';
import type { Execution, ExecutionIntent } from '#core/executors/execution.ts';
import type { Strategy } from '#core/strategy.ts';
import { StrategyRun, type StrategyRunOptions } from './strategy-run.ts';

export class ExecutionRun extends StrategyRun {
  constructor(strategy: unknown, options: StrategyRunOptions) {
    super(strategy as Strategy, options);
  }

  get state(): { readonly intent: ExecutionIntent; readonly execution: Execution } {
    return this.engine.state.strategy as { readonly intent: ExecutionIntent; readonly execution: Execution };
  }

  get figures(): Readonly<Record<string, unknown>> {
    return this.setup.strategy.figures?.(this.engine.state.strategy, this.setup.scale) ?? {};
  }

  /** Lots that its fills on the tape add up to. */
  get tradedLots(): number {
    return this.tape.reduce((sum, { event }) => (event.type === 'orderFilled' ? sum + event.fill.sizeLots : sum), 0);
  }

  override checkLaws(): void {
    super.checkLaws();
    if (this.engine.state.strategy === null) return;
    const { intent, execution } = this.state;
    const offered = this.orders.reduce((sum, order) => sum + order.sizeLots - order.filledLots, 0);
    expect(execution.filledLots, 'what it believes to have traded').toBe(this.tradedLots);
    expect(execution.filledLots + offered, 'never more than the intent').toBeLessThanOrEqual(intent.lots);
    if (execution.stage === 'done') expect(this.orders, 'no order is left behind').toEqual([]);
    const { filled, unfilled } = this.figures;
    expect(Math.round((Number(filled) + Number(unfilled)) * 1_000), 'filled and unfilled are the intent').toBe(intent.lots);
  }
}
