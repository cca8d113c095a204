/** `argosy backup`: everything in one file, while everything goes on. */
import { type CliCommand, speaker } from './command.ts';
import { passphraseFor } from './passphrase.ts';
import { withProgress } from './progress.ts';

export const backup: CliCommand = {
  usage: 'backup [file]',
  summary: { en: 'write database and keys into one file, while everything goes on', ru: 'записать базу и ключи в один файл, не прерывая работу' },
  run: async (operator, [file]) => {
    const say = speaker(operator);
    const passphrase = await passphraseFor(operator, true);
    const stamp = new Date(operator.clock.now()).toISOString().slice(0, 16).replace(/[T:]/g, '-');
    const path = typeof file === 'string' ? file : `argosy-${stamp}.backup`;
    const { bytes, rows } = await withProgress(operator.terminal, say(`Backing up to ${path}`, `Резервная копия в ${path}`), (report) =>
      operator.database.backup(path, passphrase, report),
    );
    const count = Object.values(rows).reduce((sum, each) => sum + each, 0);
    operator.terminal.print(
      say(
        `${path}: ${count} rows of ${Object.keys(rows).length} tables, ${megabytes(bytes)} MB. Keep the passphrase apart from the file: without it the file is worth nothing.`,
        `${path}: ${count} строк из ${Object.keys(rows).length} таблиц, ${megabytes(bytes)} МБ. Храните парольную фразу отдельно от файла: без неё он бесполезен.`,
      ),
    );
    return 0;
  },
};

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 2 : 0);
}
