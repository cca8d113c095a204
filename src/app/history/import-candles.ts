/** Takes the candles of a file into the history. */
import { AppError } from '#core/errors.ts';
import { type CandleHistory, HISTORY_INTERVALS, type Series, type TableCodecs } from '#core/history.ts';
import type { Clock } from '#core/ports.ts';
import { lengthOf, spansOfTimes } from '#core/spans.ts';
import { closedBefore, readCandleFile } from './candle-files.ts';
import type { CandleFormat } from './file-names.ts';

/** Larger files are refused; ten million candles are some 600 MB of text. */
export const MAX_FILE_BYTES = 500_000_000;

export interface ImportWanted {
  readonly series: Series;
  readonly format: CandleFormat;
  /** What happens to candles that are there already with other figures. */
  readonly onConflict: 'keep' | 'replace';
}

export interface ImportReport {
  readonly added: number;
  readonly same: number;
  readonly differing: number;
  /** Left out because they are not over. */
  readonly unfinished: number;
  /** Candles missing between the first and the last of the file; a download may still bring them. */
  readonly missing: number;
}

/** Throws AppError `candles_invalid` and `payload_too_large`; nothing has changed then. */
export async function importCandles(
  bytes: Uint8Array,
  { series, format, onConflict }: ImportWanted,
  parts: { readonly history: CandleHistory; readonly codecs: TableCodecs; readonly clock: Clock },
): Promise<ImportReport> {
  if (bytes.byteLength > MAX_FILE_BYTES) throw tooLarge(bytes.byteLength, MAX_FILE_BYTES);
  const intervalMs = HISTORY_INTERVALS[series.interval];
  const all = await readCandleFile(bytes, format, intervalMs, parts.codecs);
  const candles = closedBefore(all, parts.clock.now());
  const appended = await parts.history.append(series, candles, [], onConflict);
  const spans = spansOfTimes(candles.startAt, intervalMs);
  const missing = spans.length === 0 ? 0 : ((spans.at(-1)?.to ?? 0) - (spans[0]?.from ?? 0) - lengthOf(spans)) / intervalMs;
  return { ...appended, unfinished: all.length - candles.length, missing };
}

/** Names the size and the limit, in bytes. */
export function tooLarge(bytes: number, limit: number): AppError {
  return new AppError('payload_too_large', `the file has ${bytes} bytes; at most ${limit} can be imported at once, so split it`);
}
