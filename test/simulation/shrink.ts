/**
 * Makes a failing seed small: first whole kinds of faults are left out, then single firings, as long as the same
 * invariant still breaks.
 */
import type { FaultPlan } from './faults.ts';
import type { Mutant } from './mutant.ts';
import { type Outcome, simulate } from './world.ts';

/** Runs that may be spent on one seed. */
const MAX_RUNS = 400;

export interface Shrunk {
  readonly outcome: Outcome;
  readonly plan: Required<FaultPlan>;
  readonly runs: number;
}

/** The same failure with as few faults as could be found. */
export async function shrink(failed: Outcome, mutant?: Mutant): Promise<Shrunk> {
  const wanted = failed.violations[0]?.id;
  let best = failed;
  let plan: Required<FaultPlan> = { off: new Set(), suppressed: new Set() };
  let runs = 0;
  const tryPlan = async (next: Required<FaultPlan>): Promise<boolean> => {
    if (runs >= MAX_RUNS) return false;
    runs += 1;
    const outcome = await simulate(failed.seed, next, mutant);
    if (outcome.violations[0]?.id !== wanted) return false;
    best = outcome;
    plan = next;
    return true;
  };
  // What one kind needed may not need it any more once another has gone.
  for (let before = -1; before !== plan.off.size; ) {
    before = plan.off.size;
    for (const name of best.active) await tryPlan({ ...plan, off: new Set([...plan.off, name]) });
  }
  for (let size = Math.ceil(best.firings.length / 2); size >= 1 && runs < MAX_RUNS; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.firings.length && runs < MAX_RUNS; ) {
      const chunk = best.firings.slice(from, from + size);
      if (!(await tryPlan({ ...plan, suppressed: new Set([...plan.suppressed, ...chunk]) }))) from += size;
    }
  }
  return { outcome: best, plan, runs };
}
