/** A worker's notices on a database of their own, with channels as they are, for tests against peers on loopback. */
import { afterEach, beforeEach } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { aesVault } from '#adapters/vault.ts';
import { Courier } from '#app/notices/courier.ts';
import { Relay } from '#app/notices/relay.ts';
import { sealTarget } from '#app/notices/targets.ts';
import type { FactType } from '#core/facts.ts';
import type { Channel } from '#core/notices/channel.ts';
import { CHANNELS, type ChannelName, type Language } from '#core/notices/notice.ts';
import { firstSettings, type NotificationSettings } from '#core/notices/settings.ts';
import type { NoticeTarget } from '#core/store/notices.ts';
import type { Store } from '#core/store/store.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';

export interface NoticeRig {
  readonly store: Store;
  readonly database: TestStore;
  readonly lines: readonly KeptLine[];
  readonly vault: ReturnType<typeof aesVault>;
  /** Begins to deliver on a channel. */
  serve(channel: Channel): Courier;
  user(email: string, language?: Language): Promise<string>;
  /** Everything at once on every channel, unless said otherwise. */
  set(userId: string, settings?: Partial<NotificationSettings>): Promise<void>;
  reach(userId: string, channel: ChannelName, address: string): Promise<NoticeTarget>;
  tell(userId: string, type: FactType, data?: Readonly<Record<string, unknown>>, more?: { readonly botId?: string; readonly key?: string }): Promise<void>;
  /** States of everything under way, oldest first. */
  states(): Promise<readonly string[]>;
}

/** Opened before each test and closed after it, couriers first. */
export function noticeRig(): () => NoticeRig {
  let rig: NoticeRig | null = null;
  let close: () => Promise<void> = async () => undefined;
  beforeEach(async () => {
    const database = await createTestStore();
    const lines: KeptLine[] = [];
    const log = quietLog(lines);
    const bus = memoryBus(log);
    const vault = aesVault(Buffer.alloc(32, 7).toString('base64'));
    const { store } = database;
    const relay = new Relay({ store, clock: systemClock, log, bus, channels: CHANNELS });
    relay.start();
    const couriers: Courier[] = [];
    rig = {
      store,
      database,
      lines,
      vault,
      serve: (channel) => {
        const courier = new Courier({ store, clock: systemClock, log, bus, vault, channel });
        couriers.push(courier);
        courier.start();
        return courier;
      },
      user: async (email, language = 'en') => {
        const id = randomIds.next();
        await store.users.create({ id, email, passwordHash: 'hash', at: systemClock.now(), language });
        return id;
      },
      set: async (userId, settings = {}) => {
        const { language } = await store.notices.settings(userId);
        await store.notices.putSettings(userId, { ...firstSettings(language), digest: null, channels: {}, ...settings }, systemClock.now());
      },
      reach: async (userId, channel, address) => {
        const target = sealTarget(vault, { userId, channel, address, identity: address, hint: 'the place' }, randomIds.next(), systemClock.now());
        const put = await store.notices.putTarget(target, 10);
        if (typeof put === 'string') throw new Error(put);
        return put;
      },
      tell: (userId, type, data = {}, { botId, key = randomIds.next() } = {}) =>
        store.facts.add({ dedupeKey: key, userId, botId: botId ?? null, type, data, at: systemClock.now() }),
      states: async () => (await database.query<{ state: string }>('select state from deliveries order by id')).map(({ state }) => state),
    };
    close = async () => {
      await relay.close();
      await Promise.all(couriers.map((courier) => courier.close()));
      await bus.close();
      await database.drop();
    };
  });
  afterEach(() => close());
  return () => {
    if (rig === null) throw new Error('not open yet');
    return rig;
  };
}
