/** The jobs of the installation, for its owner. */
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { Job, JobIdParams, JobOverview, JobQuery, JobWish, presentJob, presentKind } from '../schemas/jobs.ts';

const tags = ['admin'];

const LIST_JOBS = operation({
  tags,
  operationId: 'listJobs',
  summary: 'What goes on in the background',
  description: 'For the owner: every kind of job with the last of its kind, and the newest jobs.',
  querystring: JobQuery,
  response: { 200: JobOverview },
});

const BEGIN_JOB = operation({
  tags,
  operationId: 'beginJob',
  summary: 'Do a scheduled job now',
  description: 'For the owner. Asked for twice while it waits or runs, it is done once.',
  body: JobWish,
  response: { 202: Job },
});

const GET_JOB = operation({
  tags,
  operationId: 'getJob',
  summary: 'Get a job',
  description: 'For the owner.',
  params: JobIdParams,
  response: { 200: Job },
  problems: ['not_found'],
});

const RETRY_JOB = operation({
  tags,
  operationId: 'retryJob',
  summary: 'Do a job again',
  description: 'For the owner: one that failed or was cancelled is done again from its first try.',
  params: JobIdParams,
  response: { 202: Job },
  problems: ['not_found', 'job_state_conflict'],
});

const CANCEL_JOB = operation({
  tags,
  operationId: 'cancelJob',
  summary: 'Cancel a job',
  description: 'For the owner. One that has not begun never will; one that runs is told to end.',
  params: JobIdParams,
  response: { 202: Job },
  problems: ['not_found', 'job_state_conflict'],
});

export function addJobRoutes(server: HttpServer, { jobOffice, store }: RouteParts): void {
  /** Noted before it is done: the queue is not in the transaction. */
  const note = (action: 'job_begun' | 'job_retried' | 'job_cancelled', id: string, details = {}): Promise<void> =>
    store.audit.add({ action, subject: { kind: 'job', id }, ownerId: null, details });

  server.get('/admin/jobs', { schema: LIST_JOBS }, async ({ query }) => ({
    kinds: (await jobOffice.kinds()).map(presentKind),
    items: (await jobOffice.list(query)).map(presentJob),
    next_cursor: null,
  }));

  server.post('/admin/jobs', { schema: BEGIN_JOB }, async ({ body }, reply) => {
    await note('job_begun', '', { kind: body.kind });
    return reply.code(202).send(presentJob(await jobOffice.begin(body.kind)));
  });

  server.get('/admin/jobs/:id', { schema: GET_JOB }, async ({ params }) => presentJob(await jobOffice.get(params.id)));

  server.post('/admin/jobs/:id/retry', { schema: RETRY_JOB }, async ({ params }, reply) => {
    await note('job_retried', params.id);
    return reply.code(202).send(presentJob(await jobOffice.retry(params.id)));
  });

  server.post('/admin/jobs/:id/cancel', { schema: CANCEL_JOB }, async ({ params }, reply) => {
    await note('job_cancelled', params.id);
    return reply.code(202).send(presentJob(await jobOffice.cancel(params.id)));
  });
}
