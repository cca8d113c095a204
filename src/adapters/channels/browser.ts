/** Notices to browsers that have asked for them (Web Push): encrypted for that browser alone, signed with the installation's VAPID key. */
import { createHash } from 'node:crypto';
import webPush from 'web-push';
import type { Channel } from '#core/notices/channel.ts';
import type { Message } from '#core/notices/notice.ts';
import { outcomeOf } from './_answers.ts';
import type { Outgoing } from './outgoing.ts';

/** What web services know the installation by. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface BrowserOptions {
  readonly keys: VapidKeys;
  /** Where a push service finds whoever runs this: `mailto:` or `https:`. */
  readonly subject: string;
}

const MEANING = { gone: [404, 410], refused: [400, 413] };
/** A push service keeps a message so long for a browser that is closed. */
const TTL_S = 86_400;
/** A push may have some 4000 bytes, and letters beyond ASCII take up to four. */
const MAX_TEXT = 800;

export function makeVapidKeys(): VapidKeys {
  return webPush.generateVAPIDKeys();
}

/** Closes `outgoing` with itself. The address is a PushSubscription as browsers give it, in JSON. */
export function browserChannel(outgoing: Outgoing, { keys, subject }: BrowserOptions): Channel {
  return {
    name: 'browser',
    pace: { perSecond: 50, perTargetMs: 200, atOnce: 16, gathers: 20 },
    send: async (address, message) => {
      const details = webPush.generateRequestDetails(JSON.parse(address) as webPush.PushSubscription, payloadOf(message), {
        vapidDetails: { subject, ...keys },
        TTL: TTL_S,
        urgency: message.severity === 'info' ? 'normal' : 'high',
        // A repetition that has not been shown yet replaces the first.
        topic: createHash('sha256').update(message.key).digest('base64url').slice(0, 32),
      });
      return outcomeOf(await outgoing.post(details.endpoint, details.headers as Record<string, string | number>, details.body), MEANING);
    },
    close: async () => outgoing.close(),
  };
}

/** What the service worker of the site shows. */
function payloadOf({ key, title, plain, severity, sound, notices, language }: Message): string {
  const [first] = notices;
  const text = [...plain].length > MAX_TEXT ? `${[...plain].slice(0, MAX_TEXT - 1).join('')}…` : plain;
  return JSON.stringify({ key, title, text, severity, sound, language, count: notices.length, type: first?.type, id: first?.id, bot_id: first?.botId });
}
