import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Turns } from './turns.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('turns at the database', () => {
  it('are given to as many as there are connections, then in the sequence of asking', async () => {
    const turns = new Turns(2, 1_000);
    const begun: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) void turns.begin().then(() => begun.push(name));
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['a', 'b']);
    turns.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['a', 'b', 'c']);
    turns.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  it('that do not come in time are refused, and go to the next who waits', async () => {
    const turns = new Turns(1, 1_000);
    await turns.begin();
    const late = turns.begin().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(999);
    const patient = turns.begin();
    await vi.advanceTimersByTimeAsync(1);
    expect(await late).toMatchObject({ code: 'store_unavailable', outcome: 'failed' });
    turns.end();
    await patient;
  });

  it('are free again after everybody has gone', async () => {
    const turns = new Turns(1, 1_000);
    for (let round = 0; round < 3; round += 1) {
      await turns.begin();
      turns.end();
    }
    expect(vi.getTimerCount()).toBe(0);
  });
});
