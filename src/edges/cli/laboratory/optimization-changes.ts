/** `argosy optimise pause|resume|cancel|deploy`: what becomes of an optimisation and of its results. */
import { type CliCommand, speaker } from '../command.ts';
import { textOf } from '../history/arguments.ts';
import { idOf, inName } from './backtests.ts';
import { follow, type OptimizationItem } from './optimizations.ts';
import { COMMON_OPTIONS, fault, inOptions, present } from './request.ts';

export const pauseOptimization = changing('pause', {
  en: 'finish what is being computed, and begin nothing new',
  ru: 'досчитать начатое и не начинать нового',
});
export const cancelOptimization = changing('cancel', { en: 'end it without results', ru: 'прекратить без результатов' });

export const resumeOptimization: CliCommand = {
  usage: 'resume <id>',
  summary: { en: 'go on with one that is paused, and wait for it', ru: 'продолжить приостановленную и дождаться результата' },
  options: [{ flags: '--detach', help: { en: 'do not wait for the end', ru: 'не ждать окончания' } }, ...COMMON_OPTIONS],
  run: (operator, [id], options) =>
    inName(operator, options, async (api) => follow(operator, api, (await api.ask('POST', `/optimizations/${idOf(id)}/resume`)) as OptimizationItem, options)),
};

export const deployOptimization: CliCommand = {
  usage: 'deploy <id> <rank>',
  summary: { en: 'make a bot, stopped, of one of the results', ru: 'сделать из результата бота (остановленного)' },
  options: [
    { flags: '--name <name>', help: { en: 'name of the bot', ru: 'имя бота' } },
    { flags: '--account <id>', help: { en: 'the account to trade on, by its name or id', ru: 'счёт: имя или id' } },
    { flags: '--mode <mode>', help: { en: 'paper or live (paper)', ru: 'paper или live (paper)' } },
    ...COMMON_OPTIONS,
  ],
  run: (operator, [id, rank], options) =>
    inName(operator, options, async (api) => {
      const say = speaker(operator);
      const { items: accounts } = (await api.ask('GET', '/accounts?limit=200')) as {
        readonly items: readonly { readonly id: string; readonly name: string }[];
      };
      const wanted = textOf(options, 'account');
      const account = wanted === undefined && accounts.length === 1 ? accounts[0] : accounts.find((each) => each.id === wanted || each.name === wanted);
      if (account === undefined) {
        const known = accounts.map(({ name }) => name).join(', ');
        throw fault('--account', `must be one of your accounts: ${known === '' ? say('there are none yet', 'их пока нет') : known}`);
      }
      const body = { name: textOf(options, 'name') ?? `Optimised ${String(rank)}`, account_id: account.id, ...present({ mode: textOf(options, 'mode') }) };
      const bot = (await inOptions(() => api.ask('POST', `/optimizations/${idOf(id)}/results/${idOf(rank)}/deploy`, body))) as {
        readonly id: string;
        readonly name: string;
        readonly warning?: string | null;
      };
      if (options['json'] === true) operator.terminal.print(JSON.stringify(bot, null, 2));
      else operator.terminal.print(say(`Bot ${bot.name} (${bot.id}) is there, stopped.`, `Бот ${bot.name} (${bot.id}) создан и остановлен.`));
      return 0;
    }),
};

function changing(change: 'pause' | 'cancel', summary: CliCommand['summary']): CliCommand {
  return {
    usage: `${change} <id>`,
    summary,
    options: COMMON_OPTIONS,
    run: (operator, [id], options) =>
      inName(operator, options, async (api) => {
        const item = (await api.ask('POST', `/optimizations/${idOf(id)}/${change}`)) as OptimizationItem;
        operator.terminal.print(
          options['json'] === true ? JSON.stringify(item, null, 2) : `${item.id} ${item.name}: ${item.state} ${item.trials_done}/${item.trials}`,
        );
        return 0;
      }),
  };
}
