/** Wire shapes of jobs. What a job was given is not among them: it may be a user's own. */
import { z } from 'zod';
import type { KindStanding } from '#app/jobs/job-office.ts';
import type { JobRecord } from '#core/jobs.ts';
import { isoTime, timeOutput } from './shared-pieces.ts';

const STATES = ['waiting', 'delayed', 'active', 'completed', 'failed', 'cancelled'] as const;
const EXAMPLE = {
  id: '0198f5a6-77aa-7c33-9b1e-dddd1d2b3c4d',
  kind: 'backup',
  state: 'completed' as const,
  progress: { share: 1 },
  result: { file: 'argosy-2026-11-20T02-11-00Z.backup', bytes: 1_048_576, rows: 5_120, removed: [] },
  attempts_made: 1,
  failure: null,
  created_at: '2026-11-20T02:11:00.000Z',
  finished_at: '2026-11-20T02:11:04.000Z',
};

export const Job = z
  .object({
    id: z.string().describe('Id of the job.'),
    kind: z.string().describe('What kind of work it is.'),
    state: z.enum(STATES).describe('Where it stands. `delayed`: its time has not come, or it is tried again later.'),
    progress: z.record(z.string(), z.unknown()).describe('How far it is, as its kind tells it.'),
    result: z.record(z.string(), z.unknown()).nullable().describe('What came of it; `null` before its end.'),
    attempts_made: z.int().describe('Tries that have ended.'),
    failure: z.string().nullable().describe('Why the last try failed.'),
    created_at: timeOutput.describe('When it was asked for.'),
    finished_at: timeOutput.nullable().describe('When it was over.'),
  })
  .meta({ id: 'Job', description: 'Work that goes on in the background.', examples: [EXAMPLE] });

const JobKindItem = z
  .object({
    kind: z.string().describe('Its name.'),
    title: z.object({ en: z.string().describe('In English.'), ru: z.string().describe('In Russian.') }).describe('What it does.'),
    is_scheduled: z.boolean().nullable().describe('Whether it is done by itself; `null` for what is only done when asked for.'),
    last: Job.nullable().describe('The newest of this kind.'),
  })
  .meta({
    id: 'JobKind',
    description: 'A kind of job and how the last one went.',
    examples: [{ kind: 'backup', title: { en: 'Back up database and keys', ru: 'Резервная копия базы и ключей' }, is_scheduled: true, last: EXAMPLE }],
  });

export const JobOverview = z
  .object({
    kinds: z.array(JobKindItem).describe('Every kind there is.'),
    items: z.array(Job).describe('The newest jobs that the query selects.'),
    next_cursor: z.null().describe('Queues keep the newest only; there are no further pages.'),
  })
  .meta({ id: 'JobOverview', description: 'The jobs of the installation.', examples: [{ kinds: [], items: [EXAMPLE], next_cursor: null }] });

/** Ids of scheduled jobs are made by the queue, with colons. */
export const JobIdParams = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9:_-]{1,128}$/)
    .describe('Id of the job.'),
});

export const JobQuery = z.strictObject({
  state: z.enum(STATES).optional().describe('Only jobs in this state.'),
  kind: z.string().min(1).max(64).optional().describe('Only jobs of this kind.'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many jobs at most, 1 to 200.'),
});

export const JobWish = z
  .strictObject({ kind: z.string().min(1).max(64).describe('One of the kinds that are done on a schedule.') })
  .meta({ id: 'JobWish', description: 'A scheduled job to be done now.', examples: [{ kind: 'backup' }] });

export function presentJob({ id, kind, state, progress, result, attemptsMade, failure, createdAt, finishedAt }: JobRecord): z.output<typeof Job> {
  return {
    id,
    kind,
    state,
    progress: { ...progress },
    result: result === null ? null : { ...result },
    attempts_made: attemptsMade,
    failure,
    created_at: isoTime(createdAt),
    finished_at: finishedAt === null ? null : isoTime(finishedAt),
  };
}

export function presentKind({ kind, isScheduled, last }: KindStanding): z.output<typeof JobKindItem> {
  return { kind: kind.kind, title: { ...kind.title }, is_scheduled: isScheduled, last: last === null ? null : presentJob(last) };
}
