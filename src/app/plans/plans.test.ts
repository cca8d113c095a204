/** What is believed of plans, and for how long. */
import { expect, it } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import type { Subscription } from '#core/plans/plan.ts';
import type { Store } from '#core/store/store.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { BELIEVED_MS, MAX_REMEMBERED, PLAN_CHANGED, Plans } from './plans.ts';

function world() {
  const clock = new ManualClock();
  const bus = memoryBus(quietLog());
  const state = { plan: 'vip' as Subscription['plan'], expiresAt: null as number | null, reads: 0 };
  const get = async (userId: string): Promise<Subscription> => {
    state.reads += 1;
    return { userId, plan: state.plan, source: 'grant', since: 0, expiresAt: state.expiresAt, changedAt: 0 };
  };
  const store = { subscriptions: { get } } as unknown as Store;
  return { clock, bus, state, plans: new Plans({ store, clock, bus, ids: { next: () => '', secret: () => '' }, digest: (text) => text }) };
}

it('is read once in a while, again when it is said to have changed, and ends on time in between', async () => {
  const { clock, bus, state, plans } = world();
  expect([await plans.planOf('ada'), await plans.planOf('ada'), state.reads]).toEqual(['vip', 'vip', 1]);
  state.plan = 'free';
  expect(await plans.planOf('ada')).toBe('vip');
  bus.publish(PLAN_CHANGED, { userId: 'ada' });
  await settle();
  expect(await plans.planOf('ada')).toBe('free');
  Object.assign(state, { plan: 'vip', expiresAt: clock.now() + BELIEVED_MS + 10 });
  await clock.advance(BELIEVED_MS);
  expect(await plans.planOf('ada')).toBe('vip');
  await clock.advance(10);
  expect(await plans.planOf('ada'), 'what is believed has an end too').toBe('free');
  expect(state.reads).toBe(3);
});

it('is remembered of so many users at most', async () => {
  const { plans, state } = world();
  for (let user = 0; user <= MAX_REMEMBERED; user += 1) await plans.planOf(String(user));
  expect(plans.remembered).toBe(MAX_REMEMBERED);
  const { reads } = state;
  await plans.planOf('1');
  expect(state.reads).toBe(reads);
  await plans.planOf('0');
  expect(state.reads).toBe(reads + 1);
});
