/** The server's half of a password that never travels (SRP). @see https://core.telegram.org/api/srp */
import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { Long } from '@mtcute/core';
import { DH_PRIME } from './handshake.ts';
import { made, type Tl } from './wire.ts';

const G = 3;
const [SALT_1, SALT_2] = [Buffer.from('salt one'), Buffer.from('salt two')];

export class PasswordCheck {
  readonly #verifier: bigint;
  readonly #secret = BigInt(`0x${randomBytes(256).toString('hex')}`);
  readonly #offered: Buffer;

  constructor(password: string) {
    const inner = sha256(SALT_2, sha256(SALT_1, Buffer.from(password), SALT_1), SALT_2);
    const x = sha256(SALT_2, pbkdf2Sync(inner, SALT_1, 100_000, 64, 'sha512'), SALT_2);
    this.#verifier = power(BigInt(G), number(x));
    this.#offered = bytes((multiplier() * this.#verifier + power(BigInt(G), this.#secret)) % PRIME);
  }

  offer(): Tl {
    const currentAlgo = {
      ...{ _: 'passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow', salt1: SALT_1, salt2: SALT_2, g: G, p: DH_PRIME },
    };
    const unknown = { newAlgo: { _: 'passwordKdfAlgoUnknown' }, newSecureAlgo: { _: 'securePasswordKdfAlgoUnknown' } };
    return made('account.password', { hasPassword: true, currentAlgo, srpB: this.#offered, srpId: Long.fromNumber(7), ...unknown });
  }

  /** Whether whoever answers knows the password. */
  isProvenBy({ A: a, M1: proof }: Readonly<Record<string, unknown>>): boolean {
    const u = number(sha256(a as Buffer, this.#offered));
    const shared = sha256(bytes(power(number(a as Buffer) * power(this.#verifier, u), this.#secret)));
    const mixed = sha256(DH_PRIME).map((byte, index) => byte ^ (sha256(bytes(BigInt(G)))[index] ?? 0));
    return sha256(Buffer.from(mixed), sha256(SALT_1), sha256(SALT_2), a as Buffer, this.#offered, shared).equals(Buffer.from(proof as Uint8Array));
  }
}

const PRIME = number(DH_PRIME);

function multiplier(): bigint {
  return number(sha256(DH_PRIME, bytes(BigInt(G))));
}

function number(data: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(data).toString('hex')}`);
}

function bytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(512, '0'), 'hex');
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = base % PRIME;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * factor) % PRIME;
    factor = (factor * factor) % PRIME;
  }
  return result;
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
