/** The Ids port: UUIDs of version 7, which sort in the sequence in which this process made them, and random secrets. */
import { randomBytes, randomUUIDv7 } from 'node:crypto';
import type { Ids } from '#core/ports.ts';

/** Time and the twelve bits after it, of the newest. */
let newest = 0n;

export const randomIds: Ids = {
  next: () => {
    const id = randomUUIDv7();
    // Within a millisecond those of Node come in any sequence; lists and queues that are sorted by time and id need that of their making.
    const fresh = BigInt(`0x${id.slice(0, 8)}${id.slice(9, 13)}${id.slice(15, 18)}`);
    newest = fresh > newest ? fresh : newest + 1n;
    const digits = newest.toString(16).padStart(15, '0');
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-7${digits.slice(12)}${id.slice(18)}`;
  },
  secret: (bytes) => randomBytes(bytes).toString('base64url'),
};
