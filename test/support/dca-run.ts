/** One DCA run, with the laws of a deal checked after every step beside those of every strategy. */
import { expect } from 'vitest';
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import type { DcaState, Deal } from '#strategies/_dca/deal.ts';
import { dca } from '#strategies/dca.ts';
import { StrategyRun, type StrategyRunOptions } from './strategy-run.ts';

/** 100 at 100, then 100 at 90 and 100 at 80; sells 10 % above the average. */
export const TWO_STEPS = { base_order_size: '100', safety_orders: 2, safety_order_size: '100', price_step_percent: '10', take_profit_percent: '10' };

/** A deal of two safety orders that has begun at 100, without fees unless a test wants some. */
export function twoSteps(config: Readonly<Record<string, unknown>> = {}, more: Partial<StrategyRunOptions> = {}): DcaRun {
  return new DcaRun({ config: { ...TWO_STEPS, ...config }, price: '100', instrument: { makerFeeRate: '0', takerFeeRate: '0' }, ...more }).start();
}

export class DcaRun extends StrategyRun {
  constructor(options: StrategyRunOptions) {
    super(dca, options);
  }

  get state(): DcaState {
    return this.engine.state.strategy as DcaState;
  }

  get deal(): Deal {
    const { deal } = this.state;
    if (deal === null) throw new Error('no deal is open');
    return deal;
  }

  override checkLaws(): void {
    super.checkLaws();
    const { engine } = this;
    if (engine.state.strategy === null || engine.state.phase === 'liquidating' || engine.state.phase === 'finished') return;
    const { deal, dust, kept, profitAtoms } = this.state;
    const { position } = engine.state;
    const sign = this.setup.params['direction'] === 'short' ? -1 : 1;
    const held = 0 + sign * ((deal?.heldGrains ?? 0) + dust.grains + kept.grains);
    expect(held, 'what the deal holds, its dust and what was let go').toBe(position.baseGrains);
    const cost = (deal?.heldCostAtoms ?? 0) + dust.costAtoms + kept.costAtoms;
    expect(profitAtoms - sign * cost + 0, 'profit adds up to the fills').toBe(position.quoteAtoms - this.otherFeeAtoms);
    if (deal === null) return;
    const most = Number(this.setup.params['active_safety_orders'] ?? Number.POSITIVE_INFINITY);
    expect(this.orders.filter((order) => order.tag.startsWith('safety:') && !order.cancelRequested).length, 'safety orders at the venue').toBeLessThanOrEqual(
      most,
    );
    const closing = sign > 0 ? 'sell' : 'buy';
    const closes = this.orders.filter((order) => order.side === closing).reduce((sum, order) => sum + order.sizeLots - order.filledLots, 0);
    expect(closes * GRAINS_PER_LOT, 'closes no more than the deal holds').toBeLessThanOrEqual(deal.heldGrains);
    expect(deal.heldGrains).toBeGreaterThanOrEqual(0);
    for (const step of deal.safety) expect(step.filledLots).toBeLessThanOrEqual(step.lots);
  }
}
