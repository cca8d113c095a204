/** The owner's account at Telegram, where the switch is on. */
import { Shift } from '#app/fleet/shift.ts';
import { ChannelIntake } from '#app/posts/channel-intake.ts';
import type { Posts } from '#app/posts/posts.ts';
import { UserDesk } from '#app/telegram-user/user-desk.ts';
import { telegramUserCheck } from '#app/telegram-user/user-health.ts';
import type { Config } from '#config';
import type { TelegramUsers } from '#core/telegram-user/port.ts';
import { TELEGRAM_USER_LEASE } from '#core/telegram-user/store.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';

/** `null` while the switch is off: then the library, of several megabytes, is not even loaded. */
export async function openTelegramUsers({ telegramUser: { api } }: Config, version: string): Promise<TelegramUsers | null> {
  if (api === null) return null;
  const { telegramUsers } = await import('#adapters/telegram-user/telegram-user.ts');
  return telegramUsers({ apiId: api.id, apiHash: api.hash.reveal(), version });
}

/** One process at a time has the session. */
export async function readAsOwner(parts: Parts, posts: Posts, closing: Closing): Promise<void> {
  const users = await openTelegramUsers(parts.config, parts.version);
  if (users === null) return;
  const log = parts.log.child({ part: 'telegram user' });
  const intake = new ChannelIntake({ ...parts, log, posts });
  const shift = new Shift({ ...parts, subject: TELEGRAM_USER_LEASE }, () => new UserDesk({ ...parts, log, users, intake }));
  parts.watch.health.add(telegramUserCheck(() => shift.work, parts.clock));
  closing.add('telegram user', () => shift.close());
  shift.start();
}
