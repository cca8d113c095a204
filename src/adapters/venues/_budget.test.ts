import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { Budget, MAX_WAITING, type Priority } from './_budget.ts';

const LIMITS = { weight: 100, windowMs: 60_000 };
/** A whole number of windows, so that each test begins with a fresh one. */
const START = 1_700_000_040_000;

function collect(budget: Budget, requests: readonly (readonly [Priority, number])[], patienceMs = 300_000): string[] {
  const granted: string[] = [];
  for (const [priority, weight] of requests) void budget.acquire(priority, weight, patienceMs).then((isGranted) => granted.push(`${priority}:${isGranted}`));
  return granted;
}

describe('the request budget', () => {
  it('keeps the last parts of a window for what matters more', async () => {
    const budget = new Budget(new ManualClock(START), LIMITS);
    expect(await budget.acquire('market', 60, 0)).toBe(true);
    expect(await budget.acquire('market', 1, 0)).toBe(false);
    expect(await budget.acquire('account', 20, 0)).toBe(true);
    expect(await budget.acquire('account', 1, 0)).toBe(false);
    expect(await budget.acquire('place', 10, 0)).toBe(true);
    expect(await budget.acquire('find', 5, 0)).toBe(true);
    expect(await budget.acquire('cancel', 5, 0)).toBe(true);
    expect(await budget.acquire('cancel', 1, 0)).toBe(false);
  });

  it('serves waiting cancels before finds, places and reads when the next window opens', async () => {
    const clock = new ManualClock(START);
    const budget = new Budget(clock, LIMITS);
    budget.learn({ usedWeight: 100, brakeMs: null });
    const granted = collect(budget, [
      ['market', 10],
      ['account', 10],
      ['place', 10],
      ['find', 10],
      ['cancel', 10],
    ]);
    await clock.advance(59_999);
    expect(granted).toEqual([]);
    await clock.advance(1);
    expect(granted).toEqual(['cancel:true', 'find:true', 'place:true', 'account:true', 'market:true']);
  });

  it('learns from the venue that others use the same budget', async () => {
    const budget = new Budget(new ManualClock(START), LIMITS);
    budget.learn({ usedWeight: 95, brakeMs: null });
    expect(await budget.acquire('place', 1, 0)).toBe(false);
    budget.learn({ usedWeight: 3, brakeMs: null });
    expect(await budget.acquire('cancel', 6, 0)).toBe(false);
    expect(await budget.acquire('cancel', 5, 0)).toBe(true);
  });

  it('keeps silent for as long as the venue demands, cancels included', async () => {
    const clock = new ManualClock(START);
    const budget = new Budget(clock, LIMITS);
    budget.learn({ usedWeight: null, brakeMs: 120_000 });
    expect(budget.brakeMs).toBe(120_000);
    const granted = collect(budget, [['cancel', 1]]);
    await clock.advance(119_999);
    expect(granted).toEqual([]);
    await clock.advance(1);
    expect(granted).toEqual(['cancel:true']);
  });

  it('never holds up what costs nothing, but for a brake', async () => {
    const clock = new ManualClock(START);
    const budget = new Budget(clock, LIMITS);
    budget.learn({ usedWeight: 100, brakeMs: null });
    const granted = collect(budget, [['cancel', 1]]);
    expect(await budget.acquire('market', 0, 0)).toBe(true);
    budget.learn({ usedWeight: null, brakeMs: 5_000 });
    expect(await budget.acquire('cancel', 0, 0)).toBe(false);
    expect(granted).toEqual([]);
  });

  it('lets a request go that has waited for longer than its patience', async () => {
    const clock = new ManualClock(START);
    const budget = new Budget(clock, LIMITS);
    budget.learn({ usedWeight: 100, brakeMs: null });
    const granted = collect(budget, [['place', 1]], 1_000);
    await clock.advance(1_000);
    expect(granted).toEqual(['place:false']);
    await clock.advance(60_000);
    expect(granted).toEqual(['place:false']);
  });

  it('refuses one more than may wait, and all that wait when it is closed', async () => {
    const budget = new Budget(new ManualClock(START), LIMITS);
    budget.learn({ usedWeight: 100, brakeMs: null });
    const granted = collect(
      budget,
      Array.from({ length: MAX_WAITING }, () => ['market', 1] as const),
    );
    expect(await budget.acquire('cancel', 1, 1000)).toBe(false);
    expect(granted).toEqual([]);
    budget.close();
    await settle();
    expect(granted).toEqual(Array.from({ length: MAX_WAITING }, () => 'market:false'));
  });
});
