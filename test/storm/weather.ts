/** What befalls a town while events are told: workers killed, the mail server and Telegram away, Redis flushed, the database killed. */
import { sleep } from '../crash/processes.ts';
import type { Random } from '../venues/_random.ts';
import type { Town } from './town.ts';

/** How often each has happened. */
export type Tally = Record<string, number>;

const OUTAGE_MS = 6_000;

/** One thing after the other with pauses between, until it is told to end; then everything is back. */
export async function weather(town: Town, random: Random, pauseMs: number, isOver: () => boolean): Promise<Tally> {
  const tally: Tally = {};
  const deeds = deedsOf(town, random);
  for (let turn = 0; !isOver(); turn += 1) {
    await sleep(pauseMs * (0.5 + random()));
    if (isOver()) break;
    // Each in turn first, so that a short storm has all of it.
    const names = Object.keys(deeds);
    const name = names[turn < names.length ? turn : Math.floor(random() * names.length)] ?? '';
    await deeds[name]?.();
    tally[name] = (tally[name] ?? 0) + 1;
  }
  return tally;
}

function deedsOf(town: Town, random: Random): Readonly<Record<string, () => Promise<void>>> {
  const killWorker = async (): Promise<void> => {
    const worker = town.workers[Math.floor(random() * town.workers.length)];
    await worker?.kill();
    await worker?.start();
  };
  return {
    'workers killed': killWorker,
    'Telegram away': async () => {
      town.telegram.isAway = true;
      await sleep(OUTAGE_MS);
      town.telegram.isAway = false;
    },
    'mail server away': async () => {
      await town.mail.close();
      await sleep(OUTAGE_MS);
      await town.mail.start();
    },
    'Redis flushed': () => town.redis.flush(),
    'database killed': async () => {
      town.killDatabase();
    },
    'more workers killed': killWorker,
  };
}
