/** The Ids port: UUIDs of version 7, which sort by the time they were made, and random secrets. */
import { randomBytes, randomUUIDv7 } from 'node:crypto';
import type { Ids } from '#core/ports.ts';

export const randomIds: Ids = {
  next: () => randomUUIDv7(),
  secret: (bytes) => randomBytes(bytes).toString('base64url'),
};
