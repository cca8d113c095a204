/** Notices to apps on iPhones by Apple's push service, over one HTTP/2 connection, signed in with a key of the developer's. */
import { type ClientHttp2Session, connect, constants, type SecureClientSessionOptions } from 'node:http2';
import { importPKCS8, SignJWT } from 'jose';
import { type Channel, SEND_PATIENCE_MS } from '#core/notices/channel.ts';
import type { Message } from '#core/notices/notice.ts';
import type { Clock } from '#core/ports.ts';
import { outcomeOf } from './_answers.ts';
import { phonePayload } from './_phone-payload.ts';
import type { Answer } from './outgoing.ts';

export interface ApnsOptions {
  /** PKCS 8 in PEM, as Apple gives it out. */
  readonly key: string;
  readonly keyId: string;
  readonly teamId: string;
  /** Bundle id of the app. */
  readonly topic: string;
  /** Stands in for Apple's address, and what to connect with. */
  readonly root?: string;
  readonly connection?: SecureClientSessionOptions;
}

const API = 'https://api.push.apple.com';
const MEANING = { gone: [410], refused: [400, 413] };
/** Apple takes a token from 20 to 60 minutes old. */
const TOKEN_MS = 2_400_000;
const MAX_ANSWER_BYTES = 4_096;

/** Connects at the first message and again after a connection has ended. */
export function apnsChannel({ key, keyId, teamId, topic, root = API, connection = {} }: ApnsOptions, clock: Clock): Channel {
  let session: ClientHttp2Session | null = null;
  let signed: { readonly token: string; readonly until: number } | null = null;
  const open = (): ClientHttp2Session => {
    if (session !== null && !session.closed && !session.destroyed) return session;
    const opened = connect(root, connection);
    opened.on('error', () => opened.destroy());
    opened.on('goaway', () => opened.close());
    opened.unref();
    session = opened;
    return opened;
  };
  const token = async (): Promise<string> => {
    if (signed !== null && clock.now() < signed.until) return signed.token;
    const issued = Math.floor(clock.now() / 1_000);
    const made = await new SignJWT({ iss: teamId, iat: issued }).setProtectedHeader({ alg: 'ES256', kid: keyId }).sign(await importPKCS8(key, 'ES256'));
    signed = { token: made, until: clock.now() + TOKEN_MS };
    return made;
  };
  return {
    name: 'apns',
    pace: { perSecond: 100, perTargetMs: 200, atOnce: 4, gathers: 20 },
    send: async (device, message) => {
      const answer = await exchange(open(), headersOf(device, message, topic, await token()), bodyOf(message));
      const reason = answer.isAnswered ? answer.body : '';
      if (answer.isAnswered && answer.status === 403) {
        signed = null;
        return { outcome: 'later', reason: 'Apple refuses the key', scope: 'channel', retryAfterMs: null };
      }
      if (/BadDeviceToken|DeviceTokenNotForTopic/.test(reason)) return { outcome: 'gone', reason: 'Apple does not know this device' };
      return outcomeOf(answer, MEANING);
    },
    close: async () => session?.close(),
  };
}

function headersOf(device: string, { key, severity }: Message, topic: string, token: string): Record<string, string> {
  return {
    ':method': 'POST',
    ':path': `/3/device/${encodeURIComponent(device)}`,
    authorization: `bearer ${token}`,
    'apns-topic': topic,
    'apns-push-type': 'alert',
    'apns-priority': severity === 'info' ? '5' : '10',
    // A repetition replaces what is shown already.
    'apns-collapse-id': Buffer.from(key).toString('base64url').slice(-64),
  };
}

function bodyOf(message: Message): string {
  const { title, text, data } = phonePayload(message);
  return JSON.stringify({ aps: { alert: { title, body: text }, ...(message.sound === 'none' ? {} : { sound: 'default' }) }, ...data });
}

function exchange(session: ClientHttp2Session, headers: Record<string, string>, body: string): Promise<Answer> {
  return new Promise((settle) => {
    const stream = session.request(headers);
    const fail = (reason: string): void => settle({ isAnswered: false, isForbidden: false, reason });
    let status = 0;
    let text = '';
    stream.setTimeout(SEND_PATIENCE_MS, () => {
      stream.close(constants.NGHTTP2_CANCEL);
      fail('no answer in time');
    });
    stream.on('response', (answer) => {
      status = Number(answer[':status'] ?? 0);
    });
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      if (text.length < MAX_ANSWER_BYTES) text += chunk;
    });
    stream.on('end', () => (status === 0 ? fail('no answer') : settle({ isAnswered: true, status, retryAfterMs: null, body: text })));
    stream.on('error', () => fail('it cannot be reached'));
    stream.end(body);
  });
}
