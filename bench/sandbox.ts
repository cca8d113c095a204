/** Benchmarks of users' own strategies in their sandbox, warm: `npm run bench:sandbox`. */
import { readFileSync } from 'node:fs';
import { runBacktest } from '#app/backtest/backtest.ts';
import { playback, RehearsedWishes } from '#app/own-strategies/playback.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import type { Declaration, Program } from '#core/sandbox/program.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { INSTRUMENT, programOf, Rig } from '#test/sandbox/rig.ts';
import { crossover } from './crossover.ts';
import { randomWalk } from './history.ts';

const BARS = 1_000_000;
const RUNS = 5;
const WARM_UPS = 5;
const EVENTS = 2_000;
const GOAL_PER_SECOND = 5_000_000;
const GOAL_P99_MS = 2;

/** The very strategy of the native benchmark, as an upload. */
function upload(): Program {
  const text = readFileSync(new URL('./crossover.ts', import.meta.url), 'utf8')
    .replace("'#core/strategy.ts'", "'argosy/strategy'")
    .replace('export const crossover =', 'export default');
  return { hash: 'bench', files: [{ path: 'main.ts', text }] };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
}

async function declared(sandbox: StrategySandbox, program: Program): Promise<Declaration> {
  const { declaration, issues } = await sandbox.check('bench', program.files);
  if (declaration === null) throw new Error(JSON.stringify(issues));
  return declaration;
}

/** A backtest as a user gets it: through the sandbox, then by the engine outside on the wishes. */
async function benchBacktest(sandbox: StrategySandbox): Promise<boolean> {
  const bars = randomWalk({ seed: 20_261_120, length: BARS, startTicks: 10_000, swingTicks: 40, lowestTicks: 5_000, highestTicks: 20_000 });
  const program = upload();
  const declaration = await declared(sandbox, program);
  const way = { config: {}, instrument: INSTRUMENT, bars };
  const native = runBacktest({ ...way, strategy: crossover });
  const planned = { plan: { ok: true, quoteAtoms: native.setup.limits.budgetAtoms, baseGrains: 0, preview: {} }, bars: [] } as const;
  const inside: number[] = [];
  const whole: number[] = [];
  for (let run = -WARM_UPS; run < RUNS; run += 1) {
    const begunAt = performance.now();
    const rehearsal = await sandbox.rehearse('bench', program, way);
    if (!rehearsal.ok) throw new Error(rehearsal.failure.message);
    const rehearsedAt = performance.now();
    const wishes = new RehearsedWishes(rehearsal.value);
    const result = runBacktest({ ...way, strategy: playback(declaration, 'custom:crossover@1', planned, wishes) });
    const endedAt = performance.now();
    if (!wishes.isSpent || result.profit !== native.profit || result.trades.count !== native.trades.count) throw new Error('the two do not agree');
    if (run < 0) continue;
    inside.push(rehearsedAt - begunAt);
    whole.push(endedAt - begunAt);
  }
  const nativeMs = median(Array.from({ length: RUNS }, () => timed(() => runBacktest({ ...way, strategy: crossover }))));
  const perSecond = (ms: number): string => `${(BARS / ms / 1_000).toFixed(1)} M candles/s (${(nativeMs / ms).toFixed(2)} of native)`;
  console.log(`backtest  native ${perSecond(nativeMs)} · in the sandbox ${perSecond(median(inside))} · with the check outside ${perSecond(median(whole))}`);
  console.log(`          ${native.trades.count} trades, the same profit to the last unit: ${native.profit}`);
  return BARS / (median(inside) / 1_000) >= GOAL_PER_SECOND;
}

function timed(act: () => unknown): number {
  const begunAt = performance.now();
  act();
  return performance.now() - begunAt;
}

/** From an event at the run to the commands of its engine, the way through the sandbox and back included. */
async function latencies(rig: Rig): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let count = 0; count < EVENTS; count += 1) {
    const begunAt = performance.now();
    const commands = await rig.quote(10_000 + (count % 50));
    taken.push(performance.now() - begunAt);
    for (const command of commands) if (command.type === 'submitOrder') await rig.reject(command.order.clientOrderId);
  }
  if (rig.end !== '') throw new Error(rig.end);
  return taken;
}

async function benchLive(sandbox: StrategySandbox): Promise<boolean> {
  const program = programOf({
    result: '{ id: null }',
    on: 'if (event.type === "quoteChanged") state.id = context.submit(order({ priceTicks: event.bidTicks - 100, sizeLots: 100 }))',
  });
  const show = (name: string, taken: readonly number[]): void =>
    console.log(
      `${name.padEnd(10)}p50 ${percentile(taken, 0.5).toFixed(3)} ms · p99 ${percentile(taken, 0.99).toFixed(3)} ms · most ${Math.max(...taken).toFixed(3)} ms`,
    );
  const rig = await new Rig(sandbox, program, 'live').run(50);
  const alone = await latencies(rig);
  show('live', alone);
  let isOver = false;
  const looping = (async () => {
    for (let count = 0; !isOver; count += 1) {
      const hostile = await new Rig(sandbox, programOf({ on: 'for (;;);' }), `hostile ${count}`).run(2);
      hostile.own.close();
    }
  })();
  const beside = await latencies(rig);
  isOver = true;
  await looping;
  show('beside', beside);
  console.log('          (beside: the same while programs of other users run in circles)');
  rig.own.close();
  return percentile(alone, 0.99) <= GOAL_P99_MS;
}

const sandbox = openStrategySandbox({ startsPerMinute: 1_000, idleMs: 500 });
try {
  const isFast = await benchBacktest(sandbox);
  const isPrompt = await benchLive(sandbox);
  console.log(`${isFast ? '✓' : '✗'} 5 M candles/s in the sandbox   ${isPrompt ? '✓' : '✗'} p99 of event to command at most ${GOAL_P99_MS} ms`);
} finally {
  await sandbox.close();
}
