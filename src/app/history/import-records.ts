/** Takes the settlements or trades of a file into the history: they take the place of whatever was there between its first and its last. */
import type { TableCodecs } from '#core/history.ts';
import type { RecordHistory, RecordSeries } from '#core/record-history.ts';
import type { CandleFormat } from './file-names.ts';
import { MAX_FILE_BYTES, tooLarge } from './import-candles.ts';
import { readRecordFile } from './record-files.ts';

export interface RecordImport {
  readonly added: number;
  /** That were there in the same span and gave way. */
  readonly replaced: number;
}

/** Throws AppError `candles_invalid` and `payload_too_large`; nothing has changed then. */
export async function importRecords(
  bytes: Uint8Array,
  { series, format }: { readonly series: RecordSeries; readonly format: CandleFormat },
  { records, codecs }: { readonly records: RecordHistory; readonly codecs: TableCodecs },
): Promise<RecordImport> {
  if (bytes.byteLength > MAX_FILE_BYTES) throw tooLarge(bytes.byteLength, MAX_FILE_BYTES);
  const told = await readRecordFile(bytes, series.kind, format, codecs);
  const span = { from: told.at[0] ?? 0, to: (told.at.at(-1) ?? 0) + 1 };
  const { length } = await records.read(series, span);
  await records.put(series, told, span);
  return { added: told.length, replaced: length };
}
