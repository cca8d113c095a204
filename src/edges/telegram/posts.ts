/** Posts that come by Telegram: what channels with the bot in them say, and what people forward to it. Whatever a post says, it tells the bot nothing. */
import { z } from 'zod';
import { ChannelIntake } from '#app/posts/channel-intake.ts';
import type { IncomingPost, Posts } from '#app/posts/posts.ts';
import type { ChatLinks } from '#app/telegram/links.ts';
import type { ActorScope } from '#core/audit.ts';
import { AppError } from '#core/errors.ts';
import type { Log, Vault } from '#core/ports.ts';
import type { Reply } from './conversation.ts';
import { takenScreen, tooManyPostsScreen } from './screens/posts.ts';

const Entity = z.object({ type: z.string().max(40), offset: z.number().int().nonnegative(), length: z.number().int().nonnegative() });
const Written = z.object({
  message_id: z.number().int(),
  date: z.number().int(),
  edit_date: z.number().int().optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  entities: z.array(Entity).max(1_000).optional(),
  caption_entities: z.array(Entity).max(1_000).optional(),
  reply_to_message: z.object({ message_id: z.number().int() }).optional(),
});
const ChannelPost = Written.extend({ chat: z.object({ id: z.number().int(), type: z.literal('channel') }) });
const Origin = z.discriminatedUnion('type', [
  z.object({ type: z.literal('channel'), chat: z.object({ id: z.number().int() }), message_id: z.number().int(), date: z.number().int() }),
  z.object({ type: z.literal('chat'), sender_chat: z.object({ id: z.number().int() }), date: z.number().int() }),
  z.object({ type: z.literal('user'), sender_user: z.object({ id: z.number().int() }), date: z.number().int() }),
  z.object({ type: z.literal('hidden_user'), sender_user_name: z.string().max(256), date: z.number().int() }),
]);
const Forwarded = Written.extend({
  chat: z.object({ id: z.number().int(), type: z.literal('private') }),
  from: z.object({ id: z.number().int(), language_code: z.string().optional() }),
  forward_origin: Origin,
});
const Update = z.object({ channel_post: ChannelPost.optional(), edited_channel_post: ChannelPost.optional() });

/** What ties a channel to a source when it is posted there. */
const CODE = /^\/?argosy\s+([A-Za-z0-9_-]{16})$/;

export interface PostInboxParts {
  readonly posts: Posts;
  readonly links: ChatLinks;
  readonly vault: Vault;
  readonly actors: ActorScope;
  readonly log: Log;
}

export class PostInbox {
  readonly #parts: PostInboxParts;
  readonly #intake: ChannelIntake;

  constructor(parts: PostInboxParts) {
    this.#parts = parts;
    this.#intake = new ChannelIntake(parts);
  }

  /** What to answer; `null` where the update is no post. Throws PortError: then it may be heard again. */
  async hear(update: unknown): Promise<readonly Reply[] | null> {
    const channel = Update.safeParse(update).data;
    const said = channel?.channel_post ?? channel?.edited_channel_post;
    if (said !== undefined) {
      await this.#channel(said);
      return [];
    }
    const forwarded = z.object({ message: Forwarded }).safeParse(update).data?.message;
    return forwarded === undefined ? null : this.#forwarded(forwarded);
  }

  /** Nothing is answered in channels. */
  async #channel(said: z.output<typeof ChannelPost>): Promise<void> {
    const { posts, log } = this.#parts;
    const chatId = String(said.chat.id);
    const code = CODE.exec(textOf(said).trim())?.[1];
    if (code !== undefined && said.edit_date === undefined) {
      const bound = await posts.bindChannel(code, chatId);
      log.info({ chatId, sourceId: bound?.id ?? null }, bound === null ? 'a channel has shown a code that is none' : 'a channel brings posts from now on');
      return;
    }
    const news = { kind: 'said', chatId, ...incomingOf(said), messageId: String(said.message_id), edit: said.edit_date ?? 0 } as const;
    for (const source of await posts.ofChannel(chatId)) {
      const waitMs = await this.#intake.take(source, news);
      // Waiting for it would keep everything else waiting.
      if (waitMs > 0) log.warn({ sourceId: source.id, messageId: news.messageId, reason: 'the source brings too many' }, 'a post of a channel was not taken');
    }
  }

  /** `null` where the chat is nobody's, or its user wants no posts this way. */
  async #forwarded(message: z.output<typeof Forwarded>): Promise<readonly Reply[] | null> {
    const { posts, links, actors } = this.#parts;
    const chatId = String(message.chat.id);
    const userId = message.from.id === message.chat.id ? (await links.ofChat(chatId))?.userId : undefined;
    const source = userId === undefined ? undefined : (await posts.sources(userId)).find(({ kind }) => kind === 'telegram_forward');
    if (source === undefined) return null;
    const { language } = await links.notices.settings(source.userId);
    const origin = message.forward_origin;
    const post = { ...incomingOf(message), messageId: this.#nameOf(message), edit: null, replyTo: null, postedAt: origin.date * 1_000 };
    try {
      const taken = await actors.run({ userId: source.userId, address: 'telegram' }, () => posts.take(source, post));
      return [{ kind: 'send', chatId, screen: takenScreen(taken, language) }];
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'rate_limited') throw error;
      return [{ kind: 'send', chatId, screen: tooManyPostsScreen(language) }];
    }
  }

  /** The same post forwarded twice has one name. What has no number of its own is known by its author, its time and its words. */
  #nameOf(message: z.output<typeof Forwarded>): string {
    const origin = message.forward_origin;
    if (origin.type === 'channel') return `channel:${origin.chat.id}:${origin.message_id}`;
    const author = origin.type === 'chat' ? origin.sender_chat.id : origin.type === 'user' ? origin.sender_user.id : origin.sender_user_name;
    return this.#parts.vault.fingerprint(`${origin.type} ${author} ${origin.date} ${textOf(message)}`, 'forwarded post').slice(0, 40);
  }
}

function textOf({ text, caption }: z.output<typeof Written>): string {
  return text ?? caption ?? '';
}

function incomingOf(message: z.output<typeof Written>): Omit<IncomingPost, 'messageId' | 'edit'> {
  const entities = (message.text === undefined ? message.caption_entities : message.entities) ?? [];
  return {
    text: textOf(message),
    entities: entities.map(({ type, offset, length }) => ({ kind: type, offset, length })),
    replyTo: message.reply_to_message === undefined ? null : String(message.reply_to_message.message_id),
    postedAt: (message.edit_date ?? message.date) * 1_000,
  };
}
