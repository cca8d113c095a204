/** Where posts come from, what they said and what became of it, as it is kept: types only. */

import type { Signal } from '../signals/signal.ts';
import type { SignalClose, SignalOpening } from '../signals/telling.ts';
import type { Page, PageRequest } from '../store/page.ts';
import type { ReadingProblem } from '../telegram-user/store.ts';
import type { ArbitrageClaim, PostEvent, PostRefusal } from './post.ts';

/** Sources of one user. */
export const MAX_POST_SOURCES = 20;
/** Bots that follow one source. */
export const MAX_FOLLOWERS = 10;
/** Versions of posts that one source may bring in a day. */
export const MAX_POSTS_PER_DAY = 2_000;

/** `telegram_channel`: the installation's bot is in the channel, or the owner's account reads it. `telegram_forward`: what its user forwards to the bot. `api`: a program of the user. */
export const POST_SOURCE_KINDS = ['api', 'telegram_channel', 'telegram_forward'] as const;
export type PostSourceKind = (typeof POST_SOURCE_KINDS)[number];

export interface PostSource {
  readonly id: string;
  readonly userId: string;
  readonly kind: PostSourceKind;
  /** As its user calls it. */
  readonly name: string;
  /** The channel; `null` for other kinds, and until the channel has shown the code. */
  readonly chatId: string | null;
  /** Bots that follow the calls of this source. */
  readonly botIds: readonly string[];
  readonly createdAt: number;
  /** The channel that the owner's account reads for it; `null` where it does not. */
  readonly reading: SourceReading | null;
}

export interface SourceReading {
  /** As it was named. */
  readonly channel: string;
  /** `null` until it was found. */
  readonly title: string | null;
  readonly isFound: boolean;
  /** Why it is not read; `null` while nothing is wrong. */
  readonly problem: ReadingProblem | null;
}

export type NewPostSource = Omit<PostSource, 'chatId' | 'createdAt' | 'reading'> & {
  /** The channel that the owner's account shall read for it, if any. */
  readonly channel: string | null;
  /** Of the code that the channel has to show, and until when it counts; `null` for other kinds. */
  readonly code: { readonly hash: string; readonly expiresAt: number } | null;
  readonly at: number;
};

/** One version of a post as it came. */
export interface PostRecord {
  readonly id: string;
  readonly sourceId: string;
  readonly userId: string;
  readonly messageId: string;
  /** 0 as first written; grows with every version. */
  readonly edit: number;
  readonly text: string;
  readonly replyTo: string | null;
  /** When its author wrote this version, and when it came here. */
  readonly postedAt: number;
  readonly receivedAt: number;
  /** Id of the first version that came: names the call for bots, whatever is edited. */
  readonly firstId: string;
  /** Whether its author has taken it back. */
  readonly isWithdrawn: boolean;
}

/** How a claim stands. `expired`: nothing confirmed it in time. */
export type ClaimStatus = 'unverified' | 'confirmed' | 'refuted' | 'expired';

/** What the live books last said about a claim. */
export interface ClaimCheck {
  readonly status: ClaimStatus;
  /** Between the books, before fees; `null` while there were none. */
  readonly liveSpread: string | null;
  /** Why it is not confirmed; empty otherwise. */
  readonly reason: string;
  readonly at: number;
}

/** What a bot that follows was told because of a result. */
export interface PostDeed {
  readonly botId: string;
  /** `signal`, `move_stop` and so on; empty where there was nothing to tell. */
  readonly command: string;
  readonly outcome: 'given' | 'refused';
  /** Why it was refused; empty otherwise. */
  readonly detail: string;
  readonly at: number;
}

export interface PostResult {
  readonly id: string;
  /** Its place in the post, from 0. */
  readonly position: number;
  readonly event: PostEvent | PostRefusal;
  /** Of claims of arbitrage. */
  readonly check: ClaimCheck | null;
  /** What the claim is as a signal, with figures of the live books alone; `null` unless they confirmed it. */
  readonly signal: Signal | null;
  readonly deeds: readonly PostDeed[];
}

export interface PostView extends PostRecord {
  readonly results: readonly PostResult[];
}

/** A claim whose turn it is to be held against live books. */
export interface DueClaim {
  readonly resultId: string;
  readonly claim: ArbitrageClaim;
  readonly postedAt: number;
  readonly receivedAt: number;
  readonly signal: Signal | null;
}

/** What its user is to be told of the signal of a claim. */
export type ClaimWord = { readonly kind: 'opened'; readonly opening: SignalOpening } | { readonly kind: 'closed'; readonly close: SignalClose };

export type NewPost = Omit<PostRecord, 'firstId' | 'isWithdrawn'> & {
  readonly results: readonly { readonly id: string; readonly event: PostEvent | PostRefusal }[];
  /** When claims are to be looked at first. */
  readonly checkAt: number;
};

export interface SourceChanges {
  readonly name?: string;
  readonly botIds?: readonly string[];
  /** `null`: the owner's account reads nothing for it any more. */
  readonly channel?: string | null;
}

export interface PostStore {
  /** `full` at {@link MAX_POST_SOURCES}, `too_many_read` at {@link MAX_READ_CHANNELS}; `foreign_bot` where a bot is not this user's. */
  addSource(source: NewPostSource): Promise<PostSource | 'full' | 'too_many_read' | 'foreign_bot'>;
  /** Changes who follows, the name, or the channel that is read. `null` when missing. */
  changeSource(userId: string, id: string, change: SourceChanges): Promise<PostSource | 'too_many_read' | 'foreign_bot' | null>;
  /** With its posts. `false` when missing. */
  removeSource(userId: string, id: string): Promise<boolean>;
  source(userId: string, id: string): Promise<PostSource | null>;
  /** Oldest first, no more than {@link MAX_POST_SOURCES}. */
  sources(userId: string): Promise<readonly PostSource[]>;
  /**
   * Ties the source whose code this is to the channel that has shown it; the code is void then. `null` too where another source of the same
   * user listens to that channel: one post would be two signals. Not reachable by users.
   */
  bindChannel(codeHash: string, chatId: string, at: number): Promise<PostSource | null>;
  /** All sources that listen to the channel, of everybody. Not reachable by users. */
  ofChannel(chatId: string): Promise<readonly PostSource[]>;
  /** Keeps a version with its results; `known` when that version is there, `full` when the source has brought too much in a day. */
  keep(post: NewPost): Promise<PostView | 'known' | 'full'>;
  list(userId: string, sourceId: string | null, page: PageRequest): Promise<Page<PostView>>;
  get(userId: string, id: string): Promise<PostView | null>;
  /** Versions of one message, newest first. */
  versions(sourceId: string, messageId: string): Promise<readonly PostView[]>;
  /** The newest version of the newest message of the source since then that calls this coin. */
  lastCall(sourceId: string, base: string, since: number): Promise<PostView | null>;
  /** Its author has taken it back: all versions. */
  withdraw(sourceId: string, messageId: string): Promise<void>;
  /** Notes what a bot was told; a deed noted before stays. */
  noteDeed(resultId: string, deed: PostDeed): Promise<void>;
  /** Claims whose turn it is, of everybody, no two callers the same ones for `holdMs`. Not reachable by users. */
  dueClaims(now: number, holdMs: number, limit: number): Promise<readonly DueClaim[]>;
  /** Notes what the books said, and tells its user of the signal with it: of each opening and close once. `nextAt` `null` ends the watching. */
  noteCheck(resultId: string, check: ClaimCheck, signal: Signal | null, nextAt: number | null, word: ClaimWord | null): Promise<void>;
  /** A confirmed claim of the user as a signal. */
  signal(userId: string, id: string): Promise<Signal | null>;
  /** Confirmed claims of a user as signals, the newest first. */
  signals(userId: string, state: Signal['state'] | null, page: PageRequest): Promise<Page<Signal>>;
  /** Those of everybody that are open, the newest first. Not reachable by users. */
  openSignals(limit: number): Promise<readonly { readonly userId: string; readonly signal: Signal }[]>;
}
