/** Who is asking Bybit, and whether the request is his and fresh: the X-BAPI headers, and the login of the private stream. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WireRequest } from '../_dialect.ts';
import type { VenueKey, World } from '../_world.ts';
import { BybitRefusal } from './refusals.ts';

const DEFAULT_WINDOW_MS = 5_000;
const MAX_AHEAD_MS = 1_000;

export function keyOf(world: World, request: WireRequest): VenueKey {
  const key = world.keys.get(header(request, 'x-bapi-api-key'));
  if (key === undefined) throw new BybitRefusal(10003, 'API key is invalid.', 401);
  return key;
}

/** Refuses what lies outside the receive window; called on arrival and again just before acting. */
export function checkTime(world: World, request: WireRequest): void {
  const timestamp = Number(header(request, 'x-bapi-timestamp') || Number.NaN);
  const window = Number(header(request, 'x-bapi-recv-window') || DEFAULT_WINDOW_MS);
  const now = world.now();
  if (now - window <= timestamp && timestamp < now + MAX_AHEAD_MS) return;
  const told = `req_timestamp[${timestamp}],server_timestamp[${now}],recv_window[${window}]`;
  throw new BybitRefusal(10002, `invalid request, please check your server timestamp or recv_window param. ${told}`);
}

/** Checks the signature over time, key, window and the query or body as they were sent. */
export function checkSignature(key: VenueKey, request: WireRequest): void {
  const payload = request.method === 'GET' ? request.query : request.body;
  const signed = `${header(request, 'x-bapi-timestamp')}${key.apiKey}${header(request, 'x-bapi-recv-window')}${payload}`;
  if (!isMac(key, signed, header(request, 'x-bapi-sign'))) throw new BybitRefusal(10004, 'Error sign, please check your signature generation algorithm.');
}

/** The key that logs in to the private stream, or the text of the refusal. */
export function login(world: World, args: readonly unknown[]): VenueKey | string {
  const [apiKey, expires, proof] = args;
  const key = world.keys.get(String(apiKey));
  if (key === undefined) return 'API key is invalid.';
  if (!(Number(expires) > world.now())) return 'Params Error: expired';
  return isMac(key, `GET/realtime${String(expires)}`, String(proof)) ? key : 'Params Error: sign';
}

function isMac(key: VenueKey, signed: string, given: string): boolean {
  const expected = Buffer.from(createHmac('sha256', key.secret).update(signed).digest('hex'));
  const received = Buffer.from(given);
  return received.length === expected.length && timingSafeEqual(received, expected);
}

function header(request: WireRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
