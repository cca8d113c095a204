/** What channels of Telegram say, by whichever way in it comes: the bot of the installation, or the account of its owner. The same post has the same names on both. */
import type { PostEntity } from './post.ts';

/** A version of a post. */
export interface ChannelPost {
  readonly kind: 'said';
  /** As the Bot API writes it: a negative number that begins with -100. */
  readonly chatId: string;
  readonly messageId: string;
  /** 0 as first written; the time of the edit in seconds for every later version that shows as edited. */
  readonly edit: number;
  readonly text: string;
  readonly entities: readonly PostEntity[];
  /** The post of the same channel that this one answers. */
  readonly replyTo: string | null;
  /** When this version was written, in milliseconds since 1970. */
  readonly postedAt: number;
}

/** A post that its author has deleted. The Bot API does not tell of it. */
export interface WithdrawnPost {
  readonly kind: 'withdrawn';
  readonly chatId: string;
  readonly messageId: string;
}

export type ChannelNews = ChannelPost | WithdrawnPost;
