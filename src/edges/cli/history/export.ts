/** `argosy data export`: candles of the history into a file, named as freqtrade names them where a directory is given. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeCandleFile } from '#app/history/candle-files.ts';
import { type CandleFormat, FORMATS, fileNameOf, namedCandles, recordFileNameOf } from '#app/history/file-names.ts';
import { writeRecordFile } from '#app/history/record-files.ts';
import { AppError } from '#core/errors.ts';
import type { Series, Span } from '#core/history.ts';
import type { RecordSeries } from '#core/record-history.ts';
import { type CliCommand, speaker } from '../command.ts';
import type { Operator } from '../operator.ts';
import { type AnySeries, anySeriesOf, FROM, isRecords, JSON_OUTPUT, nameOf, spanOf, TO, textOf } from './arguments.ts';

export const exportFile: CliCommand = {
  usage: 'export <exchange> <symbol> <interval> <path>',
  summary: {
    en: 'write candles, funding or trades into a file, or into a directory by freqtrade’s names',
    ru: 'записать свечи, финансирование или сделки в файл или в каталог под именами freqtrade',
  },
  options: [
    FROM,
    TO,
    { flags: '-f, --format <format>', help: { en: FORMATS.join(', '), ru: FORMATS.join(', ') } },
    { flags: '--force', help: { en: 'replace a file that is there', ru: 'заменить существующий файл' } },
    JSON_OUTPUT,
  ],
  run: async (operator, [exchange, symbol, interval, given], options) => {
    const say = speaker(operator);
    const series = anySeriesOf(String(exchange), String(symbol), String(interval));
    const { path, format } = await targetOf(String(given), series, textOf(options, 'format'));
    const span = spanOf(options, operator.clock.now());
    const { length, write } = isRecords(series) ? await recordsTo(operator, series, span) : await candlesTo(operator, series, span);
    if (length === 0)
      throw new AppError('history_missing', say(`There is no history of ${nameOf(series)} in that span.`, `Истории ${nameOf(series)} за это время нет.`));
    const bytes = await write(format);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes, { flag: options['force'] === true ? 'w' : 'wx' }).catch((error: unknown) => {
      const reason =
        error instanceof Error && 'code' in error && error.code === 'EEXIST'
          ? say('it is there already; --force replaces it', 'уже существует; --force заменит')
          : String(error);
      throw new AppError('validation_failed', `${path}: ${reason}`);
    });
    if (options['json'] === true) operator.terminal.print(JSON.stringify({ path, format, candles: length, bytes: bytes.byteLength }, null, 2));
    else
      operator.terminal.print(
        say(isRecords(series) ? `${path}: ${length}` : `${path}: ${length} candles`, isRecords(series) ? `${path}: ${length}` : `${path}: свечей: ${length}`),
      );
    return 0;
  },
};

interface Written {
  readonly length: number;
  readonly write: (format: CandleFormat) => Promise<Uint8Array>;
}

async function candlesTo({ history: { candles, codecs } }: Operator, series: Series, span: Span): Promise<Written> {
  const found = await candles.read(series, span);
  return { length: found.length, write: (format) => writeCandleFile(found, format, codecs) };
}

async function recordsTo({ history: { candles, codecs } }: Operator, series: RecordSeries, span: Span): Promise<Written> {
  const found = await candles.records.read(series, span);
  return { length: found.length, write: (format) => writeRecordFile(found, series.kind, format, codecs) };
}

async function targetOf(given: string, series: AnySeries, wanted: string | undefined): Promise<{ readonly path: string; readonly format: CandleFormat }> {
  const isDirectory =
    given.endsWith('/') ||
    (await stat(given).then(
      (found) => found.isDirectory(),
      () => false,
    ));
  const format =
    wanted === undefined
      ? isDirectory
        ? isRecords(series) && series.kind === 'trades'
          ? 'parquet'
          : 'feather'
        : namedCandles(basename(given)).format
      : FORMATS.find((each) => each === wanted);
  if (format === undefined)
    throw new AppError('validation_failed', `format ${JSON.stringify(wanted ?? basename(given))} is none of ${FORMATS.join(', ')}; give --format`);
  const name = isRecords(series) ? recordFileNameOf(series.symbol, series.kind, format) : fileNameOf(series.symbol, series.interval, format);
  return { path: isDirectory ? join(given, name) : given, format };
}
