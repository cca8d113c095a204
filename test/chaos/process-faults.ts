/** What befalls the processes of an installation: killed, stopped for a while, left without their database. */
import type { Random } from '../venues/_random.ts';
import { between, type Storm, type Tally } from './draws.ts';
import type { Installation, Runner } from './installation.ts';

/** Most pauses are short; the long ones outlast a lease, which lasts 15 s, and an answer of the database, which may take 20 s. */
function pauseOf(random: Random): number {
  return random() < 0.55 ? between(random, 1_000, 8_000) : between(random, 14_000, 40_000);
}

/** An order is on its way within this long, or the moment is as good as any. */
const PLACING_PATIENCE_MS = 6_000;

/** Waits until the process has an order or a cancel under way, so that the blow falls between sending and hearing. */
async function untilPlacing(runner: Runner, random: Random, storm: Storm): Promise<void> {
  let leave: (() => void)[] = [];
  const seen = new Promise<void>((resolve) => {
    leave = runner.roads.filter(({ to }) => to === 'venue').map(({ proxy }) => proxy.onChange(resolve));
  });
  await Promise.race([seen, storm.sleep(PLACING_PATIENCE_MS)]);
  for (const stop of leave) stop();
  await storm.sleep(random() < 0.5 ? 0 : between(random, 1, 150));
}

/** A kill with its restart, or a pause with its waking. */
export async function processFault(installation: Installation, runner: Runner, random: Random, storm: Storm, tally: Tally): Promise<void> {
  if (!runner.server.isRunning) return await installation.revive(runner);
  if (random() < 0.7) await untilPlacing(runner, random, storm);
  if (storm.isOver || !runner.server.isRunning) return;
  if (random() < 0.5) {
    tally.add('pauses', runner.name);
    installation.pause(runner);
    await storm.sleep(pauseOf(random));
    // Now and then it never wakes.
    if (random() < 0.85) return installation.resume(runner);
  }
  const isDatabaseToo = random() < 0.15;
  if (isDatabaseToo && installation.killDatabase()) tally.add('database kills', `${installation.name}, with a runner`);
  await installation.kill(runner, false);
  tally.add('kills', runner.name);
  await storm.sleep(random() < 0.5 ? 0 : between(random, 500, 20_000));
  await installation.revive(runner);
}

/** A kill of the database server alone, or a stretch in which it stands still with its connections open. */
export async function databaseFault(installation: Installation, random: Random, storm: Storm, tally: Tally): Promise<void> {
  if (random() < 0.6) {
    if (installation.killDatabase()) tally.add('database kills', `${installation.name}, alone`);
    return;
  }
  const goOn = installation.pauseDatabase();
  if (goOn === null) return;
  tally.add('database pauses', installation.name);
  await storm.sleep(pauseOf(random));
  goOn();
}
