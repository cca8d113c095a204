/** The streams of own things on a scripted store: what appears late is told, what fails is read again, and nothing is kept for ever. */
import { expect, it, onTestFinished } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import type { Bus } from '#core/ports.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { NOTICE_TOPIC, type NoticeNews } from '../notices/topics.ts';
import { LINGER_MS, LOOK_MS, OwnStreams, SOON_MS } from './own-streams.ts';
import type { Change } from './stream.ts';

const bot = (id: string, userId: string, name: string) => ({ id, userId, name }) as unknown as BotRecord;

function world() {
  const rows = { orders: new Map<number, string>(), bots: [] as BotRecord[], reads: 0, isBroken: false };
  const live: Store['live'] = {
    newestOrderEvent: async () => Math.max(0, ...rows.orders.keys()),
    bots: async (userIds) => {
      rows.reads += 1;
      if (rows.isBroken) throw new Error('the database is gone');
      return rows.bots.filter(({ userId }) => userIds.includes(userId));
    },
    jobs: async () => [],
    openOrders: async () => [],
    orderEvents: async ({ after, missing }) =>
      [...rows.orders.keys()]
        .filter((id) => id > after || missing.includes(id))
        .sort((one, other) => one - other)
        .map((id) => ({ id, orderId: String(id) })),
    orders: async (ids, userIds) =>
      ids.map((id) => ({ id, userId: rows.orders.get(Number(id)), state: 'accepted' }) as OrderRecord).filter(({ userId }) => userIds.includes(userId)),
  };
  const clock = new ManualClock();
  const memory = memoryBus(quietLog());
  const gaps: (() => void)[] = [];
  const bus: Bus = {
    publish: (topic, message) => memory.publish(topic, message),
    subscribe: (topic, handler, onGap) => {
      if (topic === NOTICE_TOPIC && onGap !== undefined) gaps.push(onGap);
      return memory.subscribe(topic, handler, onGap);
    },
  };
  let epochs = 0;
  const ids = { next: () => `epoch ${(epochs += 1)}`, secret: () => '' };
  const present = {
    bot: ({ name }: BotRecord) => ({ name }),
    order: ({ id }: OrderRecord) => ({ id }),
    notice: ({ title, unread }: NoticeNews) => ({ title, unread }),
    job: () => ({}),
  };
  const streams = new OwnStreams({ store: { live }, bus, clock, ids, log: quietLog(), present });
  onTestFinished(() => streams.close());
  const follow = async (userId: string) => {
    const heard: string[] = [];
    const told = ({ topic, key, data }: Change): void => void heard.push(`${topic} ${key} ${data === null ? 'gone' : JSON.stringify(data)}`);
    return { heard, ...(await streams.follow(userId, told)) };
  };
  const loseWords = (): void => gaps.forEach((onGap) => void onGap());
  return { rows, clock, bus, streams, follow, loseWords };
}

it('tells each user the own rows, those too whose numbers appear after later ones', async () => {
  const { rows, clock, follow } = world();
  const [ada, eve] = [await follow('ada'), await follow('eve')];
  rows.orders.set(1, 'ada');
  rows.orders.set(3, 'eve');
  await clock.advance(LOOK_MS);
  rows.orders.set(2, 'ada');
  await clock.advance(2 * LOOK_MS);
  expect(ada.heard).toEqual(['orders 1 {"id":"1"}', 'orders 2 {"id":"2"}']);
  expect(eve.heard).toEqual(['orders 3 {"id":"3"}']);
});

it('tells notices as the bus has them, to their user alone, and that some may be lost', async () => {
  const { bus, follow, loseWords } = world();
  const [ada, eve] = [await follow('ada'), await follow('eve')];
  bus.publish(NOTICE_TOPIC, { userId: 'ada', id: '7', title: 'Calm is running', unread: 3 });
  await settle();
  expect(ada.heard).toEqual(['notices 7 {"title":"Calm is running","unread":3}']);
  loseWords();
  expect(eve.heard).toEqual(['notices * gone']);
  expect(ada.heard).toHaveLength(2);
});

it('reads again what could not be read, and hears at once of what the bus tells', async () => {
  const { rows, clock, bus, follow } = world();
  const ada = await follow('ada');
  rows.isBroken = true;
  rows.bots.push(bot('b', 'ada', 'Calm'));
  await clock.advance(3 * LOOK_MS);
  rows.isBroken = false;
  await clock.advance(LOOK_MS);
  expect(ada.heard).toEqual(['bots b {"name":"Calm"}']);
  rows.bots[0] = bot('b', 'ada', 'Calmer');
  bus.publish('bot_commands', {});
  await clock.advance(SOON_MS);
  expect(ada.heard.at(-1)).toBe('bots b {"name":"Calmer"}');
  rows.bots.length = 0;
  await clock.advance(LOOK_MS);
  expect(ada.heard.at(-1)).toBe('bots b gone');
});

it('refuses whom it cannot fill a stream for, and fills it the next time', async () => {
  const { rows, follow } = world();
  rows.isBroken = true;
  await expect(follow('ada')).rejects.toThrow('the database is gone');
  rows.isBroken = false;
  expect((await follow('ada')).stream.epoch).toBe('epoch 2');
});

it('keeps a stream for whoever comes back in time, and then forgets it and asks for nothing', async () => {
  const { rows, clock, streams, follow } = world();
  const first = await follow('ada');
  first.leave();
  await clock.advance(LINGER_MS - LOOK_MS);
  const second = await follow('ada');
  expect(second.stream).toBe(first.stream);
  second.leave();
  await clock.advance(LINGER_MS + 2 * LOOK_MS);
  expect(streams.size).toBe(0);
  const { reads } = rows;
  await clock.advance(10 * LOOK_MS);
  await settle();
  expect(rows.reads).toBe(reads);
  expect((await follow('ada')).stream.epoch).not.toBe(first.stream.epoch);
});
