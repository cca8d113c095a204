/** Who is asking MEXC, and whether the request is his and fresh: key, HMAC over query and body as sent, timestamp and window. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { VenueKey, World } from '../_world.ts';
import type { Parameters } from './parameters.ts';
import { MexcRefusal, missing } from './refusals.ts';

const DEFAULT_WINDOW_MS = 5_000;
const MAX_WINDOW_MS = 60_000;
const MAX_AHEAD_MS = 1_000;

/** The key of a request, or the refusal that names what is wrong with it. */
export function keyOf(world: World, apiKey: string | string[] | undefined): VenueKey {
  if (typeof apiKey !== 'string' || apiKey === '') throw new MexcRefusal(400, 'api key required');
  const key = world.keys.get(apiKey);
  if (key === undefined) throw new MexcRefusal(10072, 'Api key info invalid');
  return key;
}

/** Refuses what lies outside the receive window; called on arrival and again just before acting. */
export function checkTime(world: World, parameters: Parameters): void {
  const timestamp = parameters.integer('timestamp');
  if (timestamp === null) throw missing('timestamp');
  const window = parameters.integer('recvWindow') ?? DEFAULT_WINDOW_MS;
  if (window > MAX_WINDOW_MS) throw new MexcRefusal(700005, 'recvWindow must less than 60000');
  const isInside = timestamp < world.now() + MAX_AHEAD_MS && world.now() - timestamp <= window;
  if (!isInside) throw new MexcRefusal(700003, 'Timestamp for this request is outside of the recvWindow.');
}

/** Checks the signature over query and body as they were sent, without the signature itself, which must come last. */
export function checkSignature(key: VenueKey, query: string, body: string): void {
  const raw = query + body;
  const at = raw.lastIndexOf('signature=');
  if (at < 0) throw missing('signature');
  const expected = Buffer.from(createHmac('sha256', key.secret).update(raw.slice(0, at).replace(/&$/, '')).digest('hex'));
  const given = Buffer.from(raw.slice(at + 'signature='.length));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new MexcRefusal(700002, 'Signature for this request is not valid.');
}
