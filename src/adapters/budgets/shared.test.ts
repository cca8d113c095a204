/** Presence, lapses and outages of shared budgets, on a clock that stands still. */
import { expect, it } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import type { OpenBus, SharedBudget } from '#core/ports.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type Counter, IDLE_MS, LAPSE_MS, PRESENCE_MS, sharedBudgets } from './shared.ts';

const LIMITS = { weight: 100, windowMs: 60_000 };
const START = 1_700_000_040_000;

interface World {
  readonly clock: ManualClock;
  readonly bus: OpenBus;
  join(counter?: Counter): SharedBudget;
}

function world(bus: OpenBus = memoryBus(quietLog())): World {
  const clock = new ManualClock(START);
  return { clock, bus, join: (counter) => sharedBudgets({ bus, clock, egress: 'here', counter: counter ?? null }).join('venue', LIMITS, () => undefined) };
}

it('gives an even part to each that spends, and counts nobody who only joined', async () => {
  const { join } = world();
  const [one, two] = [join(), join()];
  expect(await one.take(1, 60, 60)).toEqual({ isGranted: true });
  await two.take(1, 60, 1);
  await settle();
  expect(await one.take(1, 60, 30)).toEqual({ isGranted: true });
  expect(await one.take(1, 60, 31)).toEqual({ isGranted: false, retryMs: 60_000 });
});

it('lets what is heavier than an even part go as the first of a window', async () => {
  const { join } = world();
  const [one, two] = [join(), join()];
  await two.take(1, 60, 1);
  await one.take(1, 60, 1);
  await settle();
  expect(await one.take(40, 60, 40)).toEqual({ isGranted: true });
  expect(await one.take(40, 60, 41)).toMatchObject({ isGranted: false });
});

it('forgets who is silent, idle or gone', async () => {
  const { join, clock } = world();
  const [one, two] = [join(), join()];
  await one.take(1, 60, 1);
  await two.take(1, 60, 1);
  await settle();
  expect(await one.take(1, 60, 31)).toMatchObject({ isGranted: false });
  await clock.advance(IDLE_MS + PRESENCE_MS);
  expect(await one.take(1, 60, 60)).toEqual({ isGranted: true });
  await two.take(1, 60, 1);
  await settle();
  expect(await one.take(1, 60, 31)).toMatchObject({ isGranted: false });
  two.leave();
  await settle();
  expect(await one.take(1, 60, 60)).toEqual({ isGranted: true });
});

it('keeps the others in mind while the bus cannot tell of them', async () => {
  const bus = memoryBus(quietLog());
  let isUp = true;
  const publish: OpenBus['publish'] = (topic, message) => (isUp ? bus.publish(topic, message) : undefined);
  const { join, clock } = world({ ...bus, publish, isUp: () => isUp });
  const [one, two] = [join(), join()];
  await one.take(1, 60, 1);
  await two.take(1, 60, 1);
  await settle();
  isUp = false;
  await clock.advance(LAPSE_MS + PRESENCE_MS);
  expect(await one.take(1, 60, 31)).toMatchObject({ isGranted: false });
});

it('leaves a counter that does not answer alone for a while, and asks it again then', async () => {
  const { join, clock } = world();
  let asked = 0;
  const counter: Counter = {
    take: () => {
      asked += 1;
      return Promise.reject(new Error('gone'));
    },
    tell: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const one = join(counter);
  expect(await one.take(1, 60, 1)).toEqual({ isGranted: true });
  expect(await one.take(1, 60, 2)).toEqual({ isGranted: true });
  expect(asked).toBe(1);
  await clock.advance(1_000);
  await one.take(1, 60, 3);
  expect(asked).toBe(2);
});
