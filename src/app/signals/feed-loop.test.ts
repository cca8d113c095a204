/** A loop that reads: how often, how long it waits after failures, and what it says of itself. */
import { describe, expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { FeedLoop, LONGEST_PAUSE_MS } from './feed-loop.ts';

function loopOf(read: (clock: ManualClock) => Promise<number>) {
  const clock = new ManualClock();
  const lines: KeptLine[] = [];
  const loop = new FeedLoop({ name: 'mexc spot prices', everyMs: 2_000, clock, log: quietLog(lines), read: () => read(clock) });
  loop.start();
  return { clock, lines, loop };
}
const refusal = (code: 'venue_unavailable' | 'venue_rate_limited', retryAfterMs?: number) =>
  new PortError(code, `MEXC: ${code}`, { outcome: 'failed', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

describe('a loop', () => {
  it('reads again a pause after each reading has ended', async () => {
    let reads = 0;
    const { clock, loop } = loopOf(async () => (reads += 1) * 0);
    await clock.advance(4_000);
    expect(reads).toBe(3);
    expect(loop.standing).toMatchObject({ problem: '', readAt: clock.now(), unreadable: 0 });
    await loop.close();
    await clock.advance(10_000);
    expect(reads).toBe(3);
  });

  it('waits longer after each failure, up to a minute, and not at all longer once it is well', async () => {
    const times: number[] = [];
    let isWell = false;
    const { clock, lines, loop } = loopOf(async (clock) => {
      times.push(clock.now());
      if (!isWell) throw refusal('venue_unavailable');
      return 0;
    });
    await clock.advance(300_000);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? at));
    expect(pauses.slice(0, 7)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, LONGEST_PAUSE_MS, LONGEST_PAUSE_MS]);
    expect(loop.standing).toMatchObject({ readAt: null, problem: 'MEXC: venue_unavailable', problemCode: 'venue_unavailable' });
    expect(lines.map(({ message, level }) => [level, message])).toEqual([['info', 'a feed of signals cannot be read']]);
    isWell = true;
    await clock.advance(LONGEST_PAUSE_MS);
    expect(loop.standing.problem).toBe('');
    expect(lines.map(({ message }) => message)).toEqual(['a feed of signals cannot be read', 'a feed of signals is read again']);
    const before = times.length;
    await clock.advance(4_000);
    expect(times.length - before).toBe(2);
    await loop.close();
  });

  it.each([
    ['longer than its own pause', 30_000, 30_000],
    ['shorter than its own pause', 500, 2_000],
    ['for days', 5 * 86_400_000, 900_000],
  ])('leaves a place alone that asks for it %s', async (_what, demandMs, pauseMs) => {
    let reads = 0;
    const { clock, loop } = loopOf(() => {
      reads += 1;
      return Promise.reject(refusal('venue_rate_limited', demandMs));
    });
    await clock.advance(pauseMs - 1);
    expect(reads).toBe(1);
    expect(loop.standing).toMatchObject({ problemCode: 'venue_rate_limited' });
    await clock.advance(1);
    expect(reads).toBe(2);
    await loop.close();
  });

  it('tells the log the whole of what no port has said', async () => {
    const { lines, loop } = loopOf(() => Promise.reject(new TypeError('ours')));
    await loop.close();
    expect(lines[1]).toMatchObject({ level: 'error', fields: { err: expect.any(TypeError) } });
  });
});
