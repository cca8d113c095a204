/** Users are told of signals: who, when, how often and in which words. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { FactRecord } from '#core/facts.ts';
import { PLAN_TERMS } from '#core/plans/plan.ts';
import { NO_CHOICES, type SignalChoices } from '#core/signals/choices.ts';
import { aSignal } from '#core/signals/signal.fixture.ts';
import type { Signal } from '#core/signals/signal.ts';
import { REOPENED_QUIET_MS, RISEN_MS } from '#core/signals/telling.ts';
import type { Lease } from '#core/store/leases.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { takeFacts } from '#test/support/told-facts.ts';
import { holdLease, makeUser } from '#test/support/trading-world.ts';
import { MAX_WAITING_FACTS, SignalTeller, TELL_MS } from './signal-teller.ts';

const FREE_DELAY_MS = PLAN_TERMS.free.signalDelayMs;
const HOUR_MS = 3_600_000;
const TITLE = { en: 'MEXC spot against futures', ru: 'MEXC: спот и фьючерсы' };

let database: TestStore;
let lease: Lease;
let clock: ManualClock;
let teller: SignalTeller;

beforeEach(async () => {
  database = await createTestStore();
  onTestFinished(database.drop);
  lease = await holdLease(database.store, 'scanner:signals');
  clock = new ManualClock();
  teller = new SignalTeller({ store: database.store, clock, log: quietLog(), titles: new Map([['mexc-spot-futures', TITLE]]) });
});

async function user(plan: 'free' | 'vip', choices: Partial<SignalChoices> | null = null): Promise<string> {
  const id = await makeUser(database.store);
  if (plan === 'vip') await database.store.subscriptions.grant(id, 'vip', null, clock.now());
  if (choices !== null) await database.store.signalChoices.put(id, { ...NO_CHOICES, ...choices }, clock.now());
  return id;
}

/** Keeps it as its scanner would, with a point of its course. */
async function keep(parts: Partial<Signal> & Pick<Signal, 'id'>): Promise<Signal> {
  const signal = aSignal({ openedAt: clock.now(), updatedAt: clock.now(), ...parts });
  const { id: signalId, updatedAt: at, entryPercent, exitPercent, netPercent, maxSizeQuote } = signal;
  await database.store.signals.keep(lease, {
    signals: [signal],
    points: [{ signalId, at, entryPercent, exitPercent, netPercent, maxSizeQuote }],
    outcomes: [],
  });
  return signal;
}

const close = (signal: Signal, parts: Partial<Signal> = {}): Promise<Signal> =>
  keep({
    ...signal,
    version: signal.version + 1,
    state: 'closed',
    closedAt: clock.now(),
    updatedAt: clock.now(),
    closeReason: 'spread_gone',
    paidPercent: '0.4',
    ...parts,
  });

async function told(): Promise<readonly FactRecord[]> {
  await teller.sweep();
  return takeFacts(database.store, 1_000);
}

const whoAndWhat = (facts: readonly FactRecord[]): readonly string[] =>
  facts.map(({ userId, type, data }) => `${userId} ${type} ${String(data['signal_id'])}`).sort();

describe('a signal that opens', () => {
  it('is told to VIP at once and to the free plan as it was a minute ago, each once', async () => {
    const [vip, free] = [await user('vip'), await user('free')];
    const signal = await keep({ id: 'a', netPercent: '2.5' });
    const [first, ...others] = await told();
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      userId: vip,
      type: 'signal_opened',
      botId: null,
      dedupeKey: `signal:a:${vip}:opened`,
      data: {
        ...{ signal_id: 'a', scanner_en: TITLE.en, scanner_ru: TITLE.ru, symbol: 'ABC/USDT', net_percent: '2.5', size: '500', max_size: '2400' },
        ...{ buy_venue: 'mexc', buy_market: 'spot', buy_symbol: 'ABC/USDT', buy_age_seconds: 0, sell_market: 'futures', delay_seconds: null },
      },
    });
    await clock.advance(FREE_DELAY_MS - 1);
    await keep({ ...signal, version: 2, netPercent: '9', peakNetPercent: '9', updatedAt: clock.now() });
    expect(await told()).toEqual([]);
    await clock.advance(1);
    const [late, ...more] = await told();
    expect(more).toEqual([]);
    expect(late).toMatchObject({ userId: free, data: { net_percent: '2.5', buy_age_seconds: null, delay_seconds: FREE_DELAY_MS / 1_000 } });
    await clock.advance(10 * RISEN_MS);
    expect(await told()).toEqual([]);
  });

  it('is told by thresholds, mute and watch lists, and not to whom it is hidden or who wants none', async () => {
    const expected = await Promise.all([
      user('vip'),
      user('vip', {}),
      user('vip', { minNetPercent: '2.2963', minSizeQuote: '2400' }),
      user('vip', { watchedBases: ['ABC'], mutedBases: ['XYZ'], mutedVenues: ['okx'], mutedScanners: ['cex-dex'] }),
      user('vip', { watchedBases: ['XYZ'], told: 'all' }),
      user('vip', { watchedBases: ['ABC'], told: 'watched' }),
    ]);
    for (const choices of [
      { minNetPercent: '2.2964' },
      { minSizeQuote: '2400.01' },
      { mutedBases: ['ABC'] },
      { mutedVenues: ['mexc'] },
      { mutedScanners: ['mexc-spot-futures'] },
      { watchedBases: ['XYZ'] },
      { told: 'watched' },
      { told: 'none' },
    ] as const)
      await user('vip', choices);
    const blind = await user('vip');
    await keep({ id: 'a' });
    await database.store.signalChoices.hide(blind, 'a', clock.now());
    expect((await told()).map(({ userId }) => userId).sort()).toEqual([...expected].sort());
  });

  it('is told when it becomes good enough for a threshold, and not again to the others', async () => {
    const [easy, hard] = [await user('vip'), await user('vip', { minNetPercent: '3' })];
    const signal = await keep({ id: 'a', netPercent: '1' });
    expect(whoAndWhat(await told())).toEqual([`${easy} signal_opened a`]);
    await keep({ ...signal, version: 2, netPercent: '3', updatedAt: clock.now() });
    await clock.advance(RISEN_MS - 1);
    expect(await told(), 'offered anew every few seconds only').toEqual([]);
    await clock.advance(1);
    expect(whoAndWhat(await told())).toEqual([`${hard} signal_opened a`]);
  });

  it('is told to nobody from quarantine, nor when it is over before anybody could be told', async () => {
    await user('vip');
    await keep({ id: 'a', quarantine: 'implausible' });
    await close(await keep({ id: 'b' }));
    expect(await told()).toEqual([]);
    await clock.advance(FREE_DELAY_MS);
    expect(await told()).toEqual([]);
  });

  it('is not told again when it opens anew soon after, and is later', async () => {
    const vip = await user('vip');
    const first = await keep({ id: 'a', key: 'same' });
    await told();
    await close(first);
    await told();
    await clock.advance(REOPENED_QUIET_MS - 1);
    const again = await keep({ id: 'b', key: 'same' });
    expect(await told()).toEqual([]);
    await close(again);
    expect(await told(), 'and its close neither').toEqual([]);
    await clock.advance(1);
    await keep({ id: 'c', key: 'same' });
    expect(whoAndWhat(await told())).toEqual([`${vip} signal_opened c`]);
  });

  it('is told of after all when it opened anew too soon and lasts, as soon as that is over', async () => {
    const vip = await user('vip');
    const first = await keep({ id: 'a', key: 'same' });
    await told();
    await close(first);
    await clock.advance(1_000);
    await keep({ id: 'b', key: 'same' });
    expect(whoAndWhat(await told())).toEqual([`${vip} signal_closed a`]);
    await clock.advance(REOPENED_QUIET_MS - 1_001);
    expect(await told()).toEqual([]);
    await clock.advance(1);
    expect(whoAndWhat(await told())).toEqual([`${vip} signal_opened b`]);
    await clock.advance(REOPENED_QUIET_MS);
    expect(await told()).toEqual([]);
  });

  it('that cannot be told keeps no other waiting', async () => {
    const vip = await user('vip');
    await keep({ id: 'bad', key: 'bad' });
    await keep({ id: 'good', netPercent: '1' });
    await database.query(`alter table told_signals add constraint trouble check (key <> 'bad')`);
    expect(whoAndWhat(await told())).toEqual([`${vip} signal_opened good`]);
    await database.query('alter table told_signals drop constraint trouble');
    expect(whoAndWhat(await told())).toEqual([`${vip} signal_opened bad`]);
  });

  it('waits while the outbox is full of other facts', async () => {
    const vip = await user('vip');
    await keep({ id: 'a' });
    await database.query(
      `insert into facts (dedupe_key, user_id, type, data, at) select 'f' || n, '${vip}', 'order_filled', '{}', 0 from generate_series(1, ${MAX_WAITING_FACTS}) n`,
    );
    expect(await teller.sweep()).toBe(0);
    await takeFacts(database.store, 1);
    expect(await teller.sweep()).toBe(1);
  });
});

describe('a signal that closes', () => {
  it('is told to those who were told of its opening, when their plan shows it', async () => {
    const [vip, free, deaf] = [await user('vip'), await user('free'), await user('vip', { told: 'none' })];
    const signal = await keep({ id: 'a' });
    await told();
    await clock.advance(FREE_DELAY_MS + 30_000);
    expect(whoAndWhat(await told())).toEqual([`${free} signal_opened a`]);
    await database.store.signalChoices.put(deaf, NO_CHOICES, clock.now());
    await close(signal, { peakNetPercent: '3.1' });
    const [fact, ...others] = await told();
    expect(others).toEqual([]);
    expect(fact).toMatchObject({
      userId: vip,
      type: 'signal_closed',
      data: { signal_id: 'a', lasted_seconds: 90, peak_percent: '3.1', paid_percent: '0.4', unpaid: null, reason: 'spread_gone' },
    });
    await clock.advance(FREE_DELAY_MS - 1);
    expect(await told()).toEqual([]);
    await clock.advance(1);
    expect(whoAndWhat(await told())).toEqual([`${free} signal_closed a`]);
    await clock.advance(FREE_DELAY_MS);
    expect(await told()).toEqual([]);
  });

  it('is told late to whoever has lost the plan meanwhile', async () => {
    const vip = await user('vip');
    const signal = await keep({ id: 'a' });
    await clock.advance(FREE_DELAY_MS);
    await told();
    await database.store.subscriptions.grant(vip, 'free', null, clock.now());
    await close(signal, { paidPercent: null });
    expect(await told()).toEqual([]);
    await clock.advance(FREE_DELAY_MS);
    expect(await told()).toMatchObject([{ userId: vip, type: 'signal_closed', data: { paid_percent: null, unpaid: 'no_prices' } }]);
  });
});

describe('more signals in an hour than a plan tells', () => {
  it('are counted, and told once in one notice when the hour is over, with the best of them', async () => {
    const [vip, free] = [await user('vip'), await user('free')];
    const start = clock.now() - (clock.now() % HOUR_MS) + HOUR_MS;
    await clock.advance(start - clock.now());
    const most = PLAN_TERMS.vip.signalNoticesPerHour;
    const signals: Signal[] = [];
    for (let index = 0; index < most + 3; index += 1) signals.push(await keep({ id: `s${index}`, base: `C${index}`, netPercent: String(50 - index) }));
    const facts = await told();
    expect(
      facts.map(({ userId, data }) => `${userId} ${String(data['signal_id'])}`),
      'the best first',
    ).toEqual(signals.slice(0, most).map(({ id }) => `${vip} ${id}`));
    await clock.advance(FREE_DELAY_MS);
    const late = await told();
    expect(late.map(({ userId, type }) => `${userId} ${type}`)).toEqual(new Array(PLAN_TERMS.free.signalNoticesPerHour).fill(`${free} signal_opened`));
    for (const signal of signals) await close(signal);
    expect(await told(), 'no close without its opening').toHaveLength(most);
    await clock.advance(HOUR_MS - FREE_DELAY_MS - 1);
    expect((await told()).filter(({ type }) => type === 'signals_beyond')).toEqual([]);
    await clock.advance(1);
    const beyond = (await told()).map(({ userId, type, data }) => ({ userId, type, data }));
    const hour = new Date(start).toISOString().replace('.000', '');
    expect(beyond).toHaveLength(2);
    expect(beyond).toContainEqual({ userId: vip, type: 'signals_beyond', data: { count: 3, best_percent: '20', best_symbol: `C${most}/USDT`, hour } });
    expect(beyond).toContainEqual({
      userId: free,
      type: 'signals_beyond',
      data: { count: most + 3 - PLAN_TERMS.free.signalNoticesPerHour, best_percent: '45', best_symbol: 'C5/USDT', hour },
    });
    const again = new SignalTeller({ store: database.store, clock, log: quietLog(), titles: new Map() });
    expect(await again.sweep(), 'once, whoever tells').toBe(0);
    await keep({ id: 'new' });
    expect(whoAndWhat(await told())).toEqual([`${vip} signal_opened new`]);
  });
});

describe('several who tell', () => {
  it('tell each signal once between them', async () => {
    const users = await Promise.all(Array.from({ length: 20 }, () => user('vip')));
    for (let index = 0; index < 5; index += 1) await keep({ id: `s${index}` });
    const other = new SignalTeller({ store: database.store, clock, log: quietLog(), titles: new Map() });
    const counts = await Promise.all([teller.sweep(), other.sweep()]);
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(users.length * 5);
    expect(await database.query('select sum(told)::int as told, sum(beyond)::int as beyond from signal_hours')).toEqual([{ told: 100, beyond: 0 }]);
  });

  it('go on by themselves, and stop when they are closed', async () => {
    await user('vip');
    await teller.start();
    await keep({ id: 'a' });
    await clock.advance(TELL_MS);
    await expect.poll(() => takeFacts(database.store).then((facts) => facts.length)).toBe(1);
    await teller.close();
    await keep({ id: 'b' });
    await clock.advance(10 * TELL_MS);
    expect(await takeFacts(database.store)).toEqual([]);
  });
});

it('two thousand users are told of a signal, each by the own threshold', async () => {
  await database.query(
    `insert into users (id, email, password_hash, role, created_at) select 'many' || n, 'many' || n || '@example.org', 'hash', 'user', 0 from generate_series(1, 2000) n`,
  );
  await database.query(
    `insert into subscriptions (user_id, plan, source, since, changed_at) select 'many' || n, 'vip', 'code', 0, 0 from generate_series(1, 2000) n`,
  );
  await database.query(
    `insert into signal_choices (user_id, choices, changed_at) select 'many' || n, json_build_object('minNetPercent', (n % 4)::text, 'minSizeQuote', null,
       'mutedBases', (select json_agg('M' || m) from generate_series(1, 100) m), 'mutedVenues', '[]'::json, 'mutedScanners', '[]'::json, 'watchedBases', '[]'::json), 0
     from generate_series(1, 2000) n`,
  );
  const signal = await keep({ id: 'a', netPercent: '2' });
  expect(await teller.sweep()).toBe(1_500);
  await takeFacts(database.store, 5_000);
  await close(signal);
  expect(await teller.sweep()).toBe(1_500);
  expect(new Set((await takeFacts(database.store, 5_000)).map(({ userId }) => userId)).size).toBe(1_500);
});
