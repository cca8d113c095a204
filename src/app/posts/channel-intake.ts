/** Where posts of channels come in, by whichever way: each is taken in the name of the source's user, and one that cannot be taken holds up no other. */
import type { ActorScope } from '#core/audit.ts';
import { AppError } from '#core/errors.ts';
import type { Log } from '#core/ports.ts';
import type { ChannelNews } from '#core/posts/channel-news.ts';
import type { PostSource } from '#core/posts/post-store.ts';
import type { Posts } from './posts.ts';

export interface ChannelIntakeParts {
  readonly posts: Pick<Posts, 'take' | 'withdrawMessage'>;
  readonly actors: ActorScope;
  readonly log: Log;
}

export class ChannelIntake {
  readonly #parts: ChannelIntakeParts;

  constructor(parts: ChannelIntakeParts) {
    this.#parts = parts;
  }

  /** How long to wait before it may be brought again; 0 where it is dealt with. Throws PortError: then too it may be brought again. */
  async take(source: PostSource, news: ChannelNews): Promise<number> {
    const { posts, actors, log } = this.#parts;
    try {
      await actors.run({ userId: source.userId, address: 'telegram' }, async () => {
        if (news.kind === 'withdrawn') await posts.withdrawMessage(source, news.messageId);
        else await posts.take(source, news);
      });
      return 0;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.retryAfterMs !== undefined) return error.retryAfterMs;
      log.warn({ sourceId: source.id, messageId: news.messageId, reason: error.message }, 'a post of a channel was not taken');
      return 0;
    }
  }
}
