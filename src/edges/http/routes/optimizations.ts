/** Optimisations: asked for, watched, paused, gone on with, and their results made into bots. */
import { z } from 'zod';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { Deployment } from '../schemas/backtests.ts';
import { Bot, presentBot } from '../schemas/bots.ts';
import { presentResult, RankParams, ResultPage } from '../schemas/optimization-results.ts';
import { NewOptimization, OptimizationItem, OptimizationPage, optimizationInput, presentOptimization } from '../schemas/optimizations.ts';
import { IdParams, PageQuery } from '../schemas/shared-pieces.ts';
import { pageAnswer, pageRequest } from '../translate.ts';

const tags = ['optimizations'];
const params = IdParams;

const CREATE = operation({
  tags,
  operationId: 'createOptimization',
  summary: 'Ask for an optimisation',
  description:
    'Checks the settings and ranges, keeps them and has workers try set after set; watch `state` and `trials_done`. The guide on optimising says what to believe of the results.',
  body: NewOptimization,
  response: { 202: OptimizationItem },
  problems: ['strategy_unknown', 'exchange_unknown', 'symbol_unknown', 'backtest_too_large', 'too_many_kept', 'venue_unavailable', 'venue_rate_limited'],
});
const LIST = operation({
  tags,
  operationId: 'listOptimizations',
  summary: 'List optimisations',
  description: 'Your optimisations, newest first.',
  querystring: PageQuery,
  response: { 200: OptimizationPage },
});
const GET = operation({
  tags,
  operationId: 'getOptimization',
  summary: 'Get an optimisation',
  description: 'How far one of your optimisations is, and what is to be known of all sets together once it is done.',
  params,
  response: { 200: OptimizationItem },
  problems: ['not_found'],
});
const CHANGES = {
  pause: ['pauseOptimization', 'Pause an optimisation', 'Sets that are being computed are finished and kept; no others are begun.'],
  resume: ['resumeOptimization', 'Go on with an optimisation', 'Goes on with one that is paused where it stood.'],
  cancel: ['cancelOptimization', 'Cancel an optimisation', 'Ends one without results.'],
} as const;
const DELETE = operation({
  tags,
  operationId: 'deleteOptimization',
  summary: 'Delete an optimisation',
  description: 'Deletes it with its results; one that runs is ended.',
  params,
  response: { 204: z.undefined().describe('Deleted.') },
  problems: ['not_found'],
});
const RESULTS = operation({
  tags,
  operationId: 'listOptimizationResults',
  summary: 'The best sets',
  description: 'The best sets, the best over the history that the search saw first; each begins with what it did on history that the search did not see.',
  params,
  querystring: PageQuery,
  response: { 200: ResultPage },
  problems: ['not_found', 'backtest_unfinished'],
});
const DEPLOY = operation({
  tags,
  operationId: 'deployOptimizationResult',
  summary: 'Make a bot of a result',
  description: 'Creates a bot, stopped, with the strategy, version and settings of the result. It carries the warning of the result.',
  params: RankParams,
  body: Deployment,
  response: { 201: Bot },
  problems: ['not_found', 'backtest_unfinished', 'strategy_changed', 'venue_unavailable'],
});

export function addOptimizationRoutes(server: HttpServer, { optimizations }: RouteParts): void {
  server.post('/optimizations', { schema: CREATE }, async (request, reply) => {
    const record = await optimizations.create(request.userId, optimizationInput(request.body));
    return reply.code(202).header('location', `/api/v1/optimizations/${record.id}`).send(presentOptimization(record));
  });
  server.get('/optimizations', { schema: LIST }, async (request) =>
    pageAnswer(await optimizations.list(request.userId, pageRequest(request.query)), presentOptimization),
  );
  server.get('/optimizations/:id', { schema: GET }, async (request) => presentOptimization(await optimizations.get(request.userId, request.params.id)));
  for (const name of Object.keys(CHANGES) as (keyof typeof CHANGES)[]) {
    const [operationId, summary, description] = CHANGES[name];
    const schema = operation({
      tags,
      operationId,
      summary,
      description,
      params,
      response: { 200: OptimizationItem },
      problems: ['not_found', 'job_state_conflict'],
    });
    server.post(`/optimizations/:id/${name}`, { schema }, async (request) => presentOptimization(await optimizations[name](request.userId, request.params.id)));
  }
  server.delete('/optimizations/:id', { schema: DELETE }, async (request, reply) => {
    await optimizations.remove(request.userId, request.params.id);
    return reply.code(204).send();
  });
  server.get('/optimizations/:id/results', { schema: RESULTS }, async (request) =>
    pageAnswer(await optimizations.results(request.userId, request.params.id, pageRequest(request.query)), presentResult),
  );
  server.post('/optimizations/:id/results/:rank/deploy', { schema: DEPLOY }, async (request, reply) => {
    const { name, account_id: accountId, mode } = request.body;
    const { id, rank } = request.params;
    return reply.code(201).send(presentBot(await optimizations.deploy(request.userId, id, rank, { name, accountId, mode })));
  });
}
