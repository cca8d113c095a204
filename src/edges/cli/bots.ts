/** `argosy bots`: every bot of the installation and where it stands. */
import { type CliCommand, speaker } from './command.ts';
import { tableOf } from './table.ts';

export const bots: CliCommand = {
  usage: 'bots',
  summary: { en: 'all bots and where they stand', ru: 'все боты и их состояние' },
  options: [{ flags: '--json', help: { en: 'print JSON', ru: 'вывести JSON' } }],
  run: async (operator, _args, options) => {
    const say = speaker(operator);
    const found = await operator.database.use((store) => store.operations.bots());
    if (options['json'] === true) {
      operator.terminal.print(JSON.stringify(found, null, 2));
      return 0;
    }
    if (found.length === 0) {
      operator.terminal.print(say('There are no bots yet.', 'Ботов пока нет.'));
      return 0;
    }
    const head = [
      '#',
      say('name', 'имя'),
      say('owner', 'владелец'),
      say('type', 'тип'),
      say('symbol', 'пара'),
      say('mode', 'режим'),
      say('wanted', 'нужно'),
      say('status', 'состояние'),
      say('why', 'причина'),
    ];
    const rows = found.map((bot) => [
      String(bot.number),
      bot.name,
      bot.email,
      bot.strategy,
      `${bot.symbol} ${bot.mode === 'paper' ? '' : bot.exchange}`.trim(),
      bot.mode,
      bot.desired,
      bot.status,
      bot.statusReason,
    ]);
    operator.terminal.print(tableOf(head, rows, operator.terminal.isInteractive));
    return 0;
  },
};
