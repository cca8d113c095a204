/**
 * The arithmetic of a DCA deal: how far below the base order its safety orders stand, what each spends, what a deal
 * needs, and at which prices it wins, loses nothing or stops. Pure figures; nothing here decides.
 */

import { OPENING_MARGIN, openingPrice } from '#core/executors/amounts.ts';
import { against, inFavour, isShort, openingTicks } from '#core/executors/directions.ts';
import { averageTicks, type Bought, netTicks } from '#core/executors/net-prices.ts';
import { feeOn, type Scale } from '#core/instrument.ts';
import { Decimal, decimal } from '#core/money.ts';
import type { FeeAsset } from '#core/risk.ts';
import type { DcaParams, DcaPlanInput } from './params.ts';
import { type OrderSize, orderSize, type SizeBasis, scaled } from './sizes.ts';

/** A safety order before its deal begins: its distance in per cent of the base order's price, and its size. */
export interface LadderStep extends OrderSize {
  readonly deviation: Decimal;
}

/** The safety orders the settings ask for, the nearest first. */
export function ladderOf(params: DcaParams, scale: Scale, basis: SizeBasis): readonly LadderStep[] {
  const stepOf = (deviation: Decimal, size: Decimal) => ({ deviation, ...orderSize(params, scale, size, deviation, basis) });
  if (params.safety_steps.length > 0) return params.safety_steps.map((step) => stepOf(decimal(step.deviation_percent), decimal(step.size)));
  if (params.safety_orders === 0 || params.safety_order_size === null || params.price_step_percent === null) return [];
  const steps: LadderStep[] = [];
  let deviation = new Decimal(0);
  let step = decimal(params.price_step_percent);
  let size = decimal(params.safety_order_size);
  for (let number = 0; number < params.safety_orders; number += 1) {
    deviation = deviation.plus(step);
    steps.push(stepOf(deviation, size));
    step = step.times(params.step_scale);
    size = size.times(params.volume_scale);
  }
  return steps;
}

/** Of a plan: the present price, and the investment. */
export function basisOf({ params, scale, bidTicks, askTicks }: DcaPlanInput): SizeBasis {
  const fundsAtoms = params.investment === null ? 0 : scale.atoms(params.investment, 'down');
  return { priceTicks: openingTicks(params, { bidTicks, askTicks }), fundsAtoms };
}

export function baseOrderSize(params: DcaParams, scale: Scale, basis: SizeBasis): OrderSize {
  return orderSize(params, scale, params.base_order_size, new Decimal(0), basis);
}

/** Quote an order for `sizeAtoms` takes at most, with the fee where it is taken in quote; of a perpetual its margin. */
export function costOfSize(sizeAtoms: number, scale: Scale, feeAsset: FeeAsset, leverage = 1): number {
  if (scale.isPerpetual) return Math.ceil(sizeAtoms / leverage) + feeOn(sizeAtoms, scale.takerFee);
  return feeAsset === 'quote' ? sizeAtoms + feeOn(sizeAtoms, scale.takerFee) : sizeAtoms;
}

/** What a base order that takes from the book may spend: its price may lie above the ask by a margin. */
export function withMargin(sizeAtoms: number): number {
  return Math.ceil(sizeAtoms * (1 + OPENING_MARGIN));
}

/** Quote that one deal needs at most when all its sizes are multiplied by a factor. */
export function dealNeed(params: DcaParams, scale: Scale, feeAsset: FeeAsset, basis: SizeBasis, factor = 1): number {
  const size = scaled(baseOrderSize(params, scale, basis), factor);
  // A given size in the coin is bought whole, so that its dearest price is rounded up, too.
  const base = size.sizeLots === null ? withMargin(size.sizeAtoms) : Math.max(size.sizeAtoms, size.sizeLots * openingPrice(basis.priceTicks));
  let need = costOfSize(base, scale, feeAsset, params.leverage);
  const ladder = ladderOf(params, scale, basis);
  for (const step of ladder) need += costOfSize(Math.floor(step.sizeAtoms * factor), scale, feeAsset, params.leverage);
  return scale.isPerpetual ? need + lossOfFullDeal(params, ladder, base, factor) : need;
}

/** What a position in a perpetual has lost when the last safety order has filled, in atoms: its margin must bear that. */
function lossOfFullDeal(params: DcaParams, ladder: readonly LadderStep[], baseAtoms: number, factor: number): number {
  const sign = isShort(params) ? 1 : -1;
  const ratioOf = (deviation: Decimal) => 1 + (sign * deviation.toNumber()) / 100;
  const last = ratioOf(ladder.at(-1)?.deviation ?? new Decimal(0));
  const lossOf = (sizeAtoms: number, ratio: number) => sizeAtoms * sign * (last / ratio - 1);
  return Math.ceil(ladder.reduce((sum, step) => sum + lossOf(step.sizeAtoms * factor, ratioOf(step.deviation)), lossOf(baseAtoms, 1)));
}

/** A step of the take profit as the settings give it. */
export interface ProfitStep {
  readonly percent: string;
  readonly share: string;
}

export function profitSteps(params: DcaParams): readonly ProfitStep[] {
  if (params.take_profits.length > 0) return params.take_profits.map((step) => ({ percent: step.percent, share: step.share_percent }));
  return [{ percent: params.take_profit_percent ?? '0', share: '100' }];
}

/** Price of a take-profit step, in ticks. */
export function profitTicks(params: DcaParams, percent: string, bought: Bought, baseTicks: Decimal, scale: Scale): number {
  if (params.take_profit_basis === 'base_order') return inFavour(params, baseTicks, percent);
  return params.take_profit_net ? netTicks(bought, percent, scale.makerFee, params) : inFavour(params, averageTicks(bought), percent);
}

/** Price of the stop by its basis, in ticks; `null` without one. */
export function stopTicks(params: DcaParams, bought: Bought, baseTicks: Decimal): number | null {
  if (params.stop_loss_percent === null) return null;
  return against(params, params.stop_loss_basis === 'average' ? averageTicks(bought) : baseTicks, params.stop_loss_percent);
}
