import { describe, expect, it } from 'vitest';
import { KNOB_NAMES } from './faults.ts';
import { MUTANTS } from './mutants.ts';
import { shrink } from './shrink.ts';
import { simulate } from './world.ts';

const SEEDS = 120;

describe('the simulation', () => {
  it(`finds no violation in seeds 1 to ${SEEDS}, while every kind of fault fires`, { timeout: 240_000 }, async () => {
    const fired = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const outcome = await simulate(seed);
      expect(outcome.violations, `seed ${seed}: npm run sim -- --seed ${seed} tells its story`).toEqual([]);
      for (const name of outcome.fired.keys()) fired.add(name);
    }
    expect(KNOB_NAMES.filter((name) => !fired.has(name))).toEqual([]);
  });

  it('gives the same trace for the same seed, and another for another', async () => {
    const [first, again, other] = [await simulate(11), await simulate(11), await simulate(12)];
    expect(again.hash).toBe(first.hash);
    expect(again.timeline).toEqual(first.timeline);
    expect(other.hash).not.toBe(first.hash);
  });

  it('finds an order that is sent twice, and which faults it takes', async () => {
    const resend = MUTANTS.find((mutant) => mutant.name === 'an order without an answer is sent again');
    if (resend === undefined) throw new Error('the planted bug is gone');
    let outcome = await simulate(1, {}, resend);
    for (let seed = 2; outcome.violations.length === 0; seed += 1) outcome = await simulate(seed, {}, resend);
    expect(outcome.violations[0]?.id).toBe('I2');
    const { outcome: least } = await shrink(outcome, resend);
    expect(least.violations[0]?.id).toBe('I2');
    expect(least.firings.length).toBeLessThan(outcome.firings.length / 4);
  });

  it('puts the application back as it was after a planted bug', async () => {
    const before = await simulate(5);
    for (const mutant of MUTANTS) await simulate(5, {}, mutant);
    expect((await simulate(5)).hash).toBe(before.hash);
  });
});
