/** Posts that others wrote: where they come from, what was read in them, what became of it. */
import { z } from 'zod';
import { Posts } from '#app/posts/posts.ts';
import { AppError } from '#core/errors.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import {
  incomingPost,
  MadeSource,
  NewPostBody,
  NewSourceBody,
  PostItem,
  PostPage,
  PostQuery,
  presentPost,
  presentSource,
  Source,
  SourceChange,
  SourcePage,
  TakenPostItem,
} from '../schemas/posts.ts';
import { IdParams } from '../schemas/shared-pieces.ts';
import { pageAnswer, pageRequest } from '../translate.ts';

const tags = ['posts'];

const ADD_SOURCE = operation({
  tags,
  operationId: 'createPostSource',
  summary: 'Add a source of posts',
  description:
    'Of a channel of Telegram the answer has a code: make the bot an administrator there and post `argosy CODE`, so that nobody listens to a channel that is not theirs. With `channel` the owner has it read by an account of Telegram instead (`argosy telegram login`), and nothing is posted there.',
  body: NewSourceBody,
  response: { 201: MadeSource },
  problems: ['too_many_kept', 'forbidden'],
});
const SOURCES = operation({
  tags,
  operationId: 'listPostSources',
  summary: 'List sources of posts',
  description: 'All of them, the oldest first.',
  response: { 200: SourcePage },
});
const CHANGE_SOURCE = operation({
  tags,
  operationId: 'changePostSource',
  summary: 'Change who follows a source',
  description: 'Its name, the bots that follow its calls, or the channel that the account of the owner reads for it.',
  params: IdParams,
  body: SourceChange,
  response: { 200: Source },
  problems: ['not_found', 'too_many_kept', 'forbidden'],
});
const REMOVE_SOURCE = operation({
  tags,
  operationId: 'deletePostSource',
  summary: 'Remove a source',
  description: 'With its posts. Bots keep what they have begun.',
  params: IdParams,
  response: { 204: z.undefined().describe('Removed.') },
  problems: ['not_found'],
});
const TAKE = operation({
  tags,
  operationId: 'sendPost',
  summary: 'Send a post',
  description:
    'It is read without guessing: a call goes to the bots that follow the source, a claim of arbitrage is held against live books, everything else is refused with a reason. A version that came before does nothing.',
  body: NewPostBody,
  response: { 200: TakenPostItem, 201: TakenPostItem },
  problems: ['rate_limited'],
});
const LIST = operation({
  tags,
  operationId: 'listPosts',
  summary: 'List posts',
  description: 'Every version, the newest first, with what was read in it.',
  querystring: PostQuery,
  response: { 200: PostPage },
  problems: ['not_found'],
});
const GET = operation({
  tags,
  operationId: 'getPost',
  summary: 'Get a post',
  description: 'One version, with what was read in it and what became of that.',
  params: IdParams,
  response: { 200: PostItem },
  problems: ['not_found'],
});
const WITHDRAW = operation({
  tags,
  operationId: 'withdrawPost',
  summary: 'Take a post back',
  description: 'As when its author deletes it: bots that follow withdraw entries of its calls that are not filled. It stays in the list.',
  params: IdParams,
  response: { 204: z.undefined().describe('Taken back.') },
  problems: ['not_found'],
});

export function addPostRoutes(server: HttpServer, parts: RouteParts): void {
  const posts = new Posts(parts);

  server.post('/posts/sources', { schema: ADD_SOURCE }, async ({ userId, body }, reply) => {
    const { kind, name, bot_ids: botIds, channel = null } = body;
    const { source, code } = await posts.addSource(userId, { kind, name, botIds, channel });
    return reply.code(201).send({ ...presentSource(source), code });
  });

  server.get('/posts/sources', { schema: SOURCES }, async ({ userId }) => ({ items: (await posts.sources(userId)).map(presentSource), next_cursor: null }));

  server.patch('/posts/sources/:id', { schema: CHANGE_SOURCE }, async ({ userId, params, body }) => {
    const { name, bot_ids: botIds, channel } = body;
    const change = { ...(name === undefined ? {} : { name }), ...(botIds === undefined ? {} : { botIds }), ...(channel === undefined ? {} : { channel }) };
    return presentSource(await posts.changeSource(userId, params.id, change));
  });

  server.delete('/posts/sources/:id', { schema: REMOVE_SOURCE }, async ({ userId, params }, reply) => {
    await posts.removeSource(userId, params.id);
    return reply.code(204).send();
  });

  server.post('/posts', { schema: TAKE }, async ({ userId, body }, reply) => {
    const source = (await posts.sources(userId)).find(({ id, kind }) => id === body.source_id && kind === 'api');
    if (source === undefined) {
      const message = 'is not one of your sources of kind api';
      throw new AppError('validation_failed', `source_id ${message}`, [{ field: 'source_id', message }]);
    }
    const { post, isNew } = await posts.take(source, incomingPost(body, parts.clock.now()));
    return reply.code(isNew ? 201 : 200).send({ ...presentPost(post), duplicate: !isNew });
  });

  server.get('/posts', { schema: LIST }, async ({ userId, query }) =>
    pageAnswer(await posts.list(userId, query.source_id ?? null, pageRequest(query)), presentPost),
  );

  server.get('/posts/:id', { schema: GET }, async ({ userId, params }) => presentPost(await posts.get(userId, params.id)));

  server.delete('/posts/:id', { schema: WITHDRAW }, async ({ userId, params }, reply) => {
    await posts.withdraw(userId, params.id);
    return reply.code(204).send();
  });
}
