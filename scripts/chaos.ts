/**
 * The chaos test: real processes that trade on simulated venues while they are killed and paused, their network breaks,
 * their database dies and the venues misbehave; then everything heals, and books and venues must tell the same story.
 * `npm run chaos` lasts an hour; `npm run chaos -- --minutes 3 --seed 7` suits a quick check. How: test/chaos/README.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Storm, Tally } from '../test/chaos/draws.ts';
import { cancelHandOrders, handOrder } from '../test/chaos/hand-orders.ts';
import { type Account, Installation } from '../test/chaos/installation.ts';
import { joined, judgeAccount, type Verdict } from '../test/chaos/judgement.ts';
import { environmentWith } from '../test/chaos/planted.ts';
import { databaseFault, processFault } from '../test/chaos/process-faults.ts';
import { proxyFault } from '../test/chaos/proxy-faults.ts';
import { reckon } from '../test/chaos/reckoning.ts';
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
    'walk-ms': { type: 'string', default: '250' },
    /** Keep all files even if nothing was wrong. */
    keep: { type: 'boolean', default: false },
    /** A bug of test/chaos/planted.ts to put into every server: the run must then fail. */
    plant: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const walkMs = Number(values['walk-ms']);

/** An order in doubt is decided when the venue's window and the margin after it have passed. */
const SETTLE_PATIENCE_MS = 240_000;
const GROWTH_PATIENCE_MS = 90_000;
const POLL_MS = 1_000;
const VIOLATIONS_SHOWN = 60;
const REPORT_EVERY_MS = 60_000;
/** Mean waits between faults: of one process, its road to a venue when there is one venue and to its database, one database, one venue; and orders by hand. */
const MEANS = { process: 11_000, proxy: 14_000, road: 40_000, database: 120_000, venue: 5_000, hand: 12_000 } as const;

const environment = values.plant === undefined ? {} : environmentWith(values.plant);
const beganAt = performance.now();
const work = mkdtempSync(join(tmpdir(), 'argosy-chaos-'));
const tally = new Tally();
const storm = new Storm();
const violations: string[] = [];
let orders = 0;
let fills = 0;
let lanes = 0;

console.log(`chaos test: ${minutes} minutes on ${CHAOS_VENUES.map(({ id }) => id).join(', ')}, seed ${seed}, files in ${work}`);
if (values.plant !== undefined) console.log(`planted: ${values.plant}`);
const venues: RunningVenue[] = [];
const installations: Installation[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void closeAll().then(() => process.exit(130)));
try {
  for (const venue of CHAOS_VENUES) venues.push(await RunningVenue.start(venue, { seed, walkMs: 0 }));
  installations.push(
    await Installation.alone({ work, venues, random: nextRandom(), environment }),
    await Installation.pair({ work, venues, random: nextRandom(), environment }),
  );
  await Promise.all(installations.map((installation) => installation.open(venues)));
  await until('the grids rest at the venues', GROWTH_PATIENCE_MS, haveGrown(20));
  say('the grids rest at the venues; the storm begins');
  await rage();
  say('the storm is over; everything heals');
  await heal();
  await Promise.all(installations.map(settle));
  for (const venue of venues) await venue.tell('walk', { ms: Math.min(walkMs, 100) });
  await Promise.all(installations.map(expectGrowth));
  say('the bots trade on; they are told to stop');
  await Promise.all(installations.map(expectEmptyStop));
} catch (error) {
  violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await storm.end();
  if (violations.length > 0) await keepRecords();
  await closeAll();
}
report();
process.exit(violations.length === 0 ? 0 : 1);

async function closeAll(): Promise<void> {
  for (const installation of installations) await installation.close();
  for (const venue of venues) venue.close();
}

/** With the time since the start. */
function say(what: string): void {
  console.log(`[${((performance.now() - beganAt) / 1_000).toFixed(0).padStart(5)} s] ${what}`);
}

/** Each lane of faults draws from a source of its own, so that none depends on when the others act. */
function nextRandom(): () => number {
  lanes += 1;
  return seeded(seed * 1_000 + lanes);
}

async function rage(): Promise<void> {
  for (const venue of venues) {
    await venue.tell('walk', { ms: walkMs });
    await startWeather(venue);
  }
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
    const chance = nextRandom();
    storm.lane(`database of ${installation.name}`, chance, MEANS.database, () => databaseFault(installation, chance, storm, tally));
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
  const totals = ['kills', 'pauses', 'proxy faults', 'database kills', 'database pauses', 'venue faults'].map((group) => `${tally.total(group)} ${group}`);
  say(`${counts.reduce((sum, count) => sum + count, 0)} orders; ${totals.join(', ')}`);
  for (const venue of venues) {
    const doubled = await venue.truth<{ clientOrderId: string }[]>('duplicates');
    if (doubled.length > 0) throw new Error(`${venue.id} accepted an id twice: ${JSON.stringify(doubled)}`);
  }
}

/** What the venues know, for whoever looks into a failure. */
async function keepRecords(): Promise<void> {
  for (const venue of venues) {
    for (const name of ['orders', 'fills', 'movements', 'requests', 'refusals', 'skews'] as const) {
      const record = await venue.truth<unknown[]>(name).catch((error: unknown) => [String(error)]);
      writeFileSync(join(work, `${venue.id}-${name}.jsonl`), record.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    }
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
  const from = performance.now();
  // An account that agrees is not looked at again here: its pages are many after an hour.
  const verdicts = new Map<Account, Verdict>();
  const isSettled = async (): Promise<boolean> => {
    for (const account of installation.accounts)
      if ((verdicts.get(account)?.unsettled.length ?? 1) > 0) verdicts.set(account, await judgeAccount(installation, account));
    return [...verdicts.values()].every(({ unsettled }) => unsettled.length === 0);
  };
  await until('books and venues agree', SETTLE_PATIENCE_MS, isSettled).catch(() => undefined);
  const last = joined([...verdicts.values()]);
  orders += last.orders;
  fills += last.fills;
  violations.push(...last.unsettled, ...last.violations, ...installation.deaths);
  const { takeOvers, name, failedStarts } = installation;
  say(`${name}: ${last.orders} orders and ${last.fills} executions, settled after ${((performance.now() - from) / 1000).toFixed(1)} s`);
  console.log(
    `  bots opened ${takeOvers.opened} times, owners that placed orders ${last.epochs}, ${last.late} orders of a former owner arrived late and in time`,
  );
  console.log(`  restart to running: ${spread(takeOvers.restartsMs)}; starts that failed: ${failedStarts}`);
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
  for (const account of accounts) {
    const verdict = await judgeAccount(installation, account);
    violations.push(...[...verdict.unsettled, ...verdict.violations].filter((each) => !violations.includes(each)));
  }
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
  for (const violation of violations.slice(0, VIOLATIONS_SHOWN)) console.error(`  ${violation}`);
  if (violations.length > 0) {
    if (violations.length > VIOLATIONS_SHOWN) console.error(`  and ${violations.length - VIOLATIONS_SHOWN} more`);
    console.error(`logs, databases and what the venues recorded are in ${work}`);
    const flags = [`--minutes ${minutes}`, `--seed ${seed}`, `--walk-ms ${walkMs}`, ...(values.plant === undefined ? [] : [`--plant "${values.plant}"`])];
    console.error(`once more, with the same draws: npm run chaos -- ${flags.join(' ')}`);
  } else if (!values.keep) rmSync(work, { recursive: true, force: true });
  const counts = ['kills', 'pauses', 'proxy faults', 'database kills', 'database pauses'].map((group) => `${tally.total(group)} ${group}`);
  console.log(`chaos: ${orders} orders, ${fills} executions, ${counts.join(', ')}: ${reckon(violations)}`);
}
