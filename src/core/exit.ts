/**
 * How a run that ends turns what it holds into what its user wants: one market order at a time, as large as it may be.
 */
import type { Liquidation } from './events.ts';
import { feeOn, GRAINS_PER_LOT } from './instrument.ts';
import type { OrderRequest } from './order.ts';
import { freeBaseGrains, freeQuoteAtoms, type RiskView, worstTicks } from './risk.ts';
import { closableLots, closingSide, positionLots } from './risk-perpetual.ts';

/** Tag of the order that liquidates a run. */
export const EXIT_TAG = 'exit';

/** The next market order on the way to the wished end, or `null` when what is left is below the venue's minimum. */
export function exitRequest(view: RiskView, liquidation: Liquidation): OrderRequest | null {
  if (liquidation === 'keep' || view.bidTicks <= 0) return null;
  if (view.scale.isPerpetual) return closingRequest(view);
  const { scale, limits } = view;
  const side = liquidation === 'toQuote' ? 'sell' : 'buy';
  const draft: OrderRequest = {
    side,
    type: 'market',
    priceTicks: 0,
    triggerTicks: 0,
    sizeLots: 1,
    timeInForce: 'ioc',
    postOnly: false,
    reduceOnly: false,
    tag: EXIT_TAG,
  };
  const lots = Math.floor(side === 'sell' ? freeBaseGrains(view) / GRAINS_PER_LOT : quoteWithoutFee(view) / worstTicks(draft, view));
  const sizeLots = Math.min(lots, scale.maxLots, Math.floor(limits.maxOrderAtoms / view.askTicks));
  const isTradable = sizeLots >= scale.minLots && sizeLots * view.bidTicks >= scale.minAtoms;
  return isTradable ? { ...draft, sizeLots } : null;
}

/** A position is closed whichever coin the user wants: what it has earned is in the settle coin already. */
function closingRequest(view: RiskView): OrderRequest | null {
  const { scale, limits } = view;
  const side = closingSide(positionLots(view));
  const sizeLots = Math.min(closableLots(view), scale.maxLots, Math.floor(limits.maxOrderAtoms / view.askTicks));
  if (side === null || sizeLots < scale.minLots) return null;
  return { side, type: 'market', priceTicks: 0, triggerTicks: 0, sizeLots, timeInForce: 'ioc', postOnly: false, reduceOnly: true, tag: EXIT_TAG };
}

/** Free quote with room for the fee on all of it, where the fee is taken in quote. */
function quoteWithoutFee(view: RiskView): number {
  const free = freeQuoteAtoms(view);
  return view.feeAsset === 'quote' ? free - feeOn(free, view.scale.takerFee) : free;
}
