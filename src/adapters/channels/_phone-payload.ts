/** What an app on a phone gets: short texts to show, and what it needs to open the right page. */
import { createHash } from 'node:crypto';
import type { Message } from '#core/notices/notice.ts';

/** A push to a phone may have 4096 bytes, and letters beyond ASCII take up to four. */
const MAX_TEXT = 600;

export function phonePayload({ key, title, plain, severity, sound, notices }: Message) {
  const [first] = notices;
  const characters = [...plain];
  const text = characters.length > MAX_TEXT ? `${characters.slice(0, MAX_TEXT - 1).join('')}…` : plain;
  const data = {
    key: createHash('sha256').update(key).digest('base64url'),
    severity,
    sound,
    type: first?.type ?? '',
    id: first?.id ?? '',
    bot_id: first?.botId ?? '',
    count: String(notices.length),
  };
  return { title, text, data };
}
