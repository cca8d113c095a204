import { describe, expect, it } from 'vitest';
import type { SharedBudget } from '#core/ports.ts';
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

/** Other processes that answer as a test says. */
class Others implements SharedBudget {
  readonly asked: { readonly weight: number; readonly ceiling: number; readonly ownUsed: number; readonly answer: (retryMs: number | null) => void }[] = [];
  readonly told: unknown[] = [];
  brake: (brakeMs: number) => void = () => undefined;
  hasLeft = false;

  take(weight: number, ceiling: number, ownUsed: number): ReturnType<SharedBudget['take']> {
    return new Promise((resolve) => {
      const answer = (retryMs: number | null): void => resolve(retryMs === null ? { isGranted: true } : { isGranted: false, retryMs });
      this.asked.push({ weight, ceiling, ownUsed, answer });
    });
  }

  tell(news: unknown): void {
    this.told.push(news);
  }

  leave(): void {
    this.hasLeft = true;
  }
}

function sharedBudget(): { readonly budget: Budget; readonly others: Others; readonly clock: ManualClock } {
  const [clock, others] = [new ManualClock(START), new Others()];
  const join = (_name: string, _limits: unknown, onBrake: (brakeMs: number) => void): Others => {
    others.brake = onBrake;
    return others;
  };
  const budget = new Budget(clock, LIMITS, { name: 'venue', budgets: { join, close: () => Promise.resolve() } });
  return { budget, others, clock };
}

describe('a request budget shared with other processes', () => {
  it('asks them for what is free here, with its ceiling and what this process has spent', async () => {
    const { budget, others } = sharedBudget();
    const granted = collect(budget, [
      ['market', 10],
      ['cancel', 5],
    ]);
    expect(others.asked.map(({ weight, ceiling, ownUsed }) => [weight, ceiling, ownUsed])).toEqual([
      [10, 60, 10],
      [5, 100, 15],
    ]);
    others.asked[1]?.answer(null);
    await settle();
    expect(granted).toEqual(['cancel:true']);
    others.asked[0]?.answer(null);
    await settle();
    expect(granted).toEqual(['cancel:true', 'market:true']);
    expect(await budget.acquire('market', 0, 0)).toBe(true);
    expect(others.asked).toHaveLength(2);
  });

  it('gives back what they have refused, and asks again when their window has turned', async () => {
    const { budget, others, clock } = sharedBudget();
    const granted = collect(budget, [['market', 60]]);
    others.asked[0]?.answer(5_000);
    await settle();
    void budget.acquire('place', 90, 0);
    expect(others.asked[1]).toMatchObject({ weight: 90, ownUsed: 90 });
    others.asked[1]?.answer(1_000);
    await clock.advance(4_999);
    expect(others.asked).toHaveLength(2);
    await clock.advance(1);
    expect(others.asked).toHaveLength(3);
    others.asked[2]?.answer(null);
    await settle();
    expect(granted).toEqual(['market:true']);
  });

  it('lets a request go whose patience ends before their window does', async () => {
    const { budget, others, clock } = sharedBudget();
    const granted = collect(budget, [['market', 1]], 3_000);
    others.asked[0]?.answer(5_000);
    await clock.advance(2_999);
    expect(granted).toEqual([]);
    await clock.advance(1);
    expect(granted).toEqual(['market:false']);
  });

  it('keeps silent when another was told to, even while asking', async () => {
    const { budget, others, clock } = sharedBudget();
    const granted = collect(budget, [['cancel', 1]]);
    others.brake(10_000);
    others.asked[0]?.answer(null);
    await settle();
    expect([granted, budget.brakeMs]).toEqual([[], 10_000]);
    await clock.advance(10_000);
    others.asked[1]?.answer(null);
    await settle();
    expect(granted).toEqual(['cancel:true']);
    expect(others.told).toEqual([]);
  });

  it('tells them what the venue says, and leaves them when it is closed', async () => {
    const { budget, others } = sharedBudget();
    budget.learn({ usedWeight: null, brakeMs: null });
    budget.learn({ usedWeight: 7, brakeMs: 1_000 });
    expect(others.told).toEqual([{ usedWeight: 7, brakeMs: 1_000 }]);
    const { budget: other, others: its } = sharedBudget();
    const granted = collect(other, [['cancel', 1]]);
    other.close();
    its.asked[0]?.answer(null);
    await settle();
    expect([its.hasLeft, granted]).toEqual([true, ['cancel:false']]);
  });
});
