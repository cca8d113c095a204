import { describe, expect, it } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { Rounds } from './rounds.ts';

function stage(round: () => Promise<void>, pauseMs: number | (() => number) = 100) {
  const clock = new ManualClock();
  const lines: KeptLine[] = [];
  const began: number[] = [];
  const start = clock.now();
  const rounds = new Rounds({ clock, log: quietLog(lines), pauseMs, problem: 'it failed; trying again', about: { subject: 'x' } }, () => {
    began.push(clock.now() - start);
    return round();
  });
  return { clock, lines, began, rounds };
}

describe('rounds', () => {
  it('begin at once and come again after their pause', async () => {
    const { rounds, clock, began } = stage(async () => undefined);
    rounds.start();
    expect(began).toEqual([0]);
    await clock.advance(250);
    expect(began).toEqual([0, 100, 200]);
    await rounds.close();
  });

  it('wait as long as it takes by then, and before the first as long as they are told', async () => {
    const pauses = [30, 70];
    const { rounds, clock, began } = stage(
      async () => undefined,
      () => pauses.shift() ?? 1_000,
    );
    rounds.start(50);
    await clock.advance(200);
    expect(began).toEqual([50, 80, 150]);
    await rounds.close();
  });

  it('do not stand beside each other: the pause begins when a round is over', async () => {
    const ends: (() => void)[] = [];
    const { rounds, clock, began } = stage(() => new Promise<void>((resolve) => ends.push(resolve)));
    rounds.start();
    await clock.advance(1_000);
    expect(began).toEqual([0]);
    ends[0]?.();
    await clock.advance(100);
    expect(began).toEqual([0, 1_100]);
    ends[1]?.();
    await rounds.close();
  });

  it('go on after one that failed, and the log knows of it', async () => {
    const { rounds, clock, began, lines } = stage(async () => {
      throw new Error('no');
    });
    rounds.start();
    await clock.advance(100);
    expect(began).toEqual([0, 100]);
    expect(lines.map(({ level, message, fields }) => [level, message, fields['subject']])).toEqual(
      Array.from({ length: 2 }, () => ['warn', 'it failed; trying again', 'x']),
    );
    await rounds.close();
  });

  it('are over when the last of them is, and none comes after', async () => {
    const ends: (() => void)[] = [];
    const { rounds, clock, began } = stage(() => new Promise<void>((resolve) => ends.push(resolve)));
    rounds.start();
    let isClosed = false;
    const closed = rounds.close().then(() => (isClosed = true));
    await clock.advance(10);
    expect([isClosed, rounds.isClosed]).toEqual([false, true]);
    ends[0]?.();
    await closed;
    await clock.advance(1_000);
    expect(began).toEqual([0]);
  });
});
