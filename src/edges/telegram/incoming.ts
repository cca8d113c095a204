/** What people do in a chat, read from an update of the Bot API; whatever else there is in it is passed over. */
import { z } from 'zod';
import type { Language } from '#core/notices/notice.ts';

interface From {
  readonly updateId: number;
  readonly chatId: string;
  /** Whether it is a chat of one person with the bot. */
  readonly isPrivate: boolean;
  /** Of the person's Telegram. */
  readonly language: Language;
}

export type Incoming =
  /** Words, with the time at which they were written. */
  | (From & { readonly kind: 'words'; readonly text: string; readonly at: number })
  /** A button under one of our messages. */
  | (From & { readonly kind: 'press'; readonly pressId: string; readonly data: string; readonly messageId: number })
  /** The bot was blocked or taken back, added to a group or removed. */
  | (From & { readonly kind: 'membership'; readonly isMember: boolean })
  | (From & { readonly kind: 'other' });

const Person = z.object({ id: z.number().int(), language_code: z.string().optional() });
const Chat = z.object({ id: z.number().int(), type: z.string() });
const Update = z.object({
  update_id: z.number().int().nonnegative(),
  message: z.object({ chat: Chat, from: Person.optional(), date: z.number().int(), text: z.string().max(4_096).optional() }).optional(),
  callback_query: z
    .object({
      id: z.string().max(256),
      from: Person,
      data: z.string().max(64).optional(),
      message: z.object({ message_id: z.number().int(), chat: Chat }).optional(),
    })
    .optional(),
  my_chat_member: z.object({ chat: Chat, from: Person, new_chat_member: z.object({ status: z.string() }) }).optional(),
});

/** Kinds of updates that are asked for. */
export const WANTED_UPDATES = ['message', 'callback_query', 'my_chat_member', 'channel_post', 'edited_channel_post'] as const;

/** `null` for what has no chat, or is no update. */
export function readUpdate(update: unknown): Incoming | null {
  const parsed = Update.safeParse(update);
  if (!parsed.success) return null;
  const { update_id: updateId, message, callback_query: press, my_chat_member: membership } = parsed.data;
  const from = (chat: z.output<typeof Chat>, person: z.output<typeof Person> | undefined): From => ({
    updateId,
    chatId: String(chat.id),
    // In a private chat the chat is the person: whoever else speaks there is not whom it was linked with.
    isPrivate: chat.type === 'private' && person?.id === chat.id,
    language: person?.language_code?.startsWith('ru') === true ? 'ru' : 'en',
  });
  if (press?.message !== undefined)
    return { ...from(press.message.chat, press.from), kind: 'press', pressId: press.id, data: press.data ?? '', messageId: press.message.message_id };
  if (membership !== undefined)
    return { ...from(membership.chat, membership.from), kind: 'membership', isMember: !['kicked', 'left'].includes(membership.new_chat_member.status) };
  if (message === undefined) return null;
  const who = from(message.chat, message.from);
  return message.text === undefined ? { ...who, kind: 'other' } : { ...who, kind: 'words', text: message.text, at: message.date * 1_000 };
}
