/** How each instrument of a run over several does, and what they come to together. */
import { Scale } from '#core/instrument.ts';
import { newLegState } from '#core/legs/leg-state.ts';
import { Decimal, type DecimalString, decimal, plain } from '#core/money.ts';
import type { LegRecipe, RunRecipe, RunRecord } from '#core/store/runs.ts';
import { type RunFigures, standing } from '../run/run-figures.ts';

/** The figures of one instrument; as those of {@link RunFigures}. */
export interface LegStats
  extends Pick<
    RunFigures,
    | 'lastPrice'
    | 'baseHeld'
    | 'averageCost'
    | 'realisedProfit'
    | 'floatingProfit'
    | 'totalProfit'
    | 'feesInQuote'
    | 'funding'
    | 'leverage'
    | 'liquidationPrice'
    | 'openOrderCount'
  > {
  /** The strategy's word for it. */
  readonly name: string;
  readonly symbol: string;
  readonly baseAsset: string;
  /** Quote or margin it was given. */
  readonly budget: DecimalString;
  /** Why it cannot be traded at present; `null` while it can. */
  readonly closedReason: string | null;
}

/** Empty for a run with one instrument, and before the first snapshot of any. */
export function legStats({ recipe, state }: Pick<RunRecord, 'recipe' | 'state'>): readonly LegStats[] {
  if (state === null || recipe.otherLegs === undefined) return [];
  const { legName = 'first', otherLegs } = recipe;
  const own = (name: string) => state.orders.filter((order) => order.leg === name);
  const first = figuresOf({ ...recipe, name: legName }, { recipe, state: { ...state, orders: own(legName) } });
  const others = otherLegs.map((leg) => {
    const { closedReason: _reason, movedAtoms: _moved, ...common } = state;
    const legState = { ...common, ...(state.legs?.[leg.name] ?? newLegState()), orders: own(leg.name) };
    return figuresOf(leg, { recipe: recipeOf(recipe, leg), state: legState });
  });
  return [first, ...others];
}

/** The figures of the whole run that are sums over its instruments. */
export function sumOf(legs: readonly LegStats[]): Partial<RunFigures> {
  const add = (amounts: readonly DecimalString[]) => plain(Decimal.sum(0, ...amounts));
  const budget = decimal(add(legs.map((leg) => leg.budget)));
  const total = decimal(add(legs.map((leg) => leg.totalProfit)));
  const funding = legs.flatMap((leg) => (leg.funding === null ? [] : [leg.funding]));
  return {
    realisedProfit: add(legs.map((leg) => leg.realisedProfit)),
    floatingProfit: add(legs.map((leg) => leg.floatingProfit)),
    totalProfit: plain(total),
    totalProfitRate: budget.isZero() ? null : plain(total.div(budget).toDecimalPlaces(6)),
    feesInQuote: add(legs.map((leg) => leg.feesInQuote)),
    funding: funding.length === 0 ? null : add(funding),
    openOrderCount: legs.reduce((count, leg) => count + leg.openOrderCount, 0),
    // Nobody who holds one coin instead holds what these hold against each other.
    holdProfit: null,
    profitOverHold: null,
  };
}

function figuresOf({ name, instrument, limits }: Pick<LegRecipe, 'name' | 'instrument' | 'limits'>, run: Pick<RunRecord, 'recipe' | 'state'>): LegStats {
  const figures = standing(run, 0);
  return {
    name,
    symbol: instrument.symbol,
    baseAsset: instrument.base,
    budget: new Scale(instrument).quote(limits.budgetAtoms + (run.state?.movedAtoms ?? 0)),
    closedReason: run.state?.closedReason ?? null,
    lastPrice: figures.lastPrice ?? null,
    baseHeld: figures.baseHeld ?? '0',
    averageCost: figures.averageCost ?? null,
    realisedProfit: figures.realisedProfit ?? '0',
    floatingProfit: figures.floatingProfit ?? '0',
    totalProfit: figures.totalProfit ?? '0',
    feesInQuote: figures.feesInQuote ?? '0',
    funding: figures.funding ?? null,
    leverage: figures.leverage ?? null,
    liquidationPrice: figures.liquidationPrice ?? null,
    openOrderCount: figures.openOrderCount ?? 0,
  };
}

/** The recipe as that of a run with this instrument alone. */
function recipeOf(recipe: RunRecipe, { instrument, limits, feeAsset, lentGrains, marginMode }: LegRecipe): RunRecipe {
  const { marginMode: _first, ...common } = recipe;
  return { ...common, instrument, limits, feeAsset, lentGrains, ...(marginMode === undefined ? {} : { marginMode }) };
}
