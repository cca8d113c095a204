/**
 * Downloads the candles of a series: only what is not there yet, in batches that are on the disk before the next is
 * asked for. Whatever ends it, beginning again goes on where it was.
 */
import { columnsOf } from '#core/bars/candle-columns.ts';
import { AppError } from '#core/errors.ts';
import { type CandleHistory, HISTORY_INTERVALS, type Series, type Span } from '#core/history.ts';
import { CANDLE_INTERVALS, type CandleInterval, type PublicData } from '#core/market-data.ts';
import type { Clock, Log } from '#core/ports.ts';
import { lengthOf, missingOf } from '#core/spans.ts';
import { type Fetched, fetchCandles, settledOf } from './fetch-candles.ts';
import { beginningOf } from './listing.ts';
import { type AskingWorld, NEVER_STOPS, type Stop, Stopped } from './patient-asking.ts';

/** Candles between two writes: what a kill costs at most. */
export const BATCH_CANDLES = 10_000;
/** A candle that is missing so soon after its time may still come. */
export const YOUNG_MS = 3_600_000;
/** Refused candles that a report names. */
export const MAX_REFUSED_TOLD = 20;

export interface DownloadProgress {
  /** Candles' worth of time that has been asked through, of how many. */
  readonly done: number;
  readonly total: number;
  readonly added: number;
}

export interface DownloadReport {
  /** Candles that are there now and were not before. */
  readonly added: number;
  /** Candles that the venue does not have, within the span that was wanted. */
  readonly holes: number;
  /** Candles that the venue told and that cannot be, such as one with a price of zero; they count as holes. */
  readonly refused: readonly { readonly startAt: number; readonly problem: string }[];
  /** Ended by a wish before its end. */
  readonly isStopped: boolean;
}

export interface DownloadParts {
  readonly market: Pick<PublicData, 'candles'>;
  readonly history: CandleHistory;
  readonly clock: Clock;
  readonly log: Log;
  readonly stop?: Stop;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * Candles of the span that have closed. Throws AppError `validation_failed` for a span or an interval that cannot be, and what the
 * venue or the disk throws when patience ends; what has come by then is kept.
 */
export async function downloadCandles(series: Series, wanted: Span, parts: DownloadParts): Promise<DownloadReport> {
  const interval = downloadable(series);
  if (wanted.from >= wanted.to) throw new AppError('validation_failed', 'from must be before to', [{ field: 'from', message: 'must be before to' }]);
  const download = new Download(series, interval, parts);
  try {
    await download.run(wanted);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return download.report(wanted, true);
  }
  return download.report(wanted, false);
}

class Download {
  readonly #series: Series;
  readonly #interval: CandleInterval;
  readonly #intervalMs: number;
  readonly #parts: DownloadParts;
  readonly #world: AskingWorld;
  readonly #refused = new Map<number, string>();
  #done = 0;
  #total = 0;
  #added = 0;

  constructor(series: Series, interval: CandleInterval, parts: DownloadParts) {
    this.#series = series;
    this.#interval = interval;
    this.#intervalMs = CANDLE_INTERVALS[interval];
    this.#parts = parts;
    this.#world = { stop: NEVER_STOPS, ...parts };
  }

  async run(wanted: Span): Promise<void> {
    const { history, market } = this.#parts;
    const span = this.#closed(wanted);
    const todo = missingOf(span, (await history.coverage(this.#series, span)).covered);
    this.#total = lengthOf(todo) / this.#intervalMs;
    for (const missing of todo) {
      const beginning = await beginningOf(market, this.#series.symbol, this.#interval, missing, this.#world);
      if (beginning > missing.from) await history.append(this.#series, columnsOf([], this.#intervalMs), [{ from: missing.from, to: beginning }], 'keep');
      this.#done += (beginning - missing.from) / this.#intervalMs;
      for (const batch of batchesOf({ from: beginning, to: missing.to }, this.#intervalMs)) await this.#fetch(batch);
    }
    this.#tell(0, 0);
  }

  async report(wanted: Span, isStopped: boolean): Promise<DownloadReport> {
    const { holes } = await this.#parts.history.coverage(this.#series, this.#closed(wanted));
    const refused = [...this.#refused].slice(0, MAX_REFUSED_TOLD).map(([startAt, problem]) => ({ startAt, problem }));
    return { added: this.#added, holes: lengthOf(holes) / this.#intervalMs, refused, isStopped };
  }

  async #fetch(batch: Span): Promise<void> {
    const { market, history, clock } = this.#parts;
    const intervalMs = this.#intervalMs;
    const ask = ({ from, to }: Span) => market.candles(this.#series.symbol, this.#interval, from, to);
    const onProgress = (askedTo: number, candles: number): void => this.#tell((askedTo - batch.from) / intervalMs, candles);
    const fetched = await fetchCandles({ span: batch, intervalMs, ask, onProgress }, this.#world);
    const youngFrom = clock.now() - Math.max(YOUNG_MS, 2 * intervalMs);
    await this.#keep(fetched, settledOf(fetched, intervalMs, youngFrom), history);
    this.#done += lengthOf([batch]) / intervalMs;
    this.#tell(0, 0);
  }

  async #keep({ candles, refused, failure }: Fetched, settled: readonly Span[], history: CandleHistory): Promise<void> {
    for (const [at, problem] of refused) this.#refused.set(at, problem);
    this.#added += (await history.append(this.#series, candles, settled, 'keep')).added;
    if (failure !== null) throw failure;
  }

  #tell(done: number, added: number): void {
    this.#parts.onProgress?.({ done: this.#done + done, total: this.#total, added: this.#added + added });
  }

  /** Whole candles that are over. */
  #closed({ from, to }: Span): Span {
    const step = this.#intervalMs;
    return { from: Math.ceil(from / step) * step, to: Math.floor(Math.min(to, this.#parts.clock.now()) / step) * step };
  }
}

/** Batches end with the month, so that each is one file. */
function* batchesOf({ from, to }: Span, intervalMs: number): Generator<Span> {
  for (let start = from; start < to; ) {
    const date = new Date(start);
    const monthEnd = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
    const end = Math.min(to, monthEnd, start + BATCH_CANDLES * intervalMs);
    yield { from: start, to: end };
    start = end;
  }
}

/** The interval of a series that venues have. Throws AppError `validation_failed` for one that only files bring. */
export function downloadable({ interval }: Series): CandleInterval {
  if (Object.hasOwn(CANDLE_INTERVALS, interval)) return interval as CandleInterval;
  const known = Object.keys(CANDLE_INTERVALS).join(', ');
  const isKept = Object.hasOwn(HISTORY_INTERVALS, interval);
  const message = `candles of ${interval} cannot be downloaded${isKept ? ', only imported' : ''}; choose one of ${known}`;
  throw new AppError('validation_failed', message, [{ field: 'interval', message: `must be one of ${known}` }]);
}
