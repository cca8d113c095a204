/** `argosy start`: lets bots run. */
import type { CliCommand } from './command.ts';
import { wish } from './wish.ts';

export const start: CliCommand = {
  usage: 'start [bots...]',
  summary: { en: 'let bots run, by their numbers', ru: 'запустить ботов по номерам' },
  options: [{ flags: '--all', help: { en: 'all bots', ru: 'всех ботов' } }],
  run: (operator, args, options) => wish(operator, args, options['all'] === true, 'running'),
};
