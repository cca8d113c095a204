/** The parts of the store by which people and programs reach bots from outside, and are reached: types only. */
import type { AlertStore } from '../alerts/alert-store.ts';
import type { ChatStore, UpdateInbox } from '../chats/chat-store.ts';
import type { HookStore } from '../hooks/hook-store.ts';
import type { PostStore } from '../posts/post-store.ts';
import type { TelegramUserStore } from '../telegram-user/store.ts';

export interface ReachStores {
  /** Telegram chats of users, and what has come from them. */
  readonly chats: ChatStore;
  readonly chatUpdates: UpdateInbox;
  /** Addresses at which other programs tell bots what to do. */
  readonly hooks: HookStore;
  /** What users want to be told of without any bot. */
  readonly alerts: AlertStore;
  /** Posts that others wrote, and where they come from. */
  readonly posts: PostStore;
  /** The owner's own session at Telegram, and the channels that it reads. Not reachable by users. */
  readonly telegramUser: TelegramUserStore;
}
