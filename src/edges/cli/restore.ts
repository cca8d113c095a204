/** `argosy restore`: a backup into an empty database; the copy observes only. */
import { type CliCommand, speaker } from './command.ts';
import { passphraseFor } from './passphrase.ts';
import { withProgress } from './progress.ts';

export const restore: CliCommand = {
  usage: 'restore <file>',
  summary: { en: 'restore a backup into an empty database; it then observes only', ru: 'восстановить копию в пустую базу; она будет только наблюдать' },
  options: [
    {
      flags: '--keys-only <directory>',
      help: { en: 'only write the keys of the backup into files of this directory', ru: 'только записать ключи из копии в файлы этого каталога' },
    },
  ],
  run: async (operator, [file], options) => {
    const say = speaker(operator);
    const path = String(file);
    const passphrase = await passphraseFor(operator, false);
    const directory = options['keysOnly'];
    if (typeof directory === 'string') {
      for (const written of await operator.database.extractKeys(path, passphrase, directory)) operator.terminal.print(written);
      return 0;
    }
    const what = { checking: say('checking', 'проверка'), restoring: say('restoring', 'восстановление') };
    const { createdAt, rows } = await withProgress(operator.terminal, say(`Restoring ${path}`, `Восстановление из ${path}`), (report) =>
      operator.database.restore(path, passphrase, (share, stage, table) => report(share, `${what[stage]} ${table}`)),
    );
    const count = Object.values(rows).reduce((sum, each) => sum + each, 0);
    operator.terminal.print(
      say(
        `${count} rows as of ${new Date(createdAt).toISOString()} are restored. Everybody has to log in again.
The copy OBSERVES ONLY: no bot runs and no order is sent. Make sure that the original does not trade any more, then: argosy resume`,
        `Восстановлено строк: ${count}, состояние на ${new Date(createdAt).toISOString()}. Всем нужно войти заново.
Копия РАБОТАЕТ ТОЛЬКО НА НАБЛЮДЕНИЕ: боты не работают, ордера не отправляются. Убедитесь, что оригинал больше не торгует, затем: argosy resume`,
      ),
    );
    return 0;
  },
};
