/** What processes behind one address owe each other of a venue's request budget, whatever carries it: two budgets as two processes have them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Counter, sharedBudgets } from '#adapters/budgets/shared.ts';
import { systemClock } from '#adapters/clock.ts';
import { Budget, type Priority } from '#adapters/venues/_budget.ts';
import type { OpenBus, SharedBudgets } from '#core/ports.ts';
import { until } from '#test/support/until.ts';

/** An hour, so that no window ends while a case runs. */
const LIMITS = { weight: 100, windowMs: 3_600_000 };

export interface BudgetRig {
  open(): { readonly bus: OpenBus; readonly counter: Counter | null };
  close(): Promise<void>;
}

/** One process: its bus and its budget of one venue. */
export interface Spender {
  readonly bus: OpenBus;
  readonly budget: Budget;
  /** How many of so many requests of weight 1 are granted at once. */
  spend(priority: Priority, count: number): Promise<number>;
}

export interface Stage {
  rig: BudgetRig;
  open(egress?: string): Promise<Spender>;
}

export function budgetConformance(name: string, start: () => Promise<BudgetRig>): void {
  describe(`request budgets shared over ${name}`, () => {
    const stage = onBudgetStage(start);

    it('S1 give all of it to a process that is alone', async () => {
      const alone = await stage.open();
      expect(await alone.spend('cancel', 120)).toBe(100);
    });

    it('S2 never give two processes more than the venue grants, and keep the last part for what matters more', async () => {
      const [one, other] = [await stage.open(), await stage.open()];
      await meet(one, other);
      const granted = await Promise.all([one.spend('market', 100), other.spend('market', 100)]);
      expect(granted[0] + granted[1]).toBeGreaterThan(50);
      expect(granted[0] + granted[1]).toBeLessThanOrEqual(60);
      const cancels = await Promise.all([one.spend('cancel', 100), other.spend('cancel', 100)]);
      expect(granted[0] + granted[1] + cancels[0] + cancels[1]).toBeGreaterThan(90);
      expect(granted[0] + granted[1] + cancels[0] + cancels[1]).toBeLessThanOrEqual(100);
    });

    it('S3 brake every process when the venue tells one to be silent, and those that come later', async () => {
      const [one, other] = [await stage.open(), await stage.open()];
      await meet(one, other);
      one.budget.learn({ usedWeight: null, brakeMs: 600_000 });
      await until(() => other.budget.brakeMs > 0, 'the other has heard of the ban');
      expect(other.budget.brakeMs).toBeGreaterThan(590_000);
      expect(other.budget.brakeMs).toBeLessThanOrEqual(600_000);
      expect(await other.spend('cancel', 1)).toBe(0);
      const newcomer = await stage.open();
      await newcomer.spend('cancel', 1);
      await until(() => newcomer.budget.brakeMs > 0, 'the newcomer has heard of the ban');
      expect(await newcomer.spend('cancel', 1)).toBe(0);
    });

    it('S4 leave processes behind other addresses alone', async () => {
      const [one, other] = [await stage.open('here'), await stage.open('there')];
      await Promise.all([one.spend('market', 1), other.spend('market', 1)]);
      one.budget.learn({ usedWeight: null, brakeMs: 600_000 });
      let isOver = false;
      other.bus.subscribe('end', () => (isOver = true));
      one.bus.publish('end', {});
      await until(() => isOver, 'what was said before has arrived');
      expect(other.budget.brakeMs).toBe(0);
      expect(await other.spend('market', 59)).toBe(59);
    });
  });
}

/** Sets the stage before each case and clears it away after. */
export function onBudgetStage(start: () => Promise<BudgetRig>): Stage {
  const stage = {} as Stage;
  let opened: { readonly spender: Spender; readonly budgets: SharedBudgets }[] = [];
  beforeEach(async () => {
    opened = [];
    stage.rig = await start();
    stage.open = async (egress = 'here') => {
      const { bus, counter } = stage.rig.open();
      const budgets = sharedBudgets({ bus, clock: systemClock, egress, counter });
      const budget = new Budget(systemClock, LIMITS, { budgets, name: 'venue' });
      const spend = async (priority: Priority, count: number): Promise<number> => {
        const answers = await Promise.all(Array.from({ length: count }, () => budget.acquire(priority, 1, 0)));
        return answers.filter((isGranted) => isGranted).length;
      };
      const spender = { bus, budget, spend };
      opened.push({ spender, budgets });
      await bus.ready();
      if (counter !== null) await untilCounted(counter);
      return spender;
    };
  });
  afterEach(async () => {
    for (const { spender } of opened) spender.budget.close();
    await Promise.all(opened.map(({ budgets }) => budgets.close()));
    await Promise.all(opened.map(({ spender }) => spender.bus.close()));
    await stage.rig.close();
  });
  return stage;
}

/** Waits until each knows that the other spends. */
export async function meet(one: Spender, other: Spender): Promise<void> {
  const heard = new Set<Spender>();
  for (const spender of [one, other]) {
    spender.bus.subscribe('met', () => heard.add(spender));
    await spender.spend('market', 1);
  }
  // Each answers a newcomer once; what is said after that comes after it.
  for (const spender of [one, other]) {
    heard.clear();
    spender.bus.publish('met', {});
    await until(() => heard.size === 2, 'what was said before has arrived');
  }
}

export async function untilCounted(counter: Counter): Promise<void> {
  const answers = async (): Promise<boolean> => {
    try {
      await counter.take('probe', 1_000, 0, 1);
      return true;
    } catch {
      return false;
    }
  };
  await until(answers, 'the counter answers');
}
