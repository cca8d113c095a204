/** Updates of Telegram as they are kept before anybody looks at what they say. */
import type { ReceivedUpdate } from '#core/chats/chat-store.ts';

/** Topic on which the process that is brought updates wakes the one that deals with them. */
export const UPDATES_TOPIC = 'telegram_updates';

/** What has a number, in that sequence; those of no chat are kept too, so that their place is known to be passed. */
export function keepable(updates: unknown, receivedAt: number): readonly ReceivedUpdate[] {
  const list: readonly unknown[] = Array.isArray(updates) ? updates : [];
  return list
    .flatMap((update) => {
      const updateId = at(update, 'update_id');
      return typeof updateId === 'number' && Number.isSafeInteger(updateId) ? [{ updateId, chatId: chatOf(update), update, receivedAt }] : [];
    })
    .sort((left, right) => left.updateId - right.updateId);
}

/** What happens in one chat is dealt with in its sequence. */
function chatOf(update: unknown): string {
  const place =
    at(update, 'message') ??
    at(at(update, 'callback_query'), 'message') ??
    at(update, 'my_chat_member') ??
    at(update, 'channel_post') ??
    at(update, 'edited_channel_post');
  const id = at(at(place, 'chat'), 'id');
  return typeof id === 'number' ? String(id) : '';
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
