/** What a user does with notices: reads them, says what to be told and where, tries a channel, and sends once more what did not get through. */
import { AppError } from '#core/errors.ts';
import type { ChannelName, NoticeRecord } from '#core/notices/notice.ts';
import { isTimeZone } from '#core/notices/quiet-hours.ts';
import type { NotificationSettings } from '#core/notices/settings.ts';
import type { Clock, Ids, Vault } from '#core/ports.ts';
import type { DeliveryRecord, DeliveryState, NoticeTarget } from '#core/store/notices.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import { missing } from '../missing.ts';
import { type Reach, sealTarget } from './targets.ts';

/** Addresses of one channel that a user may have. */
export const MAX_TARGETS = 10;
/** Bytes of the secret that signs what goes to a webhook. */
const SECRET_BYTES = 32;
const HINT_LENGTH = 60;
const NUMBER = /^\d{1,18}$/;

/** A browser's subscription as it gives it, keys in base64 for addresses. */
export interface PushSubscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface NoticesParts {
  readonly store: Pick<Store, 'notices' | 'facts'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly vault: Vault;
  /** Channels that are configured here. */
  readonly channels: readonly ChannelName[];
}

export class Notices {
  readonly #parts: NoticesParts;

  constructor(parts: NoticesParts) {
    this.#parts = parts;
  }

  get channels(): readonly ChannelName[] {
    return this.#parts.channels;
  }

  settings(userId: string): Promise<NotificationSettings> {
    return this.#parts.store.notices.settings(userId);
  }

  /** Throws AppError `validation_failed`. */
  async putSettings(userId: string, settings: NotificationSettings): Promise<NotificationSettings> {
    const { timeZone = 'UTC' } = settings.quietHours ?? {};
    if (!isTimeZone(timeZone)) throw invalid('quiet_hours.time_zone', 'must be a time zone such as Europe/Moscow');
    await this.#parts.store.notices.putSettings(userId, settings, this.#parts.clock.now());
    return settings;
  }

  /** The newest first, with how many are unread in all. */
  async list(
    userId: string,
    page: PageRequest,
    onlyUnread: boolean,
  ): Promise<Page<NoticeRecord> & { readonly unread: number; readonly settings: NotificationSettings }> {
    const { notices } = this.#parts.store;
    const [found, unread, settings] = await Promise.all([notices.list(userId, page, onlyUnread), notices.unread(userId), notices.settings(userId)]);
    return { ...found, unread, settings };
  }

  /** Returns how many are unread now. Throws AppError `not_found`. */
  async markRead(userId: string, id: string): Promise<number> {
    const { store, clock } = this.#parts;
    if (!NUMBER.test(id) || !(await store.notices.markRead(userId, id, clock.now()))) missing();
    return store.notices.unread(userId);
  }

  /** All up to and including one, or all there are. Returns how many are unread now. */
  async markAllRead(userId: string, upTo: string | null): Promise<number> {
    const { store, clock } = this.#parts;
    await store.notices.markAllRead(userId, upTo, clock.now());
    return store.notices.unread(userId);
  }

  targets(userId: string): Promise<readonly NoticeTarget[]> {
    return this.#parts.store.notices.targets(userId);
  }

  /** A webhook with a new secret, which is told here and never again. */
  async addWebhook(userId: string, url: string): Promise<{ readonly target: NoticeTarget; readonly secret: string }> {
    const secret = this.#parts.ids.secret(SECRET_BYTES);
    const target = await this.#add({ userId, channel: 'webhook', address: JSON.stringify({ url, secret }), identity: url, hint: hintOfUrl(url) });
    return { target, secret };
  }

  /** A webhook of Discord or Slack. */
  addChatWebhook(userId: string, channel: 'discord' | 'slack', url: string): Promise<NoticeTarget> {
    return this.#add({ userId, channel, address: url, identity: url, hint: hintOfUrl(url) });
  }

  addBrowser(userId: string, subscription: PushSubscription, agent: string): Promise<NoticeTarget> {
    const hint = agent === '' ? hintOfUrl(subscription.endpoint) : agent.slice(0, HINT_LENGTH);
    return this.#add({ userId, channel: 'browser', address: JSON.stringify(subscription), identity: subscription.endpoint, hint });
  }

  /** Forgets a browser by what it knows of itself; one nobody knows changes nothing. */
  async removeBrowser(userId: string, endpoint: string): Promise<void> {
    const { store, vault } = this.#parts;
    const fingerprint = sealTarget(vault, { userId, channel: 'browser', address: '', identity: endpoint, hint: '' }, '', 0).fingerprint;
    const found = (await store.notices.targets(userId)).find((target) => target.channel === 'browser' && target.fingerprint === fingerprint);
    if (found !== undefined) await store.notices.removeTarget(userId, found.id);
  }

  /** An app on a phone, by the token that its maker gave it. */
  addPhone(userId: string, channel: 'fcm' | 'apns', token: string): Promise<NoticeTarget> {
    return this.#add({ userId, channel, address: token, identity: token, hint: `…${token.slice(-6)}` });
  }

  /** The private chat of a user, in which the bot has made sure whose it is. A user has one: others are let go. Throws AppError `address_taken`. */
  async linkChat(userId: string, chatId: string, hint: string): Promise<NoticeTarget> {
    const target = await this.#add({ userId, channel: 'telegram', address: chatId, identity: chatId, hint });
    for (const other of await this.targets(userId))
      if (other.channel === 'telegram' && other.id !== target.id) await this.#parts.store.notices.removeTarget(userId, other.id);
    return target;
  }

  /** The chat takes no messages any more: nothing is sent there until its user takes the bot back. */
  async chatBlocked(userId: string, chatId: string): Promise<void> {
    for (const target of await this.targets(userId))
      if (target.channel === 'telegram' && target.address === chatId && target.isOn)
        await this.#parts.store.notices.switchOff(target.id, 'the bot was blocked', null);
  }

  async unlinkChat(userId: string): Promise<void> {
    for (const target of await this.targets(userId)) if (target.channel === 'telegram') await this.#parts.store.notices.removeTarget(userId, target.id);
  }

  /** Throws AppError `not_found`. */
  async removeTarget(userId: string, id: string): Promise<void> {
    if (!(await this.#parts.store.notices.removeTarget(userId, id))) missing();
  }

  /** Puts a test under way to every address of a channel, as every other notice goes. Throws AppError `validation_failed`. */
  async test(userId: string, channel: ChannelName): Promise<void> {
    const { store, clock, ids } = this.#parts;
    if (!this.#parts.channels.includes(channel)) throw invalid('channel', `is not set up on this server; there are ${this.#parts.channels.join(', ')}`);
    const hasAddress = (await this.targets(userId)).some((target) => target.channel === channel && target.isOn);
    if (!hasAddress) throw invalid('channel', 'has no address of yours that is switched on: add one first');
    await store.facts.add({ dedupeKey: `test:${ids.next()}`, userId, botId: null, type: 'notification_test', data: { channel }, at: clock.now() });
  }

  /** Of a user, or of everybody for `null`. */
  deliveries(userId: string | null, state: DeliveryState | null, page: PageRequest): Promise<Page<DeliveryRecord>> {
    return this.#parts.store.notices.deliveries(userId, state, page);
  }

  /** Of anybody for `null`. Throws AppError `not_found`, or `delivery_state_conflict`. */
  async retry(userId: string | null, id: string): Promise<void> {
    const isAgain = NUMBER.test(id) ? await this.#parts.store.notices.retry(userId, id) : null;
    if (isAgain === null) missing();
    if (!isAgain) throw new AppError('delivery_state_conflict', 'It has not failed for good, or its address is switched off.');
  }

  async #add(reach: Reach): Promise<NoticeTarget> {
    const { store, vault, ids, clock } = this.#parts;
    const put = await store.notices.putTarget(sealTarget(vault, reach, ids.next(), clock.now()), MAX_TARGETS);
    if (put === 'full') throw new AppError('too_many_kept', `You have ${MAX_TARGETS} addresses of this channel already.`);
    if (put === 'taken') throw new AppError('address_taken', 'This chat belongs to another user.');
    return put;
  }
}

/** The server alone: the rest of such an address is a key. */
function hintOfUrl(url: string): string {
  return (URL.parse(url)?.host ?? '').slice(0, HINT_LENGTH);
}

function invalid(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}
