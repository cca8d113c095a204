/** Wire shapes of posts that others wrote, and of where they come from. */
import { z } from 'zod';
import type { IncomingPost } from '#app/posts/posts.ts';
import { MAX_POST_LENGTH, type PostEvent, type PostRefusal } from '#core/posts/post.ts';
import { MAX_FOLLOWERS, POST_SOURCE_KINDS, type PostResult, type PostSource, type PostView } from '#core/posts/post-store.ts';
import { idInput, isoTime, pageOf, pageQuery, textInput, timeInput, timeOutput } from './shared-pieces.ts';

const MAX_NAME_LENGTH = 80;
const messageId = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, 'must be up to 64 letters, digits and ._:-');
const name = textInput(MAX_NAME_LENGTH).describe('What you call it.');
const botIds = z
  .array(idInput)
  .max(MAX_FOLLOWERS)
  .describe(`Bots that follow its calls, at most ${MAX_FOLLOWERS}: those that take signals, such as of \`signal_follower\`.`);

const channel = z
  .string()
  .trim()
  .max(120)
  .transform((text) => text.replace(/^(https?:\/\/)?t\.me\//i, '@'))
  .refine(
    (text) => /^@[A-Za-z]\w{3,31}$/.test(text) || /^-100\d{1,13}$/.test(text),
    'must be @name of a channel, https://t.me/name, or its id such as -1001234567890',
  )
  .describe('A channel that the account of the owner reads (`argosy telegram login`): `@name`, or its id, which begins with -100. For the owner only.');

export const NewSourceBody = z
  .strictObject({
    kind: z
      .enum(POST_SOURCE_KINDS)
      .describe('`api`: you send posts to `/posts`. `telegram_channel`: the bot is in a channel. `telegram_forward`: you forward posts to the bot.'),
    name,
    bot_ids: botIds.default([]),
    channel: channel.optional(),
  })
  .meta({ id: 'NewPostSource', description: 'A place that posts come from.', examples: [{ kind: 'api', name: 'My program', bot_ids: [] }] });

export const SourceChange = z
  .strictObject({ name: name.optional(), bot_ids: botIds.optional(), channel: channel.nullable().optional() })
  .meta({ id: 'PostSourceChange', description: 'What is to change; what is left out stays.', examples: [{ bot_ids: [] }] });

const sourceShape = {
  id: z.string().describe('Id of the source.'),
  kind: z.enum(POST_SOURCE_KINDS).describe('How posts come.'),
  name: z.string().describe('What you call it.'),
  bot_ids: z.array(z.string()).describe('Bots that follow its calls.'),
  is_listening: z.boolean().describe('`false` for a channel that has not shown its code yet.'),
  created_at: timeOutput.describe('When it was made.'),
  reading: z
    .object({
      channel: z.string().describe('As it was named.'),
      title: z.string().nullable().describe('What the channel is called; `null` until it was found.'),
      status: z.enum(['waiting', 'reading', 'failed']).describe('`waiting`: it is being looked for, or nobody is logged in.'),
      problem: z.string().nullable().describe('Why it is not read, as a code; `null` while nothing is wrong.'),
    })
    .nullable()
    .describe('The channel that the account of the owner reads for it; `null` where it does not.'),
};
const SOURCE = {
  id: '0198c2f4-5b7e-7a60-9a3b-1c7b9d2e4f60',
  kind: 'telegram_channel' as const,
  name: 'Calls',
  bot_ids: [],
  is_listening: false,
  created_at: '2026-11-20T07:00:00.000Z',
  reading: null,
};

export const Source = z.object(sourceShape).meta({ id: 'PostSource', description: 'A place that posts come from.', examples: [SOURCE] });
export const MadeSource = z
  .object({ ...sourceShape, code: z.string().nullable().describe('Of a channel, shown here only: post `argosy CODE` there within an hour.') })
  .meta({ id: 'MadePostSource', description: 'A new source.', examples: [{ ...SOURCE, code: 'n0t-a-real-code0' }] });
export const SourcePage = pageOf('PostSourcePage', Source, 'All your sources, the oldest first.');

export const NewPostBody = z
  .strictObject({
    source_id: idInput.describe('One of your sources of kind `api`.'),
    message_id: messageId.describe('What the post is called where it comes from; the same for all its versions.'),
    edit: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('0 as first written; greater for every version.'),
    text: z.string().max(MAX_POST_LENGTH).describe(`The post, at most ${MAX_POST_LENGTH} characters.`),
    reply_to: messageId.optional().describe('The message it answers.'),
    posted_at: timeInput.optional().describe('When it was written; now where it is left out.'),
  })
  .meta({
    id: 'NewPost',
    description: 'A version of a post.',
    examples: [{ source_id: SOURCE.id, message_id: '77', edit: 0, text: 'BTC/USDT long 67000, targets 68000 69000, stop 66000' }],
  });

const Deed = z.object({
  bot_id: z.string().describe('The bot.'),
  command: z.string().describe('What it was to be told.'),
  outcome: z.enum(['given', 'refused']).describe('Whether it was.'),
  detail: z.string().describe('Why not; empty otherwise.'),
  at: timeOutput.describe('When.'),
});
const Check = z.object({
  status: z.enum(['unverified', 'confirmed', 'refuted', 'expired']).describe('What live books say.'),
  stated_percent: z.string().nullable().describe('The difference as the post says.'),
  recomputed_percent: z.string().nullable().describe('From the prices of the post.'),
  live_percent: z.string().nullable().describe('From live books, before fees; `null` while there were none.'),
  has_gap: z.boolean().describe('Whether the post contradicts its own prices.'),
  reason: z.string().describe('Why it is not confirmed, as a code; empty otherwise.'),
  at: timeOutput.describe('When it was looked at.'),
  signal_id: z.string().nullable().describe('The signal at `/signals?origin=post`; `null` unless confirmed.'),
});
const Result = z.object({
  id: z.string().describe('Id of the result.'),
  kind: z.enum(['call', 'update', 'arbitrage', 'refused']).describe('What was read.'),
  reason: z.string().nullable().describe('Why nothing was read, as a code.'),
  detail: z.string().nullable().describe('What stood in the way: words of the post.'),
  reading: z.record(z.string(), z.unknown()).nullable().describe('What was read, by its fields; `null` when nothing was.'),
  claim: Check.nullable().describe('How a claim of arbitrage stands.'),
  deeds: z.array(Deed).describe('What bots were told because of it.'),
});

const POST = {
  id: '0198c2f4-5b7e-7a60-9a3b-1c7b9d2e4f61',
  source_id: SOURCE.id,
  message_id: '77',
  edit: 0,
  text: 'join now',
  reply_to: null,
  posted_at: '2026-11-20T07:00:00.000Z',
  received_at: '2026-11-20T07:00:01.000Z',
  withdrawn: false,
  results: [
    {
      id: '0198c2f4-5b7e-7a60-9a3b-1c7b9d2e4f62',
      kind: 'refused' as const,
      reason: 'advert',
      detail: 'join',
      reading: null,
      claim: null,
      deeds: [],
    },
  ],
};
const postShape = {
  id: z.string().describe('Id of this version.'),
  source_id: z.string().describe('Where it came from.'),
  message_id: z.string().describe('What it is called there.'),
  edit: z.number().describe('Its version.'),
  text: z.string().describe('As it came; words of others.'),
  reply_to: z.string().nullable().describe('The message it answers.'),
  posted_at: timeOutput.describe('When it was written.'),
  received_at: timeOutput.describe('When it came.'),
  withdrawn: z.boolean().describe('Whether its author has taken it back.'),
  results: z.array(Result).describe('What was read in it, in the order of the text; never empty.'),
};
export const PostItem = z.object(postShape).meta({ id: 'Post', description: 'A version of a post, and what became of it.', examples: [POST] });
export const TakenPostItem = z
  .object({ ...postShape, duplicate: z.boolean().describe('Whether this version had come before: then nothing was done.') })
  .meta({ id: 'TakenPost', description: 'A version of a post as it was taken.', examples: [{ ...POST, duplicate: false }] });
export const PostPage = pageOf('PostPage', PostItem, 'Versions of posts, the newest first.');
export const PostQuery = pageQuery({ source_id: idInput.optional().describe('Only of this source.') });

export function incomingPost(body: z.output<typeof NewPostBody>, now: number): IncomingPost {
  const { message_id: id, edit, text, reply_to: replyTo = null, posted_at: postedAt = now } = body;
  return { messageId: id, edit, text, entities: [], replyTo, postedAt };
}

export function presentSource({ id, kind, name: called, botIds: bots, chatId, createdAt, reading }: PostSource): z.output<typeof Source> {
  const isListening = kind !== 'telegram_channel' || chatId !== null;
  return { id, kind, name: called, bot_ids: [...bots], is_listening: isListening, created_at: isoTime(createdAt), reading: readingShown(reading) };
}

function readingShown(reading: PostSource['reading']): z.output<typeof Source>['reading'] {
  if (reading === null) return null;
  const { channel: named, title, isFound, problem } = reading;
  return { channel: named, title, status: problem !== null ? 'failed' : isFound ? 'reading' : 'waiting', problem };
}

export function presentPost(post: PostView): z.output<typeof PostItem> {
  return {
    id: post.id,
    source_id: post.sourceId,
    message_id: post.messageId,
    edit: post.edit,
    text: post.text,
    reply_to: post.replyTo,
    posted_at: isoTime(post.postedAt),
    received_at: isoTime(post.receivedAt),
    withdrawn: post.isWithdrawn,
    results: post.results.map(presentResult),
  };
}

function presentResult({ id, event, check, signal, deeds }: PostResult): z.output<typeof Result> {
  const isRefused = event.kind === 'refused';
  return {
    id,
    kind: event.kind,
    reason: isRefused ? event.reason : null,
    detail: isRefused ? event.detail : null,
    reading: readingOf(event),
    claim:
      check === null || event.kind !== 'arbitrage'
        ? null
        : {
            status: check.status,
            stated_percent: event.statedSpread,
            recomputed_percent: event.recomputedSpread,
            live_percent: check.liveSpread,
            has_gap: event.hasGap,
            reason: check.reason,
            at: isoTime(check.at),
            signal_id: signal?.id ?? null,
          },
    deeds: deeds.map(({ botId, command, outcome, detail, at }) => ({ bot_id: botId, command, outcome, detail, at: isoTime(at) })),
  };
}

/** Names in snake_case, all the way down; the status stands beside it, and is of this moment. */
function readingOf(event: PostEvent | PostRefusal): Readonly<Record<string, unknown>> | null {
  if (event.kind === 'refused') return null;
  const { kind: _kind, status: _status, ...fields } = event;
  return renamed(fields) as Readonly<Record<string, unknown>>;
}

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), renamed(inner)]));
}
