/**
 * Refresh tokens, each good for one use. All that stem from one login form a family, and a second use of any of them ends
 * the family: either the user or a thief holds a copy, and we cannot tell which.
 */
import type { AuditAction, Deed } from '#core/audit.ts';
import type { Store } from '#core/store/store.ts';
import { note } from './audit.ts';
import type { Database, Session } from './database.ts';
import { noteLoginDevice } from './login-devices.ts';

interface Row {
  readonly userId: string;
  readonly familyId: string;
  readonly expiresAt: number;
  readonly usedAt: number | null;
  readonly revokedAt: number | null;
}

const INSERT = {
  name: 'insert_refresh_token',
  text: 'insert into refresh_tokens (id, user_id, family_id, token_hash, expires_at) values ($1, $2, $3, $4, $5)',
};
const ALIVE = {
  name: 'alive_sessions',
  text: `select distinct family_id as id from refresh_tokens
         where family_id = any ($1) and used_at is null and revoked_at is null and expires_at > $2`,
};
/** Held until the end of the transaction: rotating and revoking one family never overlap, so no successor slips past a revocation. */
const LOCK_FAMILY = {
  name: 'lock_refresh_family',
  text: 'select pg_advisory_xact_lock(hashtextextended(family_id, 0)) from refresh_tokens where token_hash = $1',
};
const FIND = {
  name: 'find_refresh_token',
  text: `select user_id as "userId", family_id as "familyId", expires_at as "expiresAt", used_at as "usedAt", revoked_at as "revokedAt"
         from refresh_tokens where token_hash = $1`,
};
const USE = { name: 'use_refresh_token', text: 'update refresh_tokens set used_at = $2 where token_hash = $1' };
const REVOKE_FAMILY = { name: 'revoke_refresh_family', text: 'update refresh_tokens set revoked_at = $2 where family_id = $1 and revoked_at is null' };

export function refreshTokensOf(database: Database): Store['refreshTokens'] {
  return {
    insert: (token, device) =>
      database.transaction(async (session) => {
        await session.write(INSERT, [token.id, token.userId, token.familyId, token.tokenHash, token.expiresAt]);
        if (device !== undefined) await noteLoginDevice(session, token.userId, device);
        await note(database, session, deedOf(token.userId, 'logged_in'));
      }),
    rotate: (tokenHash, next, at) =>
      database.transaction(async (session) => {
        const token = await lockAndFind(session, tokenHash);
        if (token === null) return { outcome: 'invalid' };
        if (token.usedAt !== null) {
          if ((await session.write(REVOKE_FAMILY, [token.familyId, at])) > 0) await note(database, session, deedOf(token.userId, 'session_closed_reuse'));
          return { outcome: 'reused' };
        }
        if (token.revokedAt !== null || token.expiresAt <= at) return { outcome: 'invalid' };
        await session.write(USE, [tokenHash, at]);
        await session.write(INSERT, [next.id, token.userId, token.familyId, next.tokenHash, next.expiresAt]);
        return { outcome: 'rotated', userId: token.userId, familyId: token.familyId };
      }),
    revokeFamilyOf: (tokenHash, at) =>
      database.transaction(async (session) => {
        const token = await lockAndFind(session, tokenHash);
        if (token !== null && (await session.write(REVOKE_FAMILY, [token.familyId, at])) > 0) await note(database, session, deedOf(token.userId, 'logged_out'));
        return token === null ? null : { userId: token.userId, familyId: token.familyId };
      }),
    aliveAmong: async (familyIds, at) => new Set((await database.rows<{ id: string }>(ALIVE, [familyIds, at])).map(({ id }) => id)),
  };
}

function deedOf(userId: string, action: AuditAction): Deed {
  return { action, subject: { kind: 'user', id: userId }, ownerId: userId, details: {} };
}

/** Reads after the lock was had, so that what the holder before has written is seen. */
async function lockAndFind(session: Session, tokenHash: string): Promise<Row | null> {
  await session.rows(LOCK_FAMILY, [tokenHash]);
  return session.row<Row>(FIND, [tokenHash]);
}
