/** The one process that uses the owner's session at Telegram: it opens it, has its channels read, ends it when the owner wants so, and tells him when it was ended. */
import type { Clock, Log, Vault } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { TelegramUser, TelegramUsers } from '#core/telegram-user/port.ts';
import { sessionContext, type UserSession } from '#core/telegram-user/store.ts';
import type { ShiftWork } from '../fleet/shift.ts';
import type { ChannelIntake } from '../posts/channel-intake.ts';
import { ChannelReader, type ReaderStanding, UNREACHABLE_PAUSE_MS } from './channel-reader.ts';

/** How often it is looked whether there is a session, and what it shall read. */
export const LOOK_MS = 3_000;

export interface UserDeskParts {
  readonly store: Pick<Store, 'telegramUser' | 'posts' | 'facts'>;
  readonly users: TelegramUsers;
  readonly vault: Vault;
  readonly intake: Pick<ChannelIntake, 'take'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** `unopened`: the vault does not open it, as under another master key. */
export type DeskStanding = { readonly mode: 'no_session' | 'leaving' | 'revoked' | 'unopened' } | ({ readonly mode: 'reading' } & ReaderStanding);

interface Opened {
  readonly id: string;
  readonly user: TelegramUser;
  readonly reader: ChannelReader;
}

export class UserDesk implements ShiftWork {
  readonly #parts: UserDeskParts;
  #opened: Opened | null = null;
  #mode: Exclude<DeskStanding['mode'], 'reading'> = 'no_session';
  #isClosed = false;
  #loop: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(parts: UserDeskParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    this.#loop = this.#run();
  }

  /** The session stays alive at Telegram. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    await this.#leave();
    await this.#loop;
    // A look that was under way may have opened it anew.
    await this.#leave();
  }

  standing(): DeskStanding {
    return this.#opened === null ? { mode: this.#mode } : { mode: 'reading', ...this.#opened.reader.standing() };
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#pause(await this.#look());
      } catch (error) {
        if (this.#isClosed) return;
        this.#parts.log.warn({ err: error }, 'reading as a person at Telegram is interrupted; trying again');
        await this.#pause(LOOK_MS);
      }
    }
  }

  /** Returns how long to rest. */
  async #look(): Promise<number> {
    const { store } = this.#parts;
    const session = await store.telegramUser.session();
    if (session?.status === 'leaving') return this.#end(session);
    if (session === null || session.status === 'revoked') {
      this.#mode = session === null ? 'no_session' : 'revoked';
      await this.#leave();
      return LOOK_MS;
    }
    const { reader } = await this.#open(session);
    const reason = await reader.round(await store.telegramUser.readings(session.userId));
    if (reason === null) return Math.min(LOOK_MS, reader.restMs());
    await this.#revoked(session, reason);
    return LOOK_MS;
  }

  async #open(session: UserSession): Promise<Opened> {
    if (this.#opened?.id === session.id) return this.#opened;
    await this.#leave();
    const { users, vault, log } = this.#parts;
    this.#mode = 'unopened';
    const user = users.open(vault.open(session.sealed, sessionContext(session)));
    this.#opened = { id: session.id, user, reader: new ChannelReader({ ...this.#parts, user }) };
    log.info({ userId: session.userId }, 'channels are read as the owner at Telegram');
    return this.#opened;
  }

  /** Once: the fact has a name of its own, and after it the session is not opened again. */
  async #revoked({ id, userId, name }: UserSession, reason: string): Promise<void> {
    const { store, clock, log } = this.#parts;
    const at = clock.now();
    await store.facts.add({ dedupeKey: `telegram_session:${id}`, userId, botId: null, type: 'telegram_session_ended', data: { name, reason }, at });
    await store.telegramUser.mark(id, 'revoked');
    log.error({ userId, reason }, 'Telegram has ended the session: log in again with "argosy telegram login"');
    this.#mode = 'revoked';
    await this.#leave();
  }

  /** What Telegram has not heard of is tried again. */
  async #end(session: UserSession): Promise<number> {
    this.#mode = 'leaving';
    await this.#leave();
    const isEnded = await endSession(session, this.#parts);
    return isEnded ? 0 : UNREACHABLE_PAUSE_MS;
  }

  async #leave(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    await opened?.user.close();
  }

  #pause(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const callOff = this.#parts.clock.after(ms, resolve);
      this.#wake = () => {
        callOff();
        resolve();
      };
    });
  }
}

/** Ends a session at Telegram and forgets it; `false` when Telegram did not answer. For whoever holds the lease. */
export async function endSession(session: UserSession, { users, vault, store }: Pick<UserDeskParts, 'users' | 'vault' | 'store'>): Promise<boolean> {
  const user = users.open(vault.open(session.sealed, sessionContext(session)));
  try {
    const answer = await user.logOut();
    if (!answer.isOk && answer.problem !== 'revoked') return false;
    await store.telegramUser.drop(session.id);
    return true;
  } finally {
    await user.close();
  }
}
