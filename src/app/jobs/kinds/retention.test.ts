import { beforeEach, expect, it, onTestFinished } from 'vitest';
import type { JobData } from '#core/jobs.ts';
import { aSignal } from '#core/signals/signal.fixture.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type MemoryJobs, memoryJobs } from '#test/support/memory-jobs.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { entryOf, holdLease, makeTradingWorld, newCommit, newFill, newOrder, type TradingWorld } from '#test/support/trading-world.ts';
import { workOn } from '../job-bench.ts';
import type { JobParts } from '../job-kind.ts';
import { REMOVED_MS, retention, TOLD_MS } from './retention.ts';

const DAY_MS = 86_400_000;
const keptFor = { tapesMs: 10 * DAY_MS, equityMs: 20 * DAY_MS, eventsMs: 30 * DAY_MS };

let database: TestStore;
let world: TradingWorld;
let clock: ManualClock;
let jobs: MemoryJobs;

beforeEach(async () => {
  database = await createTestStore();
  onTestFinished(database.drop);
  world = await makeTradingWorld(database.store);
  clock = new ManualClock();
  jobs = memoryJobs(() => clock.now());
  await workOn(jobs, [retention], { store: database.store, clock, log: quietLog(), keptFor } as unknown as JobParts);
});

async function run(): Promise<JobData | null | undefined> {
  await jobs.enqueue('tasks', { kind: 'retention', data: {} });
  return (await jobs.doNext())?.result;
}

const count = async (table: string): Promise<number> => Number((await database.query<{ count: string }>(`select count(*) from ${table}`))[0]?.count);

it('forgets the tape of a run once it has been over for long enough, and keeps that of a run that goes on whatever its age', async () => {
  await database.store.commit(newCommit(world, { run: entryOf(world, 1) }));
  await database.query('update runs set started_at = 0');
  expect(await run()).toMatchObject({ tapes: 0 });
  await database.query(`update runs set ended_at = ${clock.now() - keptFor.tapesMs}, end_reason = 'stopped'`);
  expect(await run()).toMatchObject({ tapes: 0 });
  await database.query('update runs set ended_at = ended_at - 1');
  expect(await run()).toMatchObject({ tapes: 1 });
  expect([await count('journal'), await count('runs')]).toEqual([0, 1]);
});

it('forgets points of equity, facts that were told, notices and commands that were taken when they are too old, and nothing that waits', async () => {
  const { runId, bot } = world;
  for (const [index, at] of [clock.now() - keptFor.equityMs - 1, clock.now() - keptFor.equityMs].entries())
    await database.query(`insert into equity_points (run_id, at, profit, price) values ('${runId}', ${at}, ${index}, 1)`);
  const edge = clock.now() - keptFor.eventsMs;
  for (const [key, toldAt] of [
    ['old', edge - 1],
    ['young', edge],
    ['untold', null],
  ] as const)
    await database.query('insert into facts (dedupe_key, user_id, bot_id, type, data, at, told_at) values ($1, $2, $3, $4, $5, 0, $6)', [
      key,
      world.userId,
      bot.id,
      'order_filled',
      '{}',
      toldAt,
    ]);
  for (const [id, takenAt] of [
    ['taken long ago', edge - 1],
    ['taken', edge],
    ['waiting', null],
  ] as const)
    await database.query('insert into bot_commands (id, bot_id, run_id, name, params, created_at, taken_at) values ($1, $2, $3, $4, $5, 0, $6)', [
      id,
      bot.id,
      runId,
      'add_funds',
      '{}',
      takenAt,
    ]);
  for (const [key, at] of [
    ['old', edge - 1],
    ['young', edge],
  ] as const)
    await database.query(`insert into notifications (dedupe_key, user_id, type, data, at) values ('${key}', '${world.userId}', 'order_filled', '{}', ${at})`);
  const facts = await count('facts');
  expect(await run()).toMatchObject({ equity: 1, facts: 1, notices: 1, commands: 1 });
  expect(await database.query('select dedupe_key as key from notifications')).toEqual([{ key: 'young' }]);
  expect(await database.query('select at from equity_points')).toEqual([{ at: String(clock.now() - keptFor.equityMs) }]);
  expect(await count('facts')).toBe(facts - 1);
  expect(await database.query('select id from bot_commands order by id')).toEqual([{ id: 'taken' }, { id: 'waiting' }]);
});

it('forgets what signals leave behind, and nothing that keeps one from coming back or being told twice', async () => {
  const { store, query } = database;
  const lease = await holdLease(store, 'scanner:signals');
  const [edge, toldEdge, removedEdge] = [clock.now() - keptFor.eventsMs, clock.now() - TOLD_MS, clock.now() - REMOVED_MS];
  const point = { entryPercent: '1', exitPercent: '-1', netPercent: '1', maxSizeQuote: '1' };
  await store.signals.keep(lease, {
    signals: [aSignal({ id: 'open', openedAt: edge - 10 }), aSignal({ id: 'over', state: 'closed', openedAt: edge - 10, closedAt: edge })],
    points: ['open', 'over'].flatMap((signalId) => [edge - 1, edge].map((at) => ({ signalId, at, ...point }))),
    outcomes: [],
  });
  for (const [id, at] of Object.entries({ old: removedEdge - 1, young: removedEdge })) await query('insert into removed_signals values ($1, $2)', [id, at]);
  for (const [id, at] of Object.entries({ open: toldEdge - 1, over: toldEdge - 1, gone: toldEdge - 1, young: toldEdge }))
    await query(`insert into told_signals (signal_id, user_id, key, at, state) values ($1, $2, 'k', $3, 'told')`, [id, world.userId, at]);
  for (const hour of [toldEdge - 1, toldEdge])
    await query('insert into signal_hours (user_id, hour, told, beyond) values ($1, $2, 1, 0)', [world.userId, hour]);
  expect(await run()).toMatchObject({ signals: 0, signal_points: 1, removed_signals: 1, told_signals: 2, signal_hours: 1 });
  expect(await query('select signal_id as id, at from signal_points order by signal_id, at')).toEqual([
    { id: 'open', at: String(edge) },
    { id: 'over', at: String(edge - 1) },
    { id: 'over', at: String(edge) },
  ]);
  expect(await query('select signal_id as id from told_signals order by signal_id')).toEqual([{ id: 'open' }, { id: 'young' }]);
  expect(await query('select signal_id as id from removed_signals')).toEqual([{ id: 'young' }]);
  await clock.advance(1);
  expect(await run(), 'with its course').toMatchObject({ signals: 1 });
});

it('never touches orders, executions and what befell them', async () => {
  const order = newOrder(world);
  await database.store.commit(newCommit(world, { newOrders: [order] }));
  await database.store.commit(
    newCommit(world, { orderChanges: [{ clientOrderId: order.clientOrderId, state: 'accepted' }], fills: [newFill(order.clientOrderId)] }),
  );
  await database.query(`update runs set ended_at = 1, end_reason = 'stopped'`);
  const before = [await count('orders'), await count('fills'), await count('order_events'), await count('run_positions')];
  await clock.advance(10_000 * DAY_MS);
  await run();
  expect([await count('orders'), await count('fills'), await count('order_events'), await count('run_positions')]).toEqual(before);
  expect(before[1]).toBe(1);
});
