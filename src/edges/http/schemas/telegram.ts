/** Wire shapes of a user's Telegram chat. */
import { z } from 'zod';
import { timeOutput } from './shared-pieces.ts';

export const LinkCode = z
  .object({
    code: z.string().describe('Send it to the bot as `/start CODE`; good once, for ten minutes, and only until you ask for another.'),
    expires_at: timeOutput.describe('Until when it is good.'),
    url: z.string().nullable().describe('Opens the bot in Telegram with the code; `null` while it is not known by what name the bot is found.'),
  })
  .meta({
    id: 'TelegramLinkCode',
    description: 'A code that links a chat.',
    examples: [{ code: 'Zk3v0cV9mJtYwXkLq3Zb0c', expires_at: '2026-11-20T07:10:00.000Z', url: 'https://t.me/argosy_bot?start=Zk3v0cV9mJtYwXkLq3Zb0c' }],
  });

export const TelegramLink = z
  .object({
    linked: z.boolean().describe('Whether a chat is linked.'),
    linked_at: timeOutput.nullable().describe('Since when.'),
    chat_hint: z.string().nullable().describe('The last four digits of its number.'),
  })
  .meta({ id: 'TelegramLink', description: 'Your Telegram chat.', examples: [{ linked: true, linked_at: '2026-11-20T07:00:00.000Z', chat_hint: '4821' }] });
