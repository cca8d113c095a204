/** `argosy migrate`: brings the database to the schema of this version. Starting Argosy does the same. */
import { type CliCommand, speaker } from './command.ts';
import { withProgress } from './progress.ts';

export const migrate: CliCommand = {
  usage: 'migrate',
  summary: { en: 'bring the database to this version', ru: 'привести базу к этой версии' },
  run: async (operator) => {
    const say = speaker(operator);
    const { before, after } = await withProgress(operator.terminal, say('Migrating the database', 'Обновление базы'), () => operator.database.migrate());
    operator.terminal.print(
      before === after
        ? say(`Nothing to do: the database has all ${after} migrations.`, `Делать нечего: в базе все миграции (${after}).`)
        : say(`The database had ${before} migrations and has ${after} now.`, `Миграций было ${before}, стало ${after}.`),
    );
    return 0;
  },
};
