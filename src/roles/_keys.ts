/** The two keys of an installation: as configured, or made once and kept in the data directory. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { keptSecret } from '#adapters/kept-secret.ts';
import type { Config } from '#config';

const KEY_REFUSAL =
  'the exchange keys in the database cannot be opened without it. Restore it from a backup, or set ARGOSY_MASTER_KEY to a new key and enter the exchange keys again';

/** Base64 texts. PortError `configuration_invalid` where a kept key is missing although data depends on it. */
export function openKeys(config: Config): { readonly masterKey: string; readonly jwtSecret: string } {
  const { directory } = config.data;
  const hasData = config.database.url === null && existsSync(join(directory, 'postgres'));
  return {
    masterKey: config.security.masterKey?.reveal() ?? keptSecret({ directory, name: 'master.key', refusal: hasData ? KEY_REFUSAL : null }),
    jwtSecret: config.security.jwtSecret?.reveal() ?? keptSecret({ directory, name: 'jwt.secret', refusal: null }),
  };
}
