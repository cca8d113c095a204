/**
 * The deterministic simulation: our application against a hostile venue, network, database and clock, in virtual time.
 * `npm run sim -- --seed 7` runs one seed and explains a failure, `npm run sim -- --seeds 1000 --from 1` runs many,
 * `npm run sim -- --mutants` shows that planted bugs are found.
 */
import { parseArgs } from 'node:util';
import { KNOB_NAMES } from '../test/simulation/faults.ts';
import type { Mutant } from '../test/simulation/mutant.ts';
import { MUTANTS } from '../test/simulation/mutants.ts';
import { shrink } from '../test/simulation/shrink.ts';
import { type Outcome, simulate } from '../test/simulation/world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    mutants: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    whole: { type: 'boolean', default: false },
  },
});
/** A planted bug must be found within this many seeds. */
const MUTANT_SEEDS = 5_000;
const FAILURES_SHOWN = 20;

const mutant = values.mutant === undefined ? undefined : mutantNamed(values.mutant);
let unhandled: string[] = [];
process.on('unhandledRejection', (error) => unhandled.push(error instanceof Error ? (error.stack ?? error.message) : String(error)));

if (values.mutants) await findMutants();
else if (values.seed !== undefined) await explain(Number(values.seed));
else await runMany(Number(values.from), Number(values.seeds ?? '100'));

/** One seed; a promise that nobody waits for would end a real process, so it counts as a violation. */
async function runOne(seed: number, planted: Mutant | undefined): Promise<Outcome> {
  unhandled = [];
  const outcome = await simulate(seed, {}, planted);
  return unhandled.length === 0
    ? outcome
    : { ...outcome, violations: [...outcome.violations, { id: 'defect', text: `nobody handled: ${unhandled[0] ?? ''}` }] };
}

async function explain(seed: number): Promise<void> {
  const outcome = await runOne(seed, mutant);
  const again = await runOne(seed, mutant);
  console.log(
    `seed ${seed}: ${outcome.orders} orders, ${outcome.fills} fills, ${outcome.firings.length} faults, ${outcome.steps} events, converged after ${outcome.convergedMs / 1_000} s`,
  );
  console.log(
    `trace ${outcome.hash}${again.hash === outcome.hash ? '' : ` and ${again.hash} the second time: the run depends on something that is not injected`}`,
  );
  if (again.hash !== outcome.hash) process.exitCode = 1;
  if (outcome.violations.length === 0) return console.log('no violation');
  process.exitCode = 1;
  const isWhole = values.whole || outcome.violations[0]?.id === 'defect';
  const { outcome: least, plan, runs } = isWhole ? { outcome, plan: null, runs: 0 } : await shrink(outcome, mutant);
  console.log(least.timeline.join('\n'));
  if (plan !== null)
    console.log(
      `\nshrunk in ${runs} runs; kinds of faults left: ${least.active.filter((name) => least.fired.has(name)).join(', ') || 'none'}; firings left: ${least.firings.join(', ') || 'none'}`,
    );
  for (const { id, text } of least.violations) console.log(`${id} ${text}`);
}

async function runMany(from: number, count: number): Promise<void> {
  const startedAt = performance.now();
  const sums = { orders: 0, fills: 0, faults: 0, steps: 0, failed: 0, slowestMs: 0 };
  const fired = new Map<string, { firings: number; seeds: number }>(KNOB_NAMES.map((name) => [name, { firings: 0, seeds: 0 }]));
  for (let seed = from; seed < from + count; seed += 1) {
    const outcome = await runOne(seed, mutant);
    sums.orders += outcome.orders;
    sums.fills += outcome.fills;
    sums.faults += outcome.firings.length;
    sums.steps += outcome.steps;
    sums.slowestMs = Math.max(sums.slowestMs, outcome.convergedMs);
    for (const [name, firings] of outcome.fired) {
      const entry = fired.get(name);
      if (entry === undefined) continue;
      entry.firings += firings;
      entry.seeds += 1;
    }
    if (outcome.violations.length === 0) continue;
    sums.failed += 1;
    if (sums.failed <= FAILURES_SHOWN) console.log(`seed ${seed}: ${outcome.violations.map(({ id, text }) => `${id} ${text}`).join('; ')}`);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log('\nfault               firings   in seeds');
  for (const [name, { firings, seeds }] of fired)
    console.log(`${name.padEnd(18)} ${String(firings).padStart(8)} ${String(seeds).padStart(10)}${firings === 0 ? '   never fired: not tested' : ''}`);
  console.log(
    `\n${(count / seconds).toFixed(1)} seeds/s, ${sums.steps} events, ${sums.fills} fills, slowest convergence ${sums.slowestMs / 1_000} s after healing; explain a failure with --seed N\n`,
  );
  console.log(`seeds ${count}, orders ${sums.orders}, faults ${sums.faults}, ${sums.failed} violations`);
  process.exitCode = sums.failed === 0 ? 0 : 1;
}

async function findMutants(): Promise<void> {
  let found = 0;
  for (const planted of MUTANTS) {
    const startedAt = performance.now();
    let caught: Outcome | null = null;
    for (let seed = 1; seed <= MUTANT_SEEDS && caught === null; seed += 1) {
      const outcome = await runOne(seed, planted);
      if (outcome.violations.length > 0) caught = outcome;
    }
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    if (caught !== null) found += 1;
    const [first] = caught?.violations ?? [];
    console.log(
      caught === null
        ? `NOT FOUND in ${MUTANT_SEEDS} seeds (${seconds} s): ${planted.name}`
        : `seed ${String(caught.seed).padStart(4)}  ${first?.id.padEnd(6) ?? ''} ${planted.name}`,
    );
  }
  console.log(`\nmutants ${MUTANTS.length}, found ${found}`);
  process.exitCode = found === MUTANTS.length ? 0 : 1;
}

function mutantNamed(name: string): Mutant {
  const planted = MUTANTS.find((each) => each.name.includes(name));
  if (planted === undefined) throw new Error(`there is no planted bug "${name}"; known are: ${MUTANTS.map((each) => each.name).join('; ')}`);
  return planted;
}
