/** Files of candles as they are kept, compressed: packed and unpacked where they are read, which is in no loop that others wait for. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { type InspectedFile, inspectCandles, type TaskCandles } from '#app/backtest/backtest-task.ts';
import { AppError } from '#core/errors.ts';

/** What was packed by us is never larger than this. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Throws AppError `candles_invalid`. */
export function inspectedFile(bytes: Uint8Array): InspectedFile {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('candles_invalid', 'the file is not text in UTF-8; is it of another format, or compressed?');
  }
  return { file: inspectCandles(text), packed: gzipSync(bytes) };
}

/** Candles whose text can be read. */
export function unpackedCandles(candles: TaskCandles): TaskCandles {
  return 'packed' in candles ? { csv: gunzipSync(candles.packed, { maxOutputLength: MAX_BYTES }).toString('utf8') } : candles;
}

/** A task of which all candles can be read. */
export function unpackedTask<Task extends { readonly candles: TaskCandles; readonly legCandles?: readonly TaskCandles[] }>(task: Task): Task {
  const { candles, legCandles } = task;
  return { ...task, candles: unpackedCandles(candles), ...(legCandles === undefined ? {} : { legCandles: legCandles.map(unpackedCandles) }) };
}
