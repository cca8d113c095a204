/** Short ways to write orders and to read what became of them, for the tests of the matching engine. */

import type { OrderRequest, OrderType, Side } from '../order.ts';
import { Matching } from './matching.ts';
import type { MatchingModels } from './models.ts';
import { rateFee } from './models.ts';

export function matching(change: Partial<MatchingModels> = {}): Matching {
  return new Matching({ fee: rateFee(0, 0, 'quote'), slippage: () => 0, fillRule: 'touch', halfSpreadTicks: 0, ...change });
}

export function order(side: Side, type: OrderType, change: Partial<OrderRequest> = {}): OrderRequest {
  return {
    side,
    type,
    priceTicks: 0,
    triggerTicks: 0,
    sizeLots: 10,
    timeInForce: type === 'market' || type === 'stopMarket' ? 'ioc' : 'gtc',
    postOnly: false,
    reduceOnly: false,
    tag: '',
    ...change,
  };
}

export function limitOrder(side: Side, priceTicks: number, sizeLots = 10, change: Partial<OrderRequest> = {}): OrderRequest {
  return order(side, 'limit', { priceTicks, sizeLots, ...change });
}

/** The reports since the last call as short texts: `filled a 5@100 maker`, `expired b`. */
export function story(engine: Matching): string[] {
  return engine.takeReports().map((report) => {
    const name = `${report.type} ${report.order.clientOrderId}`;
    if (report.type === 'filled') return `${name} ${report.fill.sizeLots}@${report.fill.priceTicks} ${report.fill.isMaker ? 'maker' : 'taker'}`;
    return report.type === 'rejected' ? `${name} ${report.reason}` : name;
  });
}

/** Executes everything the present quote reaches. */
export function settleAll(engine: Matching): number {
  let count = 0;
  while (engine.settle()) if (++count > 10_000) throw new Error('settling does not end');
  return count;
}

/** Moves the price to a target; the number of executions on the way. */
export function moveTo(engine: Matching, targetTicks: number): number {
  let count = 0;
  while (engine.advance(targetTicks)) if (++count > 10_000) throw new Error('the price never gets there');
  return count;
}
