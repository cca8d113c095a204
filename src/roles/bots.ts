/** The role that runs bots and follows orders placed by hand. */
import { Supervisor } from '#app/supervisor.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';
import { selfOf } from './_presence.ts';

/** Takes up its share of the bots that must run; serves no address. */
export async function start(parts: Parts, closing: Closing): Promise<null> {
  const self = selfOf(parts);
  const supervisor = new Supervisor({ ...parts, botTypes: self.botTypes, self }, await parts.store.installation());
  closing.add('bots', () => supervisor.close());
  await supervisor.start();
  return null;
}
