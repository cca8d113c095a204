/** `argosy data list`: which candles are on the disk. */
import type { SeriesSummary } from '#core/history.ts';
import type { RecordSummary } from '#core/record-history.ts';
import { type CliCommand, speaker } from '../command.ts';
import { tableOf } from '../table.ts';
import { JSON_OUTPUT } from './arguments.ts';

export const list: CliCommand = {
  usage: 'list',
  summary: { en: 'the candles that are on the disk', ru: 'свечи на диске' },
  options: [JSON_OUTPUT],
  run: async ({ history, terminal, ...operator }, _args, options) => {
    const say = speaker({ ...operator, history, terminal });
    const candles = await history.candles.list();
    const records = await history.candles.records.list();
    const found = [...candles.map(presented), ...records.map(presentedRecords)];
    if (options['json'] === true) {
      terminal.print(JSON.stringify(found, null, 2));
      return 0;
    }
    if (found.length === 0) {
      terminal.print(
        say(
          `There is no history in ${history.directory} yet: argosy data download binance BTC/USDT`,
          `В ${history.directory} истории пока нет: argosy data download binance BTC/USDT`,
        ),
      );
      return 0;
    }
    const head = [
      say('exchange', 'биржа'),
      say('symbol', 'пара'),
      say('interval', 'интервал'),
      say('candles', 'свечей'),
      say('holes', 'пропусков'),
      say('first', 'первая'),
      say('last', 'последняя'),
      say('MB', 'МБ'),
    ];
    const rows = found.map(({ exchange, symbol, interval, candles: count, holes, firstAt, lastAt, bytes }) => [
      exchange,
      symbol,
      interval,
      String(count),
      String(holes),
      minuteOf(firstAt),
      minuteOf(lastAt),
      (bytes / 1e6).toFixed(1),
    ]);
    terminal.print(tableOf(head, rows, terminal.isInteractive));
    const damaged = found.reduce((sum, series) => sum + series.damaged, 0);
    if (damaged > 0)
      terminal.print(
        say(`${damaged} damaged files are not counted: argosy data check`, `Повреждённых файлов, не вошедших в счёт: ${damaged}. См. argosy data check`),
      );
    return 0;
  },
};

function presented({ venue, firstAt, lastAt, symbol, interval, ...figures }: SeriesSummary) {
  return { exchange: venue, symbol, interval: String(interval), ...figures, firstAt: isoOf(firstAt), lastAt: isoOf(lastAt) };
}

/** Records stand among candles by their kind; holes they have none. */
function presentedRecords({ venue, symbol, kind, rows, firstAt, lastAt, bytes, damaged }: RecordSummary): ReturnType<typeof presented> {
  return { exchange: venue, symbol, interval: kind, candles: rows, holes: 0, bytes, damaged, firstAt: isoOf(firstAt), lastAt: isoOf(lastAt) };
}

function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function minuteOf(at: string | null): string {
  return at?.slice(0, 16).replace('T', ' ') ?? '-';
}
