/**
 * A worker as a process of its own, to be killed by a test: `node test/support/job-worker.ts <kind> <url> <name>`. Takes
 * jobs of the queue `tasks`, tells each on its output, and never ends one.
 */
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { postgresJobs } from '#adapters/jobs/postgres.ts';
import { redisJobs } from '#adapters/jobs/redis.ts';
import { quietLog } from './quiet-log.ts';

const [kind, url = '', name = '', lockMs] = process.argv.slice(2);
const world = { bus: memoryBus(quietLog()), clock: systemClock, log: quietLog(), lockMs: Number(lockMs), url };
const jobs = kind === 'redis' ? redisJobs({ ...world, name }) : postgresJobs(world);
jobs.work('tasks', async ({ id }) => {
  process.stdout.write(`${id}\n`);
  return await new Promise(() => undefined);
});
