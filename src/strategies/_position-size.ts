/** How large the entries of a position may be, so that the budget bears all of them at their worst prices. */
import { openingPrice } from '#core/executors/amounts.ts';
import { type Directed, isShort } from '#core/executors/directions.ts';
import { FEE_RATE_UNITS, feeOn, type Scale } from '#core/instrument.ts';
import type { FeeAsset } from '#core/risk.ts';

export interface Market {
  readonly scale: Scale;
  readonly feeAsset: FeeAsset;
  readonly askTicks: number;
}

/** Rounding up of single fees and costs must not make the last order too dear. */
const ROUNDING_SHARE = 0.999_999;

/** Lots of each entry when `atoms` are divided equally among them; a price of 0 stands for the market. */
export function entryLots(prices: readonly number[], atoms: number, leverage: number, params: Directed, market: Market): readonly number[] {
  const { scale, feeAsset, askTicks } = market;
  // A sale fills at the market where that is better, and is margined by it.
  const paid = prices.map((ticks) => (isShort(params) ? Math.max(ticks, openingPrice(askTicks)) : ticks || openingPrice(askTicks)));
  const worst = isShort(params) ? Math.max(...paid) : Math.min(...paid);
  const feeRate = scale.takerFee / FEE_RATE_UNITS;
  const each = Math.floor((Math.max(0, atoms) * ROUNDING_SHARE) / prices.length);
  return paid.map((ticks) => {
    const fee = scale.isPerpetual || feeAsset === 'quote' ? ticks * feeRate : 0;
    // Margin must also bear what the earlier entries have lost when the last one fills.
    const cost = scale.isPerpetual ? ticks / leverage + Math.abs(ticks - worst) : ticks;
    return Math.floor(each / (cost + fee));
  });
}

/** The least budget with which one order can be placed at the present price, sold again after fees included. */
export function leastInvestment(leverage: number, market: Market, bidTicks: number): number {
  const { scale, askTicks } = market;
  if (askTicks <= 0 || bidTicks <= 0) return 0;
  // One lot more, so that what is left after a fee in the coin can still be sold.
  const lots = Math.max(scale.minLots, Math.ceil(scale.minAtoms / bidTicks)) + 1;
  const ticks = openingPrice(askTicks);
  const cost = scale.isPerpetual ? Math.ceil((lots * ticks) / leverage) : lots * ticks;
  return Math.ceil((cost + feeOn(lots * ticks, scale.takerFee)) / ROUNDING_SHARE) + 1;
}
