/** Bots out of signals. */
import type { z } from 'zod';
import type { SignalBotWish } from '#app/signal-bots/signal-bots.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { CreatedBot, presentBot, presentPreview } from '../schemas/bots.ts';
import { IdParams } from '../schemas/shared-pieces.ts';
import { NewSignalBot, presentSignalBot, SignalBotPreview, SignalBotSketch } from '../schemas/signal-bots.ts';

const tags = ['signals'];
const problems = ['plan_required', 'not_found', 'signal_not_tradable', 'symbol_unknown', 'exchange_unknown', 'strategy_unknown'] as const;
const WHICH =
  'Needs the plan VIP. Of signals of a coin against its perpetual at one exchange, with the perpetual dearer; others are refused with the reason, and so is one that is closed, stale, in quarantine or below your thresholds.';

const PREVIEW = operation({
  tags,
  operationId: 'previewSignalBot',
  summary: 'Preview a bot out of a signal',
  description: `Shows the settings that the signal suggests and what the bot would need and do. Stores nothing. ${WHICH}`,
  params: IdParams,
  body: SignalBotSketch,
  response: { 200: SignalBotPreview },
  problems,
});

const CREATE = operation({
  tags,
  operationId: 'createSignalBot',
  summary: 'Create a bot out of a signal',
  description: `Stores the bot, stopped, on paper unless told otherwise. ${WHICH}`,
  params: IdParams,
  body: NewSignalBot,
  response: { 201: CreatedBot },
  problems,
});

export function addSignalBotRoutes(server: HttpServer, { signalBots }: RouteParts): void {
  server.post('/signals/:id/bots/preview', { schema: PREVIEW }, async ({ userId, params, body }) =>
    presentSignalBot(await signalBots.preview(userId, params.id, wishOf(body))),
  );
  server.post('/signals/:id/bots', { schema: CREATE }, async ({ userId, params, body }, reply) => {
    const { bot, plan } = await signalBots.create(userId, params.id, { ...wishOf(body), name: body.name });
    return reply
      .code(201)
      .header('location', `/api/v1/bots/${bot.id}`)
      .send({ ...presentBot(bot), preview: presentPreview(plan) });
  });
}

function wishOf({ account_id: accountId, mode, config }: z.output<typeof SignalBotSketch>): SignalBotWish {
  return { accountId, mode, config };
}
