import { expect, it } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import { PortError } from '#core/errors.ts';
import type { FactRecord } from '#core/facts.ts';
import { CHANNELS } from '#core/notices/notice.ts';
import { firstSettings } from '#core/notices/settings.ts';
import type { NoticeStore, Recipient } from '#core/store/notices.ts';
import type { Store } from '#core/store/store.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { PATIENCE, Relay } from './relay.ts';

/** An outbox that chokes on one fact, and in which a fact that failed is due again at once. */
function outbox(ids: readonly string[], bad: string | null) {
  const waiting = new Map<string, FactRecord>();
  const failures = new Map<string, number>();
  const told: string[] = [];
  for (const id of ids) waiting.set(id, { id, dedupeKey: id, userId: 'user', botId: null, type: 'bot_error', data: { bot: 'Grid' }, at: 1 });
  const recipients = new Map<string, Recipient>([['user', { settings: firstSettings('ru'), targets: [{ id: 'target', channel: 'email' }] }]]);
  const spread: NoticeStore['spread'] = async (limit, plan) => {
    // Set back is behind the others, as it is by its pause.
    const facts = [...waiting.values()].sort((left, right) => (failures.get(left.id) ?? 0) - (failures.get(right.id) ?? 0)).slice(0, limit);
    const plans = plan(facts, recipients);
    if (facts.some(({ id }) => id === bad)) throw new Error('the list chokes on this one');
    for (const { id } of facts) waiting.delete(id);
    told.push(...plans.flatMap(({ fact, deliveries }) => deliveries.map(({ targetId }) => `${fact.id} to ${targetId}`)));
    return { facts, notices: facts.map((fact) => ({ ...fact, readAt: null })), unread: new Map([['user', facts.length]]) };
  };
  const facts: Pick<Store['facts'], 'failed'> = {
    failed: async (id, _problem, { tries }) => {
      failures.set(id, (failures.get(id) ?? 0) + 1);
      if ((failures.get(id) ?? 0) < tries) return 'waiting';
      waiting.delete(id);
      return 'parked';
    },
  };
  return { store: { facts, notices: { spread } } as unknown as Store, waiting, failures, told };
}

it('tells the others although one cannot be told, and parks that one loudly in the end', async () => {
  const { store, waiting, failures, told } = outbox(['1', '2', '3'], '2');
  const lines: KeptLine[] = [];
  const log = quietLog(lines);
  const relay = new Relay({ store, clock: new ManualClock(), log, bus: memoryBus(log), channels: CHANNELS });
  await relay.deliver();
  expect(told).toEqual(['1 to target', '3 to target']);
  for (let round = 1; round < PATIENCE.tries; round += 1) await relay.deliver();
  expect([...waiting.keys()]).toEqual([]);
  expect(failures.get('2')).toBe(PATIENCE.tries);
  expect(lines.filter((line) => line.level === 'warn')).toHaveLength(PATIENCE.tries - 1);
  expect(lines.at(-1)).toMatchObject({ level: 'error', fields: { factId: '2' }, message: expect.stringContaining('parked') });
});

it('blames no fact for a store that is away', async () => {
  const { store, failures } = outbox(['1'], null);
  const away = { ...store, notices: { ...store.notices, spread: () => Promise.reject(new PortError('store_unavailable', 'away', { outcome: 'unknown' })) } };
  const relay = new Relay({ store: away, clock: new ManualClock(), log: quietLog(), bus: memoryBus(quietLog()), channels: CHANNELS });
  await expect(relay.deliver()).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(failures.size).toBe(0);
});

it('says on the bus what a screen needs, in the language of the user', async () => {
  const { store } = outbox(['1'], null);
  const bus = memoryBus(quietLog());
  const heard: unknown[] = [];
  bus.subscribe('notice', (message) => heard.push(message));
  await new Relay({ store, clock: new ManualClock(), log: quietLog(), bus, channels: CHANNELS }).deliver();
  await expect
    .poll(() => heard)
    .toEqual([
      {
        userId: 'user',
        id: '1',
        type: 'bot_error',
        severity: 'critical',
        title: 'Grid: Бот остановился из-за ошибки',
        text: '',
        sound: 'alarm',
        botId: null,
        at: 1,
        unread: 1,
      },
    ]);
});

it('puts nothing under way on a channel that is not set up, where nobody would send it', async () => {
  const { store, told } = outbox(['1'], null);
  await new Relay({ store, clock: new ManualClock(), log: quietLog(), bus: memoryBus(quietLog()), channels: ['telegram'] }).deliver();
  expect(told).toEqual([]);
});
