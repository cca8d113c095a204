/** `argosy jobs`: what goes on in the background, and what to do about it. */
import type { JobOffice, KindStanding } from '#app/jobs/job-office.ts';
import { AppError } from '#core/errors.ts';
import type { JobRecord } from '#core/jobs.ts';
import { type CliCommand, speaker } from './command.ts';
import type { Operator } from './operator.ts';
import { tableOf } from './table.ts';

/** The newest jobs that are shown. */
const SHOWN = 20;

export const jobs: CliCommand = {
  usage: 'jobs [id]',
  summary: { en: 'jobs in the background: how they went, do one now, again, or not', ru: 'фоновые задания: состояние, запуск, повтор, отмена' },
  options: [
    { flags: '--run <kind>', help: { en: 'do a scheduled kind now, such as backup', ru: 'выполнить сейчас, например backup' } },
    { flags: '--retry', help: { en: 'do the job with this id again', ru: 'выполнить задание с этим id снова' } },
    { flags: '--cancel', help: { en: 'cancel the job with this id', ru: 'отменить задание с этим id' } },
    { flags: '--json', help: { en: 'print JSON', ru: 'вывести JSON' } },
  ],
  run: (operator, [id], options) =>
    operator.database.useJobs(async (office) => {
      if (typeof options['run'] === 'string') return tell(operator, await office.begin(options['run']));
      if (options['retry'] === true || options['cancel'] === true) {
        if (typeof id !== 'string')
          throw new AppError('validation_failed', speaker(operator)('Name the job by its id (see: argosy jobs).', 'Укажите id задания (см. argosy jobs).'));
        return tell(operator, options['retry'] === true ? await office.retry(id) : await office.cancel(id));
      }
      return typeof id === 'string' ? tell(operator, await office.get(id)) : show(operator, office, options['json'] === true);
    }),
};

async function show(operator: Operator, office: JobOffice, isJson: boolean): Promise<number> {
  const say = speaker(operator);
  const { language, terminal } = operator;
  const [kinds, newest] = [await office.kinds(), await office.list({ limit: SHOWN })];
  if (isJson) {
    terminal.print(JSON.stringify({ kinds: kinds.map(({ kind, ...rest }) => ({ kind: kind.kind, ...rest })), jobs: newest }, null, 2));
    return 0;
  }
  const scheduled = ({ isScheduled }: KindStanding): string =>
    isScheduled === null ? say('when asked for', 'по запросу') : isScheduled ? say('scheduled', 'по расписанию') : say('off', 'выключено');
  const head = [say('kind', 'вид'), say('what it does', 'что делает'), say('when', 'когда'), say('last', 'последнее')];
  const rows = kinds.map((each) => [
    each.kind.kind,
    each.kind.title[language],
    scheduled(each),
    each.last === null ? '' : `${each.last.state} ${timeOf(each.last)}`,
  ]);
  terminal.print(tableOf(head, rows, terminal.isInteractive));
  if (newest.length === 0) return 0;
  const jobRows = newest.map((job) => [job.id, job.kind, job.state, timeOf(job), detailOf(job)]);
  terminal.print(
    `\n${tableOf(['id', say('kind', 'вид'), say('state', 'состояние'), say('time', 'время'), say('detail', 'подробности')], jobRows, terminal.isInteractive)}`,
  );
  return 0;
}

function tell({ terminal }: Operator, job: JobRecord): number {
  terminal.print(`${job.id} ${job.kind}: ${job.state} ${detailOf(job)}`.trimEnd());
  return 0;
}

function timeOf({ finishedAt, createdAt }: JobRecord): string {
  return new Date(finishedAt ?? createdAt).toISOString().slice(0, 19).replace('T', ' ');
}

function detailOf({ failure, result, progress }: JobRecord): string {
  if (failure !== null) return failure;
  const facts = Object.entries(result ?? progress);
  return facts.map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', ');
}
