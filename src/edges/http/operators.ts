/**
 * Who may see how the installation works inside: whoever is on the server's own machine, its owner, and whoever has the
 * token that was made for watching.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { AppError } from '#core/errors.ts';
import type { Store } from '#core/store/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import { isLocal } from './local-request.ts';

export interface OperatorParts {
  readonly store: Pick<Store, 'users'>;
  readonly accessTokens: AccessTokens;
  /** A token that opens what is for watching and nothing else; `null` when none was made. */
  readonly watchToken: string | null;
}

/** Whether a request may see figures of the installation. Throws PortError when the database has to be asked and does not answer. */
export async function isOperator(request: FastifyRequest, parts: OperatorParts): Promise<boolean> {
  if (isLocal(request)) return true;
  const { authorization } = request.headers;
  const token = /^Bearer (\S{1,4096})$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return false;
  if (parts.watchToken !== null && timingSafeEqual(digest(token), digest(parts.watchToken))) return true;
  const userId = await userOf(authorization, parts.accessTokens);
  return userId !== null && (await isOwner(userId, parts.store));
}

/** Throws AppError `forbidden` for everybody but the owner. */
export async function requireOwner(userId: string, store: Pick<Store, 'users'>): Promise<void> {
  if (!(await isOwner(userId, store))) throw new AppError('forbidden', 'Only the owner of this installation may do this.');
}

/** Whether a user is the owner of this installation. */
export async function isOwner(userId: string, store: Pick<Store, 'users'>): Promise<boolean> {
  return (await store.users.byId(userId))?.role === 'owner';
}

async function userOf(authorization: string | undefined, accessTokens: AccessTokens): Promise<string | null> {
  try {
    return await accessTokens.userOf(authorization);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** Of equal length whatever is given, so that comparing tells nothing. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
