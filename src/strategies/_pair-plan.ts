/** What a pair needs of the account, and what it promises, before anything is placed. */
import { entrySpread, exitSpread, lotSize } from '#core/executors/pair/pair-market.ts';
import { MAX_ATOMS } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import type { Issue } from '#core/params.ts';
import type { Plan, PlanInput, PlanLeg } from '#core/strategy.ts';

import type { PairParams, PairParamsSpec } from './_pair-params.ts';
import { roundTripFees } from './_pair-stages.ts';

/** Margin beyond what the short binds at entry, as a share of its value: for fees and a price that runs ahead. */
const MARGIN_RESERVE = 0.05;
/** Smallest orders of either leg that the investment must be worth, so that a partial fill can be covered. */
const LEAST_ORDERS = 3;

/** The share of the investment that buys the coin; the rest is margin. */
function spotShare(leverage: number): number {
  return 1 / (1 + 1 / leverage + MARGIN_RESERVE);
}

export function planPair(input: PlanInput<PairParamsSpec>): Plan {
  const { params, otherLegs = [] } = input;
  const [perpetual] = otherLegs;
  if (perpetual === undefined) return refused('perpetual_symbol', 'names no instrument');
  const issues = issuesOf(params, input, perpetual);
  if (issues.length > 0) return { ok: false, issues };
  const investment = decimal(params.investment);
  const quoteAtoms = input.scale.atoms(investment.times(spotShare(params.leverage)), 'down');
  const marginAtoms = perpetual.scale.atoms(investment.minus(input.scale.quote(quoteAtoms)), 'down');
  const fees = roundTripFees(input, perpetual);
  const percent = (share: number) => (share * 100).toFixed(3);
  return {
    ok: true,
    quoteAtoms,
    baseGrains: 0,
    otherLegs: [{ quoteAtoms: marginAtoms, baseGrains: 0, leverage: params.leverage, marginMode: 'isolated' }],
    preview: {
      spot_quote: input.scale.quote(quoteAtoms),
      margin: perpetual.scale.quote(marginAtoms),
      entry_spread_now_percent: percent(entrySpread(input, perpetual)),
      entry_spread_after_fees_now_percent: percent(entrySpread(input, perpetual) - fees),
      exit_spread_now_percent: percent(exitSpread(input, perpetual)),
      round_trip_fees_percent: percent(fees),
      profit_at_thresholds_percent: (Number(params.entry_percent) - Number(params.exit_percent)).toFixed(3),
    },
  };
}

function issuesOf(params: PairParams, spot: PlanLeg, perpetual: PlanLeg): readonly Issue[] {
  const issues: Issue[] = [];
  const legs = [spot, perpetual];
  if (legs.some(({ bidTicks, askTicks }) => bidTicks <= 0 || askTicks <= 0))
    return [{ field: 'investment', message: 'cannot be planned: no market price is known; try again when the market answers' }];
  if (spot.scale.instrument.base !== perpetual.scale.instrument.base)
    issues.push({ field: 'perpetual_symbol', message: `must be of the same coin, ${spot.scale.instrument.base}` });
  if (Number(params.exit_percent) >= Number(params.entry_percent))
    issues.push({ field: 'exit_percent', message: 'must be below entry_percent: a pair that is closed at a wider spread than it was entered at loses money' });
  const { maxLeverage = 1 } = perpetual.scale.instrument.perpetual ?? {};
  if (params.leverage > maxLeverage) issues.push({ field: 'leverage', message: `is more than the exchange allows, ${maxLeverage}` });
  const value = Number(params.investment) * spotShare(params.leverage);
  const least = LEAST_ORDERS * Math.max(...legs.map(leastValue));
  if (value < least)
    issues.push({ field: 'investment', message: `buys coin for ${value.toFixed(2)}; below ${least.toFixed(2)} a part of an order could not be covered` });
  const part = params.part_percent === null ? value : (value * Number(params.part_percent)) / 100;
  if (value >= least && part < least)
    issues.push({ field: 'part_percent', message: `makes parts of ${part.toFixed(2)}; below ${least.toFixed(2)} a part of an order could not be covered` });
  if (legs.some((leg) => value / atomOf(leg) > MAX_ATOMS / 4))
    issues.push({ field: 'investment', message: 'makes amounts that cannot be computed exactly; use less' });
  return issues;
}

/** The smallest order an exchange takes, in quote. */
function leastValue(leg: PlanLeg): number {
  return Math.max(leg.scale.minLots * leg.askTicks, leg.scale.minAtoms) * atomOf(leg);
}

function atomOf(leg: Pick<PlanLeg, 'scale'>): number {
  return lotSize(leg) * Number(leg.scale.instrument.priceIncrement);
}

function refused(field: string, message: string): Plan {
  return { ok: false, issues: [{ field, message }] };
}
