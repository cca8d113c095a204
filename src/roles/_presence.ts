/** How this process presents itself to the fleet. */
import { hostname } from 'node:os';
import { Presence } from '#app/fleet/presence.ts';
import type { RunnerAnnouncement } from '#core/store/runners.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';

export function selfOf({ config, owner, version }: Parts): RunnerAnnouncement {
  return { id: owner, host: hostname(), pid: process.pid, version, roles: config.roles, botTypes: config.bots.types };
}

/** Where no bots run, whose runner tells it, the process itself says that it is there. */
export function startPresence(parts: Parts, closing: Closing): void {
  if (parts.config.roles.includes('bots')) return;
  const presence = new Presence({ ...parts, self: selfOf(parts) });
  closing.add('presence', () => presence.close());
  presence.start();
}
