/** One connection of a client as the server has it: frames, the handshake, and messages under the agreed key. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Long } from '@mtcute/core';
import { createAesIgeForMessage, type ICryptoProvider, type TlBinaryReader } from '@mtcute/core/utils.js';
import { Handshake, type ServerKey, sha1, sha256 } from './handshake.ts';
import { readerOf, readTl, type Tl, writeTl } from './wire.ts';

const CONTAINER = 0x73_f1_f8_dc;
const PACKED = 0x30_72_cf_a1;
const RESULT = 0xf3_5c_6d_01;
const TAG_BYTES = 4;

export interface ConnectionParts {
  readonly crypto: ICryptoProvider;
  readonly key: ServerKey;
  /** All keys that were agreed upon, by their ids in hexadecimal. */
  readonly authKeys: Map<string, Buffer>;
  /** Ids of all requests that have arrived, by whichever connection. */
  readonly received: Set<string>;
  /** `null` leaves the request without an answer. */
  readonly answer: (request: Tl, keyId: string) => Promise<Tl | null>;
}

export class Connection {
  readonly #parts: ConnectionParts;
  readonly #socket: Socket;
  #handshake: Handshake | null = null;
  #buffered: Buffer = Buffer.alloc(0);
  #isTagged = false;
  #lastId = 0n;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.on('data', (data) => this.#take(Buffer.from(data)));
    socket.on('error', () => socket.destroy());
  }

  #take(data: Buffer): void {
    this.#buffered = Buffer.concat([this.#buffered, data]);
    if (!this.#isTagged && this.#buffered.length >= TAG_BYTES) {
      this.#isTagged = true;
      this.#buffered = this.#buffered.subarray(TAG_BYTES);
    }
    while (this.#isTagged && this.#buffered.length >= 4 && this.#buffered.length >= 4 + this.#buffered.readUInt32LE(0)) {
      const end = 4 + this.#buffered.readUInt32LE(0);
      const frame = Buffer.from(this.#buffered.subarray(4, end));
      this.#buffered = Buffer.from(this.#buffered.subarray(end));
      this.#frame(frame);
    }
  }

  #frame(frame: Buffer): void {
    if (frame.readBigUInt64LE(0) === 0n) this.#plain(frame);
    else this.#sealed(frame);
  }

  #plain(frame: Buffer): void {
    const message = readTl(readerOf(frame.subarray(20)));
    this.#handshake ??= new Handshake(this.#parts.crypto, this.#parts.key);
    const body = writeTl(this.#handshake.take(message));
    const head = Buffer.alloc(20);
    head.writeBigUInt64LE(this.#nextId(), 8);
    head.writeUInt32LE(body.length, 16);
    this.#write(Buffer.concat([head, body]));
    const { authKey } = this.#handshake;
    if (authKey === null) return;
    this.#parts.authKeys.set(keyIdOf(authKey), authKey);
    this.#handshake = null;
  }

  #sealed(frame: Buffer): void {
    const keyId = frame.subarray(0, 8).toString('hex');
    const key = this.#parts.authKeys.get(keyId);
    // As Telegram does for a key that it does not know.
    if (key === undefined) return this.#write(int32(-404));
    const messageKey = frame.subarray(8, 24);
    const inner = Buffer.from(createAesIgeForMessage(this.#parts.crypto, key, messageKey, true).decrypt(frame.subarray(24)));
    if (
      !sha256(Buffer.concat([key.subarray(88, 120), inner]))
        .subarray(8, 24)
        .equals(messageKey)
    )
      throw new Error('a message under another key');
    const reader = readerOf(inner);
    reader.seek(8);
    const sessionId = reader.long();
    const messageId = reader.long(true);
    reader.seek(8);
    this.#message(reader, messageId, { keyId, key, sessionId });
  }

  #message(reader: TlBinaryReader, messageId: Long, session: Session): void {
    const kind = reader.peekUint();
    if (kind === CONTAINER) {
      reader.uint();
      for (let count = reader.uint(); count > 0; count -= 1) {
        const innerId = reader.long(true);
        reader.seek(4);
        this.#message(readerOf(Buffer.from(reader.raw(reader.uint()))), innerId, session);
      }
      return;
    }
    if (kind === PACKED) {
      reader.uint();
      return this.#message(readerOf(this.#parts.crypto.gunzip(reader.bytes())), messageId, session);
    }
    void this.#request(readTl(reader), messageId, session);
  }

  async #request(message: Tl, messageId: Long, session: Session): Promise<void> {
    if (message._ === 'mt_msgs_state_req') return this.#state(message['msgIds'] as readonly Long[], messageId, session);
    if (message._ === 'mt_ping_delay_disconnect' || message._ === 'mt_ping')
      return this.#send(writeTl({ _: 'mt_pong', msgId: messageId, pingId: message['pingId'] }), session);
    if (message._ === 'mt_get_future_salts')
      return this.#send(writeTl({ _: 'mt_future_salts', reqMsgId: messageId, now: Math.floor(Date.now() / 1_000), salts: [] }), session);
    if (message._.startsWith('mt_')) return;
    this.#parts.received.add(messageId.toUnsigned().toString());
    const answer = await this.#parts.answer(bare(message), session.keyId);
    if (answer === null) return;
    const head = Buffer.alloc(12);
    head.writeUInt32LE(RESULT, 0);
    head.set(messageId.toBytesLE(), 4);
    this.#send(Buffer.concat([head, writeTl(answer)]), session);
  }

  /** 4: it has arrived, 1: it has not. @see https://core.telegram.org/mtproto/service_messages_about_messages */
  #state(ids: readonly Long[], reqMsgId: Long, session: Session): void {
    const info = Uint8Array.from(ids, (id) => (this.#parts.received.has(id.toUnsigned().toString()) ? 4 : 1));
    this.#send(writeTl({ _: 'mt_msgs_state_info', reqMsgId, info }), session);
  }

  #send(body: Uint8Array, { keyId, key, sessionId }: Session): void {
    const head = Buffer.alloc(32);
    head.set(sessionId.toBytesLE(), 8);
    head.writeBigUInt64LE(this.#nextId(), 16);
    head.writeUInt32LE(1, 24);
    head.writeUInt32LE(body.length, 28);
    const length = head.length + body.length;
    const inner = Buffer.concat([head, body, randomBytes(12 + ((16 - ((length + 12) % 16)) % 16))]);
    const messageKey = sha256(Buffer.concat([key.subarray(96, 128), inner])).subarray(8, 24);
    const sealed = createAesIgeForMessage(this.#parts.crypto, key, messageKey, false).encrypt(inner);
    this.#write(Buffer.concat([Buffer.from(keyId, 'hex'), messageKey, sealed]));
  }

  #write(frame: Uint8Array): void {
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat([int32(frame.length), frame]));
  }

  /** Odd, as all ids of servers, and ever greater. */
  #nextId(): bigint {
    const now = (BigInt(Date.now()) << 32n) / 1_000n;
    this.#lastId = (now > this.#lastId ? now & ~3n : this.#lastId + 4n) | 1n;
    return this.#lastId;
  }
}

interface Session {
  readonly keyId: string;
  readonly key: Buffer;
  readonly sessionId: Long;
}

/** Without what a client wraps its first request in. */
function bare(message: Tl): Tl {
  return ['invokeWithLayer', 'initConnection', 'invokeWithoutUpdates', 'invokeAfterMsg'].includes(message._) ? bare(message['query'] as Tl) : message;
}

function keyIdOf(authKey: Buffer): string {
  return sha1(authKey).subarray(-8).toString('hex');
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
