/** What must be right before a strategy of signals begins, and at which prices a position of it wins and stops. */

import { receivedGrains, wholeLots } from '#core/executors/amounts.ts';
import { against, isAsGood, openingTicks, ticksBelow } from '#core/executors/directions.ts';
import { breakEvenTicks, netTicks } from '#core/executors/net-prices.ts';
import { GRAINS_PER_LOT, type Scale } from '#core/instrument.ts';
import type { Issue, ParamsOf } from '#core/params.ts';
import type { FeeAsset } from '#core/risk.ts';
import type { Plan, PlanInput } from '#core/strategy.ts';
import { barsOf } from './_bars.ts';
import { costOfSize, withMargin } from './_dca/ladder.ts';
import { leverageIssues, liquidationsAfter } from './_perpetuals.ts';
import type { SignalParamsSpec } from './_signal-params.ts';

export type SharedParams = ParamsOf<SignalParamsSpec>;

/** What one entry spends of the investment, before margin and fee. */
export function entryAtoms(params: SharedParams, scale: Scale, feeAsset: FeeAsset): number {
  const known = knownEntries.get(params);
  if (known?.scale === scale && known.feeAsset === feeAsset) return known.atoms;
  const atoms = Math.floor((scale.atoms(params.investment, 'down') * 1_000_000) / costOfSize(withMargin(1_000_000), scale, feeAsset, params.leverage));
  knownEntries.set(params, { scale, feeAsset, atoms });
  return atoms;
}

/** A run asks at every entry; its settings never change. */
const knownEntries = new WeakMap<SharedParams, { readonly scale: Scale; readonly feeAsset: FeeAsset; readonly atoms: number }>();

export function planSignals(input: PlanInput<SignalParamsSpec>, warmUp: number, ruleIssues: readonly Issue[]): Plan {
  const { params, scale, feeAsset, bidTicks, askTicks } = input;
  const issues = [...ruleIssues, ...directionIssues(params, scale)];
  const amount = entryAtoms(params, scale, feeAsset);
  const lots = askTicks <= 0 ? 0 : Math.floor(amount / askTicks);
  const sellable = wholeLots(receivedGrains(lots, scale.takerFee, feeAsset));
  if (bidTicks <= 0 || askTicks <= 0)
    issues.push({ field: 'investment', message: 'cannot be planned: no market price is known; try again when the market answers' });
  else if (sellable < scale.minLots || sellable * bidTicks < scale.minAtoms)
    issues.push({
      field: 'investment',
      message: `buys ${scale.size(lots)} ${scale.instrument.base}, which could not be sold again after the fee; the venue takes no less than ${scale.quote(Math.max(scale.minAtoms, scale.minLots * bidTicks))} ${scale.instrument.quote}`,
    });
  if (issues.length > 0) return { ok: false, issues };
  if (scale.isPerpetual) return planDirected(input, warmUp, lots);
  const bought = {
    grains: receivedGrains(lots, scale.takerFee, feeAsset),
    costAtoms: costOfSize(lots * askTicks, scale, feeAsset),
    lots,
    valueAtoms: lots * askTicks,
  };
  const { makerFeeRate, takerFeeRate } = scale.instrument;
  return {
    ok: true,
    quoteAtoms: scale.atoms(params.investment, 'down'),
    baseGrains: 0,
    preview: {
      price: scale.price(askTicks),
      entry_size: scale.size(lots),
      entry_value: scale.quote(lots * askTicks),
      break_even_price: scale.price(breakEvenTicks(bought, scale.takerFee)),
      stop_price: params.stop_loss_percent === null ? null : scale.price(ticksBelow(askTicks, params.stop_loss_percent)),
      take_profit_price: params.take_profit_percent === null ? null : scale.price(netTicks(bought, params.take_profit_percent, scale.makerFee)),
      warm_up_bars: barsOf(params.timeframe, warmUp).warmUp,
      fees: { maker_rate: makerFeeRate, taker_rate: takerFeeRate, taken_in: feeAsset },
    },
  };
}

function directionIssues(params: SharedParams, scale: Scale): readonly Issue[] {
  const issues = leverageIssues(params, scale);
  if (scale.isPerpetual || params.direction === 'long') return issues;
  return [...issues, { field: 'direction', message: `must be long: ${scale.instrument.symbol} is a spot instrument; ${params.direction} needs a perpetual` }];
}

/** Of a perpetual: where a position of either way wins and stops, and that the exchange would not close it before its stop. */
function planDirected({ params, scale, bidTicks, askTicks }: PlanInput<SignalParamsSpec>, warmUp: number, lots: number): Plan {
  const quoteAtoms = scale.atoms(params.investment, 'down');
  const { makerFeeRate, takerFeeRate } = scale.instrument;
  const ways = (['long', 'short'] as const).filter((direction) => params.direction === 'both' || params.direction === direction);
  const positions = ways.map((direction) => {
    const ticks = openingTicks({ direction }, { bidTicks, askTicks });
    const bought = { grains: lots * GRAINS_PER_LOT, costAtoms: lots * ticks, lots, valueAtoms: lots * ticks };
    const price = (at: number | null) => (at === null ? null : scale.price(at));
    const stop = params.stop_loss_percent === null ? null : against({ direction }, ticks, params.stop_loss_percent);
    const liquidation = liquidationsAfter([{ ticks, lots }], direction === 'short', params, scale, quoteAtoms)[0] ?? null;
    return {
      isEarly: stop !== null && liquidation !== null && isAsGood({ direction }, liquidation, stop),
      shown: {
        direction,
        entry_price: price(ticks),
        stop_price: price(stop),
        take_profit_price: params.take_profit_percent === null ? null : price(netTicks(bought, params.take_profit_percent, scale.makerFee, { direction })),
        liquidation_price: price(liquidation),
      },
    };
  });
  const early = positions.find(({ isEarly }) => isEarly);
  if (early !== undefined) {
    const message = `${params.leverage}: the exchange would close the ${early.shown.direction} position at about ${early.shown.liquidation_price}, before its stop at ${early.shown.stop_price}; use less leverage or a nearer stop`;
    return { ok: false, issues: [{ field: 'leverage', message }] };
  }
  return {
    ok: true,
    quoteAtoms,
    baseGrains: 0,
    leverage: params.leverage,
    marginMode: params.margin_mode,
    preview: {
      price: scale.price(askTicks),
      entry_size: scale.size(lots),
      entry_value: scale.quote(lots * askTicks),
      positions: positions.map(({ shown }) => shown),
      warm_up_bars: barsOf(params.timeframe, warmUp).warmUp,
      fees: { maker_rate: makerFeeRate, taker_rate: takerFeeRate, taken_in: 'quote' },
    },
  };
}
