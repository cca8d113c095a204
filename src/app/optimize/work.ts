/**
 * The work of an optimisation, piece by piece, each a job of its own: reading the candles once, a number of trials, and what comes of
 * all together. What is done stands in the store, so any worker can do any piece, twice does no harm, and one that dies loses its piece.
 */
import { AppError, PortError } from '#core/errors.ts';
import type { JobData, JobInHand, Jobs } from '#core/jobs.ts';
import type { Clock } from '#core/ports.ts';
import type { OptimizationRecord, OptimizationStore } from '#core/store/optimizations.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { BacktestBench } from '../backtest/backtest-task.ts';
import { type CandleSourceParts, candlesOf } from '../backtest/candle-source.ts';
import { assertOneLength, instrumentsIn } from '../backtest/legs/legs-task.ts';
import { ownStrategy, shapedStrategy } from '../own-strategies/any-strategy.ts';
import type { OwnStrategies } from '../own-strategies/own-strategies.ts';
import { type Crew, Evaluation, type OpenCrew, type StoredHistory } from './evaluate.ts';
import { type Chunk, chunksOf, type OptimizationSettings, searchOf, wishOf } from './optimization-settings.ts';
import { OwnCrew } from './own-crew.ts';
import { type DoneTrial, MAX_VALIDATED, rankedTrials, resultsOf, summaryOf, triedOf } from './ranking.ts';
import { configAt, type Point } from './space.ts';
import { historyBytes } from './trial-history.ts';
import type { Config, TrialOutcome } from './trial-worker.ts';

/** What a job is about: the candles, a piece of the trials by its number, or the end. */
export type WorkPart = 'prepare' | 'finish' | number;
/** Pieces of one optimisation that wait in the queue at once, so that others come to their turn. */
export const MAX_ASKED = 8;
/** Whether a piece is still wanted is looked at no more often. */
export const LOOK_EVERY_MS = 1_000;
/** The least urgent of all jobs, so that nobody waits for them. */
const PRIORITY = 500;

export interface WorkParts {
  readonly store: Pick<Store, 'optimizations' | 'backtests'>;
  readonly clock: Clock;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly candleHistory: CandleSourceParts['candleHistory'];
  readonly bench: Pick<BacktestBench, 'read'>;
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Users' own strategies. */
  readonly own?: OwnStrategies | undefined;
  readonly jobs: () => Promise<Jobs>;
  readonly crew: OpenCrew;
}

/** Asks for pieces; one that is asked for already is asked for once. Tells how many were not. */
export async function askForWork(jobs: Jobs, id: string, parts: readonly WorkPart[]): Promise<number> {
  let asked = 0;
  for (const part of parts) {
    const job = { kind: 'optimization', data: { id, part }, dedupeId: `optimization:${id}:${part}`, priority: PRIORITY, attempts: 2, backoffMs: 5_000 };
    if ((await jobs.enqueue('tasks', job)).isNew) asked += 1;
  }
  return asked;
}

/** Does a piece and asks for those that come next. */
export async function doWork(job: JobInHand, parts: WorkParts): Promise<JobData> {
  const { id, part } = job.data;
  if (typeof id !== 'string' || !isPart(part)) throw new Error('a job of an optimisation names none');
  const { store, clock } = parts;
  const record = await store.optimizations.begin(id, clock.now());
  if (record === null) return { outcome: 'over' };
  if (record.state === 'paused') return { outcome: 'paused' };
  try {
    const outcome = await piece(job, record, part, parts);
    if (part !== 'finish') await askForNext(id, record, parts);
    return { outcome };
  } catch (error) {
    // Whoever takes the job next begins it anew; the second try of one that found no exchange is its last.
    if (job.stopReason() !== null || (error instanceof PortError && job.attemptsMade === 0)) throw error;
    const isKnown = error instanceof AppError || error instanceof PortError;
    await store.optimizations.finish(id, { state: 'failed', failure: isKnown ? error.message : 'a fault in the server; it is in the log' }, clock.now());
    if (isKnown) return { outcome: 'failed' };
    throw error;
  }
}

/** Settings as they are kept. */
function settingsOf(record: OptimizationRecord): OptimizationSettings {
  return record.settings as unknown as OptimizationSettings;
}

function isPart(part: unknown): part is WorkPart {
  return part === 'prepare' || part === 'finish' || (typeof part === 'number' && Number.isSafeInteger(part));
}

async function askForNext(id: string, record: OptimizationRecord, { store, jobs }: WorkParts): Promise<void> {
  const done = new Set(await store.optimizations.chunksDone(id));
  const left = chunksOf(settingsOf(record)).filter(({ chunk }) => !done.has(chunk));
  // A round knows all of those before it.
  const next = left.filter(({ round }) => round === left[0]?.round).slice(0, MAX_ASKED);
  await askForWork(await jobs(), id, next.length === 0 ? ['finish'] : next.map(({ chunk }) => chunk));
}

async function piece(job: JobInHand, record: OptimizationRecord, part: WorkPart, parts: WorkParts): Promise<string> {
  const { store } = parts;
  if (record.fingerprint === '') {
    await readCandles(job, record, parts);
    if (part === 'prepare') return 'prepared';
    throw new Error('the candles of an optimisation are read before its trials');
  }
  if (part === 'prepare') return 'prepared';
  const stored: StoredHistory = {
    fingerprint: record.fingerprint,
    bytes: async () => {
      const bytes = await store.optimizations.candles(record.id);
      if (bytes === null) throw new Error('an optimisation that works has its candles');
      return bytes;
    },
  };
  return part === 'finish' ? finish(job, record, stored, parts) : trials(job, record, stored, part, parts);
}

async function readCandles(job: JobInHand, record: OptimizationRecord, parts: WorkParts): Promise<void> {
  const { backtest, axes } = settingsOf(record);
  // Warm-up as the first set wants it; sets that want more wait a little longer.
  const first = {
    ...backtest,
    config: configAt(
      axes,
      axes.map(() => 0),
      backtest.config as Config,
    ),
  };
  const strategy = await shapedStrategy(parts, record.userId, first);
  const { candles, legCandles = [] } = await candlesOf(record.userId, first, strategy, parts, async () => {
    if (job.stopReason() !== null) throw new Error('the job was let go of');
  });
  const { bars, history } = await parts.bench.read({ settings: first, candles });
  const histories = [{ instrument: first.instrument, bars }];
  for (const [index, instrument] of instrumentsIn(first).slice(1).entries()) {
    const other = await parts.bench.read({ settings: { ...first, instrument }, candles: legCandles[index] ?? missingCandles(instrument.symbol) });
    histories.push({ instrument, bars: other.bars });
  }
  assertOneLength(histories);
  const others = histories.slice(1).map((each) => each.bars);
  await parts.store.optimizations.keepCandles(record.id, historyBytes(bars, history, others));
}

function missingCandles(symbol: string): never {
  throw new Error(`the candles of ${symbol} were read with the others`);
}

async function trials(job: JobInHand, record: OptimizationRecord, stored: StoredHistory, number: number, parts: WorkParts): Promise<string> {
  const { store } = parts;
  const settings = settingsOf(record);
  const chunks = chunksOf(settings);
  const chunk = chunks[number];
  if (chunk === undefined) throw new Error(`an optimisation has no piece ${number}`);
  if ((await store.optimizations.chunksDone(record.id)).includes(number)) return 'done before';
  const earlier = await trialsBefore(store.optimizations, record.id, chunks.find(({ round }) => round === chunk.round)?.chunk ?? 0);
  const points = pointsOf(settings, chunk, earlier);
  const outcomes = await withCrew(job, record, parts, points.length, async (crew, onTrial) => {
    const evaluation = await Evaluation.begin(crew, settings, stored, onTrial);
    return evaluation.trials(points.map((point) => configOf(settings, point)));
  });
  if (outcomes === null) return 'over';
  const content = JSON.stringify(points.map((point, index): DoneTrial => ({ point, outcome: outcomes[index] as TrialOutcome })));
  return (await store.optimizations.keepChunk(record.id, { chunk: number, trials: points.length, content })) ? 'done' : 'over';
}

async function finish(job: JobInHand, record: OptimizationRecord, stored: StoredHistory, parts: WorkParts): Promise<string> {
  const { store, clock } = parts;
  const settings = settingsOf(record);
  const all = await trialsBefore(store.optimizations, record.id, Number.MAX_SAFE_INTEGER);
  if (all.length < record.trials) return 'too early';
  const ranked = rankedTrials(all, settings);
  const best = settings.outOfSample === 0 ? [] : ranked.slice(0, MAX_VALIDATED);
  const validated =
    best.length === 0
      ? []
      : await withCrew(job, record, parts, best.length, async (crew, onTrial) => {
          const evaluation = await Evaluation.begin(crew, settings, stored, onTrial);
          return evaluation.run(
            best.map(({ point }) => configOf(settings, point)),
            'outOfSample',
          );
        });
  if (validated === null) return 'over';
  const summary = { ...summaryOf(all, ranked, validated) };
  await store.optimizations.finish(record.id, { state: 'done', summary, results: resultsOf(ranked, validated, settings) }, clock.now());
  return 'finished';
}

/** `null` where its user does not want it any more, which is looked at now and then. */
async function withCrew<Result>(
  job: JobInHand,
  record: OptimizationRecord,
  parts: WorkParts,
  most: number,
  work: (crew: Crew, onTrial: () => void) => Promise<Result>,
): Promise<Result | null> {
  const { store, clock } = parts;
  const { id, userId } = record;
  const found = await ownStrategy(parts, userId, settingsOf(record).backtest.strategy);
  const computing = parts.crew(most);
  const crew = found === null ? computing : new OwnCrew(computing, found.own, found.pinned);
  job.onStop(() => crew.close());
  let isUnwanted = false;
  let lookedAt = clock.now();
  const look = async (): Promise<void> => {
    isUnwanted = (await store.optimizations.begin(id, clock.now())) === null;
    if (isUnwanted) crew.close();
  };
  let looking: Promise<void> = Promise.resolve();
  try {
    return await work(crew, () => {
      if (clock.now() - lookedAt < LOOK_EVERY_MS) return;
      lookedAt = clock.now();
      // What cannot be asked now is asked again a moment later.
      looking = looking.then(look).catch(() => undefined);
    });
  } catch (error) {
    if (isUnwanted) return null;
    throw error;
  } finally {
    crew.close();
    await looking;
  }
}

/** Sets of a piece of work: they follow from the settings and from the rounds before. */
function pointsOf(settings: OptimizationSettings, chunk: Chunk, earlier: readonly DoneTrial[]): readonly Point[] {
  const tried = earlier.map((trial) => triedOf(trial, settings));
  const points = searchOf(settings).propose(wishOf(settings), chunk.round, tried);
  const from = chunk.firstTrial - earlier.length;
  return points.slice(from, from + chunk.trials);
}

function configOf({ axes, backtest }: OptimizationSettings, point: Point): Config {
  return configAt(axes, point, backtest.config as Config);
}

/** What came of all pieces before one, in the sequence of the trials. */
async function trialsBefore(store: OptimizationStore, id: string, chunk: number): Promise<readonly DoneTrial[]> {
  const contents = await store.chunksBefore(id, Math.min(chunk, 2 ** 31 - 1));
  return contents.flatMap((content) => JSON.parse(content) as readonly DoneTrial[]);
}
