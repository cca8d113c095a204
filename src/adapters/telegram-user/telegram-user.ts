/** A person's account at Telegram, by the MTProto library. */
import type { TelegramUsers } from '#core/telegram-user/port.ts';
import type { TelegramUserOptions } from './client.ts';
import { openTelegramLogin } from './login.ts';
import { openTelegramUser } from './session.ts';

export function telegramUsers(options: TelegramUserOptions): TelegramUsers {
  return { logIn: () => openTelegramLogin(options), open: (session) => openTelegramUser(options, session) };
}
