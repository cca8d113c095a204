/** The Telegram bot of this installation as its processes know it. */
import type { Config } from '#config';
import type { ChatBot } from '#core/chats/bot-identity.ts';
import type { Vault } from '#core/ports.ts';

/** Where Telegram brings updates, below the address of the server. */
export const UPDATES_PATH = '/api/v1/telegram/updates';

/** `null` where there is no token. The secret follows from the master key, so that every process has the same. */
export function chatBotOf({ telegram: { token, webhook } }: Config, vault: Vault): ChatBot | null {
  if (token === null) return null;
  const botId = token.reveal().split(':')[0] ?? '';
  return { botId, webhookSecret: webhook === null ? null : vault.fingerprint(`${botId} ${webhook}`, 'telegram webhook') };
}
