/** A process without bots says that it is there, goes on saying it through failures, and says goodbye. */
import { expect, it } from 'vitest';
import type { RunnerAnnouncement } from '#core/store/runners.ts';
import type { Store } from '#core/store/store.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { BEAT_MS, PRESENCE_TERM_MS, Presence } from './presence.ts';

const SELF: RunnerAnnouncement = { id: 'me', host: 'here', pid: 1, version: '1', roles: ['worker'], botTypes: null };

it('beats at once and then again and again, failures or not, until it leaves', async () => {
  const clock = new ManualClock(0);
  const lines: KeptLine[] = [];
  const told: string[] = [];
  let isAway = false;
  const runners = {
    beat: async ({ id }: RunnerAnnouncement, termMs: number) => {
      told.push(`${clock.now()} ${id} ${termMs}`);
      if (isAway) throw new Error('the database is away');
      return [];
    },
    leave: async (id: string) => void told.push(`${id} leaves`),
  } as unknown as Store['runners'];
  const presence = new Presence({ store: { runners }, clock, log: quietLog(lines), self: SELF });
  presence.start();
  await clock.advance(BEAT_MS);
  isAway = true;
  await clock.advance(BEAT_MS);
  isAway = false;
  await clock.advance(BEAT_MS);
  await presence.close();
  expect(told).toEqual([0, 1, 2, 3].map((count) => `${count * BEAT_MS} me ${PRESENCE_TERM_MS}`).concat('me leaves'));
  expect(lines.map(({ level }) => level)).toEqual(['warn']);
  await clock.advance(BEAT_MS * 3);
  expect(told).toHaveLength(5);
  expect(PRESENCE_TERM_MS).toBeGreaterThan(BEAT_MS * 2);
});
