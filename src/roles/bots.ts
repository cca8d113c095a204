/** The role that runs bots and follows orders placed by hand. */

import { Supervisor } from '#app/fleet/supervisor.ts';
import { watchStanding } from '#app/operations/gauges.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';
import { selfOf } from './_presence.ts';

/** Takes up its share of the bots that must run; serves no address. */
export async function start(parts: Parts, closing: Closing): Promise<null> {
  const { metrics } = parts.watch.open;
  const self = selfOf(parts);
  const supervisor = new Supervisor({ ...parts, metrics, botTypes: self.botTypes, self }, await parts.store.installation());
  watchStanding(metrics, supervisor.standing);
  closing.add('bots', () => supervisor.close());
  await supervisor.start();
  return null;
}
