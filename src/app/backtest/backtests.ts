/** A user's backtests: asked for, looked at, compared, deployed as bots. The work itself is a job (jobs/kinds/backtest.ts). */

import type { Mode } from '#core/bot-states.ts';
import { AppError } from '#core/errors.ts';
import type { CandleHistory } from '#core/history.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import type { Jobs } from '#core/jobs.ts';
import { parseParams } from '#core/params.ts';
import type { Clock, Ids } from '#core/ports.ts';
import type { BacktestRecord, DatasetRecord } from '#core/store/backtests.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import type { LegWish, Strategy } from '#core/strategy.ts';
import type { Venue } from '#core/venue-ports.ts';
import { instrumentOf, strategyNamed } from '../bots/bot-planning.ts';
import { checkRules, planRules } from '../bots/bot-rules.ts';
import type { Bots } from '../bots/bots.ts';
import { instrumentsOf, legsWanted } from '../legs/leg-markets.ts';
import { missing } from '../missing.ts';
import { shapedStrategy } from '../own-strategies/any-strategy.ts';
import type { OwnStrategies } from '../own-strategies/own-strategies.ts';
import { assertTrades } from '../run/run-opening.ts';
import type { BacktestDocument } from './backtest-document.ts';
import { type BacktestSettings, backtestJob, settingsOf } from './backtest-settings.ts';
import type { BacktestBench } from './backtest-task.ts';
import { MAX_VENUE_CANDLES } from './candle-source.ts';
import { fundingModel } from './funding-model.ts';
import { legsModels } from './legs/legs-models.ts';
import { beginPriceOf, liveSettings } from './live-settings.ts';
import type { NewBacktest } from './new-backtest.ts';
import type { VenueModel } from './venue-model.ts';
import { checkRecords, MAX_DATASET_CANDLES, wantedSource } from './wanted-source.ts';

/** Backtests of one user that wait or run at once. */
export const MAX_UNFINISHED = 4;
/** Backtests of one user that are kept; then some must be deleted. */
export const MAX_KEPT = 200;
export const MAX_DATASETS = 20;
/** Entries at the beginning of a tape among which its first price is. */
const FIRST_ENTRIES = 10;
/** Text of a file of candles. */
export const MAX_DATASET_BYTES = 32 * 1024 * 1024;

export interface BacktestsParts {
  readonly store: Pick<Store, 'backtests' | 'runs'>;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Users' own strategies; without them there are none. */
  readonly own?: OwnStrategies | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly jobs: () => Promise<Jobs>;
  readonly bots: Bots;
  readonly bench: BacktestBench;
  readonly candleHistory: Pick<CandleHistory, 'coverage' | 'records'>;
}

export class Backtests {
  readonly #parts: BacktestsParts;

  constructor(parts: BacktestsParts) {
    this.#parts = parts;
  }

  /**
   * Checks everything that can be known before the candles are, keeps it and asks for the work. Throws AppError `strategy_unknown`,
   * `exchange_unknown`, `symbol_unknown`, `validation_failed`, `backtest_too_large` or `too_many_kept`.
   */
  async create(userId: string, wanted: NewBacktest): Promise<BacktestRecord> {
    return this.#ask(userId, wanted.name, await this.settings(userId, wanted));
  }

  /**
   * A bot's latest run over again, to be explained by what it would have done. Throws AppError `not_found`, `strategy_changed`,
   * `validation_failed`, `backtest_too_large` or `too_many_kept`.
   */
  async createOfBot(userId: string, botId: string, wanted: Pick<NewBacktest, 'name' | 'venue'>): Promise<BacktestRecord> {
    const { store, bots, venues, clock } = this.#parts;
    const bot = await bots.get(userId, botId);
    const run = await store.runs.latest(userId, botId);
    if (run === null) throw refusal([{ field: 'id', message: 'has not run yet' }]);
    if (run.state?.legs !== undefined) throw refusal([{ field: 'id', message: 'trades several instruments, which cannot be compared yet' }]);
    const present = (await this.#strategy(userId, bot.strategy)).version;
    if (present !== run.recipe.strategyVersion)
      throw new AppError(
        'strategy_changed',
        `The run is of version ${run.recipe.strategyVersion} of ${bot.strategy}; this installation has version ${present}.`,
      );
    checkFunding(wanted.venue);
    // A paper run trades at the prices of a real exchange where one can be reached.
    const exchange = venues.has(run.recipe.instrument.venue) ? run.recipe.instrument.venue : 'paper';
    const beginPrice = beginPriceOf(run, await store.runs.tape(userId, botId, run.id, 0, FIRST_ENTRIES));
    return this.#ask(userId, wanted.name, liveSettings({ run, exchange, now: clock.now(), venue: wanted.venue, maxCandles: MAX_VENUE_CANDLES, beginPrice }));
  }

  /** Keeps it and asks for the work. */
  async #ask(userId: string, name: string, settings: BacktestSettings): Promise<BacktestRecord> {
    const { store, ids, clock, jobs } = this.#parts;
    const limits = { unfinished: MAX_UNFINISHED, kept: MAX_KEPT };
    const made = await store.backtests.create({ id: ids.next(), userId, name, settings: { ...settings }, at: clock.now() }, limits);
    if (made === 'unfinished') throw new AppError('too_many_kept', `${MAX_UNFINISHED} of your backtests wait or run already.`);
    if (made === 'kept') throw new AppError('too_many_kept', `You have ${MAX_KEPT} backtests; delete some.`);
    await (await jobs()).enqueue('tasks', backtestJob(made.id));
    return made;
  }

  list(userId: string, page: PageRequest): Promise<Page<BacktestRecord>> {
    return this.#parts.store.backtests.list(userId, page);
  }

  /** Throws AppError `not_found`. */
  async get(userId: string, id: string): Promise<BacktestRecord> {
    return (await this.#parts.store.backtests.get(userId, id)) ?? missing();
  }

  /** Throws AppError `not_found`, and `backtest_unfinished` where there is no result. */
  async document(userId: string, id: string): Promise<BacktestDocument> {
    const { state, failure } = await this.get(userId, id);
    const text = state === 'done' ? await this.#parts.store.backtests.document(userId, id) : null;
    if (text === null) throw new AppError('backtest_unfinished', `The backtest is ${state}${failure === '' ? '.' : `: ${failure}`}`);
    return JSON.parse(text) as BacktestDocument;
  }

  /** Whoever computes it is told at its next look. Throws AppError `not_found`. */
  async cancel(userId: string, id: string): Promise<BacktestRecord> {
    const { store, clock } = this.#parts;
    if ((await store.backtests.cancel(userId, id, clock.now())) === 'missing') missing();
    return this.get(userId, id);
  }

  /** Throws AppError `not_found`. */
  async remove(userId: string, id: string): Promise<void> {
    if (!(await this.#parts.store.backtests.remove(userId, id))) missing();
  }

  /** Makes the bot that was tested: same strategy, version and settings. Throws AppError `strategy_changed` besides what making a bot does. */
  async deploy(userId: string, id: string, to: { readonly name: string; readonly accountId: string; readonly mode: Mode }): Promise<BotRecord> {
    const { bots } = this.#parts;
    const record = await this.get(userId, id);
    if (record.state !== 'done') throw new AppError('backtest_unfinished', `The backtest is ${record.state}.`);
    const { strategy, strategyVersion, config, instrument, actions = null } = settingsOf(record);
    const present = (await this.#strategy(userId, strategy)).version;
    if (present !== strategyVersion)
      throw new AppError('strategy_changed', `The backtest ran version ${strategyVersion} of ${strategy}; this installation has version ${present}.`);
    const { bot } = await bots.create(userId, { ...to, strategy, symbol: instrument.symbol, config, actions });
    return bot;
  }

  /** Reads a file of candles strictly and keeps it. Throws AppError `candles_invalid`, `backtest_too_large` or `too_many_kept`. */
  async addDataset(userId: string, name: string, bytes: Uint8Array): Promise<DatasetRecord> {
    const { store, ids, clock, bench } = this.#parts;
    if (bytes.byteLength > MAX_DATASET_BYTES) throw new AppError('backtest_too_large', `The file is larger than ${MAX_DATASET_BYTES / 1_048_576} MiB.`);
    const { file, packed } = await bench.inspect(bytes);
    if (file.candles > MAX_DATASET_CANDLES) throw new AppError('backtest_too_large', `The file holds more than ${MAX_DATASET_CANDLES} candles.`);
    const record: DatasetRecord = {
      id: ids.next(),
      userId,
      name,
      ...file,
      bytes: bytes.byteLength,
      createdAt: clock.now(),
    };
    if ((await store.backtests.addDataset(record, packed, MAX_DATASETS)) === 'kept')
      throw new AppError('too_many_kept', `You have ${MAX_DATASETS} files of candles; delete some.`);
    return record;
  }

  datasets(userId: string, page: PageRequest): Promise<Page<DatasetRecord>> {
    return this.#parts.store.backtests.datasets(userId, page);
  }

  /** Throws AppError `not_found`. */
  async removeDataset(userId: string, id: string): Promise<void> {
    if (!(await this.#parts.store.backtests.removeDataset(userId, id))) missing();
  }

  /** What is wanted, checked as {@link create} does; keeps nothing. */
  async settings(userId: string, wanted: NewBacktest): Promise<BacktestSettings> {
    const { venues } = this.#parts;
    const strategy = await this.#strategy(userId, wanted.strategy);
    const parsed = parseParams(strategy.params, wanted.config);
    if (!parsed.ok) throw refusal(parsed.issues.map(({ field, message }) => ({ field: field === '' ? 'config' : `config.${field}`, message })));
    const venue = venues.get(wanted.exchange);
    if (venue === undefined)
      throw new AppError('exchange_unknown', `There is no exchange "${wanted.exchange}"; known are ${[...venues.keys()].join(', ')}.`, [
        { field: 'exchange', message: 'is not one of the exchanges' },
      ]);
    const listed = await instrumentOf(venue, wanted.symbol);
    assertTrades(strategy, listed);
    const withFees = (instrument: Instrument): Instrument => ({
      ...instrument,
      makerFeeRate: wanted.makerFeeRate ?? instrument.makerFeeRate,
      takerFeeRate: wanted.takerFeeRate ?? instrument.takerFeeRate,
    });
    const others = await instrumentsOf(await this.#legsOf(userId, strategy, { config: parsed.value, instrument: listed }), listed, venue);
    checkFunding(wanted.venue);
    if (others.length > 0) legsModels(wanted.venue);
    checkRecords(wanted, { isPerpetual: listed.kind === 'perpetual', isAlone: others.length === 0, isOwn: !this.#parts.strategies.has(strategy.name) });
    const source = await wantedSource(
      userId,
      wanted,
      others.map(({ instrument }) => instrument.symbol),
      this.#parts,
    );
    return {
      strategy: strategy.name,
      strategyVersion: strategy.version,
      config: parsed.value,
      instrument: withFees(listed),
      ...(others.length === 0 ? {} : { legs: others.map(({ name, instrument }) => ({ name, instrument: withFees(instrument) })) }),
      source,
      gaps: wanted.gaps,
      venue: wanted.venue,
      ...(wanted.fundingHistory === true ? { fundingHistory: true } : {}),
      ...rulesIn(wanted, { strategy, instrument: listed, venue }),
      lots: wanted.lots,
    };
  }

  /** A strategy of the user's own has to be asked in its sandbox. */
  async #legsOf(userId: string, strategy: Strategy, { config, instrument }: Pick<BacktestSettings, 'config' | 'instrument'>): Promise<readonly LegWish[]> {
    if (strategy.otherLegs === undefined) return [];
    const asked = await shapedStrategy(this.#parts, userId, { strategy: strategy.name, config, instrument });
    return legsWanted(asked, config, instrument.symbol);
  }

  /** One of the product, or a version of the user's own. */
  async #strategy(userId: string, name: string): Promise<Strategy> {
    const { own, strategies } = this.#parts;
    const pinned = (await own?.find(userId, name)) ?? null;
    return own === undefined || pinned === null ? strategyNamed(strategies, name) : own.describe(pinned);
  }
}

/** What a live bot would be let have, with the very rules that its run would get. */
function rulesIn(
  { actions }: NewBacktest,
  { strategy, instrument, venue }: { readonly strategy: Strategy; readonly instrument: Instrument; readonly venue: Venue },
): Pick<BacktestSettings, 'actions' | 'rules'> {
  if (actions === undefined) return {};
  checkRules(actions, strategy);
  return { actions, rules: planRules(actions, new Scale(instrument), venue.capabilities) };
}

function checkFunding({ funding }: VenueModel): void {
  if (funding !== undefined) fundingModel(funding, 1);
}

function refusal(issues: readonly { readonly field: string; readonly message: string }[]): AppError {
  return new AppError('validation_failed', issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
}
