/**
 * The log as a channel: every fact becomes one structured line, so that a server without any other channel still tells.
 */
import type { Channel, Log } from '#core/ports.ts';

export function logChannel(log: Log): Channel {
  return {
    name: 'log',
    async send(fact) {
      log.info({ fact: fact.type, dedupeKey: fact.dedupeKey, userId: fact.userId, botId: fact.botId, ...fact.data }, 'fact');
    },
  };
}
