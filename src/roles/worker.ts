/** The role that does what nobody waits for: it tells facts to the channels. */
import { logChannel } from '#adapters/channels/log.ts';
import { Relay } from '#app/relay.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';

/** Several may run: each fact is claimed by one. Serves no address. */
export async function start(parts: Parts, closing: Closing): Promise<null> {
  const relay = new Relay({ ...parts, channels: [logChannel(parts.log)] });
  closing.add('relay', () => relay.close());
  relay.start();
  return null;
}
