/** `argosy data import`: candles of a file into the history. */
import { basename } from 'node:path';
import { FORMATS, namedCandles } from '#app/history/file-names.ts';
import { importCandles } from '#app/history/import-candles.ts';
import { importRecords } from '#app/history/import-records.ts';
import { AppError } from '#core/errors.ts';
import { type CliCommand, speaker } from '../command.ts';
import { anySeriesOf, INTERVAL, isRecords, JSON_OUTPUT, nameOf, textOf } from './arguments.ts';
import { readGiven } from './read-given.ts';

export const importFile: CliCommand = {
  usage: 'import <file>',
  summary: {
    en: 'take in candles, funding or trades: CSV, JSON, Feather of freqtrade, Parquet',
    ru: 'принять свечи, финансирование или сделки: CSV, JSON, Feather из freqtrade, Parquet',
  },
  options: [
    { flags: '-e, --exchange <id>', help: { en: 'whose candles they are', ru: 'чьи это свечи' } },
    {
      flags: '-s, --symbol <symbol>',
      help: { en: 'such as BTC/USDT, where the name of the file does not say', ru: 'например BTC/USDT, если этого нет в имени файла' },
    },
    INTERVAL,
    { flags: '--replace', help: { en: 'take the file’s candles where others are there', ru: 'при расхождении брать свечи из файла' } },
    JSON_OUTPUT,
  ],
  run: async (operator, [file], options) => {
    const say = speaker(operator);
    const path = String(file);
    const name = namedCandles(basename(path));
    if (name.format === undefined)
      throw new AppError(
        'validation_failed',
        say(
          `${path}: the name must end in ${FORMATS.join(', ')}, or in one of these and .gz.`,
          `${path}: имя должно оканчиваться на ${FORMATS.join(', ')}, возможно с .gz.`,
        ),
      );
    const exchange = textOf(options, 'exchange');
    const symbol = textOf(options, 'symbol') ?? name.symbol;
    const interval = textOf(options, 'interval') ?? name.records ?? name.interval;
    if (exchange === undefined || symbol === undefined || interval === undefined)
      throw new AppError(
        'validation_failed',
        say(
          'Give --exchange, --symbol and --interval; the name of the file may say the last two, as in BTC_USDT-5m.feather.',
          'Укажите --exchange, --symbol и --interval; последние два могут быть в имени файла, как в BTC_USDT-5m.feather.',
        ),
      );
    const series = anySeriesOf(exchange, symbol, interval);
    const bytes = await readGiven(path, name.isGzip);
    const onConflict = options['replace'] === true ? 'replace' : 'keep';
    const { candles: history, codecs } = operator.history;
    if (isRecords(series)) {
      const { added, replaced } = await importRecords(bytes, { series, format: name.format }, { records: history.records, codecs });
      const gone = replaced === 0 ? '' : say(`, ${replaced} gave way`, `, заменено: ${replaced}`);
      if (options['json'] === true) operator.terminal.print(JSON.stringify({ exchange, symbol, interval, added, replaced }, null, 2));
      else operator.terminal.print(say(`${nameOf(series)}: ${added} came${gone}`, `${nameOf(series)}: принято: ${added}${gone}`));
      return 0;
    }
    const report = await importCandles(bytes, { series, format: name.format, onConflict }, { history, codecs, clock: operator.clock });
    if (options['json'] === true) {
      operator.terminal.print(JSON.stringify({ exchange, symbol, interval, ...report }, null, 2));
      return 0;
    }
    const { added, same, differing, unfinished, missing } = report;
    const facts = [
      say(`${nameOf(series)}: ${added} candles came`, `${nameOf(series)}: принято свечей: ${added}`),
      ...(same > 0 ? [say(`${same} were there`, `уже были: ${same}`)] : []),
      ...(differing > 0
        ? [
            onConflict === 'keep'
              ? say(
                  `${differing} differ from those that are there and were left (--replace takes them)`,
                  `отличаются и не тронуты: ${differing} (--replace заменит)`,
                )
              : say(`${differing} were replaced`, `заменено: ${differing}`),
          ]
        : []),
      ...(unfinished > 0 ? [say(`${unfinished} not over and left out`, `не закрыты и пропущены: ${unfinished}`)] : []),
      ...(missing > 0 ? [say(`${missing} are missing in between`, `не хватает внутри: ${missing}`)] : []),
    ];
    operator.terminal.print(facts.join(', '));
    return 0;
  },
};
