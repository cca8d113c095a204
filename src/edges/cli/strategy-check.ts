/** `argosy strategy check`: looks a strategy of one's own over before it is uploaded, with nothing but this machine. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import { programFaults } from '#core/sandbox/program.ts';
import { type CliCommand, speaker } from './command.ts';

export const strategyCheck: CliCommand = {
  usage: 'strategy-check <files...>',
  summary: { en: 'look a strategy of your own over; the first file has the default export', ru: 'проверить свою стратегию; default export - в первом файле' },
  run: async (operator, [paths]) => {
    const say = speaker(operator);
    const files = [paths ?? []].flat().map((path) => ({ path: basename(path), text: readText(path) }));
    const faults = programFaults(files);
    if (faults.length > 0) throw new AppError('validation_failed', faults.map(({ field, message }) => `${field} ${message}`).join('; '), faults);
    const sandbox = operator.sandbox();
    try {
      const { issues, declaration, hash, trial } = await sandbox.check('operator', files);
      for (const { file, line, column, message, remedy } of issues)
        operator.terminal.print(`${file}:${line}:${column}  ${message}${remedy === '' ? '' : `\n    ${remedy}`}`);
      if (declaration === null) return 1;
      const { name, version } = declaration;
      operator.terminal.print(say(`${name} ${version} is sound (${hash.slice(0, 12)}).`, `${name} ${version}: замечаний нет (${hash.slice(0, 12)}).`));
      operator.terminal.print(
        trial.isDone
          ? say(`On a made-up history it placed ${trial.orders} orders.`, `На выдуманной истории выставлено заявок: ${trial.orders}.`)
          : say(`It was not tried out: ${trial.note}`, `Пробного прогона не было: ${trial.note}`),
      );
      return 0;
    } finally {
      await sandbox.close();
    }
  },
};

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new AppError('validation_failed', `${path} cannot be read; give the path of a .ts or .js file`, [{ field: 'files', message: 'cannot be read' }]);
  }
}
