/** The role that runs bots, follows orders placed by hand, and tells facts. */
import { logChannel } from '#adapters/channels/log.ts';
import { watchStanding } from '#app/gauges.ts';
import { Relay } from '#app/relay.ts';
import { Supervisor } from '#app/supervisor.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';

/** Takes up the bots that must run; serves no address. */
export async function start(parts: Parts, closing: Closing): Promise<null> {
  const { metrics } = parts.watch.open;
  const supervisor = new Supervisor({ ...parts, metrics, botTypes: parts.config.bots.types ?? null }, await parts.store.installation());
  watchStanding(metrics, supervisor.standing);
  closing.add('bots', () => supervisor.close());
  const relay = new Relay({ ...parts, channels: [logChannel(parts.log)] });
  closing.add('relay', () => relay.close());
  await supervisor.start();
  relay.start();
  return null;
}
