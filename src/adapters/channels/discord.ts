/** Notices into a Discord channel by its webhook: nobody is mentioned and no markdown of strangers is heeded. */
import type { Channel } from '#core/notices/channel.ts';
import { escapeMarkdown } from '#core/notices/inert.ts';
import type { Severity } from '#core/notices/notice.ts';
import { outcomeOf } from './_answers.ts';
import type { Outgoing } from './outgoing.ts';

const MEANING = { gone: [401, 403, 404, 410], refused: [400, 413] };
const COLOURS: Readonly<Record<Severity, number>> = { info: 0x2e90fa, warning: 0xf79009, critical: 0xf04438 };
/** Of an embed. */
const MAX_TITLE = 256;
const MAX_TEXT = 4_096;

/** Closes `outgoing` with itself. The address is the webhook's. */
export function discordChannel(outgoing: Outgoing): Channel {
  return {
    name: 'discord',
    // Discord grants five requests in two seconds to a webhook.
    pace: { perSecond: 40, perTargetMs: 500, atOnce: 16, gathers: 20 },
    send: async (url, { title, plain, severity }) => {
      const embed = { title: cut(escapeMarkdown(title), MAX_TITLE), description: cut(escapeMarkdown(plain), MAX_TEXT), color: COLOURS[severity] };
      const body = JSON.stringify({ username: 'Argosy', embeds: [embed], allowed_mentions: { parse: [] } });
      return outcomeOf(await outgoing.post(url, { 'content-type': 'application/json' }, body), MEANING);
    },
    close: async () => outgoing.close(),
  };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/\\$/, '')}…`;
}
