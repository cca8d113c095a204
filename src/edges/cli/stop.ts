/** `argosy stop`: stops bots; each takes its orders off the book and keeps what it holds. */
import type { CliCommand } from './command.ts';
import { wish } from './wish.ts';

export const stop: CliCommand = {
  usage: 'stop [bots...]',
  summary: { en: 'stop bots: they cancel their orders and keep what they hold', ru: 'остановить ботов: ордера снимаются, купленное остаётся' },
  options: [{ flags: '--all', help: { en: 'all bots', ru: 'всех ботов' } }],
  run: (operator, args, options) => wish(operator, args, options['all'] === true, 'stopped'),
};
