/** The port of a person's own account at Telegram (MTProto), types only: logging in and out, and reading chosen channels. It cannot send or join. */
import type { ChannelNews } from '../posts/channel-news.ts';

/** Why a call came to nothing. */
export type TelegramUserProblem =
  /** Nothing more may be asked before `retryAfterMs` is over. */
  | 'wait'
  /** The session was ended, or the account is gone: only a new login helps. */
  | 'revoked'
  /** There is no such channel. */
  | 'no_channel'
  /** The account may not read the channel (any more). */
  | 'no_access'
  /** It is a person, a group or a chat of a group. */
  | 'not_a_channel'
  /** Telegram does not know this api id, or the hash is not its. */
  | 'api_refused'
  | 'phone_refused'
  | 'code_refused'
  | 'password_refused'
  /** Telegram refuses for a reason that is not expected; `description` is its own word for it. */
  | 'refused'
  /** No answer in time, or no connection. Asking again does no harm. */
  | 'unreachable';

export type TelegramUserAnswer<Result> =
  | { readonly isOk: true; readonly result: Result }
  | { readonly isOk: false; readonly problem: TelegramUserProblem; readonly description: string; readonly retryAfterMs: number | null };

/** How Telegram knows a channel; the hash belongs to one account. Decimal texts. */
export interface ChannelKey {
  readonly channelId: string;
  readonly accessHash: string;
}

/** How far a channel has been read: Telegram's own count of its events, and the newest message. */
export interface ChannelPlace {
  readonly pts: number;
  readonly lastMessageId: number;
}

export interface FoundChannel extends ChannelKey {
  /** As the Bot API writes it. */
  readonly chatId: string;
  readonly title: string;
  /** Where reading begins: what was said before is not news. */
  readonly place: ChannelPlace;
}

export interface ChannelChanges {
  /** In the sequence of happening. */
  readonly news: readonly ChannelNews[];
  readonly place: ChannelPlace;
  /** Whether nothing more waits. */
  readonly isFinal: boolean;
  /** When Telegram wants to be asked again; `null` where it does not say. */
  readonly nextAfterMs: number | null;
  /** So much had happened that only the newest posts could be fetched. */
  readonly hasGap: boolean;
}

/** A session that reads. Never throws; the session, and what is read, appear in nothing it logs. */
export interface TelegramUser {
  /** By `@name`, or by id as the Bot API writes it: an id is looked for among the chats of the account. */
  find(channel: string): Promise<TelegramUserAnswer<FoundChannel>>;
  changes(key: ChannelKey, place: ChannelPlace): Promise<TelegramUserAnswer<ChannelChanges>>;
  /** Ends the session at Telegram: it opens nothing any more. */
  logOut(): Promise<TelegramUserAnswer<null>>;
  close(): Promise<void>;
}

export type CodeWay = 'app' | 'sms' | 'call' | 'other';

export interface MadeSession {
  readonly session: string;
  /** As Telegram shows the account. */
  readonly name: string;
}

/** A login under way: phone, then code, then the password where the account has one. Never throws. */
export interface TelegramLogin {
  askCode(phone: string): Promise<TelegramUserAnswer<CodeWay>>;
  enterCode(code: string): Promise<TelegramUserAnswer<'in' | 'password_needed'>>;
  enterPassword(password: string): Promise<TelegramUserAnswer<'in'>>;
  /** Once in: hands over everything needed to open the session elsewhere, a secret, and what the account is called. */
  finish<Result>(keep: (made: MadeSession) => Promise<Result>): Promise<Result>;
  /** A session that was made and not kept is ended at Telegram. */
  close(): Promise<void>;
}

export interface TelegramUsers {
  logIn(): TelegramLogin;
  /** Opens nothing before the first call. */
  open(session: string): TelegramUser;
}
