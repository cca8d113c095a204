/** Notices to apps on Android by Firebase Cloud Messaging, signed in with a service account. */
import { importPKCS8, SignJWT } from 'jose';
import type { Channel, SendOutcome } from '#core/notices/channel.ts';
import type { Clock } from '#core/ports.ts';
import { outcomeOf } from './_answers.ts';
import { phonePayload } from './_phone-payload.ts';
import type { Answer, Outgoing } from './outgoing.ts';

const API = 'https://fcm.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const MEANING = { gone: [404], refused: [400, 413] };
/** A sign-in is good for an hour; it is made anew a little before. */
const SIGN_IN_MS = 3_600_000;
const SIGN_IN_MARGIN_MS = 300_000;

/** The fields of a service account's file that are needed. */
export interface ServiceAccount {
  readonly project_id: string;
  readonly client_email: string;
  readonly private_key: string;
  readonly token_uri: string;
}

/** Closes `outgoing` with itself. `account` is the service account's file as text, `apiRoot` stands in for Firebase's address. */
export function fcmChannel(outgoing: Outgoing, account: ServiceAccount, clock: Clock, apiRoot = API): Channel {
  const signIn = signInOf(outgoing, account, clock);
  return {
    name: 'fcm',
    pace: { perSecond: 100, perTargetMs: 200, atOnce: 4, gathers: 20 },
    send: async (token, message) => {
      const access = await signIn.token();
      if (access === null) return { outcome: 'later', reason: 'the service account cannot sign in to Firebase', scope: 'channel', retryAfterMs: null };
      const { title, text, data } = phonePayload(message);
      const priority = message.severity === 'info' ? 'normal' : 'high';
      const android = { priority, collapse_key: data.key.slice(0, 64), notification: { tag: data.key } };
      const body = JSON.stringify({ message: { token, notification: { title, body: text }, data, android } });
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${access}` };
      const answer = await outgoing.post(`${apiRoot}/v1/projects/${encodeURIComponent(account.project_id)}/messages:send`, headers, body);
      return meaningOf(answer, signIn.forget);
    },
    close: async () => outgoing.close(),
  };
}

function meaningOf(answer: Answer, forget: () => void): SendOutcome {
  if (answer.isAnswered && (answer.status === 401 || answer.status === 403)) {
    forget();
    return { outcome: 'later', reason: `Firebase refuses the service account (${answer.status})`, scope: 'channel', retryAfterMs: null };
  }
  // A token of another project, or one that was never given out, comes as a bad request.
  if (answer.isAnswered && answer.status === 400 && /UNREGISTERED|registration token is not a valid/i.test(answer.body))
    return { outcome: 'gone', reason: 'Firebase does not know this device' };
  return outcomeOf(answer, MEANING);
}

function signInOf(outgoing: Outgoing, account: ServiceAccount, clock: Clock) {
  let kept: { readonly token: string; readonly until: number } | null = null;
  const ask = async (): Promise<string | null> => {
    const now = Math.floor(clock.now() / 1_000);
    const key = await importPKCS8(account.private_key, 'RS256');
    const claims = { scope: SCOPE, iss: account.client_email, aud: account.token_uri, iat: now, exp: now + SIGN_IN_MS / 1_000 };
    const assertion = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(key);
    const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString();
    const answer = await outgoing.post(account.token_uri, { 'content-type': 'application/x-www-form-urlencoded' }, form);
    const token = answer.isAnswered && answer.status === 200 ? tokenIn(answer.body) : null;
    kept = token === null ? null : { token, until: clock.now() + SIGN_IN_MS - SIGN_IN_MARGIN_MS };
    return token;
  };
  return {
    token: async () => (kept !== null && clock.now() < kept.until ? kept.token : ask()),
    forget: () => {
      kept = null;
    },
  };
}

function tokenIn(body: string): string | null {
  try {
    const { access_token: token } = JSON.parse(body) as { readonly access_token?: unknown };
    return typeof token === 'string' ? token : null;
  } catch {
    return null;
  }
}
