/** `argosy data remove`: takes candles off the disk. */
import { AppError } from '#core/errors.ts';
import { type CliCommand, speaker } from '../command.ts';
import { chosenSeries, FROM, INTERVAL, JSON_OUTPUT, nameOf, spanOf, TO } from './arguments.ts';

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
    for (const each of series)
      removed.push({ exchange: each.venue, symbol: each.symbol, interval: each.interval, months: await operator.history.candles.remove(each, span) });
    if (options['json'] === true) operator.terminal.print(JSON.stringify(removed, null, 2));
    else
      for (const { exchange, symbol, interval, months } of removed)
        operator.terminal.print(
          say(`${exchange} ${symbol} ${interval}: ${months} months removed`, `${exchange} ${symbol} ${interval}: удалено месяцев: ${months}`),
        );
    return 0;
  },
};
