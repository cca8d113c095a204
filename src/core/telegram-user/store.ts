/** The owner's session at Telegram and the channels that it reads, as they are kept: types only. */
import type { ChannelKey, ChannelPlace, FoundChannel, TelegramUserProblem } from './port.ts';

/** Channels that a session reads. More would be asked for less often than posts are worth. */
export const MAX_READ_CHANNELS = 10;

/** Only one process uses the session: the one that holds this lease. */
export const TELEGRAM_USER_LEASE = 'telegram:user';

/** `leaving`: it is to be ended at Telegram. `revoked`: it was ended there, and opens nothing any more. */
export type UserSessionStatus = 'active' | 'leaving' | 'revoked';

export interface UserSession {
  readonly id: string;
  readonly userId: string;
  /** As Telegram shows the account. */
  readonly name: string;
  /** Under the vault, in {@link sessionContext}. */
  readonly sealed: string;
  readonly keyVersion: number;
  readonly status: UserSessionStatus;
  readonly createdAt: number;
}

/** What a session is sealed for. */
export function sessionContext({ id, userId }: Pick<UserSession, 'id' | 'userId'>): string {
  return `telegram session ${id} of ${userId}`;
}

/** Why a channel is not read. `already_a_source`: another source of the user listens to it. `another_channel`: this source has posts of another one. */
export type ReadingProblem = TelegramUserProblem | 'already_a_source' | 'another_channel';

/** A channel that is read for a source. */
export interface ChannelReading {
  readonly sourceId: string;
  readonly userId: string;
  /** As its user named it: `@name`, or the id as the Bot API writes it. */
  readonly channel: string;
  /** `null` until it is found. */
  readonly found: (ChannelKey & { readonly chatId: string; readonly place: ChannelPlace }) | null;
  /** `null` while nothing is wrong. */
  readonly problem: ReadingProblem | null;
}

export interface TelegramUserStore {
  /** The session of this installation; there is one at most. */
  session(): Promise<UserSession | null>;
  /** Takes the place of one that was revoked; `false` while another is there. Noted in the audit log. */
  keep(session: Omit<UserSession, 'status'>): Promise<boolean>;
  /** `false` where it has that status already, or is gone: somebody else has noted it. */
  mark(id: string, status: 'leaving' | 'revoked'): Promise<boolean>;
  /** Forgets the session, and how its account knows channels: their next session finds them anew. Noted in the audit log. */
  drop(id: string): Promise<void>;
  /** Of one user, oldest source first. */
  readings(userId: string): Promise<readonly ChannelReading[]>;
  /** Ties the source to the channel that was found by this name; a problem where it cannot be. */
  bind(reading: Pick<ChannelReading, 'sourceId' | 'channel'>, found: FoundChannel): Promise<ReadingProblem | null>;
  /** How far it has been read; nothing where it is not read by this name any more. */
  move(reading: Pick<ChannelReading, 'sourceId' | 'channel'>, place: ChannelPlace): Promise<void>;
  note(reading: Pick<ChannelReading, 'sourceId' | 'channel'>, problem: ReadingProblem | null): Promise<void>;
}
