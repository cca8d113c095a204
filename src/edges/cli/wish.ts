/** What `argosy start` and `argosy stop` share: which bots are meant, and the wish that is written for the runners. */

import type { DesiredState } from '#core/bot-states.ts';
import { AppError } from '#core/errors.ts';
import type { OperatedBot } from '#core/store/operations.ts';
import type { Store } from '#core/store/store.ts';
import type { CliCommand } from './command.ts';
import { speaker } from './command.ts';
import type { Operator } from './operator.ts';

type Args = Parameters<CliCommand['run']>[1];

/** Writes what is wanted of the bots that are named by number or id, or of all; runners follow within two seconds. */
export async function wish(operator: Operator, args: Args, isAll: boolean, desired: DesiredState): Promise<number> {
  const say = speaker(operator);
  const names = [args[0] ?? []].flat();
  if (!isAll && names.length === 0)
    throw new AppError(
      'validation_failed',
      say('Name the bots by their numbers (see: argosy bots), or give --all.', 'Укажите номера ботов (см. argosy bots) или --all.'),
    );
  await operator.database.use(async (store) => {
    const chosen = isAll ? await store.operations.bots() : pick(await store.operations.bots(), names, say);
    if (desired === 'running') await assertMayRun(store, chosen, say);
    for (const bot of chosen) {
      await store.bots.setDesired(bot.userId, bot.id, desired, operator.clock.now());
      operator.terminal.print(
        desired === 'running'
          ? say(`#${bot.number} ${bot.name}: is to run`, `#${bot.number} ${bot.name}: будет запущен`)
          : say(`#${bot.number} ${bot.name}: is to stop`, `#${bot.number} ${bot.name}: будет остановлен`),
      );
    }
  });
  if ((await operator.server()) === null && operator.database.kind === 'embedded')
    operator.terminal.print(
      say('Argosy is not running here: it takes effect when it is started (npm start).', 'Argosy здесь не запущен: вступит в силу после запуска (npm start).'),
    );
  return 0;
}

function pick(all: readonly OperatedBot[], names: readonly string[], say: (en: string, ru: string) => string): readonly OperatedBot[] {
  return names.map((name) => {
    const bot = all.find(({ id, number }) => id === name || String(number) === name.replace(/^#/, ''));
    if (bot === undefined) throw new AppError('not_found', say(`There is no bot ${name}; see: argosy bots`, `Бота ${name} нет; см. argosy bots`));
    return bot;
  });
}

async function assertMayRun(store: Store, bots: readonly OperatedBot[], say: (en: string, ru: string) => string): Promise<void> {
  if ((await store.operations.observing()) !== null)
    throw new AppError(
      'observe_only',
      say('This installation observes only. End that first: argosy resume', 'Установка в режиме наблюдения. Сначала снимите его: argosy resume'),
    );
  for (const userId of new Set(bots.map((bot) => bot.userId)))
    if (await store.killSwitch.isOn(userId))
      throw new AppError('trading_killed', say('A kill switch is on, so no bot may start.', 'Включён аварийный стоп, ботов запускать нельзя.'));
}
