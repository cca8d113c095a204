/**
 * The number of this installation: random, made once, part of every ClientOrderId.
 */
import { randomInt } from 'node:crypto';
import { PortError } from '#core/errors.ts';
import type { Database } from './database.ts';

/** Five characters of base 32. */
const LIMIT = 2 ** 25;

const FIND = { text: 'select number from installation' };
const MAKE = { text: 'insert into installation (number) values ($1) on conflict do nothing' };

/** Makes the row if need be; cheap when it is there. */
export async function installationNumber(database: Database): Promise<number> {
  const known = await database.row<{ number: number }>(FIND);
  if (known !== null) return known.number;
  await database.write(MAKE, [randomInt(1, LIMIT)]);
  const made = await database.row<{ number: number }>(FIND);
  if (made === null) throw new PortError('store_conflict', 'the installation has no number', { outcome: 'failed' });
  return made.number;
}
