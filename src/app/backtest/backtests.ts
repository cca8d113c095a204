/** A user's backtests: asked for, looked at, compared, deployed as bots. The work itself is a job (jobs/kinds/backtest.ts). */
import type { ActionRules } from '#core/action-state.ts';
import type { BacktestRecord, DatasetRecord } from '#core/backtest-store.ts';
import { AppError } from '#core/errors.ts';
import type { CandleHistory } from '#core/history.ts';
import type { Instrument } from '#core/instrument.ts';
import type { Jobs } from '#core/jobs.ts';
import { CANDLE_INTERVALS, type CandleInterval } from '#core/market-data.ts';
import type { DecimalString } from '#core/money.ts';
import { type Issue, parseParams } from '#core/params.ts';
import type { Clock, Ids, Venue } from '#core/ports.ts';
import { missingOf } from '#core/spans.ts';
import type { BotRecord, Mode, Page, PageRequest, Store } from '#core/store.ts';
import type { Strategy } from '#core/strategy.ts';
import { instrumentOf, strategyNamed } from '../bot-planning.ts';
import type { Bots } from '../bots.ts';
import { instrumentsOf, legsWanted } from '../legs/leg-markets.ts';
import { missing } from '../missing.ts';
import type { OwnStrategies } from '../own-strategies/own-strategies.ts';
import type { LotMatching } from '../report/ledger.ts';
import { assertTrades } from '../run-opening.ts';
import type { BacktestDocument } from './backtest-document.ts';
import { backtestRules } from './backtest-rules.ts';
import { type BacktestSettings, backtestJob, settingsOf } from './backtest-settings.ts';
import type { BacktestBench } from './backtest-task.ts';
import { isStored, MAX_VENUE_CANDLES } from './candle-source.ts';
import { fundingModel } from './funding-model.ts';
import { legsModels } from './legs/legs-models.ts';
import { liveSettings } from './live-settings.ts';
import type { VenueModel } from './venue-model.ts';

/** Backtests of one user that wait or run at once. */
export const MAX_UNFINISHED = 4;
/** Backtests of one user that are kept; then some must be deleted. */
export const MAX_KEPT = 200;
/** Candles of one backtest from a file or the history on disk. */
export const MAX_DATASET_CANDLES = 2_000_000;
export const MAX_DATASETS = 20;
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

export interface NewBacktest {
  readonly name: string;
  readonly strategy: string;
  readonly config: unknown;
  readonly exchange: string;
  readonly symbol: string;
  readonly interval?: CandleInterval | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly datasetId?: string | undefined;
  /** Files of candles of the instruments beside the first, by symbol. */
  readonly legDatasetIds?: Readonly<Record<string, string>> | undefined;
  /** Over the trades of the history, not over candles. */
  readonly fromTrades?: boolean | undefined;
  /** Settlements as the history has them. */
  readonly fundingHistory?: boolean | undefined;
  /** What is to follow from each order of the strategy. */
  readonly actions?: ActionRules | undefined;
  readonly gaps: BacktestSettings['gaps'];
  readonly makerFeeRate?: DecimalString | undefined;
  readonly takerFeeRate?: DecimalString | undefined;
  readonly venue: VenueModel;
  readonly lots: LotMatching;
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
    const { store, bots, venues, strategies, clock } = this.#parts;
    const bot = await bots.get(userId, botId);
    const run = await store.runs.latest(userId, botId);
    if (run === null) throw refusal([{ field: 'id', message: 'has not run yet' }]);
    if (run.state?.legs !== undefined) throw refusal([{ field: 'id', message: 'trades several instruments, which cannot be compared yet' }]);
    const present = strategyNamed(strategies, bot.strategy).version;
    if (present !== run.recipe.strategyVersion)
      throw new AppError(
        'strategy_changed',
        `The run is of version ${run.recipe.strategyVersion} of ${bot.strategy}; this installation has version ${present}.`,
      );
    checkFunding(wanted.venue);
    // A paper run trades at the prices of a real exchange where one can be reached.
    const exchange = venues.has(run.recipe.instrument.venue) ? run.recipe.instrument.venue : 'paper';
    return this.#ask(userId, wanted.name, liveSettings({ run, exchange, now: clock.now(), venue: wanted.venue, maxCandles: MAX_VENUE_CANDLES }));
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
    const others = await instrumentsOf(legsWanted(strategy, parsed.value, wanted.symbol), listed, venue);
    checkFunding(wanted.venue);
    if (others.length > 0) legsModels(wanted.venue);
    checkRecords(wanted, { isPerpetual: listed.kind === 'perpetual', isAlone: others.length === 0, isOwn: !this.#parts.strategies.has(strategy.name) });
    const source = await this.#source(
      userId,
      wanted,
      others.map(({ instrument }) => instrument.symbol),
    );
    await this.#assertRecords(wanted, source);
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
      ...rulesIn(wanted, { strategy, instrument: listed, venue, isAlone: others.length === 0 }),
      lots: wanted.lots,
    };
  }

  /** One of the product, or a version of the user's own. */
  async #strategy(userId: string, name: string): Promise<Strategy> {
    const { own, strategies } = this.#parts;
    const pinned = (await own?.find(userId, name)) ?? null;
    return own === undefined || pinned === null ? strategyNamed(strategies, name) : own.describe(pinned);
  }

  /** `others` are the symbols beside the first, of which the same is taken. */
  async #source(userId: string, wanted: NewBacktest, others: readonly string[]): Promise<BacktestSettings['source']> {
    if (wanted.datasetId !== undefined) return this.#datasets(userId, { ...wanted, datasetId: wanted.datasetId }, others);
    const { exchange, symbol, interval, from, to, legDatasetIds } = wanted;
    if (legDatasetIds !== undefined)
      throw refusal([{ field: 'leg_datasets', message: 'goes with dataset_id; leave it out to take candles from the exchange' }]);
    if (interval === undefined) throw refusal([{ field: 'interval', message: 'is required, or else dataset_id' }]);
    if (from === undefined) throw refusal([{ field: 'from', message: 'is required, or else dataset_id' }]);
    const lengthMs = CANDLE_INTERVALS[interval];
    // Nothing that opened in the present candle's time has closed.
    const present = Math.floor(this.#parts.clock.now() / lengthMs) * lengthMs;
    const until = Math.min(present, to ?? present);
    if (from + 2 * lengthMs > until) throw refusal([{ field: 'from', message: 'must lie two candles or more before to, and in the past' }]);
    const symbols = [symbol, ...others];
    const candles = Math.ceil((until - from) / lengthMs) * symbols.length;
    const source = {
      kind: 'venue',
      exchange,
      interval,
      from: Math.floor(from / lengthMs) * lengthMs,
      to: until,
      ...(wanted.fromTrades === true ? { over: 'trades' as const } : {}),
    } as const;
    if (source.over === 'trades') return source;
    const span = others.length === 0 ? 'The span has' : `The spans of ${symbols.length} instruments have`;
    if (candles > MAX_DATASET_CANDLES)
      throw new AppError('backtest_too_large', `${span} ${candles} candles of ${interval}; ${MAX_DATASET_CANDLES} is the limit.`);
    if (candles <= MAX_VENUE_CANDLES) return source;
    for (const each of symbols)
      if (!(await isStored(this.#parts.candleHistory, { venue: exchange, symbol: each, interval }, source)))
        throw new AppError(
          'backtest_too_large',
          `${span} ${candles} candles of ${interval}; ${MAX_VENUE_CANDLES} are taken from an exchange at most. Download them first: POST /market/history/downloads.`,
        );
    return source;
  }

  /** What is to be taken from the history must be there. */
  async #assertRecords({ symbol, fromTrades, fundingHistory }: NewBacktest, source: BacktestSettings['source']): Promise<void> {
    const { records } = this.#parts.candleHistory;
    for (const [kind, isWanted, field] of [
      ['trades', fromTrades, 'from_trades'],
      ['funding', fundingHistory, 'models.funding_history'],
    ] as const) {
      if (isWanted !== true) continue;
      const series = { venue: source.exchange, symbol, kind };
      const span = source.kind === 'venue' ? source : { from: 0, to: this.#parts.clock.now() };
      const covered = await records.covered(series, span);
      const isThere = source.kind === 'venue' ? missingOf({ from: source.from, to: source.to }, covered).length === 0 : covered.length > 0;
      if (!isThere)
        throw refusal([
          {
            field,
            message: `wants ${kind} of ${symbol} that are not in the history; download or import them first: argosy data download ${source.exchange} ${symbol} -i ${kind}`,
          },
        ]);
    }
  }

  async #datasets(userId: string, wanted: NewBacktest & { readonly datasetId: string }, others: readonly string[]): Promise<BacktestSettings['source']> {
    const { exchange, interval, from, to, datasetId, legDatasetIds = {} } = wanted;
    if (interval !== undefined || from !== undefined || to !== undefined)
      throw refusal([{ field: 'dataset_id', message: 'takes all candles of the file; leave out interval, from and to' }]);
    const first = await this.#dataset(userId, 'dataset_id', datasetId);
    const foreign = Object.keys(legDatasetIds).find((symbol) => !others.includes(symbol));
    if (foreign !== undefined) throw refusal([{ field: `leg_datasets.${foreign}`, message: 'is not an instrument that the strategy trades beside the first' }]);
    let candles = first.candles;
    for (const symbol of others) {
      const id = legDatasetIds[symbol];
      if (id === undefined) throw refusal([{ field: 'leg_datasets', message: `must have a file of candles of ${symbol}, which the strategy trades too` }]);
      const { intervalMs, candles: more } = await this.#dataset(userId, `leg_datasets.${symbol}`, id);
      if (intervalMs !== first.intervalMs) throw refusal([{ field: `leg_datasets.${symbol}`, message: 'must hold candles as long as those of dataset_id' }]);
      candles += more;
    }
    if (candles > MAX_DATASET_CANDLES)
      throw new AppError('backtest_too_large', `The files hold ${candles} candles together; ${MAX_DATASET_CANDLES} is the limit.`);
    return { kind: 'dataset', exchange, datasetId, ...(others.length === 0 ? {} : { legDatasetIds }) };
  }

  async #dataset(userId: string, field: string, id: string): Promise<DatasetRecord> {
    const found = await this.#parts.store.backtests.dataset(userId, id);
    if (found === null) throw refusal([{ field, message: 'is not one of your files of candles' }]);
    return found;
  }
}

function rulesIn(
  { actions }: NewBacktest,
  { strategy, instrument, venue, isAlone }: { readonly strategy: Strategy; readonly instrument: Instrument; readonly venue: Venue; readonly isAlone: boolean },
): Pick<BacktestSettings, 'actions' | 'rules'> {
  if (actions === undefined) return {};
  if (!isAlone) throw refusal([{ field: 'actions', message: 'go with one instrument in a backtest; leave them out' }]);
  return { actions, rules: backtestRules(actions, strategy, instrument, venue.capabilities) };
}

function checkRecords(
  { datasetId, fromTrades, fundingHistory, venue }: NewBacktest,
  { isPerpetual, isAlone, isOwn }: { readonly isPerpetual: boolean; readonly isAlone: boolean; readonly isOwn: boolean },
): void {
  const issues: Issue[] = [];
  if (fromTrades === true && datasetId !== undefined) issues.push({ field: 'from_trades', message: 'goes with interval, from and to, not with dataset_id' });
  if (fromTrades === true && (!isAlone || isOwn)) issues.push({ field: 'from_trades', message: 'goes with strategies of the product on one instrument' });
  if (fundingHistory === true && !isPerpetual) issues.push({ field: 'models.funding_history', message: 'goes with a perpetual, such as BTC/USDT:USDT' });
  if (fundingHistory === true && !isAlone) issues.push({ field: 'models.funding_history', message: 'goes with one instrument; give funding_rate' });
  if (fundingHistory === true && venue.funding !== undefined)
    issues.push({ field: 'models.funding_rate', message: 'contradicts funding_history; leave one out' });
  if (issues.length > 0) throw refusal(issues);
}

function checkFunding({ funding }: VenueModel): void {
  if (funding !== undefined) fundingModel(funding, 1);
}

function refusal(issues: readonly { readonly field: string; readonly message: string }[]): AppError {
  return new AppError('validation_failed', issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
}
