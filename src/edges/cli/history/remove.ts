/** `argosy data remove`: takes candles off the disk. */
import { AppError } from '#core/errors.ts';
import { type CliCommand, speaker } from '../command.ts';
import { chosenSeries, FROM, INTERVAL, isRecords, JSON_OUTPUT, lengthOf, nameOf, spanOf, TO } from './arguments.ts';

export const remove: CliCommand = {
  usage: 'remove <exchange> [symbols...]',
  summary: { en: 'take candles off the disk, whole months', ru: 'удалить свечи с диска, целыми месяцами' },
  options: [INTERVAL, FROM, TO, { flags: '--yes', help: { en: 'really', ru: 'подтверждение' } }, JSON_OUTPUT],
  run: async (operator, args, options) => {
    const say = speaker(operator);
    const series = await chosenSeries(operator, args, options);
    const span = options['from'] === undefined && options['to'] === undefined ? undefined : spanOf(options, operator.clock.now());
    if (options['yes'] !== true)
      throw new AppError(
        'validation_failed',
        say(`This would remove ${series.map(nameOf).join(', ')}; add --yes.`, `Будет удалено: ${series.map(nameOf).join(', ')}; добавьте --yes.`),
      );
    const removed = [];
    const { candles } = operator.history;
    for (const each of series) {
      const files = isRecords(each) ? await candles.records.remove(each, span) : await candles.remove(each, span);
      removed.push({ exchange: each.venue, symbol: each.symbol, interval: lengthOf(each), months: files });
    }
    if (options['json'] === true) operator.terminal.print(JSON.stringify(removed, null, 2));
    else
      for (const { exchange, symbol, interval, months } of removed)
        operator.terminal.print(
          interval === 'trades'
            ? say(`${exchange} ${symbol} ${interval}: ${months} days removed`, `${exchange} ${symbol} ${interval}: удалено дней: ${months}`)
            : say(`${exchange} ${symbol} ${interval}: ${months} months removed`, `${exchange} ${symbol} ${interval}: удалено месяцев: ${months}`),
        );
    return 0;
  },
};
