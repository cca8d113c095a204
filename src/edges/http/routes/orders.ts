/** Orders, placed by bots and by hand. */
import { MAX_BATCH_CANCEL } from '#app/orders/batch-cancel.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { actionRules } from '../schemas/order-actions.ts';
import { CancelAnswer, CancelRequest, presentCancels } from '../schemas/order-cancels.ts';
import { OrderLifePage, presentLife } from '../schemas/order-life.ts';
import { IdempotencyHeaders, NewOrder, OrderPage, OrderQuery, OrderSchema, orderFilter, orderType, presentOrder } from '../schemas/orders.ts';
import { IdParams, PageQuery } from '../schemas/shared-pieces.ts';
import { pageAnswer, pageRequest } from '../translate.ts';

const tags = ['orders'];

const PLACE_ORDER = operation({
  tags,
  operationId: 'placeOrder',
  summary: 'Place an order',
  description:
    'Checks the order against the instrument, stores it before anything is sent, and waits up to ten seconds for the exchange. An order whose answer has not come by then is `pending`: read it again, do not send it again. With the header `Idempotency-Key` a repeated request gives the first order, even while the exchange is down; the key with another request is refused.',
  headers: IdempotencyHeaders,
  body: NewOrder,
  response: { 201: OrderSchema },
  problems: ['symbol_unknown', 'trading_killed', 'idempotency_key_reused', 'venue_unavailable', 'venue_rate_limited'],
});

const LIST_ORDERS = operation({
  tags,
  operationId: 'listOrders',
  summary: 'List orders',
  description: 'Your orders, placed by bots and by hand, newest first. Filters add up; the cursor stays right while orders come and change.',
  querystring: OrderQuery,
  response: { 200: OrderPage },
});

const GET_ORDER = operation({
  tags,
  operationId: 'getOrder',
  summary: 'Get an order',
  description: 'One of your orders and where it stands.',
  params: IdParams,
  response: { 200: OrderSchema },
  problems: ['not_found'],
});

const LIST_ORDER_EVENTS = operation({
  tags,
  operationId: 'listOrderEvents',
  summary: 'The life of an order',
  description:
    'Everything that happened to the order, newest first: requested, sent, accepted, each execution, the wish to cancel, and how and why it ended. The same for orders of bots and those placed by hand.',
  params: IdParams,
  querystring: PageQuery,
  response: { 200: OrderLifePage },
  problems: ['not_found'],
});

const CANCEL_ORDER = operation({
  tags,
  operationId: 'cancelOrder',
  summary: 'Cancel an order',
  description:
    'Asks the exchange to cancel and waits up to ten seconds. The answer is the order as it stands: `cancelled`, or still open with `is_cancel_requested`, or filled when that was first.',
  params: IdParams,
  response: { 200: OrderSchema },
  problems: ['not_found', 'order_not_open'],
});

const CALL_OFF_ACTIONS = operation({
  tags,
  operationId: 'callOffActions',
  summary: 'Call off the automatic actions of an order',
  description: 'Nothing more follows from the order. Orders its actions have placed and that rest stay: cancel them as any other.',
  params: IdParams,
  response: { 202: OrderSchema },
  problems: ['not_found', 'order_not_open'],
});

const CANCEL_ORDERS = operation({
  tags,
  operationId: 'cancelOrders',
  summary: 'Cancel many orders',
  description: `Notes the wish to cancel for up to ${MAX_BATCH_CANCEL} orders and answers at once what becomes of each. The wish survives restarts and is repeated until the order is over.`,
  body: CancelRequest,
  response: { 202: CancelAnswer },
});

export function addOrderRoutes(server: HttpServer, { orders }: RouteParts): void {
  server.post('/orders', { schema: PLACE_ORDER }, async (request, reply) => {
    const { body } = request;
    const view = await orders.place(request.userId, {
      accountId: body.account_id,
      botId: body.bot_id,
      symbol: body.symbol,
      side: body.side,
      type: orderType(body.type),
      quantity: body.quantity,
      price: body.price ?? null,
      triggerPrice: body.trigger_price ?? null,
      timeInForce: body.time_in_force,
      postOnly: body.post_only,
      reduceOnly: body.reduce_only,
      actions: body.actions === undefined ? null : actionRules(body.actions),
      idempotencyKey: request.headers['idempotency-key'] ?? null,
    });
    return reply.code(201).header('location', `/api/v1/orders/${view.order.id}`).send(presentOrder(view));
  });

  server.get('/orders', { schema: LIST_ORDERS }, async (request) =>
    pageAnswer(await orders.list(request.userId, orderFilter(request.query), pageRequest(request.query)), presentOrder),
  );

  server.get('/orders/:id', { schema: GET_ORDER }, async (request) => presentOrder(await orders.get(request.userId, request.params.id)));

  server.get('/orders/:id/events', { schema: LIST_ORDER_EVENTS }, async (request) =>
    pageAnswer(await orders.life(request.userId, request.params.id, pageRequest(request.query)), presentLife),
  );

  server.delete('/orders/:id/actions', { schema: CALL_OFF_ACTIONS }, async (request, reply) =>
    reply.code(202).send(presentOrder(await orders.callOff(request.userId, request.params.id))),
  );

  server.post('/orders/cancel', { schema: CANCEL_ORDERS }, async (request, reply) => {
    const { ids, account_id: accountId, bot_id: botId, symbol } = request.body;
    return reply.code(202).send(presentCancels(await orders.cancelMany(request.userId, { ids, accountId, botId, symbol })));
  });

  server.delete('/orders/:id', { schema: CANCEL_ORDER }, async (request) => presentOrder(await orders.cancel(request.userId, request.params.id)));
}
