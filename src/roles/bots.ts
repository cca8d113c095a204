/** The role that runs bots, follows orders placed by hand, and tells facts. */
import { hostname } from 'node:os';
import { logChannel } from '#adapters/channels/log.ts';
import { Relay } from '#app/relay.ts';
import { Supervisor } from '#app/supervisor.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';

/** Takes up the bots that must run; serves no address. */
export async function start(parts: Parts, closing: Closing): Promise<null> {
  const { config, version } = parts;
  const self = { host: hostname(), pid: process.pid, version, roles: config.roles };
  const supervisor = new Supervisor({ ...parts, botTypes: config.bots.types, self }, await parts.store.installation());
  closing.add('bots', () => supervisor.close());
  const relay = new Relay({ ...parts, channels: [logChannel(parts.log)] });
  closing.add('relay', () => relay.close());
  await supervisor.start();
  relay.start();
  return null;
}
