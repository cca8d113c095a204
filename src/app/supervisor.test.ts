import { expect, it } from 'vitest';
import type { Bus } from '#core/ports.ts';
import type { Store } from '#core/store.ts';
import { ManualClock, settle } from '../../test/support/manual-clock.ts';
import { quietLog } from '../../test/support/quiet-log.ts';
import { Supervisor, SWEEP_MS } from './supervisor.ts';

/** A bus that a test speaks on, and a store that counts how often it was looked through. */
function setUp() {
  const topics = new Map<string, { readonly say: () => void; readonly gap: () => void }>();
  const bus: Bus = {
    publish: () => undefined,
    subscribe: (topic, handler, onGap) => {
      topics.set(topic, { say: () => handler({}), gap: () => onGap?.() });
      return () => topics.delete(topic);
    },
  };
  let sweeps = 0;
  const store = {
    bots: {
      due: async () => {
        sweeps += 1;
        return [];
      },
    },
    operations: { observing: async () => null },
    runners: { beat: async () => [], leave: async () => undefined },
    orders: { wishedOff: async () => [] },
    commands: { due: async () => [] },
    stewardship: { due: async () => [] },
  } as unknown as Store;
  const clock = new ManualClock();
  const supervisor = new Supervisor(
    {
      ...{
        store,
        clock,
        bus,
        log: quietLog(),
        owner: 'me',
        botTypes: null,
        self: { host: 'here', pid: 1, version: '1', roles: ['bots'] },
        venues: new Map(),
        strategies: new Map(),
      },
      ...{ ids: { next: () => 'id', secret: () => 'secret' }, vault: { seal: () => ({ sealed: '', keyVersion: 1 }), open: () => '', fingerprint: () => '' } },
    },
    1,
  );
  return { supervisor, clock, topics, sweeps: () => sweeps };
}

it('looks through the store by its own clock, at once when it is told to, and at once after words may have been lost', async () => {
  const { supervisor, clock, topics, sweeps } = setUp();
  await supervisor.start();
  expect(sweeps()).toBe(1);
  await clock.advance(SWEEP_MS);
  expect(sweeps()).toBe(2);
  for (const [topic, how, expected] of [
    ['bot_commands', 'say', 3],
    ['order_commands', 'say', 4],
    ['bot_commands', 'gap', 5],
  ] as const) {
    topics.get(topic)?.[how]();
    await settle();
    expect(sweeps(), `${topic} ${how}`).toBe(expected);
  }
  await supervisor.close();
  expect(topics.size).toBe(0);
});
