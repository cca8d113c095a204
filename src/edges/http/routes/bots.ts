/** Bots: made, changed, and told what to do. */
import { z } from 'zod';
import type { BotAction } from '#app/bots/bot-actions.ts';
import { splitConfig } from '#app/bots/bot-rules.ts';
import type { ActionRules } from '#core/actions/action-state.ts';
import { leaseSubject } from '#core/store/store.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import {
  Bot,
  BotChange,
  BotDetail,
  BotPage,
  BotSketch,
  BotVersionPage,
  CommandPreview,
  CreatedBot,
  GivenCommand,
  NewBot,
  NewCommand,
  PreviewAnswer,
  presentBot,
  presentPreview,
  presentVersion,
} from '../schemas/bots.ts';
import { actionRules, type NewActions } from '../schemas/order-actions.ts';
import { presentHolder } from '../schemas/runners.ts';
import { IdParams, PageQuery } from '../schemas/shared-pieces.ts';
import { givenKeys, pageAnswer, pageRequest } from '../translate.ts';

const ACTIONS: Readonly<Record<BotAction, { readonly summary: string; readonly description: string }>> = {
  start: {
    summary: 'Start or resume a bot',
    description: 'Starts a bot that is stopped or in error, and resumes one that is paused. The bot works towards it; watch its `status`.',
  },
  stop: { summary: 'Stop a bot', description: 'Cancels its orders and ends its run. What it holds stays as it is.' },
  pause: { summary: 'Pause a bot', description: 'Cancels its orders and waits; start resumes the same run.' },
  panic: { summary: 'Panic: cancel everything and sell', description: 'Cancels its orders, sells what it holds at the market price, and ends its run.' },
};

const tags = ['bots'];

const CREATE_BOT = operation({
  tags,
  operationId: 'createBot',
  summary: 'Create a bot',
  description:
    'Checks the settings against the live market and stores the bot, stopped. With `exchange` and keys instead of `account_id` the account is made in the same step; keys you have stored already are found again. In paper mode the bot trades play money at the paper venue, whatever exchange its account is at. When anything is refused, nothing is stored.',
  body: NewBot,
  response: { 201: CreatedBot },
  problems: [
    'exchange_unknown',
    'strategy_unknown',
    'symbol_unknown',
    'key_rejected',
    'key_can_withdraw',
    'key_cannot_trade',
    'venue_unavailable',
    'venue_rate_limited',
  ],
});

const PREVIEW_BOT = operation({
  tags,
  operationId: 'previewBot',
  summary: 'Preview a bot',
  description: 'Checks the settings and shows what the bot would need and do at the present price, such as the profit per grid after fees. Stores nothing.',
  body: BotSketch,
  response: { 200: PreviewAnswer },
  problems: ['exchange_unknown', 'strategy_unknown', 'symbol_unknown'],
});

const LIST_BOTS = operation({
  tags,
  operationId: 'listBots',
  summary: 'List bots',
  description: 'Your bots, newest first.',
  querystring: PageQuery,
  response: { 200: BotPage },
});

const GET_BOT = operation({
  tags,
  operationId: 'getBot',
  summary: 'Get a bot',
  description: 'One of your bots, where it stands, and which process runs it.',
  params: IdParams,
  response: { 200: BotDetail },
  problems: ['not_found'],
});

const UPDATE_BOT = operation({
  tags,
  operationId: 'updateBot',
  summary: 'Change a bot',
  description:
    'Changes the name or the settings of a bot that is stopped or in error. Settings are given whole and become the next version; with `config_version` those of a former version do.',
  params: IdParams,
  body: BotChange,
  response: { 200: Bot },
  problems: ['not_found', 'bot_running', 'strategy_unknown', 'symbol_unknown'],
});

const LIST_BOT_VERSIONS = operation({
  tags,
  operationId: 'listBotVersions',
  summary: "Versions of a bot's settings",
  description: 'Every version of the settings, newest first: as they were given, and as commands such as `change_grid` have changed them while the bot ran.',
  params: IdParams,
  querystring: PageQuery,
  response: { 200: BotVersionPage },
  problems: ['not_found'],
});

const DELETE_BOT = operation({
  tags,
  operationId: 'deleteBot',
  summary: 'Delete a bot',
  description: 'Deletes a bot that is stopped or in error.',
  params: IdParams,
  response: { 204: z.undefined().describe('Deleted.') },
  problems: ['not_found', 'bot_running'],
});

const COMMAND_BOT = operation({
  tags,
  operationId: 'commandBot',
  summary: 'Tell a bot to do something',
  description:
    'Tells a running bot to do something its strategy offers, such as to add funds to a deal. The command is carried out once, even if the server fails in between; what the strategy has against it stands among the events of the bot.',
  params: IdParams,
  body: NewCommand,
  response: { 202: GivenCommand },
  problems: ['not_found', 'bot_state_conflict'],
});

const PREVIEW_COMMAND = operation({
  tags,
  operationId: 'previewBotCommand',
  summary: 'Preview a command',
  description:
    'Shows what a command would do before it is given, such as which orders of a grid stay, which are cancelled and which are new when its range is changed. Nothing is done; at the time the command is carried out the price may have moved.',
  params: IdParams,
  body: NewCommand,
  response: { 200: CommandPreview },
  problems: ['not_found', 'bot_state_conflict'],
});

export function addBotRoutes(server: HttpServer, { bots, store }: RouteParts): void {
  server.post('/bots', { schema: CREATE_BOT }, async (request, reply) => {
    const { account_id: accountId, name, strategy, symbol, mode, config, exchange } = request.body;
    const actions = rulesOf(request.body.actions) ?? null;
    const { bot, plan } = await bots.create(request.userId, { name, strategy, symbol, mode, config, actions, accountId, exchange, ...givenKeys(request.body) });
    return reply
      .code(201)
      .header('location', `/api/v1/bots/${bot.id}`)
      .send({ ...presentBot(bot), preview: presentPreview(plan) });
  });

  server.post('/bots/preview', { schema: PREVIEW_BOT }, async (request) => {
    const { account_id: accountId, actions, ...sketch } = request.body;
    const plan = await bots.preview(request.userId, { ...sketch, accountId, actions: rulesOf(actions) ?? null });
    return { config: { ...splitConfig(plan.config).settings }, preview: presentPreview(plan) };
  });

  server.get('/bots', { schema: LIST_BOTS }, async (request) => pageAnswer(await bots.list(request.userId, pageRequest(request.query)), presentBot));

  server.get('/bots/:id', { schema: GET_BOT }, async (request) => {
    const bot = await bots.get(request.userId, request.params.id);
    return { ...presentBot(bot), runner: presentHolder(await store.runners.holding(leaseSubject('bot', bot.id))) };
  });

  server.patch('/bots/:id', { schema: UPDATE_BOT }, async (request) =>
    presentBot(
      await bots.update(request.userId, request.params.id, {
        ...request.body,
        actions: rulesOf(request.body.actions),
        configVersion: request.body.config_version,
      }),
    ),
  );

  server.get('/bots/:id/versions', { schema: LIST_BOT_VERSIONS }, async (request) =>
    pageAnswer(await bots.configs(request.userId, request.params.id, pageRequest(request.query)), presentVersion),
  );

  server.delete('/bots/:id', { schema: DELETE_BOT }, async (request, reply) => {
    await bots.remove(request.userId, request.params.id);
    return reply.code(204).send();
  });

  server.post('/bots/:id/commands', { schema: COMMAND_BOT }, async (request, reply) => {
    const { name, params } = request.body;
    const given = await bots.command(request.userId, request.params.id, name, params);
    return reply.code(202).send({ id: given.commandId, name: given.name, params: { ...given.params } });
  });

  server.post('/bots/:id/commands/preview', { schema: PREVIEW_COMMAND }, async (request) => {
    const { name, params } = request.body;
    const shown = await bots.previewCommand(request.userId, request.params.id, name, params);
    return { name, params: { ...shown.params }, preview: { ...shown.preview } };
  });

  addActions(server, bots);
}

/** Rules as given: left out, taken away, or set. */
function rulesOf(given: z.output<typeof NewActions> | null | undefined): ActionRules | null | undefined {
  return given == null ? given : actionRules(given);
}

function addActions(server: HttpServer, bots: RouteParts['bots']): void {
  for (const action of Object.keys(ACTIONS) as BotAction[]) {
    server.post(
      `/bots/:id/${action}`,
      {
        schema: {
          tags,
          operationId: `${action}Bot`,
          ...ACTIONS[action],
          params: IdParams,
          response: { 202: Bot },
          problems: ['not_found', 'bot_state_conflict', 'trading_killed'],
        },
      },
      async (request, reply) => reply.code(202).send(presentBot(await bots.act(request.userId, request.params.id, action))),
    );
  }
}
