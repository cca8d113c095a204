/** Notices into a Slack channel (or a server that takes the same) by its webhook, as plain text in which nothing is a mention or a link. */
import type { Channel } from '#core/notices/channel.ts';
import { outcomeOf } from './_answers.ts';
import type { Outgoing } from './outgoing.ts';

const MEANING = { gone: [403, 404, 410], refused: [400, 413] };
/** Of a block. */
const MAX_TITLE = 150;
const MAX_TEXT = 3_000;

/** Closes `outgoing` with itself. The address is the webhook's. */
export function slackChannel(outgoing: Outgoing): Channel {
  return {
    name: 'slack',
    // Slack grants one message in a second to a webhook.
    pace: { perSecond: 40, perTargetMs: 1_050, atOnce: 16, gathers: 20 },
    send: async (url, { title, plain }) => {
      const header = { type: 'header', text: plainText(title, MAX_TITLE) };
      const blocks = plain === '' ? [header] : [header, { type: 'section', text: plainText(plain, MAX_TEXT) }];
      const body = JSON.stringify({ text: escapeSlack(title), blocks });
      return outcomeOf(await outgoing.post(url, { 'content-type': 'application/json' }, body), MEANING);
    },
    close: async () => outgoing.close(),
  };
}

function plainText(text: string, length: number): object {
  const escaped = escapeSlack(text);
  return { type: 'plain_text', emoji: false, text: escaped.length <= length ? escaped : `${escaped.slice(0, length - 1).replace(/&\w{0,4}$/, '')}…` };
}

function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
