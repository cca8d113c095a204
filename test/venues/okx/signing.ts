/** Who is asking OKX, and whether the request is his and fresh: key, passphrase, HMAC over time, method, path and body. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WireRequest } from '../_dialect.ts';
import type { VenueKey, World } from '../_world.ts';
import { OkxRefusal } from './refusals.ts';

/** A request may be this old, or this far ahead. */
const TOLERANCE_MS = 30_000;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

function refused(code: string, message: string): OkxRefusal {
  return new OkxRefusal(code, message, { status: 401 });
}

function header(request: WireRequest, name: string, missingCode: string): string {
  const value = request.headers[name.toLowerCase()];
  if (typeof value !== 'string' || value === '') throw refused(missingCode, `Request header "${name}" cannot be empty.`);
  return value;
}

/** The key of a request that is in order, or the refusal that names what is wrong with it. */
export function authenticate(world: World, request: WireRequest): VenueKey {
  const key = world.keys.get(header(request, 'OK-ACCESS-KEY', '50103'));
  const signature = header(request, 'OK-ACCESS-SIGN', '50106');
  const timestamp = header(request, 'OK-ACCESS-TIMESTAMP', '50107');
  const passphrase = header(request, 'OK-ACCESS-PASSPHRASE', '50104');
  if (key === undefined) throw refused('50111', 'Invalid OK-ACCESS-KEY');
  if (passphrase !== key.passphrase) throw refused('50105', 'Request header "OK-ACCESS-PASSPHRASE" incorrect.');
  if (!ISO_TIME.test(timestamp)) throw refused('50112', 'Invalid OK-ACCESS-TIMESTAMP');
  if (Math.abs(world.now() - Date.parse(timestamp)) > TOLERANCE_MS) throw refused('50102', 'Timestamp request expired.');
  const query = request.query === '' ? '' : `?${request.query}`;
  if (!isSignedBy(key, `${timestamp}${request.method}${request.path}${query}${request.body}`, signature)) throw refused('50113', 'Invalid Sign');
  return key;
}

/** The one more look at the time, just before an order acts. */
export function checkDeadline(world: World, request: WireRequest): void {
  const deadline = request.headers['exptime'];
  if (typeof deadline === 'string' && world.now() > Number(deadline)) throw new OkxRefusal('51054', 'Request timed out. Please try again.', { status: 500 });
}

/** Checks the arguments of a login to the private stream; the refusal carries the stream's own code. */
export function checkLogin(world: World, login: Readonly<Record<string, unknown>>): VenueKey {
  const key = world.keys.get(String(login['apiKey'] ?? ''));
  const timestamp = String(login['timestamp'] ?? '');
  if (key === undefined) throw new OkxRefusal('60005', 'Invalid apiKey');
  if (login['passphrase'] !== key.passphrase) throw new OkxRefusal('60024', 'Wrong passphrase');
  if (!/^\d{10}(?:\.\d{1,3})?$/.test(timestamp)) throw new OkxRefusal('60004', 'Invalid timestamp');
  if (Math.abs(world.now() - Number(timestamp) * 1_000) > TOLERANCE_MS) throw new OkxRefusal('60006', 'Timestamp request expired');
  if (!isSignedBy(key, `${timestamp}GET/users/self/verify`, String(login['sign'] ?? ''))) throw new OkxRefusal('60007', 'Invalid sign');
  return key;
}

function isSignedBy(key: VenueKey, signed: string, signature: string): boolean {
  const expected = Buffer.from(createHmac('sha256', key.secret).update(signed).digest('base64'));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
