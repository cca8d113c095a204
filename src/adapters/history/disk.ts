/**
 * The port of history on a disk: one Parquet file for each month of a series. A file is replaced as a whole, by a new one
 * that is on the disk before it takes the old one's name, so a crash leaves one of the two.
 */
import { readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { candleAt, candleFault, concatColumns, mergeColumns, withinSpan } from '#core/bars/candle-columns.ts';
import { PortError } from '#core/errors.ts';
import {
  type Appended,
  type CandleColumns,
  type CandleHistory,
  type Coverage,
  type Damage,
  HISTORY_INTERVALS,
  type HistoryInterval,
  newCandleColumns,
  type Series,
  type SeriesSummary,
  type Span,
} from '#core/history.ts';
import { clipSpans, joinSpans, lengthOf, missingOf, spansOfTimes } from '#core/spans.ts';
import { makeDirectory } from '../_directory.ts';
import { atDisk, namesIn, reading, sizeOf } from './_at-disk.ts';
import { type Glance, Glances } from './_glances.ts';
import { underLock } from './_lock.ts';
import { decodeMonth, encodeMonth, type Month } from './_month-file.ts';
import { DamagedFile } from './_noted-file.ts';
import { monthOfName, monthsOf, seriesPath, spanOfMonth, symbolOfName } from './_paths.ts';
import { DiskRecords } from './_records.ts';
import { asideName, replaceFile } from './_replace-file.ts';

/** No file of a month is larger: 44,640 candles of six numbers are 2 MB before they are packed. */
const MAX_FILE_BYTES = 16_000_000;

/** Nothing is made or opened before the first use. */
export function diskHistory(directory: string): CandleHistory {
  return new DiskHistory(directory);
}

class DiskHistory implements CandleHistory {
  readonly #directory: string;
  readonly #glances = new Glances();
  readonly records: DiskRecords;

  constructor(directory: string) {
    this.#directory = directory;
    this.records = new DiskRecords(directory);
  }

  async read(series: Series, span: Span): Promise<CandleColumns> {
    const parts: CandleColumns[] = [];
    for (const month of await this.#months(series, span)) {
      const found = await this.#month(series, month);
      if (found !== null) parts.push(withinSpan(found.candles, span));
    }
    return concatColumns(parts, HISTORY_INTERVALS[series.interval]);
  }

  async coverage(series: Series, span: Span): Promise<Coverage> {
    const intervalMs = HISTORY_INTERVALS[series.interval];
    const covered: Span[] = [];
    const holes: Span[] = [];
    let candles = 0;
    for (const month of await this.#months(series, span)) {
      const found = await this.#month(series, month);
      if (found === null) continue;
      const { startAt, length } = withinSpan(found.candles, span);
      const known = spansOfTimes(startAt, intervalMs);
      const asked = clipSpans(found.covered, span);
      covered.push(...asked);
      for (const each of asked) holes.push(...missingOf(each, known));
      candles += length;
    }
    return { covered: joinSpans(covered), holes: joinSpans(holes), candles };
  }

  async append(series: Series, candles: CandleColumns, covered: readonly Span[], onConflict: 'keep' | 'replace'): Promise<Appended> {
    assertWhole(candles, HISTORY_INTERVALS[series.interval]);
    const spans = joinSpans([...covered, ...spansOfTimes(candles.startAt, HISTORY_INTERVALS[series.interval])]);
    const sum = { added: 0, same: 0, differing: 0 };
    for (const month of new Set(spans.flatMap(monthsOf))) {
      const monthSpan = spanOfMonth(month);
      const counts = await this.#change(series, month, (old) => {
        const merged = mergeColumns(old.candles, withinSpan(candles, monthSpan), onConflict === 'keep' ? 'old' : 'fresh');
        return [{ ...old, covered: joinSpans([...old.covered, ...clipSpans(spans, monthSpan)]), candles: merged.candles }, merged];
      });
      for (const name of ['added', 'same', 'differing'] as const) sum[name] += counts[name];
    }
    return sum;
  }

  async forgetHoles(series: Series, span: Span): Promise<number> {
    const intervalMs = HISTORY_INTERVALS[series.interval];
    let forgotten = 0;
    for (const month of await this.#months(series, span)) {
      const { holes } = await this.coverage(series, intersection(span, spanOfMonth(month)));
      if (holes.length === 0) continue;
      forgotten += lengthOf(holes) / intervalMs;
      await this.#change(series, month, (old) => [{ ...old, covered: old.covered.flatMap((each) => missingOf(each, holes)) }, null]);
    }
    return forgotten;
  }

  async names(): Promise<readonly Series[]> {
    const found: Series[] = [];
    for (const venue of await this.#entries(this.#directory))
      for (const name of await this.#entries(join(this.#directory, venue)))
        for (const interval of await this.#entries(join(this.#directory, venue, name))) {
          const symbol = symbolOfName(name);
          if (symbol !== null && isInterval(interval)) found.push({ venue, symbol, interval });
        }
    return found;
  }

  async list(): Promise<readonly SeriesSummary[]> {
    const found: SeriesSummary[] = [];
    for (const series of await this.names()) {
      const summary = await this.#summary(series);
      if (summary !== null) found.push(summary);
    }
    return found;
  }

  async check(series: Series): Promise<readonly Damage[]> {
    const damages: Damage[] = [];
    for (const month of await this.#months(series)) {
      const path = this.#path(series, month);
      const problem = await this.#month(series, month)
        .then((found) => (found === null ? null : faultOf(found)))
        .catch((error: unknown) => {
          if (error instanceof PortError && error.cause instanceof DamagedFile) return error.cause.message;
          throw error;
        });
      if (problem !== null) damages.push({ ...series, month, path, problem });
    }
    return damages;
  }

  async setAside({ path, ...damage }: Damage): Promise<string> {
    const expected = this.#path(damage, damage.month);
    const aside = asideName(expected);
    await this.#onDisk(() => rename(expected, aside));
    return aside;
  }

  async remove(series: Series, span?: Span): Promise<number> {
    const whole = (month: string) => span === undefined || (spanOfMonth(month).from >= span.from && spanOfMonth(month).to <= span.to);
    const months = (await this.#months(series)).filter(whole);
    for (const month of months) await this.#locked(series, month, (path) => rm(path, { force: true }));
    const directory = seriesPath(this.#directory, series);
    if ((await this.#months(series)).length === 0) await this.#onDisk(() => rm(directory, { recursive: true, force: true }));
    return months.length;
  }

  async #summary(series: Series): Promise<SeriesSummary | null> {
    const intervalMs = HISTORY_INTERVALS[series.interval];
    const months = await this.#months(series);
    if (months.length === 0) return null;
    let [candles, covered, bytes, damaged] = [0, 0, 0, 0];
    const times: number[] = [];
    for (const month of months) {
      const glance = await this.#glance(series, month);
      if (glance === null) {
        damaged += 1;
        continue;
      }
      candles += glance.candles;
      covered += lengthOf(glance.covered) / intervalMs;
      bytes += glance.bytes;
      for (const at of [glance.firstAt, glance.lastAt]) if (at !== null) times.push(at);
    }
    return { ...series, candles, holes: covered - candles, firstAt: times[0] ?? null, lastAt: times.at(-1) ?? null, bytes, damaged };
  }

  async #glance(series: Series, month: string): Promise<Glance | null> {
    try {
      return await this.#onDisk(() => this.#glances.at(this.#path(series, month), series, month));
    } catch (error) {
      if (error instanceof DamagedFile) return null;
      throw error;
    }
  }

  /** Those that there are files of, ascending; of a span those that it touches. */
  async #months(series: Series, span?: Span): Promise<readonly string[]> {
    const names = await this.#entries(seriesPath(this.#directory, series));
    const months = names.map(monthOfName).filter((month) => month !== null);
    return span === undefined ? months : months.filter((month) => lengthOf([intersection(spanOfMonth(month), span)]) > 0);
  }

  #entries(directory: string): Promise<readonly string[]> {
    return this.#onDisk(() => namesIn(directory));
  }

  #path(series: Series, month: string): string {
    return join(seriesPath(this.#directory, series), `${month}.parquet`);
  }

  /** `null` when there is none. */
  #month(series: Series, month: string): Promise<Month | null> {
    const path = this.#path(series, month);
    return this.#onDisk(async () => {
      const size = await sizeOf(path);
      if (size === null) return null;
      return await reading(path, async () => {
        if (size > MAX_FILE_BYTES) throw new DamagedFile(`it has ${size} bytes, more than a month can`);
        return await decodeMonth(await readFile(path), series, month);
      });
    });
  }

  #change<Result>(series: Series, month: string, change: (old: Month) => readonly [Month, Result]): Promise<Result> {
    return this.#locked(series, month, async (path) => {
      const empty = { series, month, covered: [], candles: newCandleColumns(0, HISTORY_INTERVALS[series.interval]) };
      const [next, result] = change((await this.#month(series, month)) ?? empty);
      await replaceFile(path, encodeMonth(next));
      return result;
    });
  }

  #locked<Result>(series: Series, month: string, work: (path: string) => Promise<Result>): Promise<Result> {
    const path = this.#path(series, month);
    return this.#onDisk(async () => {
      makeDirectory(dirname(path));
      return underLock(path, () => work(path));
    });
  }

  #onDisk<Result>(work: () => Promise<Result>): Promise<Result> {
    return atDisk(this.#directory, work);
  }
}

/** What is wrong with the candles of a file that is whole; `null` when nothing is. */
function faultOf({ candles, covered }: Month): string | null {
  const { startAt, intervalMs } = candles;
  for (let index = 0; index < candles.length; index += 1) {
    const at = startAt[index] ?? 0;
    const fault = candleFault(candleAt(candles, index));
    if (fault !== null) return `candle of ${new Date(at).toISOString()}: ${fault}`;
    if (index > 0 && at <= (startAt[index - 1] ?? 0)) return `candle of ${new Date(at).toISOString()} is out of order`;
  }
  return spansOfTimes(startAt, intervalMs).every((span) => missingOf(span, covered).length === 0) ? null : 'it holds candles that it does not count as covered';
}

/** What is appended has been examined by whoever appends; an order that is broken here would break every file. */
function assertWhole({ startAt }: CandleColumns, intervalMs: number): void {
  for (let index = 0; index < startAt.length; index += 1) {
    const at = startAt[index] ?? Number.NaN;
    if (at % intervalMs !== 0 || (index > 0 && at <= (startAt[index - 1] ?? 0)))
      throw new RangeError(`candles must ascend in steps of ${intervalMs} ms, at ${at}`);
  }
}

function intersection(one: Span, other: Span): Span {
  return { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) };
}

function isInterval(name: string): name is HistoryInterval {
  return Object.hasOwn(HISTORY_INTERVALS, name);
}
