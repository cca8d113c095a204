/** Updates of Telegram as they are kept before anybody looks at what they say. */
import type { ReceivedUpdate } from '#core/chats/chat-store.ts';
import { readUpdate } from './incoming.ts';

/** Topic on which the process that is brought updates wakes the one that deals with them. */
export const UPDATES_TOPIC = 'telegram_updates';

/** What has a number; those without a chat are kept too, so that their place is known to be passed. */
export function keepable(updates: unknown, receivedAt: number): readonly ReceivedUpdate[] {
  const list: readonly unknown[] = Array.isArray(updates) ? updates : [];
  return list
    .flatMap((update) => {
      const updateId: unknown = typeof update === 'object' && update !== null && 'update_id' in update ? update.update_id : null;
      const isNumber = typeof updateId === 'number' && Number.isSafeInteger(updateId);
      return isNumber ? [{ updateId, chatId: readUpdate(update)?.chatId ?? '', update, receivedAt }] : [];
    })
    .sort((left, right) => left.updateId - right.updateId);
}
