/** Who is asking Bitget, and whether the request is his and fresh: key, passphrase, HMAC over time, method, path, query and body. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WireRequest } from '../_dialect.ts';
import type { VenueKey, World } from '../_world.ts';
import type { Parameters } from './parameters.ts';
import { BitgetRefusal } from './refusals.ts';

/** A request may be this old, or this far ahead. */
const TOLERANCE_MS = 30_000;
const LONGEST_WINDOW_MS = 60_000;

function header(request: WireRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

/** The key of a request that is in order, or the refusal that names what is wrong with it. */
export function authenticate(world: World, request: WireRequest): VenueKey {
  const [apiKey, sign, timestamp, passphrase] = ['access-key', 'access-sign', 'access-timestamp', 'access-passphrase'].map((name) => header(request, name)) as [
    string,
    string,
    string,
    string,
  ];
  if (apiKey === '') throw new BitgetRefusal('40001', 'ACCESS_KEY cannot be empty');
  if (sign === '') throw new BitgetRefusal('40002', 'ACCESS_SIGN cannot be empty');
  if (passphrase === '') throw new BitgetRefusal('40011', 'ACCESS_PASSPHRASE cannot be empty');
  const key = world.keys.get(apiKey);
  if (key === undefined) throw new BitgetRefusal('40006', 'Invalid ACCESS_KEY');
  if (!/^\d{13}$/.test(timestamp)) throw new BitgetRefusal('40005', 'Invalid ACCESS_TIMESTAMP');
  if (Math.abs(world.now() - Number(timestamp)) > TOLERANCE_MS) throw new BitgetRefusal('40008', 'Request timestamp expired');
  if (passphrase !== key.passphrase) throw new BitgetRefusal('40012', 'apikey/password is incorrect');
  if (request.method === 'POST' && !header(request, 'content-type').startsWith('application/json')) throw new BitgetRefusal('40007', 'Invalid Content_Type');
  const query = request.query === '' ? '' : `?${decodeURIComponent(request.query)}`;
  if (!isSignedBy(key, `${timestamp}${request.method}${request.path}${query}${request.body}`, sign)) throw new BitgetRefusal('40009', 'sign signature error');
  return key;
}

/** The window that some requests name in their parameters; looked at on arrival and once more just before the request acts. */
export function checkWindow(world: World, parameters: Parameters): void {
  const [at, window] = [parameters.integer('requestTime'), parameters.integer('receiveWindow')];
  if (at === null || window === null) return;
  if (window > LONGEST_WINDOW_MS) throw new BitgetRefusal('40079', 'receiveWindow timestamp must be less than 60s');
  if (Math.abs(world.now() - at) > window) throw new BitgetRefusal('40078', 'Timestamp for this request is outside of the ME receiveWindow.');
}

/** Checks the arguments of a login to the private stream; the refusal carries the stream's own code. */
export function checkLogin(world: World, login: Readonly<Record<string, unknown>>): VenueKey {
  const key = world.keys.get(String(login['apiKey'] ?? ''));
  const timestamp = String(login['timestamp'] ?? '');
  if (key === undefined) throw new BitgetRefusal('30011', 'Invalid ACCESS_KEY');
  if (login['passphrase'] !== key.passphrase) throw new BitgetRefusal('30012', 'Invalid ACCESS_PASSPHRASE');
  if (!/^\d{10}(?:\d{3})?$/.test(timestamp)) throw new BitgetRefusal('30013', 'Invalid ACCESS_TIMESTAMP');
  const at = timestamp.length === 10 ? Number(timestamp) * 1_000 : Number(timestamp);
  if (Math.abs(world.now() - at) > TOLERANCE_MS) throw new BitgetRefusal('30014', 'Request timestamp expired');
  if (!isSignedBy(key, `${timestamp}GET/user/verify`, String(login['sign'] ?? ''))) throw new BitgetRefusal('30015', 'Invalid sign');
  return key;
}

function isSignedBy(key: VenueKey, signed: string, signature: string): boolean {
  const expected = Buffer.from(createHmac('sha256', key.secret).update(signed).digest('base64'));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
