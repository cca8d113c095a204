/**
 * The chaos test: real processes that trade on simulated venues while they are killed and paused, their network breaks,
 * their database dies and the venues misbehave; then everything heals, and books and venues must tell the same story.
 * `npm run chaos` lasts an hour; `npm run chaos -- --minutes 3 --seed 7` suits a quick check.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Storm, Tally } from '../test/chaos/draws.ts';
import { cancelHandOrders, handOrder } from '../test/chaos/hand-orders.ts';
import { Installation } from '../test/chaos/installation.ts';
import { judge, type Verdict } from '../test/chaos/judgement.ts';
import { databaseFault, processFault } from '../test/chaos/process-faults.ts';
import { proxyFault } from '../test/chaos/proxy-faults.ts';
import { spread } from '../test/chaos/take-overs.ts';
import { healVenue, startWeather, venueFault } from '../test/chaos/venue-faults.ts';
import { CHAOS_VENUES, RunningVenue } from '../test/chaos/venues.ts';
import { sleep } from '../test/crash/processes.ts';
import { seeded } from '../test/venues/_random.ts';
import type { TrueOrder } from '../test/venues/_truth.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(process.pid) },
    /** Milliseconds between steps of the prices. */
    'walk-ms': { type: 'string', default: '120' },
    keep: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const walkMs = Number(values['walk-ms']);

/** An order in doubt is decided when the venue's window and the margin after it have passed. */
const SETTLE_PATIENCE_MS = 180_000;
const GROWTH_PATIENCE_MS = 90_000;
const POLL_MS = 1_000;
const REPORT_EVERY_MS = 60_000;
/** Mean waits between faults: of one process, its road to a venue when there is one venue and to its database, one database, one venue; and orders by hand. */
const MEANS = { process: 11_000, proxy: 14_000, road: 40_000, database: 200_000, venue: 5_000, hand: 12_000 } as const;

const work = mkdtempSync(join(tmpdir(), 'argosy-chaos-'));
const tally = new Tally();
const storm = new Storm();
const violations: string[] = [];
let orders = 0;
let lanes = 0;

console.log(`chaos test: ${minutes} minutes on ${CHAOS_VENUES.map(({ id }) => id).join(', ')}, seed ${seed}, files in ${work}`);
const venues: RunningVenue[] = [];
const installations: Installation[] = [];
try {
  for (const venue of CHAOS_VENUES) venues.push(await RunningVenue.start(venue, { seed, walkMs }));
  installations.push(await Installation.alone(work, venues, nextRandom()), await Installation.pair(work, venues, nextRandom()));
  for (const installation of installations) await installation.open(venues);
  await until('the grids rest at the venues', GROWTH_PATIENCE_MS, haveGrown(20));
  await rage();
  await heal();
  for (const installation of installations) await settle(installation);
  for (const venue of venues) await venue.tell('walk', { ms: Math.min(walkMs, 100) });
  for (const installation of installations) await expectGrowth(installation);
  for (const installation of installations) await expectEmptyStop(installation);
} catch (error) {
  violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await storm.end();
  for (const installation of installations) await installation.close();
  for (const venue of venues) venue.close();
}
report();
process.exit(violations.length === 0 ? 0 : 1);

/** Each lane of faults draws from a source of its own, so that none depends on when the others act. */
function nextRandom(): () => number {
  lanes += 1;
  return seeded(seed * 1_000 + lanes);
}

async function rage(): Promise<void> {
  for (const venue of venues) await startWeather(venue);
  for (const installation of installations) {
    for (const runner of installation.runners) {
      const random = nextRandom();
      storm.lane(runner.name, random, MEANS.process, () => processFault(installation, runner, random, storm, tally));
      for (const road of runner.roads) {
        const chance = nextRandom();
        const meanMs = road.to === 'database' ? MEANS.road : MEANS.proxy * venues.length;
        storm.lane(`network of ${runner.name}`, chance, meanMs, () => proxyFault(road, chance, storm, tally));
      }
    }
    storm.lane(`database of ${installation.name}`, nextRandom(), MEANS.database, async () => databaseFault(installation, tally));
    const random = nextRandom();
    storm.lane(`hand of ${installation.name}`, random, MEANS.hand, () => handOrder(installation, random, storm, tally));
  }
  for (const venue of venues) {
    const random = nextRandom();
    const accounts = installations.flatMap((installation) => installation.accounts.filter((account) => account.venue === venue).map(({ name }) => name));
    storm.lane(venue.id, random, MEANS.venue, () => venueFault(venue, accounts, random, storm, tally));
  }
  const endsAt = performance.now() + minutes * 60_000;
  while (performance.now() < endsAt) {
    await storm.sleep(Math.min(REPORT_EVERY_MS, endsAt - performance.now()));
    await lookOnce();
  }
}

/** What no waiting mends shows while the storm goes on. */
async function lookOnce(): Promise<void> {
  const counts = await Promise.all(venues.map(async (venue) => (await venue.truth<TrueOrder[]>('orders')).length));
  const totals = ['kills', 'pauses', 'proxy faults', 'database kills', 'venue faults'].map((group) => `${tally.total(group)} ${group}`);
  console.log(`  ${counts.reduce((sum, count) => sum + count, 0)} orders; ${totals.join(', ')}`);
  for (const venue of venues) {
    const doubled = await venue.truth<{ clientOrderId: string }[]>('duplicates');
    if (doubled.length > 0) throw new Error(`${venue.id} accepted an id twice: ${JSON.stringify(doubled)}`);
  }
}

async function heal(): Promise<void> {
  await storm.end();
  violations.push(...storm.failures);
  for (const venue of venues) {
    await healVenue(venue);
    await venue.tell('walk', { ms: 0 });
  }
  for (const installation of installations) {
    for (const runner of installation.runners) {
      for (const { proxy } of runner.roads) await proxy.heal();
      installation.resume(runner);
      await installation.revive(runner);
    }
    await installation.login();
    await cancelHandOrders(installation);
  }
}

/** Prices stand still until books and venues agree; then the bots must trade on, and stop without leaving anything. */
async function settle(installation: Installation): Promise<void> {
  const beganAt = performance.now();
  let verdict: Verdict | null = null;
  const isSettled = async (): Promise<boolean> => {
    verdict = await judge(installation);
    return verdict.unsettled.length === 0;
  };
  await until('books and venues agree', SETTLE_PATIENCE_MS, isSettled).catch(() => undefined);
  const last = verdict ?? (await judge(installation));
  orders += last.orders;
  violations.push(...last.unsettled, ...last.violations, ...installation.deaths);
  const { takeOvers } = installation;
  console.log(`${installation.name}: ${last.orders} orders and ${last.fills} executions, settled after ${((performance.now() - beganAt) / 1000).toFixed(1)} s`);
  console.log(
    `  bots opened ${takeOvers.opened} times, owners that placed orders ${last.epochs}, ${last.late} orders of a former owner arrived late and in time`,
  );
  console.log(`  restart to running: ${spread(takeOvers.restartsMs)}`);
  console.log(`  kill or pause to running elsewhere: ${spread(takeOvers.handOversMs)}; runners that woke to a successor: ${takeOvers.contendedWakes}`);
}

async function expectGrowth(installation: Installation): Promise<void> {
  for (const bot of installation.bots) {
    const { status } = await installation.client.get<{ status: string }>(`/bots/${bot.id}`);
    if (status !== 'running') violations.push(`${bot.name} is ${status} after everything has healed`);
  }
  const before = new Map<string, number>();
  const fillsOf = async (id: string): Promise<number> => (await installation.client.all<unknown>(`/bots/${id}/fills`)).length;
  for (const bot of installation.bots) before.set(bot.id, await fillsOf(bot.id));
  const waiting = new Set(installation.bots);
  const isTrading = async (): Promise<boolean> => {
    for (const bot of [...waiting]) if ((await fillsOf(bot.id)) > (before.get(bot.id) ?? 0)) waiting.delete(bot);
    return waiting.size === 0;
  };
  await until('the bots trade on', GROWTH_PATIENCE_MS, isTrading).catch(() => {
    for (const bot of waiting) violations.push(`${bot.name} does not trade any more`);
  });
}

async function expectEmptyStop(installation: Installation): Promise<void> {
  const { bots, client, accounts } = installation;
  for (const bot of bots) await client.post(`/bots/${bot.id}/stop`);
  const isStopped = async (): Promise<boolean> =>
    (await Promise.all(bots.map((bot) => client.get<{ status: string }>(`/bots/${bot.id}`)))).every(({ status }) => status === 'stopped');
  await until(`the bots of ${installation.name} stop`, SETTLE_PATIENCE_MS, isStopped).catch((error: Error) => void violations.push(error.message));
  for (const { venue, name } of accounts) {
    for (const order of await venue.truth<TrueOrder[]>('open-orders', { account: name }))
      violations.push(`orphaned: ${order.clientOrderId} rests at ${venue.id} after its bot has stopped`);
  }
  const verdict = await judge(installation);
  violations.push(...verdict.unsettled.map((difference) => `after the stop: ${difference}`));
}

function haveGrown(count: number): () => Promise<boolean> {
  return async () => {
    const open = await Promise.all(venues.map((venue) => venue.truth<TrueOrder[]>('open-orders')));
    return open.every((each) => each.length >= count * installations.length);
  };
}

async function until(what: string, patienceMs: number, isTrue: () => Promise<boolean>): Promise<void> {
  const beganAt = performance.now();
  while (!(await isTrue())) {
    if (performance.now() - beganAt > patienceMs) throw new Error(`waited ${patienceMs / 1000} s in vain until ${what}`);
    await sleep(POLL_MS);
  }
}

function report(): void {
  console.log('what was fired:');
  for (const line of tally.lines()) console.log(line);
  for (const violation of violations.slice(0, 60)) console.error(`  ${violation}`);
  if (violations.length === 0 && !values.keep) rmSync(work, { recursive: true, force: true });
  else console.error(`${violations.length} violations; seed ${seed}; see ${work}`);
  const [kills, pauses, network, databases] = ['kills', 'pauses', 'proxy faults', 'database kills'].map((group) => tally.total(group));
  console.log(
    `chaos: ${orders} orders, ${kills} kills, ${pauses} pauses, ${network} proxy faults, ${databases} database kills, ${violations.length} violations`,
  );
}
