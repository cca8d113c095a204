/** The cryptography that the MTProto library wants: Node's own, and a small WebAssembly module for the one mode (IGE) that Node has not. */
import { createCipheriv, createDecipheriv, createHash, createHmac, pbkdf2, randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { deflateSync, unzipSync } from 'node:zlib';
import { BaseCryptoProvider, type IAesCtr, type ICryptoProvider, type IEncryptionScheme } from '@mtcute/core/utils.js';
import { getWasmUrl, ige256Decrypt, ige256Encrypt, initSync } from '@mtcute/wasm';

/** What one packed answer may unpack to. */
const MAX_UNPACKED_BYTES = 16 * 1_024 * 1_024;
const derive = promisify(pbkdf2);

export class NodeCrypto extends BaseCryptoProvider implements ICryptoProvider {
  initialize(): void {
    initSync(readFileSync(getWasmUrl()));
  }

  sha1(data: Uint8Array): Uint8Array {
    return createHash('sha1').update(data).digest();
  }

  sha256(data: Uint8Array): Uint8Array {
    return createHash('sha256').update(data).digest();
  }

  pbkdf2(password: Uint8Array, salt: Uint8Array, iterations: number, keyLength = 64, algorithm = 'sha512'): Promise<Uint8Array> {
    return derive(password, salt, iterations, keyLength, algorithm);
  }

  hmacSha256(data: Uint8Array, key: Uint8Array): Uint8Array {
    return createHmac('sha256', key).update(data).digest();
  }

  createAesCtr(key: Uint8Array, iv: Uint8Array, isEncrypting: boolean): IAesCtr {
    const cipher = (isEncrypting ? createCipheriv : createDecipheriv)(`aes-${key.length * 8}-ctr`, key, iv);
    return { process: (data) => cipher.update(data) };
  }

  createAesIge(key: Uint8Array, iv: Uint8Array): IEncryptionScheme {
    return { encrypt: (data) => ige256Encrypt(data, key, iv), decrypt: (data) => ige256Decrypt(data, key, iv) };
  }

  /** `null` where packing would not make it smaller than that. */
  gzip(data: Uint8Array, maxSize: number): Uint8Array | null {
    const packed = deflateSync(data);
    return packed.length > maxSize ? null : packed;
  }

  gunzip(data: Uint8Array): Uint8Array {
    return unzipSync(data, { maxOutputLength: MAX_UNPACKED_BYTES });
  }

  randomFill(bytes: Uint8Array): void {
    randomFillSync(bytes);
  }
}
