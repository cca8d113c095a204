/** The server's half of how a key is agreed upon, step by step as the protocol describes it. */
import { constants, createDiffieHellman, createHash, generateKeyPairSync, type KeyObject, privateDecrypt, randomBytes } from 'node:crypto';
import { Long } from '@mtcute/core';
import { addPublicKey, generateKeyAndIvFromNonce, type ICryptoProvider, parsePublicKey } from '@mtcute/core/utils.js';
import { readerOf, readTl, type Tl, writeTl } from './wire.ts';

/** The prime that Telegram uses. @see https://core.telegram.org/mtproto/auth_key */
export const DH_PRIME = Buffer.from(
  'c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b',
  'hex',
);
/** A product of two primes, as in the documentation: 0x494C553B times 0x53911073. */
const PQ = Buffer.from('17ed48941a08f981', 'hex');
const GENERATOR = 3;

export interface ServerKey {
  readonly privateKey: KeyObject;
  readonly fingerprint: Long;
}

/** A key of the server that clients of this process know. The library does not find keys whose fingerprint begins with a zero. */
export function makeServerKey(crypto: ICryptoProvider): ServerKey {
  for (;;) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const { fingerprint } = parsePublicKey(crypto, pem);
    if (fingerprint.startsWith('0')) continue;
    addPublicKey(crypto, pem);
    return { privateKey, fingerprint: Long.fromString(fingerprint, true, 16) };
  }
}

/** One agreement on one connection; `take` answers each message, and has the key after the last. */
export class Handshake {
  authKey: Buffer | null = null;
  readonly #crypto: ICryptoProvider;
  readonly #key: ServerKey;
  readonly #serverNonce = randomBytes(16);
  readonly #exchange = createDiffieHellman(DH_PRIME, GENERATOR);
  #newNonce: Uint8Array = new Uint8Array();

  constructor(crypto: ICryptoProvider, key: ServerKey) {
    this.#crypto = crypto;
    this.#key = key;
  }

  take(message: Tl): Tl {
    const nonce = message['nonce'] as Uint8Array;
    const names = { nonce, serverNonce: this.#serverNonce };
    if (message._ === 'mt_req_pq_multi') return { _: 'mt_resPQ', ...names, pq: PQ, serverPublicKeyFingerprints: [this.#key.fingerprint] };
    if (message._ === 'mt_req_DH_params') return { _: 'mt_server_DH_params_ok', ...names, encryptedAnswer: this.#offer(names, message) };
    if (message._ === 'mt_set_client_DH_params') return { _: 'mt_dh_gen_ok', ...names, newNonceHash1: this.#agree(message) };
    throw new Error(`${message._} is no part of a handshake`);
  }

  /** Undoes RSA_PAD, and answers with our half of the exchange. */
  #offer(names: Readonly<Record<string, Uint8Array>>, message: Tl): Uint8Array {
    const padded = privateDecrypt({ key: this.#key.privateKey, padding: constants.RSA_NO_PADDING }, message['encryptedData'] as Uint8Array);
    const sealed = padded.subarray(32);
    const digest = sha256(sealed);
    const key = Buffer.from(padded.subarray(0, 32).map((byte, index) => byte ^ (digest[index] ?? 0)));
    const opened = Buffer.from(this.#crypto.createAesIge(key, Buffer.alloc(32)).decrypt(sealed));
    const data = Buffer.from(opened.subarray(0, 192)).reverse();
    this.#newNonce = readTl(readerOf(data))['newNonce'] as Uint8Array;
    const gA = this.#exchange.generateKeys();
    const inner = { _: 'mt_server_DH_inner_data', ...names, g: GENERATOR, dhPrime: DH_PRIME, gA, serverTime: Math.floor(Date.now() / 1_000) };
    const written = writeTl(inner);
    const plain = Buffer.concat([sha1(written), written]);
    return this.#secret().encrypt(Buffer.concat([plain, randomBytes((16 - (plain.length % 16)) % 16)]));
  }

  #agree(message: Tl): Uint8Array {
    const inner = readTl(readerOf(Buffer.from(this.#secret().decrypt(message['encryptedData'] as Uint8Array)).subarray(20)));
    const shared = this.#exchange.computeSecret(inner['gB'] as Uint8Array);
    this.authKey = Buffer.concat([Buffer.alloc(256 - shared.length), shared]);
    return sha1(Buffer.concat([this.#newNonce, Buffer.from([1]), sha1(this.authKey).subarray(0, 8)])).subarray(4, 20);
  }

  #secret(): ReturnType<ICryptoProvider['createAesIge']> {
    const [key, iv] = generateKeyAndIvFromNonce(this.#crypto, this.#serverNonce, this.#newNonce);
    return this.#crypto.createAesIge(key, iv);
  }
}

export function sha1(data: Uint8Array): Buffer {
  return createHash('sha1').update(data).digest();
}

export function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
