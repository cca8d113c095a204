/** The streams of own things on a scripted store: what appears late is told, what fails is read again, and nothing is kept for ever. */
import { expect, it, onTestFinished } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import type { FactRecord } from '#core/facts.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Store } from '#core/store/store.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { LINGER_MS, LOOK_MS, OwnStreams, SOON_MS } from './own-streams.ts';
import type { Change } from './stream.ts';

const fact = (id: number, userId: string): FactRecord => ({ id: String(id), dedupeKey: String(id), userId, botId: null, type: 'bot_started', data: {}, at: 0 });
const bot = (id: string, userId: string, name: string) => ({ id, userId, name }) as unknown as BotRecord;

function world() {
  const rows = { facts: new Map<number, FactRecord>(), bots: [] as BotRecord[], reads: 0, isBroken: false };
  const live: Store['live'] = {
    heads: async () => ({ orderEvents: 0, facts: Math.max(0, ...rows.facts.keys()) }),
    bots: async (userIds) => {
      rows.reads += 1;
      if (rows.isBroken) throw new Error('the database is gone');
      return rows.bots.filter(({ userId }) => userIds.includes(userId));
    },
    jobs: async () => [],
    openOrders: async () => [],
    orderEvents: async () => [],
    orders: async () => [],
    facts: async ({ after, missing }) =>
      [...rows.facts.values()].filter(({ id }) => Number(id) > after || missing.includes(Number(id))).sort((one, other) => Number(one.id) - Number(other.id)),
  };
  const clock = new ManualClock();
  const bus = memoryBus(quietLog());
  let epochs = 0;
  const ids = { next: () => `epoch ${(epochs += 1)}`, secret: () => '' };
  const present = { bot: ({ name }: BotRecord) => ({ name }), order: () => ({}), notice: ({ id }: FactRecord) => ({ id }), job: () => ({}) };
  const streams = new OwnStreams({ store: { live }, bus, clock, ids, log: quietLog(), present });
  onTestFinished(() => streams.close());
  const follow = async (userId: string) => {
    const heard: string[] = [];
    const told = ({ topic, key, data }: Change): void => void heard.push(`${topic} ${key} ${data === null ? 'gone' : JSON.stringify(data)}`);
    return { heard, ...(await streams.follow(userId, told)) };
  };
  return { rows, clock, bus, streams, follow };
}

it('tells each user the own rows, those too whose numbers appear after later ones', async () => {
  const { rows, clock, follow } = world();
  const [ada, eve] = [await follow('ada'), await follow('eve')];
  rows.facts.set(1, fact(1, 'ada'));
  rows.facts.set(3, fact(3, 'eve'));
  await clock.advance(LOOK_MS);
  rows.facts.set(2, fact(2, 'ada'));
  await clock.advance(2 * LOOK_MS);
  expect(ada.heard).toEqual(['notices 1 {"id":"1"}', 'notices 2 {"id":"2"}']);
  expect(eve.heard).toEqual(['notices 3 {"id":"3"}']);
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
