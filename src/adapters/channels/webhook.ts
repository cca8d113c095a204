/** Notices as signed HTTP requests to an address of the user's own, one a request, for programs to read. */
import { createHmac } from 'node:crypto';
import type { Channel } from '#core/notices/channel.ts';
import type { SentNotice } from '#core/notices/notice.ts';
import type { Clock } from '#core/ports.ts';
import { outcomeOf } from './_answers.ts';
import type { Outgoing } from './outgoing.ts';

/** As the target is stored: where to, and the secret shared with whoever listens there. */
export interface WebhookAddress {
  readonly url: string;
  readonly secret: string;
}

const MEANING = { gone: [410], refused: [400, 413, 415, 422] };

/** Closes `outgoing` with itself. */
export function webhookChannel(outgoing: Outgoing, clock: Clock): Channel {
  return {
    name: 'webhook',
    pace: { perSecond: 100, perTargetMs: 0, atOnce: 16, gathers: 1 },
    send: async (address, message) => {
      const { url, secret } = JSON.parse(address) as WebhookAddress;
      const body = JSON.stringify({ id: message.key, language: message.language, notices: message.notices.map(wireOf) });
      const seconds = Math.floor(clock.now() / 1_000);
      const headers = {
        'content-type': 'application/json',
        'x-argosy-id': encodeURIComponent(message.key),
        'x-argosy-signature': `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`,
      };
      return outcomeOf(await outgoing.post(url, headers, body), MEANING);
    },
    close: async () => outgoing.close(),
  };
}

function wireOf({ id, key, type, severity, at, botId, title, text, data }: SentNotice): object {
  return { id, key, type, severity, at: new Date(at).toISOString(), bot_id: botId, title, text, data };
}
