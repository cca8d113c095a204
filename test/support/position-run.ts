/** One run of a strategy that holds a position with barriers, with the laws of its executor checked after every step beside those of every strategy. */
import { expect } from 'vitest';
import type { PositionIntent, PositionState } from '#core/executors/position-state.ts';
import type { Strategy } from '#core/strategy.ts';
import { StrategyRun, type StrategyRunOptions } from './strategy-run.ts';

/** What of a strategy's state is looked at. */
export interface Held {
  readonly intent: PositionIntent;
  readonly position: PositionState;
}

export class PositionRun extends StrategyRun {
  readonly #heldOf: (state: unknown) => Held | null;

  constructor(strategy: Strategy, options: StrategyRunOptions, heldOf: (state: unknown) => Held | null) {
    super(strategy, options);
    this.#heldOf = heldOf;
  }

  get figures(): Readonly<Record<string, unknown>> {
    return this.setup.strategy.figures?.(this.engine.state.strategy, this.setup.scale) ?? {};
  }

  override checkLaws(): void {
    super.checkLaws();
    const { engine } = this;
    if (engine.state.strategy === null || engine.state.phase === 'liquidating' || engine.state.phase === 'finished') return;
    const held = this.#heldOf(engine.state.strategy);
    if (held === null || held.position.stage === 'done')
      return expect(
        this.orders.map(({ tag }) => tag),
        'no order is left behind',
      ).toEqual([]);
    const { intent, position } = held;
    intent.entries.forEach(({ lots }, index) => {
      const offered = this.orders.filter(({ tag }) => tag === `entry:${index}`).reduce((sum, order) => sum + order.sizeLots - order.filledLots, 0);
      expect((position.enteredLots[index] ?? 0) + offered, 'never more than the intent').toBeLessThanOrEqual(lots);
    });
    expect(position.enteredLots.reduce((sum, lots) => sum + lots, 0)).toBe(position.opened.lots);
    const closing = intent.direction === 'short' ? 'buy' : 'sell';
    const offered = this.orders.filter(({ side }) => side === closing).reduce((sum, order) => sum + order.sizeLots - order.filledLots, 0);
    expect(offered * 10_000, 'closes no more than it holds').toBeLessThanOrEqual(position.heldGrains);
    if (this.setup.scale.isPerpetual) {
      expect(Math.abs(engine.state.position.baseGrains), 'what it holds').toBe(position.heldGrains);
      expect(
        this.orders.filter(({ side, reduceOnly }) => side === closing && !reduceOnly),
        'closing orders may only reduce',
      ).toEqual([]);
    }
  }
}
