/**
 * Users of the installation.
 */
import type { UserRecord } from '#core/store/people.ts';
import type { Store } from '#core/store/store.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';
import { insertFirstNotices } from './notices.ts';
import { insertSubscription } from './subscriptions.ts';

const COLUMNS = 'id, email, password_hash as "passwordHash", role, created_at as "createdAt"';

/** The row of the installation is locked, so that of two first users one becomes owner. */
const CLAIM_OWNERSHIP = { name: 'claim_ownership', text: 'select has_owner as "hasOwner" from installation for update' };
const NOTE_OWNER = { name: 'note_owner', text: 'update installation set has_owner = true' };
const INSERT = {
  name: 'insert_user',
  text: `insert into users (id, email, password_hash, role, created_at) values ($1, $2, $3, $4, $5) on conflict (lower(email)) do nothing returning ${COLUMNS}`,
};
const COUNT = { name: 'count_users', text: 'select count(*) as count from users' };
const BY_EMAIL = { name: 'user_by_email', text: `select ${COLUMNS} from users where lower(email) = lower($1)` };
const BY_ID = { name: 'user_by_id', text: `select ${COLUMNS} from users where id = $1` };
const OWNER = { name: 'owner_of_installation', text: `select ${COLUMNS} from users where role = 'owner' order by created_at limit 1` };

export function usersOf(database: Database): Store['users'] {
  return {
    create: ({ id, email, passwordHash, at, language = 'en' }) =>
      database.transaction(async (session) => {
        const state = await session.row<{ hasOwner: boolean }>(CLAIM_OWNERSHIP);
        const isFirst = state?.hasOwner !== true;
        const user = await session.row<UserRecord>(INSERT, [id, email, passwordHash, isFirst ? 'owner' : 'user', at]);
        if (user === null) return null;
        await insertSubscription(session, id, at);
        if (isFirst) await session.write(NOTE_OWNER);
        await insertFirstNotices(session, { id, email, targetId: `${id}-email`, at, language });
        await note(database, session, { action: 'user_registered', subject: { kind: 'user', id }, ownerId: id, details: { role: user.role } });
        return user;
      }),
    count: async () => (await database.row<{ count: number }>(COUNT))?.count ?? 0,
    owner: () => database.row<UserRecord>(OWNER),
    byEmail: (email) => database.row<UserRecord>(BY_EMAIL, [email]),
    byId: (id) => database.row<UserRecord>(BY_ID, [id]),
  };
}
