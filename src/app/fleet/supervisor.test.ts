import { expect, it } from 'vitest';
import type { Bus } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { Supervisor, SWEEP_MS } from './supervisor.ts';

/** A bus that a test speaks on, and a store that counts how often it was looked through. */
function setUp({
  bots = [],
  accounts = [],
  botTypes = null,
}: {
  bots?: readonly unknown[];
  accounts?: readonly unknown[];
  botTypes?: readonly string[] | null;
} = {}) {
  const topics = new Map<string, { readonly say: (message?: Readonly<Record<string, unknown>>) => void; readonly gap: () => void }>();
  const bus: Bus = {
    publish: () => undefined,
    subscribe: (topic, handler, onGap) => {
      topics.set(topic, { say: (message = {}) => handler(message), gap: () => onGap?.() });
      return () => topics.delete(topic);
    },
  };
  let sweeps = 0;
  const store = {
    bots: {
      due: async () => {
        sweeps += 1;
        return bots;
      },
    },
    operations: { observing: async () => null },
    runners: { beat: async () => [], leave: async () => undefined },
    orders: { wishedOff: async () => [] },
    commands: { due: async () => [] },
    stewardship: { due: async () => accounts },
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
        botTypes,
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

it('leaves a word about what another runner holds, or may not run itself, to others; the sweep by the clock finds what nobody heeds', async () => {
  const due = (id: string, lease: unknown) => ({ id, strategy: 'grid', accountId: 'a', userId: 'u', status: 'running', desired: 'running', lease });
  const other = { owner: 'other', isLive: true };
  const { supervisor, clock, topics, sweeps } = setUp({
    bots: [due('theirs', other), due('orphan', { owner: 'dead', isLive: false })],
    accounts: [{ account: { id: 'their account', exchange: 'nowhere' }, lease: other }],
    botTypes: ['grid'],
  });
  await supervisor.start();
  let expected = 1;
  for (const [topic, message, isHeeded] of [
    ['bot_commands', { botId: 'theirs', strategy: 'grid' }, false],
    ['bot_commands', { botId: 'new', strategy: 'dca' }, false],
    ['bot_commands', { from: 'me' }, false],
    ['bot_commands', { botId: 'new', strategy: 'grid' }, true],
    ['bot_commands', { botId: 'orphan' }, true],
    ['bot_commands', { from: 'other' }, true],
    ['order_commands', { action: 'place', accountId: 'their account', orderId: 'o' }, false],
    ['order_commands', { action: 'cancel', accountId: 'their account', clientOrderId: 'c' }, false],
    ['order_commands', { action: 'cancel', accountId: 'free account', botId: 'theirs', clientOrderId: 'c' }, false],
    ['order_commands', { action: 'cancel', accountId: 'their account', botId: 'orphan', clientOrderId: 'c' }, true],
    ['order_commands', { action: 'place', accountId: 'free account', orderId: 'o' }, true],
  ] as const) {
    topics.get(topic)?.say(message);
    await settle();
    expected += isHeeded ? 1 : 0;
    expect(sweeps(), `${topic} ${JSON.stringify(message)}`).toBe(expected);
  }
  await clock.advance(SWEEP_MS);
  expect(sweeps()).toBe(expected + 1);
  await supervisor.close();
});
