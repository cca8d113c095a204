/**
 * A storm of events: two workers tell them to hundreds of users by Telegram and e-mail while workers and the database are killed, Telegram
 * and the mail server go away and Redis forgets everything. Nothing may be lost, nothing doubled in the lists, next to nothing in chats, and
 * each bot's events keep their order. Before it, in fair weather, events must arrive within seconds.
 * `npm run storm` tells 100000; `npm run storm -- --events 2000 --users 40 --pause 2` is a short one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sleep } from '../test/crash/processes.ts';
import { produce, type Told } from '../test/storm/producer.ts';
import { Town } from '../test/storm/town.ts';
import { HEALTHY_P95_MS, HEALTHY_P99_MS, judge, latencies } from '../test/storm/verdict.ts';
import { weather } from '../test/storm/weather.ts';
import { seeded } from '../test/venues/_random.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '400' },
    users: { type: 'string', default: '200' },
    workers: { type: 'string', default: '2' },
    /** Seconds between two blows, on average. */
    pause: { type: 'string', default: '10' },
    /** Events in fair weather before the storm. */
    fair: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(process.pid) },
    keep: { type: 'boolean', default: false },
  },
});
const [events, rate, users, workers, fair] = [values.events, values.rate, values.users, values.workers, values.fair].map(Number) as [
  number,
  number,
  number,
  number,
  number,
];
/** A tenth of what Telegram would let through: nobody waits because of the others. */
const FAIR_RATE = 15;
/** After the last event everything must have arrived. */
const SETTLE_MS = 240_000 + events * 5;
const POLL_MS = 1_000;

const directory = mkdtempSync(join(tmpdir(), 'argosy-storm-'));
console.log(`storm: ${events} events for ${users} users by ${workers} workers, seed ${values.seed}, files in ${directory}`);
const violations: string[] = [];
const town = await Town.start({ directory, users, workers });
try {
  town.telegram.limits = { perChatPerSecond: 1, perSecond: 30 };
  const told: Told = new Map();
  await produce(town.pool, { events: fair, perSecond: FAIR_RATE, users, from: 0 }, told);
  await settled(HEALTHY_P99_MS * 3);
  const { p50, p95, p99 } = latencies(town, users, told);
  console.log(`fair weather, ${fair} events: event to chat p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`);
  if (p95 > HEALTHY_P95_MS) violations.push(`p95 of ${p95} ms is above ${HEALTHY_P95_MS} ms`);
  if (p99 > HEALTHY_P99_MS) violations.push(`p99 of ${p99} ms is above ${HEALTHY_P99_MS} ms`);

  let isOver = false;
  const blowing = weather(town, seeded(Number(values.seed)), Number(values.pause) * 1_000, () => isOver);
  const beganAt = performance.now();
  await produce(town.pool, { events, perSecond: rate, users, from: fair }, told);
  isOver = true;
  const tally = await blowing;
  console.log(
    `the storm: ${Object.entries(tally)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  );
  await settled(SETTLE_MS);
  console.log(`all of it arrived ${Math.round((performance.now() - beganAt) / 1_000)} s after it began`);
  const verdict = await judge(town, users, told, (tally['workers killed'] ?? 0) + (tally['more workers killed'] ?? 0));
  for (const [name, value] of Object.entries(verdict.figures)) console.log(`  ${name}: ${value}`);
  violations.push(...verdict.violations, ...town.workers.flatMap(({ deaths }) => deaths));
} catch (error) {
  violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await town.close();
}
for (const violation of violations.slice(0, 40)) console.error(`  ${violation}`);
if (violations.length === 0 && !values.keep) rmSync(directory, { recursive: true, force: true });
console.log(`storm: ${events} events, ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);

/** Until nothing is waiting to be told or sent. */
async function settled(patienceMs: number): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const left = await town.pool
      .query<{ left: string }>(`select (select count(*) from facts where told_at is null) + (select count(*) from deliveries where state = 'waiting') as left`)
      .then(
        ({ rows }) => Number(rows[0]?.left),
        () => -1,
      );
    if (left === 0) return;
    if (performance.now() > giveUpAt) throw new Error(`${left} events are still under way`);
    await sleep(POLL_MS);
  }
}
