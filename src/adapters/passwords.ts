/**
 * The Passwords port: bcrypt with 12 rounds, computed on a thread of its own. bcrypt reads 72 bytes and ignores the rest,
 * so a longer password is never handed to it: hashing one is an error, and none matches.
 */
import bcrypt from 'bcrypt';
import type { Passwords } from '#core/ports.ts';

const ROUNDS = 12;
/** UTF-8 bytes, not characters. */
export const MAX_PASSWORD_BYTES = 72;

/** Hashing takes about a sixth of a second of one core. RangeError for a password over {@link MAX_PASSWORD_BYTES}. */
export function bcryptPasswords(): Passwords {
  return {
    hash: async (password) => {
      if (isTooLong(password)) throw new RangeError(`a password of more than ${MAX_PASSWORD_BYTES} bytes must be refused, not cut`);
      return await bcrypt.hash(password, ROUNDS);
    },
    matches: async (password, hash) => !isTooLong(password) && (await bcrypt.compare(password, hash)),
  };
}

function isTooLong(password: string): boolean {
  return Buffer.byteLength(password, 'utf8') > MAX_PASSWORD_BYTES;
}
