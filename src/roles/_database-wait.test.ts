/** A start outlasts a database that comes later than we do, and no longer than it was told to. */
import { expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { FIRST_PAUSE_MS, LAST_PAUSE_MS, whenReachable } from './_database-wait.ts';

const away = () => new PortError('store_unavailable', 'the database system is starting up', { outcome: 'failed' });

function world(failures: number, error: () => Error = away) {
  const clock = new ManualClock(0);
  const lines: KeptLine[] = [];
  const triedAt: number[] = [];
  const open = async (): Promise<string> => {
    triedAt.push(clock.now());
    if (triedAt.length <= failures) throw error();
    return 'open';
  };
  return { clock, lines, triedAt, open, begin: (waitMs: number) => whenReachable(open, { clock, log: quietLog(lines), waitMs }) };
}

it('tries again, later and later, and says so', async () => {
  const { begin, clock, lines, triedAt } = world(7);
  const opened = begin(60_000);
  await clock.advance(60_000);
  expect(await opened).toBe('open');
  const pauses = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0));
  expect(pauses).toEqual([FIRST_PAUSE_MS, 500, 1_000, 2_000, 4_000, LAST_PAUSE_MS, LAST_PAUSE_MS]);
  expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual(Array(7).fill('warn: waiting for the database'));
  expect(lines[0]?.fields).toEqual({ reason: 'the database system is starting up', givingUpInSeconds: 60 });
});

it('gives up when the time is over, with the last reason, after a last try at the very end', async () => {
  const { begin, clock, triedAt } = world(Number.POSITIVE_INFINITY);
  const opened = begin(3_000);
  const refused = expect(opened).rejects.toMatchObject({ code: 'store_unavailable' });
  await clock.advance(10_000);
  await refused;
  expect(triedAt).toEqual([0, 250, 750, 1_750, 3_000]);
});

it('tries once when told not to wait', async () => {
  const { begin, triedAt } = world(1);
  await expect(begin(0)).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(triedAt).toEqual([0]);
});

it('does not wait for what no waiting mends', async () => {
  const { begin, triedAt } = world(1, () => new PortError('configuration_invalid', 'the database refuses the password', { outcome: 'failed' }));
  await expect(begin(60_000)).rejects.toMatchObject({ code: 'configuration_invalid' });
  expect(triedAt).toEqual([0]);
});
