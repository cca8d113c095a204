/**
 * What a passphrase does for a backup: it seals the installation's secrets inside, and marks the whole file so that a
 * damaged or changed one is recognised before anything is read from it.
 */
import { createCipheriv, createDecipheriv, createHmac, type Hmac, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { refusal } from './refusal.ts';

/** 128 MiB and about half a second for each guess. */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const;
const MAX_MEMORY = 256 * 1024 * 1024;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const IV_BYTES = 12;
/** Length of the mark at the end of the file. */
export const MARK_BYTES = 32;

const derive = promisify<string, Buffer, number, typeof COST & { maxmem: number }, Buffer>(scrypt);

/** What an installation cannot be restored without, beside its database. Base64 texts. */
export interface InstallationKeys {
  readonly masterKey: string;
  readonly jwtSecret: string;
}

/** As it stands in the file. */
export interface Sealed {
  readonly kdf: 'scrypt';
  readonly salt: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

export interface Seal {
  /** Marks the file; every byte before the mark goes through it. */
  mark(): Hmac;
}

export async function sealKeys(keys: InstallationKeys, passphrase: string): Promise<Seal & { readonly sealed: Sealed }> {
  const salt = randomBytes(SALT_BYTES);
  const { sealing, marking } = await keysOf(passphrase, salt);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealing, iv);
  const data = Buffer.concat([cipher.update(JSON.stringify(keys), 'utf8'), cipher.final()]);
  const text = (bytes: Buffer): string => bytes.toString('base64');
  return {
    sealed: { kdf: 'scrypt', salt: text(salt), iv: text(iv), tag: text(cipher.getAuthTag()), data: text(data) },
    mark: () => createHmac('sha256', marking),
  };
}

/** PortError `configuration_invalid` when the passphrase is another. */
export async function openKeys(sealed: Sealed, passphrase: string): Promise<Seal & { readonly keys: InstallationKeys }> {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  const { sealing, marking } = await keysOf(passphrase, bytes(sealed.salt));
  const decipher = createDecipheriv('aes-256-gcm', sealing, bytes(sealed.iv));
  try {
    decipher.setAuthTag(bytes(sealed.tag));
    const text = Buffer.concat([decipher.update(bytes(sealed.data)), decipher.final()]).toString('utf8');
    return { keys: JSON.parse(text) as InstallationKeys, mark: () => createHmac('sha256', marking) };
  } catch (cause) {
    throw refusal('the passphrase does not open this backup: it is another one, or the file is damaged', cause);
  }
}

async function keysOf(passphrase: string, salt: Buffer): Promise<{ readonly sealing: Buffer; readonly marking: Buffer }> {
  const both = await derive(passphrase.normalize('NFKC'), salt, 2 * KEY_BYTES, { ...COST, maxmem: MAX_MEMORY });
  return { sealing: both.subarray(0, KEY_BYTES), marking: both.subarray(KEY_BYTES) };
}
