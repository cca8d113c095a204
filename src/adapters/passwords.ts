/**
 * The Passwords port: bcrypt with 12 rounds, computed on a thread of its own. bcrypt reads 72 bytes and ignores the rest,
 * so a longer password is never handed to it: hashing one is an error, and none matches.
 */
import bcrypt from 'bcrypt';
import type { Passwords } from '#core/ports.ts';

const ROUNDS = 12;
/**
 * Hashes of one process at the same time; more wait. Node has four threads for such work, and with all of them hashing
 * everything else that needs one (names, files, other cryptography) would wait behind a queue of logins.
 */
export const HASHES_AT_ONCE = 2;
/** UTF-8 bytes, not characters. */
export const MAX_PASSWORD_BYTES = 72;

/** Hashing takes about a sixth of a second of one core. RangeError for a password over {@link MAX_PASSWORD_BYTES}. */
export function bcryptPasswords(): Passwords {
  const inTurn = turns(HASHES_AT_ONCE);
  return {
    hash: async (password) => {
      if (isTooLong(password)) throw new RangeError(`a password of more than ${MAX_PASSWORD_BYTES} bytes must be refused, not cut`);
      return await inTurn(() => bcrypt.hash(password, ROUNDS));
    },
    matches: async (password, hash) => !isTooLong(password) && (await inTurn(() => bcrypt.compare(password, hash))),
  };
}

/** Runs as many at once as there are turns, the others in the sequence of asking. */
function turns(count: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

function isTooLong(password: string): boolean {
  return Buffer.byteLength(password, 'utf8') > MAX_PASSWORD_BYTES;
}
