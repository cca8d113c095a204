/** Posts that others wrote, as their users see them, and the one way in for all of them: read, kept once, and passed on to who follows. */
import { AppError } from '#core/errors.ts';
import type { Clock, Ids, Vault } from '#core/ports.ts';
import { MAX_POST_LENGTH, type PostEntity } from '#core/posts/post.ts';
import {
  MAX_FOLLOWERS,
  MAX_POST_SOURCES,
  MAX_POSTS_PER_DAY,
  type PostSource,
  type PostSourceKind,
  type PostView,
  type SourceChanges,
} from '#core/posts/post-store.ts';
import { readPost } from '#core/posts/read-post.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import { MAX_READ_CHANNELS } from '#core/telegram-user/store.ts';
import { missing } from '../missing.ts';
import { Buckets, type Pace } from '../people/buckets.ts';
import { PostFollowers, type PostFollowersParts } from './post-followers.ts';

/** Versions of one source at once; one more every second. */
export const POST_PACE: Pace = { capacity: 60, refillMs: 1_000 };
/** How long the code for a channel counts. */
export const CHANNEL_CODE_TTL_MS = 60 * 60_000;
const CODE_BYTES = 12;
/** A version that came again within this is passed on to whom it has not reached, as after a crash; later it does nothing. */
export const RESUME_MS = 5 * 60_000;

/** A message of others as an input brings it. */
export interface IncomingPost {
  readonly messageId: string;
  /** 0 as first written; `null` where the input cannot tell versions apart: then another text is another version. */
  readonly edit: number | null;
  readonly text: string;
  readonly entities: readonly PostEntity[];
  readonly replyTo: string | null;
  /** Milliseconds since 1970. */
  readonly postedAt: number;
}

export interface TakenPost {
  readonly post: PostView;
  /** `false` when this version had come before. */
  readonly isNew: boolean;
}

export interface PostsParts extends Omit<PostFollowersParts, 'store'> {
  readonly store: Pick<Store, 'posts' | 'users' | 'telegramUser'>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: Ids;
}

export class Posts {
  readonly #parts: PostsParts;
  readonly #followers: PostFollowers;
  readonly #paces: Buckets;

  constructor(parts: PostsParts) {
    this.#parts = parts;
    this.#followers = new PostFollowers(parts);
    this.#paces = new Buckets(parts.clock);
  }

  /**
   * A channel has to show `code` before anything of it is taken; one that the owner's account reads has none. Throws AppError `too_many_kept`,
   * `forbidden` where somebody else names a channel, `validation_failed` naming `bot_ids` or `channel`.
   */
  async addSource(
    userId: string,
    {
      kind,
      name,
      botIds,
      channel = null,
    }: { readonly kind: PostSourceKind; readonly name: string; readonly botIds: readonly string[]; readonly channel?: string | null },
  ): Promise<{ readonly source: PostSource; readonly code: string | null }> {
    const { store, ids, clock } = this.#parts;
    await this.#checkFollowers(userId, botIds);
    if (channel !== null && kind !== 'telegram_channel') throw refusal('channel', 'goes with the kind telegram_channel only');
    if (channel !== null) await this.#checkReader(userId);
    const code = kind === 'telegram_channel' && channel === null ? ids.secret(CODE_BYTES) : null;
    const at = clock.now();
    const kept = code === null ? null : { hash: this.#digest(code), expiresAt: at + CHANNEL_CODE_TTL_MS };
    const source = await store.posts.addSource({ id: ids.next(), userId, kind, name, botIds, code: kept, channel, at });
    if (source === 'full') throw new AppError('too_many_kept', `You have ${MAX_POST_SOURCES} sources of posts, which is as many as there may be.`);
    return { source: known(source), code };
  }

  /** Throws AppError `not_found`, `forbidden` where somebody else than the owner names a channel, `too_many_kept`, `validation_failed` naming `bot_ids` or `channel`. */
  async changeSource(userId: string, id: string, change: SourceChanges): Promise<PostSource> {
    if (change.botIds !== undefined) await this.#checkFollowers(userId, change.botIds);
    if (typeof change.channel === 'string') {
      if ((await this.source(userId, id)).kind !== 'telegram_channel') throw refusal('channel', 'goes with sources of the kind telegram_channel only');
      await this.#checkReader(userId);
    }
    return known((await this.#parts.store.posts.changeSource(userId, id, change)) ?? missing());
  }

  sources(userId: string): Promise<readonly PostSource[]> {
    return this.#parts.store.posts.sources(userId);
  }

  /** With its posts. Throws AppError `not_found`. */
  async removeSource(userId: string, id: string): Promise<void> {
    if (!(await this.#parts.store.posts.removeSource(userId, id))) missing();
  }

  /** Throws AppError `not_found` for a source that is not this user's. */
  async list(userId: string, sourceId: string | null, page: PageRequest): Promise<Page<PostView>> {
    if (sourceId !== null) await this.source(userId, sourceId);
    return this.#parts.store.posts.list(userId, sourceId, page);
  }

  /** Throws AppError `not_found`. */
  async get(userId: string, id: string): Promise<PostView> {
    return (await this.#parts.store.posts.get(userId, id)) ?? missing();
  }

  /** Throws AppError `not_found`. */
  async source(userId: string, id: string): Promise<PostSource> {
    return (await this.#parts.store.posts.source(userId, id)) ?? missing();
  }

  /** Its author has taken the post back: who follows withdraws what is not entered. Throws AppError `not_found`. */
  async withdraw(userId: string, id: string): Promise<void> {
    const post = await this.get(userId, id);
    await this.withdrawMessage(await this.source(userId, post.sourceId), post.messageId);
  }

  /** The same by the name that the source gives it; nothing where it has never come. */
  async withdrawMessage(source: PostSource, messageId: string): Promise<void> {
    await this.#parts.store.posts.withdraw(source.id, messageId);
    await this.#followers.withdraw(source, await this.#parts.store.posts.versions(source.id, messageId));
  }

  /** Whether the code belongs to a source that waits for a channel; the channel is its from now on. */
  async bindChannel(code: string, chatId: string): Promise<PostSource | null> {
    const { store, clock } = this.#parts;
    return store.posts.bindChannel(this.#digest(code), chatId, clock.now());
  }

  /** Sources of all users that listen to this channel. */
  ofChannel(chatId: string): Promise<readonly PostSource[]> {
    return this.#parts.store.posts.ofChannel(chatId);
  }

  /**
   * Reads, keeps and passes on one version; one that has come before does nothing. Throws AppError `rate_limited` when the source brings too
   * much, PortError when the store does not answer: then it may be brought again.
   */
  async take(source: PostSource, incoming: IncomingPost): Promise<TakenPost> {
    const { store, clock, ids } = this.#parts;
    const waitMs = this.#paces.attempt(source.id, POST_PACE);
    if (waitMs > 0) throw new AppError('rate_limited', `Too many posts of this source; try again in ${Math.ceil(waitMs / 1_000)} s.`, [], waitMs);
    const receivedAt = clock.now();
    const edit = incoming.edit ?? untoldEdit(await store.posts.versions(source.id, incoming.messageId), incoming.text);
    const { messageId, text, entities, replyTo } = incoming;
    const { results } = readPost({ messageId, edit, text, entities, ...(replyTo === null ? {} : { replyTo }) });
    const kept = await store.posts.keep({
      ...{ id: ids.next(), sourceId: source.id, userId: source.userId, messageId, edit, replyTo, receivedAt },
      text: text.slice(0, MAX_POST_LENGTH),
      postedAt: Math.min(incoming.postedAt, receivedAt),
      results: results.map((event) => ({ id: ids.next(), event })),
      checkAt: receivedAt,
    });
    if (kept === 'full')
      throw new AppError('rate_limited', `This source has brought ${MAX_POSTS_PER_DAY} posts within a day, which is as many as there may be.`);
    // Another may have brought it, or another version, at the same time.
    const versions = await store.posts.versions(source.id, messageId);
    const post = versions.find((version) => version.edit === edit) ?? missing();
    if (kept !== 'known' || receivedAt - post.receivedAt < RESUME_MS) await this.#followers.tell(source, post, versions);
    return { post: (await store.posts.get(source.userId, post.id)) ?? post, isNew: kept !== 'known' };
  }

  /** Reading as a person is for the person whose account it is. */
  async #checkReader(userId: string): Promise<void> {
    const { store } = this.#parts;
    if ((await store.users.byId(userId))?.role !== 'owner')
      throw new AppError(
        'forbidden',
        'Only the owner of this installation may have channels read by an account. Leave `channel` out and post the code in the channel.',
      );
    if ((await store.telegramUser.session()) === null)
      throw refusal(
        'channel',
        'needs a session at Telegram that reads it: begin one with `argosy telegram login`, or leave it out and post the code in the channel',
      );
  }

  async #checkFollowers(userId: string, botIds: readonly string[]): Promise<void> {
    if (botIds.length > MAX_FOLLOWERS) throw refusal('bot_ids', `names ${botIds.length} bots; one source is followed by ${MAX_FOLLOWERS} at most`);
    for (const botId of botIds) {
      const canFollow = await this.#followers.canFollow(userId, botId);
      if (!canFollow)
        throw refusal(
          'bot_ids',
          `names ${JSON.stringify(botId)}, which is not one of your bots that take signals, such as those of the strategy signal_follower`,
        );
    }
  }

  #digest(code: string): string {
    return this.#parts.vault.fingerprint(code, 'post channel code');
  }
}

/** Of an input that cannot tell versions apart: the one with the same text, or the next. */
function untoldEdit(earlier: readonly PostView[], text: string): number {
  const same = earlier.find((version) => version.text === text.slice(0, MAX_POST_LENGTH));
  return same?.edit ?? (earlier[0] === undefined ? 0 : earlier[0].edit + 1);
}

function known(source: PostSource | 'foreign_bot' | 'too_many_read'): PostSource {
  if (source === 'foreign_bot') throw refusal('bot_ids', 'names a bot that is not yours');
  if (source === 'too_many_read')
    throw new AppError('too_many_kept', `${MAX_READ_CHANNELS} channels are read by the account, which is as many as there may be.`);
  return source;
}

function refusal(field: 'bot_ids' | 'channel', message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}
