/** Looks into backtests: asked for, watched and read. */
import { z } from 'zod';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { CheckItem, CheckList, CheckParams, checkInput, NewCheck, presentCheck } from '../schemas/checks.ts';
import { IdParams } from '../schemas/shared-pieces.ts';

const tags = ['backtests'];

const CREATE = operation({
  tags,
  operationId: 'createBacktestCheck',
  summary: 'Look into a backtest',
  description:
    'Has a worker find out how far a backtest can be believed: whether its strategy looks ahead, how long its figures depend on where the history began, what luck there is in the order of its trades, or what choosing its settings again and again would have brought.',
  params: IdParams,
  body: NewCheck,
  response: { 202: CheckItem },
  problems: ['not_found', 'backtest_unfinished', 'strategy_unknown', 'strategy_changed', 'too_many_kept'],
});
const LIST = operation({
  tags,
  operationId: 'listBacktestChecks',
  summary: 'What was looked into',
  description: 'All checks of one of your backtests, newest first.',
  params: IdParams,
  response: { 200: CheckList },
  problems: ['not_found'],
});
const GET = operation({
  tags,
  operationId: 'getBacktestCheck',
  summary: 'Get a check',
  description: 'How far it is, and what it found once it is done.',
  params: CheckParams,
  response: { 200: CheckItem },
  problems: ['not_found'],
});
const DELETE = operation({
  tags,
  operationId: 'deleteBacktestCheck',
  summary: 'Delete a check',
  description: 'Deletes it; one that runs is ended.',
  params: CheckParams,
  response: { 204: z.undefined().describe('Deleted.') },
  problems: ['not_found'],
});

export function addCheckRoutes(server: HttpServer, { checks }: RouteParts): void {
  server.post('/backtests/:id/checks', { schema: CREATE }, async (request, reply) => {
    const { id } = request.params;
    const record = await checks.create(request.userId, id, checkInput(request.body));
    return reply.code(202).header('location', `/api/v1/backtests/${id}/checks/${record.id}`).send(presentCheck(record));
  });
  server.get('/backtests/:id/checks', { schema: LIST }, async (request) => ({
    items: (await checks.list(request.userId, request.params.id)).map(presentCheck),
    next_cursor: null,
  }));
  server.get('/backtests/:id/checks/:check', { schema: GET }, async (request) =>
    presentCheck(await checks.get(request.userId, request.params.id, request.params.check)),
  );
  server.delete('/backtests/:id/checks/:check', { schema: DELETE }, async (request, reply) => {
    await checks.remove(request.userId, request.params.id, request.params.check);
    return reply.code(204).send();
  });
}
