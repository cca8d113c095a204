/** A deal that begins at the present price and whose safety orders fill one by one: what users see before they start. */

import { isClosable, receivedGrains, wholeLots } from '#core/executors/amounts.ts';
import { against, isShort, openingTicks } from '#core/executors/directions.ts';
import { averageTicks, type Bought, breakEvenTicks, shareOut } from '#core/executors/net-prices.ts';
import { conditionsOf, conditionsWarmUp } from '#core/indicator-conditions.ts';
import { feeOn, GRAINS_PER_LOT } from '#core/instrument.ts';
import { Decimal, type DecimalString, plain } from '#core/money.ts';
import type { BarsWanted } from '#core/strategy.ts';
import { barsOf } from '../_bars.ts';
import { liquidationsAfter } from '../_perpetuals.ts';
import { baseOrderSize, basisOf, dealNeed, ladderOf, profitSteps, profitTicks, stopTicks } from './ladder.ts';
import type { DcaParams, DcaPlanInput } from './params.ts';
import { barsOfDay } from './rule.ts';

/** Where a deal stands when the base order (the first) or a safety order has filled. */
interface Stage {
  readonly deviation: Decimal;
  /** Of the order that has filled. */
  readonly ticks: number;
  readonly lots: number;
  readonly bought: Bought;
  readonly breakEvenTicks: number;
  readonly stopTicks: number | null;
  /** Take-profit steps; 0 lots where a step is too small for an order of its own. */
  readonly profits: readonly { readonly ticks: number; readonly lots: number }[];
}

/** The stages of a deal: the base order trades at the market, safety orders at their prices, all at the taker's fee. */
export function dealForecast(input: DcaPlanInput): readonly Stage[] {
  const { params, scale, feeAsset } = input;
  const marketTicks = openingTicks(params, input);
  const baseTicks = new Decimal(marketTicks);
  const feeSign = isShort(params) ? -1 : 1;
  const basis = basisOf(input);
  const orders = [
    { deviation: new Decimal(0), ticks: marketTicks, sizeAtoms: baseOrderSize(params, scale, basis).sizeAtoms },
    ...ladderOf(params, scale, basis).map(({ deviation, sizeAtoms }) => ({ deviation, ticks: against(params, baseTicks, deviation), sizeAtoms })),
  ];
  let bought: Bought = { grains: 0, costAtoms: 0, lots: 0, valueAtoms: 0 };
  const stages: Stage[] = [];
  for (const { deviation, ticks, sizeAtoms } of orders) {
    const lots = ticks <= 0 ? 0 : Math.floor(sizeAtoms / ticks);
    const value = lots * ticks;
    bought = {
      grains: bought.grains + receivedGrains(lots, scale.takerFee, feeAsset),
      costAtoms: bought.costAtoms + value + (feeAsset === 'received' ? 0 : feeSign * feeOn(value, scale.takerFee)),
      lots: bought.lots + lots,
      valueAtoms: bought.valueAtoms + value,
    };
    // Settings that buy nothing at all are refused before anything else is looked at.
    if (bought.lots === 0) return [{ deviation, ticks, lots, bought, breakEvenTicks: 0, stopTicks: null, profits: [] }];
    const levels = profitSteps(params).map(({ percent }) => profitTicks(params, percent, bought, baseTicks, scale));
    const isEnough = (step: number, each: number) => isClosable({ scale }, each, levels[step] ?? 0);
    const shares = profitSteps(params).map(({ share }) => ({ share, soldLots: 0 }));
    const sold = shareOut(shares, wholeLots(bought.grains), isEnough);
    stages.push({
      deviation,
      ticks,
      lots,
      bought,
      breakEvenTicks: breakEvenTicks(bought, scale.makerFee, params),
      stopTicks: stopTicks(params, bought, baseTicks),
      profits: levels.map((level, step) => ({ ticks: level, lots: isEnough(step, sold[step] ?? 0) ? (sold[step] ?? 0) : 0 })),
    });
  }
  return stages;
}

export function dcaPreview(input: DcaPlanInput, quoteAtoms: number): Readonly<Record<string, unknown>> {
  const { params, scale, feeAsset } = input;
  const { base, quote, makerFeeRate, takerFeeRate } = scale.instrument;
  const stages = dealForecast(input);
  const last = stages.at(-1);
  const stop = last?.stopTicks ?? null;
  const liquidations = dealLiquidations(input, stages, quoteAtoms);
  const feeSign = isShort(params) ? -1 : 1;
  return {
    base,
    quote,
    price: scale.price(openingTicks(params, input)),
    direction: params.direction,
    fees: { maker_rate: makerFeeRate, taker_rate: takerFeeRate, taken_in: feeAsset },
    needed_quote: scale.quote(quoteAtoms),
    deal_quote: scale.quote(dealNeed(params, scale, feeAsset, basisOf(input))),
    [isShort(params) ? 'covers_rise_percent' : 'covers_fall_percent']: plain((last?.deviation ?? new Decimal(0)).toDecimalPlaces(4)),
    stop_price_at_full_deal: stop === null ? null : scale.price(stop),
    loss_at_stop_of_full_deal: stop === null || last === undefined ? null : scale.quote(lossAt(input, last.bought, stop)),
    ...Object.fromEntries(barsOfDca(params).map(({ warmUp }) => ['warm_up_bars', warmUp])),
    ...(scale.isPerpetual ? { leverage: params.leverage, margin_mode: params.margin_mode } : {}),
    // The deal as it stands when each order has filled, the base order first.
    orders: stages.map((stage, index) => ({
      deviation_percent: plain(stage.deviation.toDecimalPlaces(4)),
      price: scale.price(stage.ticks),
      size: scale.size(stage.lots),
      value: scale.quote(stage.lots * stage.ticks),
      total_value: scale.quote(stage.bought.valueAtoms),
      average_price: plain(averageTicks(stage.bought).times(scale.instrument.priceIncrement).toDecimalPlaces(12)),
      break_even_price: scale.price(stage.breakEvenTicks),
      take_profit_prices: stage.profits.map(({ ticks }) => scale.price(ticks)),
      [isShort(params) ? 'fall_to_take_profit_percent' : 'rise_to_take_profit_percent']: percentOf(
        new Decimal(stage.profits.at(-1)?.ticks ?? 0).div(stage.ticks).minus(1).times(feeSign),
      ),
      ...(scale.isPerpetual ? { liquidation_price: liquidations[index] == null ? null : scale.price(liquidations[index]) } : {}),
      stop_price: stage.stopTicks === null ? null : scale.price(stage.stopTicks),
    })),
  };
}

/** The bars that conditions and volume are told by; none without either. */
export function barsOfDca(params: DcaParams): readonly BarsWanted[] {
  const conditions = conditionsOf(params.start_conditions).concat(conditionsOf(params.close_conditions));
  const forVolume = params.min_volume_24h === null ? 0 : barsOfDay(params);
  if (conditions.length === 0 && forVolume === 0) return [];
  const { intervalMs, warmUp } = barsOf(params.timeframe, conditions.length === 0 ? 0 : conditionsWarmUp(conditions));
  return [{ intervalMs, warmUp: Math.max(warmUp, forVolume) }];
}

/** What a full deal loses when it is closed at a price, after the fee. */
function lossAt({ params, scale }: DcaPlanInput, { grains, costAtoms }: Bought, ticks: number): number {
  const value = Math.floor((grains / GRAINS_PER_LOT) * ticks);
  const fee = feeOn(value, scale.takerFee);
  return Math.max(0, isShort(params) ? value + fee - costAtoms : costAtoms - value + fee);
}

/** The price at which the exchange would close a position in a perpetual after each order of the deal. */
export function dealLiquidations(input: DcaPlanInput, stages: readonly Stage[], quoteAtoms: number): readonly (number | null)[] {
  return input.scale.isPerpetual ? liquidationsAfter(stages, isShort(input.params), input.params, input.scale, quoteAtoms) : [];
}

function percentOf(share: Decimal): DecimalString {
  return plain(share.times(100).toDecimalPlaces(4));
}
