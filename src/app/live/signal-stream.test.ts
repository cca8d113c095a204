/** The stream of signals on a scripted store: how many are told at most, and what happens while the store does not answer. */
import { expect, it, onTestFinished } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import { aSignal } from '#core/signals/signal.fixture.ts';
import { SIGNALS_TOPIC } from '#core/signals/signal.ts';
import type { Store } from '#core/store/store.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { MAX_OPEN_SIGNALS, SignalStream } from './signal-stream.ts';

function world() {
  const bus = memoryBus(quietLog());
  const clock = new ManualClock();
  const state = { reads: 0, isBroken: false };
  const list = async () => {
    state.reads += 1;
    if (state.isBroken) throw new Error('the database is gone');
    return { items: [aSignal({ id: 'kept' })], nextCursor: null };
  };
  const store = { signals: { list, get: async () => null }, posts: { openSignals: async () => [] } } as unknown as Store;
  const stream = new SignalStream({
    store,
    bus,
    clock,
    ids: { next: () => 'epoch', secret: () => '' },
    log: quietLog(),
    present: ({ id, version }) => ({ id, version }),
  });
  onTestFinished(() => stream.close());
  let sequence = 0;
  const open = (id: string): void => bus.publish(SIGNALS_TOPIC, { epoch: 1, sequence: (sequence += 1), change: 'opened', signal: aSignal({ id }) });
  return { bus, clock, state, stream, open, skip: () => (sequence += 1) };
}

it('tells of so many open signals at most', async () => {
  const { stream, open } = world();
  const { stream: followed } = await stream.follow(() => undefined);
  for (let number = 0; number <= MAX_OPEN_SIGNALS; number += 1) open(`n${number}`);
  await settle();
  expect([...followed.present()]).toHaveLength(MAX_OPEN_SIGNALS);
});

it('asks nobody before somebody follows, and again after a failure until there is an answer', async () => {
  const { stream, open, state, clock, skip } = world();
  open('early');
  await settle();
  expect(state.reads).toBe(0);
  state.isBroken = true;
  await expect(stream.follow(() => undefined)).rejects.toThrow('the database is gone');
  state.isBroken = false;
  await stream.follow(() => undefined);
  open('a');
  state.isBroken = true;
  skip();
  open('b');
  await settle();
  const { reads } = state;
  await clock.advance(10_000);
  expect(state.reads).toBeGreaterThan(reads);
  state.isBroken = false;
  await clock.advance(2_000);
  const { reads: answered } = state;
  await clock.advance(60_000);
  expect(state.reads).toBe(answered);
});
