/** What a bot has done: figures, events, orders, fills, equity and tape. */
import { z } from 'zod';
import { AppError } from '#core/errors.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { BotEventPage, Equity, presentEvent, presentStats, Stats, Tape } from '../schemas/bot-history.ts';
import { FillPage, OrderPage, presentFill, presentOrder } from '../schemas/orders.ts';
import { IdParams, isoTime, PageQuery } from '../schemas/shared-pieces.ts';
import { pageAnswer, pageRequest } from '../translate.ts';

/** Points of an equity curve at most. */
const MAX_EQUITY_POINTS = 2_000;
const EquityQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_EQUITY_POINTS).default(500).describe(`How many points at most, 1 to ${MAX_EQUITY_POINTS}.`),
});

const tags = ['bots'];
const problems = ['not_found'] as const;
const params = IdParams;

const GET_BOT_STATS = operation({
  tags,
  operationId: 'getBotStats',
  summary: 'How a bot does',
  description: 'Profit after fees, against holding, with its fills and orders: of the present run, or of the last.',
  params,
  response: { 200: Stats },
  problems,
});

const LIST_BOT_EVENTS = operation({
  tags,
  operationId: 'listBotEvents',
  summary: 'Events of a bot',
  description: 'What happened to the bot, newest first.',
  params,
  querystring: PageQuery,
  response: { 200: BotEventPage },
  problems,
});

const LIST_BOT_ORDERS = operation({
  tags,
  operationId: 'listBotOrders',
  summary: 'Orders of a bot',
  description: 'Orders of all its runs, newest first.',
  params,
  querystring: PageQuery,
  response: { 200: OrderPage },
  problems,
});

const LIST_BOT_FILLS = operation({
  tags,
  operationId: 'listBotFills',
  summary: 'Executions of a bot',
  description: 'Executions of all its runs, newest first.',
  params,
  querystring: PageQuery,
  response: { 200: FillPage },
  problems,
});

const GET_BOT_EQUITY = operation({
  tags,
  operationId: 'getBotEquity',
  summary: 'Profit of a bot over time',
  description: 'Profit of the present or last run, about once a minute, oldest first.',
  params,
  querystring: EquityQuery,
  response: { 200: Equity },
  problems,
});

const GET_BOT_TAPE = operation({
  tags,
  operationId: 'getBotTape',
  summary: 'Tape of a bot',
  description: 'Every event its present or last run received and what it wanted because of it, oldest first. Replayed, it gives the same commands.',
  params,
  querystring: PageQuery,
  response: { 200: Tape },
  problems,
});

export function addBotHistoryRoutes(server: HttpServer, { bots, history, orders, store }: RouteParts): void {
  server.get('/bots/:id/stats', { schema: GET_BOT_STATS }, async (request) => {
    const bot = await bots.get(request.userId, request.params.id);
    return presentStats(bot, await history.stats(bot));
  });

  server.get('/bots/:id/events', { schema: LIST_BOT_EVENTS }, async (request) => {
    const bot = await bots.get(request.userId, request.params.id);
    return pageAnswer(await store.facts.ofBot(request.userId, bot.id, pageRequest(request.query)), presentEvent);
  });

  server.get('/bots/:id/orders', { schema: LIST_BOT_ORDERS }, async (request) => {
    const bot = await bots.get(request.userId, request.params.id);
    return pageAnswer(await orders.list(request.userId, { botId: bot.id }, pageRequest(request.query)), presentOrder);
  });

  server.get('/bots/:id/fills', { schema: LIST_BOT_FILLS }, async (request) => {
    const bot = await bots.get(request.userId, request.params.id);
    return pageAnswer(await orders.fills(request.userId, { botId: bot.id }, pageRequest(request.query)), presentFill);
  });

  server.get('/bots/:id/equity', { schema: GET_BOT_EQUITY }, async (request) => {
    const bot = await bots.get(request.userId, request.params.id);
    const points = await history.equity(bot, request.query.limit);
    return { items: points.map((point) => ({ at: isoTime(point.at), profit: point.profit, price: point.price })), next_cursor: null };
  });

  server.get('/bots/:id/tape', { schema: GET_BOT_TAPE }, async (request) => {
    const bot = await bots.get(request.userId, request.params.id);
    const { limit, cursor } = request.query;
    const { runId, instrument, entries } = await history.tape(bot, sequenceOf(cursor), limit);
    const last = entries.at(-1);
    return {
      run_id: runId,
      price_increment: instrument?.priceIncrement ?? null,
      size_increment: instrument?.sizeIncrement ?? null,
      items: entries.map(({ sequence, event, commands }) => ({
        sequence,
        at: isoTime(event.at),
        event: { ...event },
        commands: commands.map((command) => ({ ...command })),
      })),
      next_cursor: last !== undefined && entries.length === limit ? String(last.sequence) : null,
    };
  });
}

function sequenceOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const sequence = /^\d{1,15}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (Number.isNaN(sequence))
    throw new AppError('validation_failed', 'cursor is not one of this list', [{ field: 'cursor', message: 'is not one of this list' }]);
  return sequence;
}
