/** Who is asking Binance, and whether the request is his and fresh: key, HMAC over the raw text, timestamp and window. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { VenueKey, World } from '../_world.ts';
import { Parameters } from './parameters.ts';
import { BinanceRefusal, missing } from './refusals.ts';

const DEFAULT_WINDOW_MS = 5_000;
const MAX_WINDOW_MS = 60_000;
const MAX_AHEAD_MS = 1_000;
const KEY_PATTERN = /^[A-Za-z0-9_-]{16,128}$/;

/** The key of a request, or the refusal that names what is wrong with it. */
export function keyOf(world: World, apiKey: string | string[] | undefined): VenueKey {
  if (typeof apiKey !== 'string' || !KEY_PATTERN.test(apiKey)) throw new BinanceRefusal(-2014, 'API-key format invalid.', 401);
  const key = world.keys.get(apiKey);
  if (key === undefined) throw invalidKey();
  return key;
}

export function invalidKey(): BinanceRefusal {
  return new BinanceRefusal(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
}

/** Refuses what lies outside the receive window; called on arrival and again just before acting. */
export function checkTime(world: World, raw: string): void {
  const parameters = new Parameters(raw);
  const timestamp = parameters.integer('timestamp');
  if (timestamp === null) throw missing('timestamp');
  const window = parameters.integer('recvWindow') ?? DEFAULT_WINDOW_MS;
  if (window > MAX_WINDOW_MS) throw new BinanceRefusal(-1131, 'recvWindow must be less than 60000');
  if (timestamp > world.now() + MAX_AHEAD_MS) throw new BinanceRefusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  if (timestamp < world.now() - window) throw new BinanceRefusal(-1021, 'Timestamp for this request is outside of the recvWindow.');
}

/** Checks the signature over query and body as they were sent, without the signature itself, which must come last. */
export function checkSignature(key: VenueKey, query: string, body: string): void {
  const raw = query + body;
  const at = raw.lastIndexOf('signature=');
  if (at < 0) throw missing('signature');
  const signed = raw.slice(0, at).replace(/&$/, '');
  checkMac(key, signed, decodeURIComponent(raw.slice(at + 'signature='.length)));
}

/** The WebSocket API signs its parameters sorted by name. */
export function checkSignedParameters(key: VenueKey, parameters: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(parameters).filter((name) => name !== 'signature');
  const signed = names.sort().map((name) => `${name}=${String(parameters[name])}`);
  checkMac(key, signed.join('&'), String(parameters['signature'] ?? ''));
}

function checkMac(key: VenueKey, signed: string, signature: string): void {
  const expected = Buffer.from(createHmac('sha256', key.secret).update(signed).digest('hex'));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new BinanceRefusal(-1022, 'Signature for this request is not valid.');
}
