/**
 * How a bot does, computed from its run's fills, position and the newest price it saw; every figure is after fees.
 */
import { type Instrument, Scale } from '#core/instrument.ts';
import type { DecimalString } from '#core/money.ts';
import type { Clock } from '#core/ports.ts';
import { isOwnStrategy } from '#core/sandbox/program-store.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { EquityPoint, JournalEntry, RunRecord } from '#core/store/runs.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import { type LegStats, legStats, sumOf } from '../legs/leg-stats.ts';
import type { KeptState } from '../own-strategies/playback.ts';
import { liveReport } from '../report/live-report.ts';
import type { RunReport } from '../report/run-report.ts';
import { type RunFigures, standing } from '../run/run-figures.ts';

export interface BotStats extends RunFigures {
  readonly runId: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly uptimeMs: number;
  readonly quoteAsset: string | null;
  readonly baseAsset: string | null;
  readonly fees: readonly { readonly asset: string; readonly amount: DecimalString }[];
  readonly fillCount: number;
  readonly boughtSize: DecimalString;
  readonly boughtQuote: DecimalString;
  readonly soldSize: DecimalString;
  readonly soldQuote: DecimalString;
  /** What the strategy itself counts, such as the profit of completed grids. */
  readonly figures: Readonly<Record<string, string | number | boolean | null>>;
  /** Each instrument of a run over several, of which the figures above are sums or the first one's; empty where there is but one. */
  readonly legs: readonly LegStats[];
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
  legs: [],
};

/** Lines of a tape that are read for a report while somebody waits for it. */
const MAX_REPORTED_ENTRIES = 20_000;
const MAX_REPORTED_POINTS = 2_000;
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
      this.#store.fills.totals(bot.userId, bot.id, run.id, run.recipe.otherLegs === undefined ? undefined : run.recipe.instrument.symbol),
      this.#store.runs.tape(bot.userId, bot.id, run.id, 0, OPENING_ENTRIES),
    ]);
    const { count, ...traded } = totals;
    const legs = legStats(run);
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
      ...(legs.length === 0 ? {} : sumOf(legs)),
      legs,
      figures: this.#figuresOf(run),
    };
  }

  #figuresOf({ state, recipe }: RunRecord): BotStats['figures'] {
    if (isOwnStrategy(recipe.strategy)) return (state?.strategy as KeptState | null | undefined)?.figures ?? {};
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

function firstBidTicks(entries: readonly JournalEntry[]): number {
  for (const { event } of entries) if (event.type === 'quoteChanged') return event.bidTicks;
  return 0;
}
