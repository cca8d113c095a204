/**
 * The Vault port: AES-256-GCM in envelopes. Each secret has a random key of its own, wrapped by the master key; the
 * context is authenticated with both, so a sealed text opens only where it was sealed for. The version of the master key
 * stands in the text, so keys can be changed one secret at a time.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { PortError } from '#core/errors.ts';
import type { Vault } from '#core/ports.ts';

export interface MasterKey {
  /** Grows with every change of the key; from 1. */
  readonly version: number;
  /** 32 bytes in base64 or hexadecimal. */
  readonly key: string;
}

const ALGORITHM = 'aes-256-gcm';
const FIRST_VERSION = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Name of the format, first part of every sealed text. */
const FORMAT = 'a1';

/**
 * Seals with a master key (32 bytes in base64 or hexadecimal) and opens what it or any of the former keys has sealed.
 * PortError `configuration_invalid` for a key that is not 32 bytes, and for a text that cannot be opened.
 */
export function aesVault(masterKey: string, version = FIRST_VERSION, former: readonly MasterKey[] = []): Vault {
  const current = { version, key: masterKey };
  const keys = new Map([...former, current].map(({ version, key }) => [version, masterKeyBytes(key)]));
  const currentKey = masterKeyBytes(current.key);
  // Of the oldest key there is, so that it stays the same when the master key changes.
  const oldest = keys.get(Math.min(...keys.keys())) ?? currentKey;
  const fingerprintKey = Buffer.from(hkdfSync('sha256', oldest, '', 'argosy/fingerprint', KEY_BYTES));
  return {
    fingerprint: (secret, purpose) =>
      createHmac('sha256', fingerprintKey)
        .update(JSON.stringify([purpose, secret]))
        .digest('base64url'),
    seal: (plaintext, context) => {
      const dataKey = randomBytes(KEY_BYTES);
      const parts = [
        encrypt(currentKey, dataKey, wrapContext(current.version, context)),
        encrypt(dataKey, Buffer.from(plaintext, 'utf8'), dataContext(context)),
      ];
      dataKey.fill(0);
      return { sealed: [FORMAT, current.version, ...parts.map((part) => part.toString('base64url'))].join('.'), keyVersion: current.version };
    },
    open: (sealed, context) => {
      const [format, version = '', wrapped = '', data = '', ...rest] = sealed.split('.');
      if (format !== FORMAT || !/^\d+$/.test(version) || rest.length > 0) throw refusal('a sealed secret is damaged: it is not in the form it was written in');
      const key = keys.get(Number(version));
      if (key === undefined) throw refusal(`a secret was sealed with master key ${version}, which is not given here`);
      const dataKey = decrypt(
        key,
        wrapped,
        wrapContext(Number(version), context),
        'the master key is not the one it was sealed with, or it was sealed for something else',
      );
      return decrypt(dataKey, data, dataContext(context), 'its text was changed').toString('utf8');
    },
  };
}

function wrapContext(version: number, context: string): string {
  return `argosy/key/${version}/${context}`;
}

function dataContext(context: string): string {
  return `argosy/data/${context}`;
}

/** The bytes of a master key in base64 or hexadecimal. PortError `configuration_invalid` when it is not one. */
export function masterKeyBytes(text: string): Buffer {
  const trimmed = text.trim();
  const key = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed) ? trimmed : '', 'base64');
  if (key.length !== KEY_BYTES) throw refusal('the master key must be 32 bytes in base64 or hexadecimal; make one with "openssl rand -base64 32"');
  return key;
}

function encrypt(key: Buffer, plaintext: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, text: string, context: string, problem: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  try {
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    // The cipher's own words say nothing more, and its objects are better not carried around.
    throw refusal(`a sealed secret cannot be opened: ${problem}`);
  }
}

function refusal(message: string): PortError {
  return new PortError('configuration_invalid', message, { outcome: 'failed' });
}
