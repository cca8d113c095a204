/** The chat of a user as a place where news are told, and what is told there. */

import type { NotificationSettings } from '#core/notices/settings.ts';
import type { Clock, Ids, Vault } from '#core/ports.ts';
import type { Store } from '#core/store.ts';
import { sealTarget } from '../notices/targets.ts';

export interface ChatNoticesParts {
  readonly store: Pick<Store, 'notices'>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: Ids;
}

const CHANNEL = 'telegram';

export class ChatNotices {
  readonly #parts: ChatNoticesParts;

  constructor(parts: ChatNoticesParts) {
    this.#parts = parts;
  }

  settings(userId: string): Promise<NotificationSettings> {
    return this.#parts.store.notices.settings(userId);
  }

  put(userId: string, settings: NotificationSettings): Promise<void> {
    return this.#parts.store.notices.putSettings(userId, settings, this.#parts.clock.now());
  }

  /** News are told in the chat from now on and in no other, also where it had been switched off. It must be this user's by its link. */
  async add(userId: string, chatId: string): Promise<void> {
    const { store, vault, ids, clock } = this.#parts;
    for (const target of await store.notices.targets(userId))
      if (target.channel === CHANNEL && target.address !== chatId) await store.notices.removeTarget(userId, target.id);
    const target = sealTarget(vault, { userId, channel: CHANNEL, address: chatId, identity: chatId, hint: chatId.slice(-4) }, ids.next(), clock.now());
    if ((await store.notices.putTarget(target, 1)) !== 'taken') return;
    // Whose it was has no link with it any more.
    const former = await store.notices.targetByFingerprint(CHANNEL, chatId);
    if (former !== null) await store.notices.removeTarget(former.userId, former.id);
    await store.notices.putTarget(target, 1);
  }

  async remove(userId: string, chatId: string): Promise<void> {
    const { notices } = this.#parts.store;
    for (const target of await notices.targets(userId))
      if (target.channel === CHANNEL && target.address === chatId) await notices.removeTarget(userId, target.id);
  }

  /** The chat takes no messages any more. */
  async blocked(userId: string, chatId: string): Promise<void> {
    const { notices } = this.#parts.store;
    for (const target of await notices.targets(userId))
      if (target.channel === CHANNEL && target.address === chatId && target.isOn) await notices.switchOff(target.id, 'the bot was blocked', null);
  }
}
