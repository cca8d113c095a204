/** The position of a smart trade: its prices and its size, what it needs, and what is wrong with its settings. */
import { openingPrice } from '#core/executors/amounts.ts';
import { against, inFavour, isAsGood, isShort } from '#core/executors/directions.ts';
import type { PositionIntent } from '#core/executors/position-state.ts';
import type { Scale } from '#core/instrument.ts';
import type { Issue } from '#core/params.ts';
import { sharesOf, signalCallIssues } from '#core/signal-call.ts';
import type { Plan, PlanInput, PlanLeg } from '#core/strategy.ts';
import { afterHours } from './_fields.ts';
import { leverageIssues, liquidationsAfter } from './_perpetuals.ts';
import { entryLots, leastInvestment } from './_position-size.ts';
import type { SMART_PARAMS, SmartParams } from './_smart-params.ts';

/** The position at the present market. `at` is when it begins. */
export function positionOf(params: SmartParams, market: PlanLeg, at: number): PositionIntent {
  const { scale } = market;
  const rounding = isShort(params) ? 'up' : 'down';
  const from = referenceTicks(params, market);
  const entry = params.entry_price === null ? 0 : from;
  const shares = sharesOf(params.take_profits);
  const stopTicks = params.stop_price === null ? 0 : scale.ticks(params.stop_price, rounding);
  const lots = entryLots([entry], scale.atoms(params.investment, 'down'), params.leverage, params, market);
  return {
    direction: params.direction,
    entries: [{ ticks: entry, lots: lots[0] ?? 0 }],
    targets: params.take_profits.map(({ price, percent }, index) => ({
      ticks: price === null ? inFavour(params, from, percent ?? '0') : scale.ticks(price, rounding),
      share: shares[index] ?? '0',
    })),
    stopTicks: params.stop_loss_percent === null ? stopTicks : against(params, from, params.stop_loss_percent),
    trailingPercent: params.trailing_stop_percent,
    isMissedAtTarget: false,
    breakEvenAfter: params.break_even_after_target,
    entryUntil: afterHours(params.entry_hours, at),
    endsAt: afterHours(params.max_hours, at),
  };
}

/** What per cents count from. */
function referenceTicks(params: SmartParams, { scale, bidTicks, askTicks }: PlanLeg): number {
  // Never 0, which stands for the market.
  if (params.entry_price !== null) return Math.max(scale.minTicks, scale.ticks(params.entry_price, isShort(params) ? 'up' : 'down'));
  return isShort(params) ? bidTicks : askTicks;
}

export function planSmartTrade({ params, ...market }: PlanInput<typeof SMART_PARAMS>): Plan {
  const { scale, bidTicks, askTicks, feeAsset } = market;
  const unknown = 'cannot be planned: no market price is known; try again when the market answers';
  if (bidTicks <= 0 || askTicks <= 0) return { ok: false, issues: [{ field: 'investment', message: unknown }] };
  const issues = [...leverageIssues(params, scale), ...fieldIssues(params, scale)];
  const quoteAtoms = scale.atoms(params.investment, 'down');
  const { quote, makerFeeRate, takerFeeRate } = scale.instrument;
  const least = leastInvestment(params.leverage, market, bidTicks);
  if (quoteAtoms < least) issues.push({ field: 'investment', message: `is too little for one order; use at least ${scale.quote(least)} ${quote}` });
  if (issues.length > 0) return { ok: false, issues };
  const intent = positionOf(params, market, 0);
  issues.push(...priceIssues(params, intent, market));
  const liquidation = scale.isPerpetual ? liquidationOf(params, intent, market) : null;
  if (liquidation !== null && intent.stopTicks > 0 && isAsGood(intent, liquidation, intent.stopTicks)) {
    const price = scale.price(liquidation);
    issues.push({ field: 'leverage', message: `the exchange would close the position at about ${price}, before its stop; use less leverage` });
  }
  if (issues.length > 0) return { ok: false, issues };
  return {
    ok: true,
    quoteAtoms,
    baseGrains: 0,
    ...(scale.isPerpetual ? { leverage: params.leverage, marginMode: params.margin_mode } : {}),
    preview: {
      quote,
      needed_quote: scale.quote(quoteAtoms),
      entry_price: scale.price(referenceTicks(params, market)),
      entry_size: scale.size(intent.entries[0]?.lots ?? 0),
      targets: intent.targets.map(({ ticks, share }) => ({ price: scale.price(ticks), share_percent: share })),
      stop_price: intent.stopTicks === 0 ? null : scale.price(intent.stopTicks),
      ...(liquidation === null ? {} : { liquidation_price: scale.price(liquidation) }),
      fees: { maker_rate: makerFeeRate, taker_rate: takerFeeRate, taken_in: feeAsset },
    },
  };
}

function fieldIssues(params: SmartParams, scale: Scale): readonly Issue[] {
  const issues: Issue[] = [];
  if (isShort(params) && !scale.isPerpetual) issues.push({ field: 'direction', message: `must be long: ${scale.instrument.symbol} is a spot instrument` });
  if (params.stop_price !== null && params.stop_loss_percent !== null)
    issues.push({ field: 'stop_loss_percent', message: 'cannot be given together with stop_price; leave one out' });
  if (params.entry_price === null && params.entry_hours !== null)
    issues.push({ field: 'entry_hours', message: 'is of use only with entry_price; leave it out' });
  for (const [index, { price, percent }] of params.take_profits.entries())
    if ((price === null) === (percent === null)) issues.push({ field: `take_profits[${index}].price`, message: 'give either price or percent' });
  if (params.break_even_after_target !== null && params.break_even_after_target > params.take_profits.length)
    issues.push({ field: 'break_even_after_target', message: `must be at most ${params.take_profits.length}, the number of take_profits` });
  return issues;
}

/** Prices that stand on the wrong side of each other, by the rules of every signal. */
function priceIssues(params: SmartParams, intent: PositionIntent, market: PlanLeg): readonly Issue[] {
  const { scale } = market;
  const call = {
    side: params.direction,
    entries: [{ price: scale.price(referenceTicks(params, market)) }],
    targets: intent.targets.map(({ ticks }, index) => ({ price: scale.price(ticks), share_percent: params.take_profits[index]?.share_percent ?? null })),
    stop: intent.stopTicks === 0 ? null : scale.price(intent.stopTicks),
  };
  return signalCallIssues(call).map(({ field, message }) => ({ field: field === 'stop' ? 'stop_price' : field.replace('targets', 'take_profits'), message }));
}

function liquidationOf(params: SmartParams, { entries }: PositionIntent, { scale, askTicks }: PlanLeg): number | null {
  const filled = entries.map(({ ticks, lots }) => ({ ticks: ticks || openingPrice(askTicks), lots }));
  return liquidationsAfter(filled, isShort(params), params, scale, scale.atoms(params.investment, 'down')).at(-1) ?? null;
}
