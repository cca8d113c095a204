/**
 * How a bot does, computed from its run's fills, position and the newest price it saw; every figure is after fees.
 */
import { type Instrument, Scale } from '#core/instrument.ts';
import { type Decimal, type DecimalString, decimal, plain } from '#core/money.ts';
import { liquidationTicks } from '#core/perpetual-position.ts';
import type { Clock } from '#core/ports.ts';
import { floatingAtoms, type Position } from '#core/position.ts';
import type { BotRecord, EquityPoint, JournalEntry, RunRecord, Store } from '#core/store.ts';
import type { Strategy } from '#core/strategy.ts';
import { liveReport } from './report/live-report.ts';
import type { RunReport } from './report/run-report.ts';

export interface BotStats {
  readonly runId: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly uptimeMs: number;
  readonly quoteAsset: string | null;
  readonly baseAsset: string | null;
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
  readonly fees: readonly { readonly asset: string; readonly amount: DecimalString }[];
  readonly fillCount: number;
  readonly boughtSize: DecimalString;
  readonly boughtQuote: DecimalString;
  readonly soldSize: DecimalString;
  readonly soldQuote: DecimalString;
  readonly openOrderCount: number;
  /** What the strategy itself counts, such as the profit of completed grids. */
  readonly figures: Readonly<Record<string, string | number | boolean | null>>;
}

const NOTHING: BotStats = {
  runId: null,
  startedAt: null,
  endedAt: null,
  uptimeMs: 0,
  quoteAsset: null,
  baseAsset: null,
  lastPrice: null,
  baseHeld: '0',
  averageCost: null,
  realisedProfit: '0',
  floatingProfit: '0',
  totalProfit: '0',
  totalProfitRate: null,
  holdProfit: null,
  profitOverHold: null,
  feesInQuote: '0',
  funding: null,
  leverage: null,
  liquidationPrice: null,
  fees: [],
  fillCount: 0,
  boughtSize: '0',
  boughtQuote: '0',
  soldSize: '0',
  soldQuote: '0',
  openOrderCount: 0,
  figures: {},
};

/** Where a venue does not tell its maintenance margin rate. */
const DEFAULT_MAINTENANCE_RATE = 0.005;
/** Lines of a tape that are read for a report while somebody waits for it. */
const MAX_REPORTED_ENTRIES = 20_000;
const MAX_REPORTED_POINTS = 2_000;
/** Shares are shown to this many places. */
const RATE_PLACES = 6;
/** Journal lines among which the first price is looked for; the runner puts it at the very beginning. */
const OPENING_ENTRIES = 5;

export class BotHistory {
  readonly #store: Pick<Store, 'runs' | 'fills'>;
  readonly #clock: Clock;
  readonly #strategies: ReadonlyMap<string, Strategy>;

  constructor(parts: { readonly store: Pick<Store, 'runs' | 'fills'>; readonly clock: Clock; readonly strategies: ReadonlyMap<string, Strategy> }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#strategies = parts.strategies;
  }

  /** Figures of the bot's present or last run; zeros before its first. */
  async stats(bot: BotRecord): Promise<BotStats> {
    const run = await this.#store.runs.latest(bot.userId, bot.id);
    if (run === null) return NOTHING;
    const [totals, opening] = await Promise.all([
      this.#store.fills.totals(bot.userId, bot.id, run.id),
      this.#store.runs.tape(bot.userId, bot.id, run.id, 0, OPENING_ENTRIES),
    ]);
    const { count, ...traded } = totals;
    return {
      ...NOTHING,
      ...traded,
      fillCount: count,
      runId: run.id,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      uptimeMs: Math.max(0, (run.endedAt ?? this.#clock.now()) - run.startedAt),
      baseAsset: run.recipe.instrument.base,
      quoteAsset: run.recipe.instrument.quote,
      ...standing(run, firstBidTicks(opening)),
      figures: this.#figuresOf(run),
    };
  }

  #figuresOf({ state, recipe }: RunRecord): BotStats['figures'] {
    const strategy = this.#strategies.get(recipe.strategy);
    // A state of another version is another shape, and nothing can be read from it.
    if (state === null || state.strategy === null || strategy?.version !== recipe.strategyVersion) return {};
    return strategy.figures?.(state.strategy, new Scale(recipe.instrument)) ?? {};
  }

  /** Profit over time of the latest run, oldest first; empty before the first. */
  async equity(bot: BotRecord, limit: number): Promise<readonly EquityPoint[]> {
    const run = await this.#store.runs.latest(bot.userId, bot.id);
    return run === null ? [] : this.#store.runs.equity(bot.userId, bot.id, run.id, limit);
  }

  /**
   * The report of the latest run; `null` before its first price, and where its tape is not kept from the beginning or has more than
   * {@link MAX_REPORTED_ENTRIES}.
   */
  async report(bot: BotRecord): Promise<RunReport | null> {
    const { runs } = this.#store;
    const run = await runs.latest(bot.userId, bot.id);
    if (run === null || run.sequence > MAX_REPORTED_ENTRIES || run.state?.legs !== undefined) return null;
    const [tape, points] = await Promise.all([
      runs.tape(bot.userId, bot.id, run.id, 0, MAX_REPORTED_ENTRIES),
      runs.equity(bot.userId, bot.id, run.id, MAX_REPORTED_POINTS),
    ]);
    return tape[0]?.sequence === 1 ? liveReport({ run, tape, points, now: this.#clock.now() }) : null;
  }

  /** Events and commands of the latest run from `after` on; empty before the first. */
  async tape(
    bot: BotRecord,
    after: number,
    limit: number,
  ): Promise<{ readonly instrument: Instrument | null; readonly runId: string | null; readonly entries: readonly JournalEntry[] }> {
    const run = await this.#store.runs.latest(bot.userId, bot.id);
    if (run === null) return { runId: null, instrument: null, entries: [] };
    return { runId: run.id, instrument: run.recipe.instrument, entries: await this.#store.runs.tape(bot.userId, bot.id, run.id, after, limit) };
  }
}

/** The figures that follow from the position and the prices of a run. */
export function standing(run: Pick<RunRecord, 'recipe' | 'state'>, openingBidTicks: number): Partial<BotStats> {
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
function marginFigures({ limits, instrument, marginMode }: RunRecord['recipe'], scale: Scale, position: Position): Partial<BotStats> {
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

function againstHolding(run: Pick<RunRecord, 'recipe'>, scale: Scale, total: Decimal, openingTicks: number, nowTicks: number): Partial<BotStats> {
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

function firstBidTicks(entries: readonly JournalEntry[]): number {
  for (const { event } of entries) if (event.type === 'quoteChanged') return event.bidTicks;
  return 0;
}
