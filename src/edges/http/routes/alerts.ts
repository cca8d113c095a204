/** Alerts: what a user wants to be told of without any bot. */
import { z } from 'zod';
import { Alerts } from '#app/alerts/alerts.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { Alert, AlertChangeBody, AlertPage, alertChange, alertInput, NewAlertBody, presentAlert } from '../schemas/alerts.ts';
import { IdParams, PageQuery } from '../schemas/shared-pieces.ts';
import { pageAnswer, pageRequest } from '../translate.ts';

const tags = ['alerts'];

const CREATE = operation({
  tags,
  operationId: 'createAlert',
  summary: 'Set an alert',
  description:
    'Prices are watched as they come, everything else is looked at once a minute. What comes true is told as the event `alert_triggered`, on the channels you have chosen.',
  body: NewAlertBody,
  response: { 201: Alert },
  problems: ['exchange_unknown', 'symbol_unknown', 'too_many_kept'],
});

const LIST = operation({
  tags,
  operationId: 'listAlerts',
  summary: 'List alerts',
  description: 'Your alerts, the newest first.',
  querystring: PageQuery,
  response: { 200: AlertPage },
});

const GET = operation({
  tags,
  operationId: 'getAlert',
  summary: 'Get an alert',
  description: 'One of your alerts, and how often it has spoken.',
  params: IdParams,
  response: { 200: Alert },
  problems: ['not_found'],
});

const CHANGE = operation({
  tags,
  operationId: 'changeAlert',
  summary: 'Change an alert, or switch it on or off',
  description: 'It begins to watch anew.',
  params: IdParams,
  body: AlertChangeBody,
  response: { 200: Alert },
  problems: ['not_found', 'exchange_unknown', 'symbol_unknown'],
});

const REMOVE = operation({
  tags,
  operationId: 'removeAlert',
  summary: 'Take an alert away',
  description: 'It is told of no more.',
  params: IdParams,
  response: { 204: z.undefined().describe('Taken away.') },
  problems: ['not_found'],
});

export function addAlertRoutes(server: HttpServer, parts: RouteParts): void {
  const alerts = new Alerts(parts);

  server.post('/alerts', { schema: CREATE }, async (request, reply) => {
    const alert = await alerts.create(request.userId, alertInput(request.body));
    return reply.code(201).header('location', `/api/v1/alerts/${alert.id}`).send(presentAlert(alert));
  });

  server.get('/alerts', { schema: LIST }, async (request) => pageAnswer(await alerts.list(request.userId, pageRequest(request.query)), presentAlert));

  server.get('/alerts/:id', { schema: GET }, async (request) => presentAlert(await alerts.get(request.userId, request.params.id)));

  server.patch('/alerts/:id', { schema: CHANGE }, async (request) =>
    presentAlert(await alerts.change(request.userId, request.params.id, alertChange(request.body))),
  );

  server.delete('/alerts/:id', { schema: REMOVE }, async (request, reply) => {
    await alerts.remove(request.userId, request.params.id);
    return reply.code(204).send();
  });
}
