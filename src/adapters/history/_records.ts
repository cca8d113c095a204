/** Settlements and trades on a disk, beside the candles: a Parquet file for each month of settlements and each day of trades, replaced as a whole. */
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PortError } from '#core/errors.ts';
import type { Span } from '#core/history.ts';
import {
  concatRecords,
  RECORD_COLUMNS,
  type RecordDamage,
  type RecordHistory,
  type RecordKind,
  type RecordSeries,
  type RecordSummary,
  type Records,
  recordsWithin,
} from '#core/record-history.ts';
import { clipSpans, joinSpans } from '#core/spans.ts';
import { makeDirectory } from '../_directory.ts';
import { atDisk, inFile, namesIn, reading, sizeOf } from './_at-disk.ts';
import { underLock } from './_lock.ts';
import { DamagedFile } from './_noted-file.ts';
import { symbolName, symbolOfName, venuePath } from './_paths.ts';
import { decodeRecords, encodeRecords, glanceAt, type RecordGlance, type RecordPart } from './_record-file.ts';
import { asideName, replaceFile } from './_replace-file.ts';

/** No file is larger: the liveliest day of trades is a quarter of it. */
const MAX_FILE_BYTES = 512_000_000;
/** How many letters of a moment in ISO 8601 name the file that holds it: its month, or its day. */
const PART_LENGTH: Readonly<Record<RecordKind, number>> = { funding: 7, trades: 10 };
const PART_FILE = /^(\d{4}-\d{2}(?:-\d{2})?)\.parquet$/;

export class DiskRecords implements RecordHistory {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async read(series: RecordSeries, span: Span): Promise<Records> {
    const parts: Records[] = [];
    for (const part of await this.#parts(series, span)) parts.push(recordsWithin((await this.#part(series, part)).records, span));
    return concatRecords(series.kind, parts);
  }

  async covered(series: RecordSeries, span: Span): Promise<readonly Span[]> {
    const found: Span[] = [];
    for (const part of await this.#parts(series, span)) found.push(...clipSpans((await this.#glance(series, part)).covered, span));
    return joinSpans(found);
  }

  async put(series: RecordSeries, records: Records, span: Span): Promise<void> {
    for (const part of partsOf(series.kind, span)) {
      const within = clip(span, spanOfPart(part));
      const path = this.#path(series, part);
      await this.#onDisk(async () => {
        makeDirectory(dirname(path));
        await underLock(path, async () => {
          const old = (await sizeOf(path)) !== null ? await this.#part(series, part) : emptyPart(series, part);
          const whole = spanOfPart(part);
          const kept = [
            recordsWithin(old.records, { from: whole.from, to: within.from }),
            recordsWithin(old.records, { from: within.to, to: whole.to }),
          ] as const;
          const next = concatRecords(series.kind, [kept[0], recordsWithin(records, within), kept[1]]);
          await replaceFile(path, encodeRecords({ series, part, covered: joinSpans([...old.covered, within]), records: next }));
        });
      });
    }
  }

  async names(): Promise<readonly RecordSeries[]> {
    const found: RecordSeries[] = [];
    for (const venue of await this.#entries(this.#directory))
      for (const name of await this.#entries(join(this.#directory, venue))) {
        const symbol = symbolOfName(name);
        if (symbol === null) continue;
        for (const kind of await this.#entries(join(this.#directory, venue, name))) if (isKind(kind)) found.push({ venue, symbol, kind });
      }
    return found;
  }

  async list(): Promise<readonly RecordSummary[]> {
    const found: RecordSummary[] = [];
    for (const series of await this.names()) {
      let [rows, bytes, damaged] = [0, 0, 0];
      const times: number[] = [];
      for (const part of await this.#parts(series)) {
        try {
          const glance = await this.#glance(series, part);
          rows += glance.rows;
          bytes += glance.bytes;
          for (const at of [glance.firstAt, glance.lastAt]) if (at !== null) times.push(at);
        } catch (error) {
          if (!(error instanceof PortError && error.code === 'history_damaged')) throw error;
          damaged += 1;
        }
      }
      found.push({ ...series, rows, firstAt: times[0] ?? null, lastAt: times.at(-1) ?? null, bytes, damaged });
    }
    return found;
  }

  async check(series: RecordSeries): Promise<readonly RecordDamage[]> {
    const damages: RecordDamage[] = [];
    for (const part of await this.#parts(series)) {
      const path = this.#path(series, part);
      try {
        await this.#part(series, part);
      } catch (error) {
        if (!(error instanceof PortError && error.cause instanceof DamagedFile)) throw error;
        damages.push({ ...series, path, problem: error.cause.message });
      }
    }
    return damages;
  }

  async setAside({ path }: RecordDamage): Promise<string> {
    const aside = asideName(path);
    await this.#onDisk(() => rename(path, aside));
    return aside;
  }

  async remove(series: RecordSeries, span?: Span): Promise<number> {
    const parts = (await this.#parts(series)).filter((part) => {
      const { from, to } = spanOfPart(part);
      return span === undefined || (from >= span.from && to <= span.to);
    });
    for (const part of parts) {
      const path = this.#path(series, part);
      await this.#onDisk(() => underLock(path, () => rm(path, { force: true })));
    }
    if ((await this.#parts(series)).length === 0) await this.#onDisk(() => rm(this.#place(series), { recursive: true, force: true }));
    return parts.length;
  }

  /** Those that there are files of, ascending; of a span those that it touches. */
  async #parts(series: RecordSeries, span?: Span): Promise<readonly string[]> {
    const parts = (await this.#entries(this.#place(series))).flatMap((name) => PART_FILE.exec(name)?.[1] ?? []);
    return span === undefined ? parts : parts.filter((part) => spanOfPart(part).from < span.to && spanOfPart(part).to > span.from);
  }

  #place({ venue, symbol, kind }: RecordSeries): string {
    return join(venuePath(this.#directory, venue), symbolName(symbol), kind);
  }

  #path(series: RecordSeries, part: string): string {
    return join(this.#place(series), `${part}.parquet`);
  }

  #part(series: RecordSeries, part: string): Promise<RecordPart> {
    const path = this.#path(series, part);
    return this.#reading(path, async () => {
      const { size } = await stat(path);
      if (size > MAX_FILE_BYTES) throw new DamagedFile(`it has ${size} bytes, more than it can`);
      return decodeRecords(await readFile(path), series, part);
    });
  }

  #glance(series: RecordSeries, part: string): Promise<RecordGlance & { readonly bytes: number }> {
    const path = this.#path(series, part);
    return this.#reading(path, async () => {
      const { size } = await stat(path);
      return { ...(await inFile(path, size, (source) => glanceAt(source, series, part))), bytes: size };
    });
  }

  #reading<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    return this.#onDisk(() => reading(path, work));
  }

  #entries(directory: string): Promise<readonly string[]> {
    return this.#onDisk(() => namesIn(directory));
  }

  #onDisk<Result>(work: () => Promise<Result>): Promise<Result> {
    return atDisk(this.#directory, work);
  }
}

function emptyPart(series: RecordSeries, part: string): RecordPart {
  return { series, part, covered: [], records: concatRecords(series.kind, []) };
}

/** Those that a span touches, ascending. */
function partsOf(kind: RecordKind, { from, to }: Span): readonly string[] {
  const parts: string[] = [];
  for (let at = from; at < to; at = spanOfPart(parts.at(-1) ?? '').to) parts.push(new Date(at).toISOString().slice(0, PART_LENGTH[kind]));
  return parts;
}

function spanOfPart(part: string): Span {
  const [year = 0, month = 1, day] = part.split('-').map(Number);
  return day === undefined
    ? { from: Date.UTC(year, month - 1), to: Date.UTC(year, month) }
    : { from: Date.UTC(year, month - 1, day), to: Date.UTC(year, month - 1, day + 1) };
}

function clip(one: Span, other: Span): Span {
  return { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) };
}

function isKind(name: string): name is RecordKind {
  return Object.hasOwn(RECORD_COLUMNS, name);
}
