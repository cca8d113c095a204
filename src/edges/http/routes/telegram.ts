/** A user's Telegram chat: linked by a code, looked at, let go; and where Telegram brings updates, if it is told to. */
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { missing } from '#app/missing.ts';
import { ChatLinks, hintOf } from '#app/telegram/links.ts';
import { keepable, UPDATES_TOPIC } from '#app/telegram/updates.ts';
import { AppError } from '#core/errors.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { isoTime } from '../schemas/shared-pieces.ts';
import { LinkCode, TelegramLink } from '../schemas/telegram.ts';

/** Telegram brings the updates of a whole installation from a few addresses. */
const UPDATES_PER_MINUTE = 6_000;
const MAX_UPDATE_BYTES = 256 * 1_024;

const tags = ['telegram'];

const ISSUE = operation({
  tags,
  operationId: 'issueTelegramCode',
  summary: 'Get a code that links your Telegram chat',
  description: 'Whoever sends it to the bot first has your bots in his chat, so keep it to yourself. A code from before is void.',
  response: { 201: LinkCode },
  problems: ['telegram_unavailable'],
});

const GET = operation({
  tags,
  operationId: 'getTelegramLink',
  summary: 'Get your Telegram chat',
  description: 'Whether one is linked, and since when.',
  response: { 200: TelegramLink },
});

const UNLINK = operation({
  tags,
  operationId: 'unlinkTelegram',
  summary: 'Unlink your Telegram chat',
  description: 'It can do nothing more, and no news arrive there; where none is linked nothing changes.',
  response: { 204: z.undefined().describe('Unlinked.') },
});

const UPDATE = operation({
  tags,
  operationId: 'takeTelegramUpdate',
  summary: 'Take an update from Telegram',
  description:
    'For Telegram alone, which shows the secret it was given in the header `x-telegram-bot-api-secret-token`. For everybody else there is nothing here.',
  body: z.record(z.string(), z.unknown()).meta({ id: 'TelegramUpdate', description: 'An update of the Bot API.', examples: [{ update_id: 1 }] }),
  response: { 204: z.undefined().describe('Kept.') },
  problems: ['not_found'],
});

export function addTelegramRoutes(server: HttpServer, parts: RouteParts): void {
  const { store, bus, clock, metrics, chatBot = null } = parts;
  const links = new ChatLinks(parts);

  server.post('/users/me/telegram-link', { schema: ISSUE }, async (request, reply) => {
    if (chatBot === null) throw new AppError('telegram_unavailable', 'This installation has no Telegram bot.');
    const { code, expiresAt } = await links.issue(request.userId);
    const name = await store.chatUpdates.name(chatBot.botId);
    return reply.code(201).send({ code, expires_at: isoTime(expiresAt), url: name === null ? null : `https://t.me/${encodeURIComponent(name)}?start=${code}` });
  });

  server.get('/users/me/telegram-link', { schema: GET }, async (request) => {
    const link = await links.ofUser(request.userId);
    return { linked: link !== null, linked_at: link === null ? null : isoTime(link.linkedAt), chat_hint: link === null ? null : hintOf(link.chatId) };
  });

  server.delete('/users/me/telegram-link', { schema: UNLINK }, async (request, reply) => {
    await links.unlink(request.userId);
    return reply.code(204).send();
  });

  const open = { bodyLimit: MAX_UPDATE_BYTES, config: { isPublic: true, rateLimit: { max: UPDATES_PER_MINUTE, timeWindow: 60_000 } } } as const;
  server.post('/telegram/updates', { schema: UPDATE, ...open }, async (request, reply) => {
    const shown = request.headers['x-telegram-bot-api-secret-token'];
    if (chatBot === null || chatBot.webhookSecret === null || typeof shown !== 'string' || !isSame(shown, chatBot.webhookSecret)) return missing();
    const updates = keepable([request.body], clock.now());
    // Woken before Telegram has its answer: what is kept will be dealt with, whoever hears of it.
    const isNew = await store.chatUpdates.receive(chatBot.botId, updates);
    if (isNew > 0) {
      metrics.countTelegramUpdates('received', isNew);
      bus.publish(UPDATES_TOPIC, {});
    }
    return reply.code(204).send();
  });
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
