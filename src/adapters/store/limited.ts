/** Work that users ask for and of which each may have only so much: what their asking is refused by. */
import type { Session, Statement } from './database.ts';

/** Two requests of a user at once must not both be the last that is allowed. */
const LOCK_USER = { name: 'lock_user_for_work', text: 'select id from users where id = $1 for no key update' };

/** Locks the user for the rest of the transaction. */
export async function lockUser(session: Session, userId: string): Promise<void> {
  await session.row(LOCK_USER, [userId]);
}

/** Which limit another one would break, of a user that is locked; `count` tells `kept` and `unfinished`. */
export async function brokenLimit(
  session: Session,
  count: Statement,
  values: readonly string[],
  limits: { readonly unfinished: number; readonly kept: number },
): Promise<'unfinished' | 'kept' | null> {
  const counts = await session.row<{ kept: number; unfinished: number }>(count, values);
  if (counts !== null && counts.unfinished >= limits.unfinished) return 'unfinished';
  return counts !== null && counts.kept >= limits.kept ? 'kept' : null;
}
