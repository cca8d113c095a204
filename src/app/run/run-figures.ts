/** What follows from the position of a run and the prices it has seen; every figure is after fees. */
import { Scale } from '#core/instrument.ts';
import { type Decimal, type DecimalString, decimal, plain } from '#core/money.ts';
import { DEFAULT_MAINTENANCE_RATE, liquidationTicks } from '#core/perpetual-position.ts';
import { floatingAtoms, type Position } from '#core/position.ts';
import type { RunRecord } from '#core/store/runs.ts';

export interface RunFigures {
  /** Middle between the last bid and ask the run saw. */
  readonly lastPrice: DecimalString | null;
  readonly baseHeld: DecimalString;
  readonly averageCost: DecimalString | null;
  readonly realisedProfit: DecimalString;
  readonly floatingProfit: DecimalString;
  readonly totalProfit: DecimalString;
  /** Total profit as a share of what the run was given, both coins valued at its first price. */
  readonly totalProfitRate: DecimalString | null;
  /** What the same starting capital would have earned as base bought at the first price and held. */
  readonly holdProfit: DecimalString | null;
  readonly profitOverHold: DecimalString | null;
  readonly feesInQuote: DecimalString;
  /** Funding received less paid; `null` of a spot run, as are the two that follow. */
  readonly funding: DecimalString | null;
  readonly leverage: number | null;
  /** Where the exchange would close the position for want of margin, estimated from the run's own figures; `null` while it is flat. */
  readonly liquidationPrice: DecimalString | null;
  readonly openOrderCount: number;
}

/** Shares are shown to this many places. */
const RATE_PLACES = 6;

/** The figures that follow from the position and the prices of a run. */
export function standing(run: Pick<RunRecord, 'recipe' | 'state'>, openingBidTicks: number): Partial<RunFigures> {
  const { state, recipe } = run;
  if (state === null) return {};
  const scale = new Scale(recipe.instrument);
  const { position } = state;
  const isPriced = state.bidTicks > 0 && state.askTicks > 0;
  const floating = isPriced ? floatingAtoms(position, position.baseGrains < 0 ? state.askTicks : state.bidTicks) : 0;
  const total = decimal(scale.quote(position.realisedAtoms + floating));
  return {
    lastPrice: isPriced ? plain(decimal(scale.price(state.bidTicks)).plus(scale.price(state.askTicks)).div(2)) : null,
    baseHeld: scale.base(position.baseGrains),
    averageCost:
      position.baseGrains !== 0 && (scale.isPerpetual || position.baseGrains > 0)
        ? plain(
            decimal(scale.quote(position.costAtoms))
              .div(scale.base(position.baseGrains))
              .toDecimalPlaces(decimal(recipe.instrument.priceIncrement).decimalPlaces() + 2),
          )
        : null,
    realisedProfit: scale.quote(position.realisedAtoms),
    floatingProfit: scale.quote(floating),
    totalProfit: plain(total),
    feesInQuote: scale.quote(position.feesAtoms),
    openOrderCount: state.orders.length,
    ...(scale.isPerpetual ? marginFigures(recipe, scale, position) : {}),
    ...(isPriced && openingBidTicks > 0 ? againstHolding(run, scale, total, openingBidTicks, state.bidTicks) : {}),
  };
}

/** Isolated, the position stands on its own margin; cross, on all that is left of the run's, and of the account's, which is not known here. */
function marginFigures({ limits, instrument, marginMode }: RunRecord['recipe'], scale: Scale, position: Position): Partial<RunFigures> {
  const { leverage = 1 } = limits;
  const own = Math.abs(position.costAtoms) / leverage;
  const equity = marginMode === 'cross' ? limits.budgetAtoms + position.quoteAtoms + position.costAtoms : own;
  const ticks = liquidationTicks(position, equity, Number(instrument.perpetual?.maintenanceMarginRate ?? DEFAULT_MAINTENANCE_RATE));
  return {
    funding: scale.quote(position.fundingAtoms ?? 0),
    leverage,
    liquidationPrice: ticks === null ? null : scale.price(position.baseGrains > 0 ? Math.ceil(ticks) : Math.floor(ticks)),
  };
}

function againstHolding(run: Pick<RunRecord, 'recipe'>, scale: Scale, total: Decimal, openingTicks: number, nowTicks: number): Partial<RunFigures> {
  const opening = decimal(scale.price(openingTicks));
  const capital = decimal(scale.quote(run.recipe.limits.budgetAtoms)).plus(opening.times(scale.base(run.recipe.lentGrains)));
  if (capital.isZero()) return {};
  const hold = capital.times(decimal(scale.price(nowTicks)).div(opening).minus(1)).toDecimalPlaces(decimal(scale.quote(1)).decimalPlaces());
  return {
    totalProfitRate: plain(total.div(capital).toDecimalPlaces(RATE_PLACES)),
    holdProfit: plain(hold),
    profitOverHold: plain(total.minus(hold)),
  };
}
