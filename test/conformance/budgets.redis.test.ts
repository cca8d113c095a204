import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisCounter } from '#adapters/budgets/redis-counter.ts';
import { redisBus } from '#adapters/bus/redis.ts';
import { systemClock } from '#adapters/clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { startRedis, type TestRedis } from '#test/support/redis.ts';
import { until } from '#test/support/until.ts';
import { type BudgetRig, budgetConformance, meet, onBudgetStage, untilCounted } from './budgets.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.kill());

let count = 0;

async function rig(): Promise<BudgetRig> {
  count += 1;
  const name = `argosy-${count}`;
  return {
    open: () => ({
      bus: redisBus({ url: redis.url, name, clock: systemClock, log: quietLog() }),
      counter: redisCounter({ url: redis.url, name }),
    }),
    close: async () => undefined,
  };
}

budgetConformance('Redis, from one account', rig);

describe('a request budget counted by Redis', () => {
  const stage = onBudgetStage(rig);

  it('lets one process take what the other leaves, to the last unit', async () => {
    const [one, other] = [await stage.open(), await stage.open()];
    expect(await one.spend('market', 3)).toBe(3);
    expect(await other.spend('market', 100)).toBe(57);
    expect(await one.spend('market', 1)).toBe(0);
    expect(await one.spend('cancel', 100)).toBe(40);
  });

  it('binds all processes to the count that the venue told one', async () => {
    const [one, other] = [await stage.open(), await stage.open()];
    one.budget.learn({ usedWeight: 95, brakeMs: null });
    await until(async () => (await other.spend('place', 1)) === 0, 'the other knows of it');
    const left = await other.spend('cancel', 100);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5);
  });

  it('goes on in even parts while the server is gone, and from one account when it is back', async () => {
    const [one, other] = [await stage.open(), await stage.open()];
    await meet(one, other);
    await redis.kill();
    await until(() => !one.bus.isUp() && !other.bus.isUp(), 'both have noticed');
    expect(await one.spend('market', 100)).toBe(29);
    expect(await other.spend('cancel', 100)).toBe(49);
    await redis.start();
    await Promise.all([one.bus.ready(), other.bus.ready()]);
    const { counter } = stage.rig.open();
    if (counter === null) throw new Error('there is a counter');
    await untilCounted(counter);
    await counter.close();
    // The server has forgotten this window; each process still knows its own part of it.
    await until(async () => (await one.spend('market', 1)) === 1, 'one spends from the common account again');
  });
});
