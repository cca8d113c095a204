/**
 * An account's keys between the vault and the venue: sealed before they are stored, opened only to make a session.
 */

import type { Vault } from '#core/ports.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { Credentials } from '#core/venue-ports.ts';

/** Seals keys for one account of one user; a text moved to another account does not open there. */
export function sealCredentials(
  vault: Vault,
  userId: string,
  accountId: string,
  exchange: string,
  credentials: Credentials,
): { readonly sealed: string; readonly keyVersion: number; readonly keyHint: string; readonly keyFingerprint: string } {
  const { sealed, keyVersion } = vault.seal(JSON.stringify(credentials), contextOf(userId, accountId));
  return { sealed, keyVersion, keyHint: credentials.apiKey.slice(-4), keyFingerprint: vault.fingerprint(credentials.apiKey, `api key/${exchange}`) };
}

/** The keys of an account, or `null` for a venue that needs none. */
export function openCredentials(vault: Vault, account: Pick<AccountRecord, 'id' | 'userId' | 'sealed'>): Credentials | null {
  return account.sealed === null ? null : (JSON.parse(vault.open(account.sealed, contextOf(account.userId, account.id))) as Credentials);
}

function contextOf(userId: string, accountId: string): string {
  return `credentials/${userId}/${accountId}`;
}
