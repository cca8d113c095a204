/**
 * What must be right before a DCA bot places anything, and what it will then need and do. Every refusal names the
 * setting at fault and the remedy; amounts in the preview are plain decimals for people.
 */

import { isTradable } from '#core/executors/amounts.ts';
import { isAsGood, isShort } from '#core/executors/directions.ts';
import { conditionIssues } from '#core/indicator-conditions.ts';
import { MAX_ATOMS } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import type { Issue } from '#core/params.ts';
import { MAX_WARM_UP_BARS, type Plan } from '#core/strategy.ts';
import { leverageIssues } from '../_perpetuals.ts';
import { basisOf, dealNeed, ladderOf, profitSteps } from './ladder.ts';
import type { DcaPlanInput } from './params.ts';
import { dcaPreview, dealForecast, dealLiquidations } from './preview.ts';
import { barsOfDay } from './rule.ts';

/** Checks the settings against each other, the market and the venue's rules, and computes what the bot needs and brings. */
export function planDca(input: DcaPlanInput): Plan {
  const { params, scale, feeAsset } = input;
  if (input.bidTicks <= 0 || input.askTicks <= 0)
    return { ok: false, issues: [{ field: 'start', message: 'cannot be planned: no market price is known; try again when the market answers' }] };
  const early = [...unitIssues(input), ...directionIssues(input), ...safetyIssues(input), ...exitIssues(input), ...startIssues(input)];
  if (early.length > 0) return { ok: false, issues: early };
  const need = dealNeed(params, scale, feeAsset, basisOf(input));
  if (params.investment !== null && need > scale.atoms(params.investment, 'down')) return { ok: false, issues: [tooMuch(input, need)] };
  const quoteAtoms = budgetOf(input, need) + scale.atoms(params.extra_funds, 'up');
  if (quoteAtoms > MAX_ATOMS) return { ok: false, issues: [{ field: 'base_order_size', message: 'makes amounts that cannot be computed exactly; use less' }] };
  const issues = [...dealIssues(input), ...liquidationIssues(input, quoteAtoms)];
  if (issues.length > 0) return { ok: false, issues };
  const held = scale.isPerpetual ? { leverage: params.leverage, marginMode: params.margin_mode } : {};
  return { ok: true, quoteAtoms, baseGrains: 0, ...held, preview: dcaPreview(input, quoteAtoms) };
}

/** A price that rises until the first deal begins makes a given amount of the coin dearer. */
const PRICE_RESERVE = 0.02;

function budgetOf({ params, scale }: DcaPlanInput, need: number): number {
  if (params.investment !== null) return scale.atoms(params.investment, 'down');
  return params.size_unit === 'base' ? need + Math.ceil(need * PRICE_RESERVE) : need;
}

function tooMuch({ params, scale }: DcaPlanInput, need: number): Issue {
  const { quote } = scale.instrument;
  return {
    field: 'investment',
    message: `${params.investment} ${quote} is less than a full deal takes with fees and the margin of the first price, ${scale.quote(need)} ${quote}; use more, or smaller orders`,
  };
}

/** Parts of the funds follow profits and losses by themselves. */
function unitIssues({ params }: DcaPlanInput): readonly Issue[] {
  if (params.size_unit !== 'percent') return [];
  if (params.investment === null) return [{ field: 'investment', message: 'is required with size_unit percent, which is a part of it' }];
  return (['reinvest_percent', 'risk_reduction_percent'] as const)
    .filter((field) => !decimal(params[field]).isZero())
    .map((field) => ({ field, message: 'must be 0 with size_unit percent: sizes follow the funds by themselves' }));
}

function directionIssues({ params, scale }: DcaPlanInput): readonly Issue[] {
  const { symbol } = scale.instrument;
  const issues = leverageIssues(params, scale);
  if (scale.isPerpetual || params.direction === 'long') return issues;
  return [...issues, { field: 'direction', message: `must be long: ${symbol} is a spot instrument; short needs a perpetual` }];
}

/** The exchange must not close the position before the next safety order, or the stop, is reached. */
function liquidationIssues(input: DcaPlanInput, quoteAtoms: number): readonly Issue[] {
  const { params, scale } = input;
  const stages = dealForecast(input);
  const prices = dealLiquidations(input, stages, quoteAtoms);
  const nextOf = (index: number) => stages[index + 1]?.ticks ?? stages[index]?.stopTicks ?? stages[index]?.ticks ?? 0;
  const early = prices.findIndex((ticks, index) => ticks !== null && isAsGood(params, ticks, nextOf(index)));
  if (early < 0) return [];
  const remedy = `use less leverage${params.margin_mode === 'isolated' ? ', margin_mode cross' : ''} or smaller steps`;
  const message = `${params.leverage}: the exchange would close the position at about ${scale.price(prices[early] ?? 0)}, before the price reaches ${scale.price(nextOf(early))}; ${remedy}`;
  return [{ field: 'leverage', message }];
}

/** Safety orders: given in one way, each further down than the one before, none at or below nothing. */
function safetyIssues(input: DcaPlanInput): Issue[] {
  const { params, scale } = input;
  const issues: Issue[] = [];
  const isListed = params.safety_steps.length > 0;
  if (isListed && params.safety_orders > 0)
    issues.push({ field: 'safety_steps', message: 'cannot be given together with safety_orders; leave one of them out' });
  if (!isListed && params.safety_orders > 0)
    for (const field of ['safety_order_size', 'price_step_percent'] as const)
      if (params[field] === null) issues.push({ field, message: 'is required with safety_orders' });
  if (issues.length > 0) return issues;
  const ladder = ladderOf(params, scale, basisOf(input));
  const field = isListed ? 'safety_steps' : 'safety_orders';
  const disordered = ladder.findIndex((step, index) => index > 0 && step.deviation.lte(ladder[index - 1]?.deviation ?? 0));
  if (disordered > 0) issues.push({ field: `${field}[${disordered}].deviation_percent`, message: 'must be further below than the step before it' });
  const tooDeep = isShort(params) ? -1 : ladder.findIndex((step) => step.deviation.gte(100));
  if (tooDeep >= 0)
    issues.push({
      field,
      message: `number ${tooDeep + 1} would stand ${ladder[tooDeep]?.deviation.toFixed(2)} % below the base order, at no price at all; use at most ${tooDeep} or smaller steps`,
    });
  return issues;
}

function exitIssues({ params }: DcaPlanInput): Issue[] {
  const issues: Issue[] = [];
  const add = (field: string, message: string) => issues.push({ field, message });
  const { take_profits: steps } = params;
  if (steps.length === 0 && params.take_profit_percent === null) add('take_profit_percent', 'is required unless take_profits lists steps');
  if (steps.length > 0 && params.take_profit_percent !== null) add('take_profits', 'cannot be given together with take_profit_percent; leave one of them out');
  const sum = steps.reduce((total, step) => total.plus(step.share_percent), decimal('0'));
  if (steps.length > 0 && !sum.eq(100)) add('take_profits', `the shares must add up to 100, got ${sum.toFixed()}`);
  steps.forEach((step, index) => {
    if (index > 0 && decimal(step.percent).lte(steps[index - 1]?.percent ?? '0')) add(`take_profits[${index}].percent`, 'must be above the step before it');
  });
  if (isShort(params) && profitSteps(params).some((step) => decimal(step.percent).gte(100)))
    add(steps.length > 0 ? 'take_profits' : 'take_profit_percent', 'must be below 100 with direction short: a price cannot fall further');
  if (params.break_even_after_step !== null && params.break_even_after_step >= profitSteps(params).length)
    add('break_even_after_step', `must be below the number of take-profit steps, ${profitSteps(params).length}: after the last nothing is left to protect`);
  if (params.stop_loss_percent === null) {
    if (params.stop_loss_trailing) add('stop_loss_trailing', 'needs stop_loss_percent');
    if (params.stop_loss_wait_seconds !== null && params.break_even_after_step === null) add('stop_loss_wait_seconds', 'needs stop_loss_percent');
  }
  return issues;
}

function startIssues({ params }: DcaPlanInput): Issue[] {
  const issues: Issue[] = [...conditionIssues('start_conditions', params.start_conditions), ...conditionIssues('close_conditions', params.close_conditions)];
  if (params.close_min_profit_percent !== null && params.close_conditions.length === 0)
    issues.push({ field: 'close_min_profit_percent', message: 'needs close_conditions' });
  if (params.min_volume_24h !== null && barsOfDay(params) > MAX_WARM_UP_BARS)
    issues.push({
      field: 'timeframe',
      message: `must be 5m or longer with min_volume_24h: 24 hours have more bars of ${params.timeframe} than are looked back on`,
    });
  if (params.start === 'conditions' && params.start_conditions.length === 0)
    issues.push({ field: 'start_conditions', message: 'is required with start conditions' });
  if (params.start !== 'conditions' && params.start_conditions.length > 0)
    issues.push({ field: 'start_conditions', message: `are not looked at with start ${params.start}; set start to conditions or leave them out` });
  if (params.min_price !== null && params.max_price !== null && decimal(params.min_price).gte(params.max_price))
    issues.push({ field: 'max_price', message: `must be above min_price ${params.min_price}, got ${params.max_price}` });
  return issues;
}

/** What would go wrong in a deal that begins at the present price: orders too small, sales at a loss, a stop in the way. */
function dealIssues(input: DcaPlanInput): Issue[] {
  const { params, scale } = input;
  const { base, quote } = scale.instrument;
  const stages = dealForecast(input);
  const [opening] = stages;
  if (opening === undefined) return [];
  const isEnough = (lots: number, ticks: number) => isTradable({ scale }, lots, ticks);
  const least = (ticks: number) => scale.quote(Math.max(scale.minLots * ticks, scale.minAtoms));
  const sizeField = params.safety_steps.length > 0 ? 'safety_steps' : 'safety_order_size';
  if (!isEnough(opening.lots, opening.ticks))
    return [
      {
        field: 'base_order_size',
        message: `buys ${scale.size(opening.lots)} ${base}, less than the venue takes; use at least ${least(opening.ticks)} ${quote} and the fee`,
      },
    ];
  const small = stages.findIndex((stage, index) => index > 0 && !isEnough(stage.lots, stage.ticks));
  if (small > 0)
    return [
      {
        field: sizeField,
        message: `safety order ${small} at ${scale.price(stages[small]?.ticks ?? 0)} buys ${scale.size(stages[small]?.lots ?? 0)} ${base}, less than the venue takes; use at least ${least(stages[small]?.ticks ?? 0)} ${quote}`,
      },
    ];
  const twin = stages.findIndex((stage, index) => index > 0 && isAsGood(params, stage.ticks, stages[index - 1]?.ticks ?? 0));
  if (twin > 0)
    return [
      {
        field: params.safety_steps.length > 0 ? 'safety_steps' : 'price_step_percent',
        message: `safety order ${twin} would stand at the price of the order before it, because the price increment is ${scale.instrument.priceIncrement}; use larger steps`,
      },
    ];
  const tooLarge = stages.find((stage) => stage.lots > scale.maxLots);
  if (tooLarge !== undefined)
    return [
      { field: 'base_order_size', message: `makes an order of ${scale.size(tooLarge.lots)} ${base}; the venue takes at most ${scale.size(scale.maxLots)}` },
    ];
  return [...profitIssues(input), ...stopIssues(input)];
}

/** Each take-profit step of the base order alone must be large enough to be sold, and earn more than the fees. */
function profitIssues(input: DcaPlanInput): Issue[] {
  const { params, scale } = input;
  const [opening] = dealForecast(input);
  if (opening === undefined) return [];
  const field = params.take_profits.length > 0 ? 'take_profits' : 'take_profit_percent';
  const losing = opening.profits.findIndex((profit) => !isAsGood(params, profit.ticks, opening.breakEvenTicks));
  if (losing >= 0)
    return [
      {
        field,
        message: `${profitSteps(params)[losing]?.percent ?? ''} % would lose to fees: nothing is lost only from ${scale.price(opening.breakEvenTicks)} on; take more, or set take_profit_net`,
      },
    ];
  const beyond = opening.profits.find((profit) => profit.ticks > scale.maxTicks || profit.ticks < scale.minTicks);
  if (beyond !== undefined) return [{ field, message: `stands at ${scale.price(beyond.ticks)}, beyond the prices the venue takes` }];
  const small = opening.profits.findIndex((profit) => profit.lots === 0);
  if (small < 0) return [];
  return [
    {
      field: profitSteps(params).length > 1 ? 'take_profits' : 'base_order_size',
      message: `step ${small + 1} of the take profit would sell less of the base order than the venue takes; use a larger base order or fewer steps`,
    },
  ];
}

/** A stop in front of the next safety order would keep that from ever being reached. */
function stopIssues(input: DcaPlanInput): Issue[] {
  const { scale, params } = input;
  const stages = dealForecast(input);
  const blocked = stages.findIndex(
    (stage, index) => stage.stopTicks !== null && index + 1 < stages.length && isAsGood(params, stage.stopTicks, stages[index + 1]?.ticks ?? 0),
  );
  if (blocked < 0) return [];
  return [
    {
      field: 'stop_loss_percent',
      message: `the stop at ${scale.price(stages[blocked]?.stopTicks ?? 0)} stands ${isShort(params) ? 'below' : 'above'} safety order ${blocked + 1} at ${scale.price(stages[blocked + 1]?.ticks ?? 0)}, which would never be reached; use a wider stop or fewer safety orders`,
    },
  ];
}
