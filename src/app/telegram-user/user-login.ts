/** The owner's session at Telegram as commands begin and end it. */
import { AppError } from '#core/errors.ts';
import type { Clock, Ids, Vault } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { MadeSession, TelegramUsers } from '#core/telegram-user/port.ts';
import { sessionContext, TELEGRAM_USER_LEASE, type UserSession } from '#core/telegram-user/store.ts';
import { LEASE_TERM_MS } from '../fleet/lease-keeper.ts';
import { endSession } from './user-desk.ts';

/** How long a command waits for the process that has the session. */
export const END_PATIENCE_MS = LEASE_TERM_MS + 30_000;
const LOOK_AGAIN_MS = 500;

export interface UserLoginParts {
  readonly store: Pick<Store, 'telegramUser' | 'users' | 'leases' | 'posts' | 'facts'>;
  readonly users: TelegramUsers;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Whether a session may be begun, and for whom: the owner. Throws AppError `not_found` before there is one, `validation_failed` while a session is there. */
export async function mayLogIn({ store }: Pick<UserLoginParts, 'store'>): Promise<{ readonly userId: string; readonly email: string }> {
  const owner = await store.users.owner();
  if (owner === null) throw new AppError('not_found', 'There is no owner yet. Make the first account: argosy user add.');
  const session = await store.telegramUser.session();
  if (session !== null && session.status !== 'revoked') throw present(session.name);
  return { userId: owner.id, email: owner.email };
}

/** Keeps what a login has made, sealed. Throws AppError `validation_failed` where another was quicker. */
export async function keepSession(userId: string, made: MadeSession, parts: UserLoginParts): Promise<void> {
  const { store, vault, clock, ids } = parts;
  const id = ids.next();
  const kept = { id, userId, name: made.name, ...vault.seal(made.session, sessionContext({ id, userId })), createdAt: clock.now() };
  if (!(await store.telegramUser.keep(kept))) throw present(made.name);
}

/**
 * Ends the session at Telegram and forgets it: by the process that has it, or here where none runs. `none` where there is no session; `waiting`
 * where Telegram could not be reached: then it will be ended as soon as it can be.
 */
export async function endUserSession(parts: UserLoginParts): Promise<'ended' | 'none' | 'waiting'> {
  const { store, clock, ids } = parts;
  const session = await store.telegramUser.session();
  if (session === null) return 'none';
  if (session.status === 'revoked') {
    await store.telegramUser.drop(session.id);
    return 'ended';
  }
  await store.telegramUser.mark(session.id, 'leaving');
  const owner = ids.next();
  for (const until = clock.now() + END_PATIENCE_MS; clock.now() < until; ) {
    if (await isGone(session, parts)) return 'ended';
    const lease = await store.leases.acquire(TELEGRAM_USER_LEASE, owner, LEASE_TERM_MS * 2);
    if (lease !== null) {
      const isEnded = await endSession(session, parts).finally(() => store.leases.release(lease));
      return isEnded ? 'ended' : 'waiting';
    }
    await new Promise<void>((resolve) => clock.after(LOOK_AGAIN_MS, resolve));
  }
  return (await isGone(session, parts)) ? 'ended' : 'waiting';
}

/** Forgets the session without a word to Telegram, where it goes on until the owner ends it in an app of his. */
export async function forgetUserSession(store: Pick<Store, 'telegramUser'>): Promise<boolean> {
  const session = await store.telegramUser.session();
  if (session !== null) await store.telegramUser.drop(session.id);
  return session !== null;
}

async function isGone({ id }: UserSession, { store }: Pick<UserLoginParts, 'store'>): Promise<boolean> {
  return (await store.telegramUser.session())?.id !== id;
}

function present(name: string): AppError {
  return new AppError('validation_failed', `There is a session already, of ${name}. End it first: argosy telegram logout.`);
}
