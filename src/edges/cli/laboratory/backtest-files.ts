/** `argosy backtest report|export`: what came of a backtest, as files. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { type CliCommand, speaker } from '../command.ts';
import { textOf } from '../history/arguments.ts';
import type { Operator } from '../operator.ts';
import { idOf, inName } from './backtests.ts';
import { COMMON_OPTIONS, fault } from './request.ts';

const TABLES = ['trades', 'orders', 'fills', 'equity'] as const;
const FORMATS = ['csv', 'json', 'html'] as const;
const FORCE = { flags: '--force', help: { en: 'replace files that are there', ru: 'заменить существующие файлы' } } as const;

export const reportBacktest: CliCommand = {
  usage: 'report <id> [path]',
  summary: { en: 'the report as a page; report-<id>.html if no path is given', ru: 'отчёт страницей; без пути - report-<id>.html' },
  options: [FORCE, ...COMMON_OPTIONS],
  run: (operator, [id, path], options) =>
    inName(operator, options, async (api) => {
      const page = await api.read(`/backtests/${idOf(id)}/report.html`);
      return keep(operator, options, [{ path: typeof path === 'string' ? path : `report-${String(id)}.html`, text: page }]);
    }),
};

export const exportBacktest: CliCommand = {
  usage: 'export <id> <directory>',
  summary: { en: 'everything of a backtest as files', ru: 'всё о бэктесте в файлах' },
  options: [{ flags: '-f, --format <formats>', help: { en: FORMATS.join(','), ru: FORMATS.join(',') } }, FORCE, ...COMMON_OPTIONS],
  run: (operator, [id, directory], options) =>
    inName(operator, options, async (api) => {
      const wanted = (textOf(options, 'format') ?? 'csv,json').split(',');
      const stranger = wanted.find((each) => !FORMATS.some((format) => format === each));
      if (stranger !== undefined) throw fault('--format', `${JSON.stringify(stranger)} is none of ${FORMATS.join(', ')}`);
      const root = `/backtests/${idOf(id)}`;
      const names = [
        ...(wanted.includes('json') ? [['result', 'result.json']] : []),
        ...(wanted.includes('csv') ? TABLES.map((name) => [`${name}.csv`, `${name}.csv`]) : []),
        ...(wanted.includes('html') ? [['report.html', 'report.html']] : []),
      ];
      const files = [];
      for (const [from = '', to = ''] of names) files.push({ path: join(String(directory), to), text: await api.read(`${root}/${from}`) });
      return keep(operator, options, files);
    }),
};

async function keep(
  operator: Operator,
  options: Readonly<Record<string, unknown>>,
  files: readonly { readonly path: string; readonly text: string }[],
): Promise<number> {
  const { terminal } = operator;
  const say = speaker(operator);
  for (const { path, text } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: options['force'] === true ? 'w' : 'wx' }).catch((error: unknown) => {
      const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      throw new AppError(
        'validation_failed',
        `${path}: ${isThere ? say('it is there already; --force replaces it', 'уже существует; --force заменит') : String(error)}`,
      );
    });
  }
  if (options['json'] === true)
    terminal.print(
      JSON.stringify(
        files.map(({ path, text }) => ({ path, characters: text.length })),
        null,
        2,
      ),
    );
  else for (const { path } of files) terminal.print(path);
  return 0;
}
