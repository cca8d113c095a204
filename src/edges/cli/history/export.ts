/** `argosy data export`: candles of the history into a file, named as freqtrade names them where a directory is given. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeCandleFile } from '#app/history/candle-files.ts';
import { type CandleFormat, FORMATS, fileNameOf, namedCandles } from '#app/history/file-names.ts';
import { seriesOf } from '#app/history/series.ts';
import { AppError } from '#core/errors.ts';
import type { Series } from '#core/history.ts';
import { type CliCommand, speaker } from '../command.ts';
import { FROM, JSON_OUTPUT, nameOf, spanOf, TO, textOf } from './arguments.ts';

export const exportFile: CliCommand = {
  usage: 'export <exchange> <symbol> <interval> <path>',
  summary: { en: 'write candles into a file, or into a directory by freqtrade’s names', ru: 'записать свечи в файл или в каталог под именами freqtrade' },
  options: [
    FROM,
    TO,
    { flags: '-f, --format <format>', help: { en: FORMATS.join(', '), ru: FORMATS.join(', ') } },
    { flags: '--force', help: { en: 'replace a file that is there', ru: 'заменить существующий файл' } },
    JSON_OUTPUT,
  ],
  run: async (operator, [exchange, symbol, interval, given], options) => {
    const say = speaker(operator);
    const series = seriesOf(String(exchange), String(symbol), String(interval));
    const { path, format } = await targetOf(String(given), series, textOf(options, 'format'));
    const { candles: history, codecs } = operator.history;
    const candles = await history.read(series, spanOf(options, operator.clock.now()));
    if (candles.length === 0)
      throw new AppError('history_missing', say(`There is no history of ${nameOf(series)} in that span.`, `Истории ${nameOf(series)} за это время нет.`));
    const bytes = await writeCandleFile(candles, format, codecs);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes, { flag: options['force'] === true ? 'w' : 'wx' }).catch((error: unknown) => {
      const reason =
        error instanceof Error && 'code' in error && error.code === 'EEXIST'
          ? say('it is there already; --force replaces it', 'уже существует; --force заменит')
          : String(error);
      throw new AppError('validation_failed', `${path}: ${reason}`);
    });
    if (options['json'] === true) operator.terminal.print(JSON.stringify({ path, format, candles: candles.length, bytes: bytes.byteLength }, null, 2));
    else operator.terminal.print(say(`${path}: ${candles.length} candles`, `${path}: свечей: ${candles.length}`));
    return 0;
  },
};

async function targetOf(
  given: string,
  { symbol, interval }: Series,
  wanted: string | undefined,
): Promise<{ readonly path: string; readonly format: CandleFormat }> {
  const isDirectory =
    given.endsWith('/') ||
    (await stat(given).then(
      (found) => found.isDirectory(),
      () => false,
    ));
  const format = wanted === undefined ? (isDirectory ? 'feather' : namedCandles(basename(given)).format) : FORMATS.find((each) => each === wanted);
  if (format === undefined)
    throw new AppError('validation_failed', `format ${JSON.stringify(wanted ?? basename(given))} is none of ${FORMATS.join(', ')}; give --format`);
  return { path: isDirectory ? join(given, fileNameOf(symbol, interval, format)) : given, format };
}
