/** Addresses at which other programs tell bots what to do: made by their users, and used by whoever has the secret. */
import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HookIntake, type HookProof } from '#app/hooks/hook-intake.ts';
import { Hooks } from '#app/hooks/hooks.ts';
import { missing } from '#app/missing.ts';
import { MAX_HOOK_MESSAGE_BYTES, readHookMessage } from '../hook-message.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import {
  Hook,
  HookChange,
  HookParams,
  HookReply,
  IssuedHook,
  NewHookBody,
  presentHook,
  presentIssued,
  presentReply,
  SecretHookParams,
} from '../schemas/hooks.ts';
import { IdParams } from '../schemas/shared-pieces.ts';

/** Messages of one address of the internet in a minute: a chart has many bots. */
const MESSAGES_PER_MINUTE = 300;

const tags = ['hooks'];

const ISSUE = operation({
  tags,
  operationId: 'issueHook',
  summary: 'Make an address for other programs',
  description:
    'A secret address at which TradingView, or a program of yours, tells this bot to buy, sell, close, start, stop or do what its strategy offers. A bot has one: the one before is void at once, so this also changes the secret.',
  params: IdParams,
  body: NewHookBody,
  response: { 201: IssuedHook },
  problems: ['not_found'],
});

const GET = operation({
  tags,
  operationId: 'getHook',
  summary: 'Get the address of a bot',
  description: 'Without its secret, and with what became of the last message.',
  params: IdParams,
  response: { 200: Hook },
  problems: ['not_found'],
});

const CHANGE = operation({
  tags,
  operationId: 'changeHook',
  summary: 'Change how strict it is, or switch it off',
  description: 'The address and its secret stay.',
  params: IdParams,
  body: HookChange,
  response: { 200: Hook },
  problems: ['not_found'],
});

const REMOVE = operation({
  tags,
  operationId: 'removeHook',
  summary: 'Take the address away',
  description: 'What comes there afterwards finds nothing.',
  params: IdParams,
  response: { 204: z.undefined().describe('Taken away.') },
  problems: ['not_found'],
});

const MESSAGE = `JSON as \`{"action": "buy", "symbol": "{{ticker}}", "time": "{{timenow}}"}\`, or a line as \`buy symbol={{ticker}} time={{timenow}}\`; at most ${MAX_HOOK_MESSAGE_BYTES / 1_024} KiB. Without the right secret there is nothing here, whether there is or not.`;
const answers = { response: { 202: HookReply }, problems: ['not_found', 'bot_state_conflict', 'trading_killed', 'observe_only'] } as const;

const TELL = operation({
  tags,
  operationId: 'tellBot',
  summary: 'Tell a bot, with a signature',
  description: `Headers \`x-argosy-timestamp\` (seconds since 1970) and \`x-argosy-signature\` (HMAC-SHA256 of \`timestamp.body\` with the secret, in hexadecimal). ${MESSAGE}`,
  params: HookParams,
  ...answers,
});

const TELL_BY_SECRET = operation({
  tags,
  operationId: 'tellBotBySecret',
  summary: 'Tell a bot, with the secret in the address',
  description: `For senders that can do no more than send. ${MESSAGE}`,
  params: SecretHookParams,
  ...answers,
});

const opening = { bodyLimit: MAX_HOOK_MESSAGE_BYTES, config: { isPublic: true, rateLimit: { max: MESSAGES_PER_MINUTE, timeWindow: 60_000 } } } as const;

export async function addHookRoutes(server: HttpServer, parts: RouteParts): Promise<void> {
  const hooks = new Hooks(parts);
  const sign = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex');
  const intake = new HookIntake({ ...parts, sign, read: readHookMessage });
  const take = async (request: FastifyRequest, hookId: string, proof: HookProof) => {
    const body = typeof request.body === 'string' ? request.body : '';
    return presentReply(await intake.take({ hookId, proof, body, address: request.ip }));
  };

  server.post('/bots/:id/hook', { schema: ISSUE }, async (request, reply) => {
    const { max_age_seconds: maxAgeSeconds, trading_view_only: isTradingViewOnly } = request.body;
    const { hook, secret } = await hooks.issue(request.userId, request.params.id, { maxAgeSeconds, isTradingViewOnly });
    return reply.code(201).send(presentIssued(hook, secret));
  });

  server.get('/bots/:id/hook', { schema: GET }, async (request) => presentHook(await hooks.get(request.userId, request.params.id)));

  server.patch('/bots/:id/hook', { schema: CHANGE }, async (request) => {
    const { enabled, max_age_seconds: maxAgeSeconds, trading_view_only: isTradingViewOnly } = request.body;
    const change = {
      ...(enabled === undefined ? {} : { isEnabled: enabled }),
      ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
      ...(isTradingViewOnly === undefined ? {} : { isTradingViewOnly }),
    };
    return presentHook(await hooks.change(request.userId, request.params.id, change));
  });

  server.delete('/bots/:id/hook', { schema: REMOVE }, async (request, reply) => {
    await hooks.remove(request.userId, request.params.id);
    return reply.code(204).send();
  });

  // A signature is made of the very bytes, and charts send JSON as text: here bodies stay as they came.
  await server.register(async (scope) => {
    const typed = scope as unknown as HttpServer;
    typed.removeAllContentTypeParsers();
    typed.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    typed.post('/hooks/:hook', { schema: TELL, ...opening }, async (request, reply) => {
      const { 'x-argosy-signature': signature, 'x-argosy-timestamp': timestamp } = request.headers;
      if (typeof signature !== 'string' || typeof timestamp !== 'string') return missing();
      return reply.code(202).send(await take(request, request.params.hook, { signature: signature.replace(/^sha256=/, '').toLowerCase(), timestamp }));
    });
    typed.post('/hooks/:hook/:secret', { schema: TELL_BY_SECRET, ...opening }, async (request, reply) =>
      reply.code(202).send(await take(request, request.params.hook, { secret: request.params.secret })),
    );
  });
}
