/** Users hear once that their plan ends in three days, and once that it has ended. */
import { expect, it, onTestFinished } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import { templateOf } from '#core/notices/templates.ts';
import { wordsOf } from '#core/notices/wording.ts';
import { GRACE_MS, WARNED_MS } from '#core/plans/plan.ts';
import type { PaymentEvent } from '#core/plans/subscription-store.ts';
import { createTestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryJobs } from '#test/support/memory-jobs.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { takeFacts } from '#test/support/told-facts.ts';
import { makeUser } from '#test/support/trading-world.ts';
import { PLANS_AT_ONCE, TOLD_LATE_MS } from '../../plans/plan-ends.ts';
import { Plans } from '../../plans/plans.ts';
import { workOn } from '../job-bench.ts';
import type { JobParts } from '../job-kind.ts';
import { planEnds } from './plan-ends.ts';

const DAY_MS = 86_400_000;

async function world(eventsMs = 180 * DAY_MS) {
  const { store, query, drop } = await createTestStore();
  onTestFinished(drop);
  const clock = new ManualClock();
  const userId = await makeUser(store);
  const jobs = memoryJobs(() => clock.now());
  await workOn(jobs, [planEnds], { store, clock, log: quietLog(), keptFor: { eventsMs } } as unknown as JobParts);
  const sweep = async () => {
    await jobs.enqueue('tasks', { kind: 'plan_ends', data: {} });
    const done = await jobs.doNext();
    const facts = await takeFacts(store, 1_000);
    expect(done).toMatchObject({ state: 'completed', result: { told: facts.length } });
    return facts.map(({ type, userId: whose, data }) => ({ type, whose, data }));
  };
  const plans = new Plans({ store, clock, bus: memoryBus(quietLog()), ids: { next: () => '', secret: () => '' }, digest: (text) => text });
  const pay = (event: PaymentEvent) => plans.pay(event);
  const data = (expiresAt: number) => ({ plan: 'vip', expires_at: new Date(expiresAt).toISOString() });
  return { store, query, clock, userId, jobs, sweep, data, pay };
}

it('tells of the end of what was granted three days before and at the end, each once', async () => {
  const { store, clock, userId, jobs, sweep, data } = await world();
  expect([...jobs.schedulesSet.keys()]).toEqual(['plan_ends']);
  const end = clock.now() + 30 * DAY_MS;
  await store.subscriptions.grant(userId, 'vip', end, clock.now());
  await clock.advance(30 * DAY_MS - WARNED_MS - 1);
  expect(await sweep()).toEqual([]);
  await clock.advance(1);
  expect(await sweep()).toEqual([{ type: 'plan_expiring', whose: userId, data: data(end) }]);
  const { title, text } = templateOf('plan_expiring');
  expect(wordsOf(title.en, data(end), 'en')).toBe('Your plan VIP ends soon');
  expect(wordsOf(text.en, data(end), 'en')).toBe('It ends 2023-12-14 22:13 UTC.');
  expect(await sweep(), 'a second sweep tells nothing').toEqual([]);
  await clock.advance(WARNED_MS - 1);
  expect(await sweep(), 'it holds still').toEqual([]);
  await clock.advance(1);
  expect(await sweep()).toEqual([{ type: 'plan_expired', whose: userId, data: data(end) }]);
  await clock.advance(3_600_000);
  expect(await sweep()).toEqual([]);
});

it('tells of the end of what was paid for only when its grace is over', async () => {
  const { clock, userId, sweep, data, pay } = await world();
  const end = clock.now() + 10 * DAY_MS;
  await pay({ id: 'payment', kind: 'paid', userId, days: 10 });
  await clock.advance(8 * DAY_MS);
  expect(await sweep()).toEqual([{ type: 'plan_expiring', whose: userId, data: data(end) }]);
  await clock.advance(2 * DAY_MS + GRACE_MS - 1);
  expect(await sweep(), 'in grace').toEqual([]);
  await clock.advance(1);
  expect(await sweep()).toEqual([{ type: 'plan_expired', whose: userId, data: data(end) }]);
});

it('tells at once of the end of what was paid for when the payment is taken back, once, and nothing where nothing ends', async () => {
  const { store, clock, userId, sweep, data, pay } = await world();
  const given = await makeUser(store);
  await store.subscriptions.grant(given, 'vip', clock.now() + DAY_MS * 60, clock.now());
  const end = clock.now() + 10 * DAY_MS;
  await pay({ id: 'payment', kind: 'paid', userId, days: 10 });
  await clock.advance(DAY_MS);
  expect(await pay({ id: 'refund', kind: 'ended', userId, days: 0 })).toBe('applied');
  expect(await pay({ id: 'refund', kind: 'ended', userId, days: 0 })).toBe('repeated');
  await pay({ id: 'chargeback', kind: 'ended', userId, days: 0 });
  await pay({ id: 'foreign', kind: 'ended', userId: given, days: 0 });
  const told = await takeFacts(store, 10);
  const facts = told.map(({ type, userId: whose, data: what }) => ({ type, whose, data: what }));
  expect(facts).toEqual([{ type: 'plan_expired', whose: userId, data: { ...data(end), cause: 'payment_taken_back' } }]);
  const { text } = templateOf('plan_expired');
  expect(wordsOf(text.en, facts[0]?.data ?? {}, 'en')).toBe('Its payment was taken back.\nWhat is part of it is closed until you renew it. Your bots go on.');
  expect(wordsOf(text.ru, data(end), 'ru')).toBe('Его возможности закрыты до продления. Боты продолжают работу.');
  await clock.advance(9 * DAY_MS + GRACE_MS);
  expect(await sweep()).toEqual([]);
});

it('tells once of the end that was told before its payment was taken back', async () => {
  const { store, clock, userId, sweep, pay } = await world();
  await pay({ id: 'payment', kind: 'paid', userId, days: 1 });
  await clock.advance(DAY_MS + GRACE_MS);
  expect(await sweep()).toHaveLength(1);
  await pay({ id: 'refund', kind: 'ended', userId, days: 0 });
  expect(await takeFacts(store, 10)).toEqual([]);
});

it('tells nothing of what was renewed in time, given up, or has no end, and tells of the end of the renewed', async () => {
  const { store, clock, userId, sweep, data, pay } = await world();
  const [quitter, forever] = [await makeUser(store), await makeUser(store)];
  const end = clock.now() + 10 * DAY_MS;
  await pay({ id: 'first', kind: 'paid', userId, days: 10 });
  await store.subscriptions.grant(quitter, 'vip', end, clock.now());
  await store.subscriptions.grant(forever, 'vip', null, clock.now());
  await clock.advance(6 * DAY_MS);
  await pay({ id: 'second', kind: 'paid', userId, days: 20 });
  await store.subscriptions.giveUp(quitter, clock.now());
  for (let day = 6; day < 27; day += 1) {
    expect(await sweep(), `day ${day}`).toEqual([]);
    await clock.advance(DAY_MS);
  }
  expect(await sweep()).toEqual([{ type: 'plan_expiring', whose: userId, data: data(end + 20 * DAY_MS) }]);
});

it('tells late after a standstill, but not of what is long over', async () => {
  const { store, clock, userId, sweep } = await world();
  const other = await makeUser(store);
  await store.subscriptions.grant(userId, 'vip', clock.now() + DAY_MS, clock.now());
  await store.subscriptions.grant(other, 'vip', clock.now() + DAY_MS + 1, clock.now());
  await clock.advance(DAY_MS + TOLD_LATE_MS);
  expect((await sweep()).map(({ type, whose }) => [type, whose])).toEqual([['plan_expired', other]]);
});

it('tells nothing twice where events are forgotten after a day', async () => {
  const { store, query, clock, userId, sweep } = await world(DAY_MS);
  await store.subscriptions.grant(userId, 'vip', clock.now() + WARNED_MS, clock.now());
  expect(await sweep()).toHaveLength(1);
  await query('delete from facts');
  await clock.advance(DAY_MS);
  expect(await sweep()).toEqual([]);
});

it('reaches everybody, however many', async () => {
  const { store, query, clock, sweep } = await world();
  const end = clock.now() + DAY_MS;
  await query(
    `insert into users (id, email, password_hash, role, created_at) select 'many' || n, 'many' || n || '@example.org', 'hash', 'user', 0 from generate_series(0, ${PLANS_AT_ONCE}) n`,
  );
  await query(
    `insert into subscriptions (user_id, plan, source, since, expires_at, changed_at) select 'many' || n, 'vip', 'code', 0, ${end}, 0 from generate_series(0, ${PLANS_AT_ONCE}) n`,
  );
  expect(new Set((await sweep()).map(({ whose }) => whose)).size).toBe(PLANS_AT_ONCE + 1);
  expect(await store.facts.parked()).toBe(0);
});
