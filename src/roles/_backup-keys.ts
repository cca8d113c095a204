/** The keys of an installation on their way into a backup and out of it. */
import { placeSecret } from '#adapters/kept-secret.ts';
import type { InstallationKeys } from '#adapters/store/backup/seal.ts';
import { masterKeyBytes } from '#adapters/vault.ts';
import type { Config } from '#config';
import { AppError } from '#core/errors.ts';
import { openKeys } from './_keys.ts';

/** As configured or kept; the master key in the one form that files of keys have. */
export function keysToKeep(config: Config): InstallationKeys {
  const { masterKey, jwtSecret } = openKeys(config);
  return { masterKey: masterKeyBytes(masterKey).toString('base64'), jwtSecret };
}

/** Puts the keys of a backup where this installation keeps its own. Throws AppError `configuration_invalid` when it is configured with another master key. */
export function keepKeys(config: Config, keys: InstallationKeys): void {
  const configured = config.security.masterKey?.reveal();
  if (configured === undefined) placeSecret(config.data.directory, 'master.key', keys.masterKey);
  else if (!masterKeyBytes(configured).equals(masterKeyBytes(keys.masterKey)))
    throw new AppError(
      'configuration_invalid',
      'ARGOSY_MASTER_KEY is not the key of the backup, without which its exchange keys cannot be opened. `argosy restore --keys-only <directory> <file>` writes that key into a file for ARGOSY_MASTER_KEY_FILE.',
    );
  if (config.security.jwtSecret === null && isKept(keys.jwtSecret)) placeSecret(config.data.directory, 'jwt.secret', keys.jwtSecret);
}

/** Writes the keys into files of a directory; returns their paths. */
export function writeKeys(directory: string, { masterKey, jwtSecret }: InstallationKeys): readonly string[] {
  return [placeSecret(directory, 'master.key', masterKey), placeSecret(directory, 'jwt.secret', jwtSecret)];
}

/** A secret that was typed by hand has another form; sessions are not carried over, so a new one does as well. */
function isKept(secret: string): boolean {
  return Buffer.from(secret, 'base64').length === 32;
}
