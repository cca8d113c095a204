import { expect, it } from 'vitest';
import type { FactRecord } from '#core/facts.ts';
import type { Store } from '#core/store.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { type KeptLine, quietLog } from '../../test/support/quiet-log.ts';
import { PATIENCE, Relay } from './relay.ts';

/** An outbox in which a fact that failed is due again at once. */
function outbox(ids: readonly string[]) {
  const waiting = new Map<string, FactRecord>();
  const failures = new Map<string, number>();
  for (const id of ids) waiting.set(id, { id, dedupeKey: id, userId: 'user', botId: null, type: 'bot_error', data: {}, at: 1 });
  const facts: Pick<Store['facts'], 'claim' | 'told' | 'failed'> = {
    claim: async (limit) => [...waiting.values()].slice(0, limit),
    told: async (told) => {
      for (const id of told) waiting.delete(id);
    },
    failed: async (id, _problem, { tries }) => {
      failures.set(id, (failures.get(id) ?? 0) + 1);
      if ((failures.get(id) ?? 0) < tries) return 'waiting';
      waiting.delete(id);
      return 'parked';
    },
  };
  return { store: { facts } as unknown as Store, waiting, failures };
}

it('tells the others although one cannot be told, and parks that one loudly in the end', async () => {
  const { store, waiting, failures } = outbox(['1', '2', '3']);
  const lines: KeptLine[] = [];
  const heard: string[] = [];
  const channel = {
    id: 'test',
    send: async (fact: FactRecord) => {
      if (fact.id === '2') throw new Error('the channel chokes on this one');
      heard.push(fact.id);
    },
  };
  const relay = new Relay({ store, clock: new ManualClock(), log: quietLog(lines), channels: [channel] as never });
  expect(await relay.deliver()).toBe(2);
  expect(heard).toEqual(['1', '3']);
  for (let round = 1; round < PATIENCE.tries; round += 1) expect(await relay.deliver()).toBe(0);
  expect([...waiting.keys()]).toEqual([]);
  expect(failures.get('2')).toBe(PATIENCE.tries);
  expect(lines.filter((line) => line.level === 'warn')).toHaveLength(PATIENCE.tries - 1);
  expect(lines.at(-1)).toMatchObject({ level: 'error', fields: { factId: '2' }, message: expect.stringContaining('parked') });
});
