/** Benchmarks of users' own strategies in their sandbox, warm: `npm run bench:sandbox`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { runBacktest } from '#app/backtest/backtest.ts';
import { playback, RehearsedWishes } from '#app/own-strategies/playback.ts';
import type { Bars } from '#core/bars/bars.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import type { Declaration, Program } from '#core/sandbox/program.ts';
import type { Context } from '#core/strategy.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { LEGS_RECIPE, programOf, Rig } from '#test/sandbox/rig.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { crossover } from './crossover.ts';
import { randomWalk } from './history.ts';
import { percentile } from './percentile.ts';
import { benchNeighbours } from './sandbox-neighbours.ts';

const BARS = 1_000_000;
const RUNS = 5;
const WARM_UPS = 5;
const EVENTS = 2_000;
const GOAL_PER_SECOND = 5_000_000;
const GOAL_P99_MS = 2;
const PARAMS = { budget: '1000' };

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
  const way = { config: {}, instrument: TEST_INSTRUMENT, bars };
  const native = runBacktest({ ...way, strategy: crossover });
  const planned = { plan: { ok: true, quoteAtoms: native.setup.limits.budgetAtoms, baseGrains: 0, preview: {} }, bars: [] } as const;
  const inside: Spent[] = [];
  const outside: Spent[] = [];
  for (let run = -WARM_UPS; run < RUNS; run += 1) {
    const [rehearsal, spentInside] = await spentOn(() => sandbox.rehearse('bench', program, way));
    if (!rehearsal.ok) throw new Error(rehearsal.failure.message);
    const wishes = new RehearsedWishes(rehearsal.value);
    const strategy = playback(declaration, 'custom:crossover@1', planned, wishes);
    const [result, spentOutside] = await spentOn(() => runBacktest({ ...way, strategy, heard: wishes }));
    if (!wishes.isSpent || result.profit !== native.profit || result.trades.count !== native.trades.count) throw new Error('the two do not agree');
    if (run < 0) continue;
    inside.push(spentInside);
    outside.push(spentOutside);
  }
  const natives: Spent[] = [];
  const alone: Spent[] = [];
  for (let run = -WARM_UPS; run < RUNS; run += 1) {
    const [, spent] = await spentOn(() => hearAll(bars));
    if (run >= 0) alone.push(spent);
  }
  for (let run = 0; run < RUNS; run += 1) natives.push((await spentOn(() => runBacktest({ ...way, strategy: crossover })))[1]);
  const whole = inside.map((spent, run) => ({ wallMs: spent.wallMs + (outside[run]?.wallMs ?? 0), cpuMs: spent.cpuMs + (outside[run]?.cpuMs ?? 0) }));
  console.log(`backtest${'by processor time'.padStart(45)}${'by the clock'.padStart(21)}`);
  for (const [name, spent] of [
    ['the program alone', alone],
    ['native', natives],
    ['in the sandbox', inside],
    ['the check outside', outside],
    ['with the check outside', whole],
  ] as const)
    console.log(`          ${name.padEnd(24)}${perSecond(spent, 'cpuMs').padStart(19)}${perSecond(spent, 'wallMs').padStart(21)}`);
  console.log(
    `          ${native.trades.count} trades of ${native.orders.placed + native.orders.denied} wishes, the same profit to the last unit: ${native.profit}`,
  );
  return BARS / (median(whole.map(({ cpuMs }) => cpuMs)) / 1_000) >= GOAL_PER_SECOND;
}

/** The strategy told one bar after the other by nobody, where whatever it asks for is done at once: what its own arithmetic takes. */
function hearAll({ length, openTicks, highTicks, lowTicks, closeTicks, volumeLots }: Bars): void {
  const orders = { submit: () => null, freeQuoteAtoms: () => 0, freeBaseGrains: () => 0, askTicks: 1 } as unknown as Context;
  const state = crossover.start(orders, PARAMS);
  const event = { type: 'barClosed' as const, openTicks: 0, highTicks: 0, lowTicks: 0, closeTicks: 0, volumeLots: 0 };
  for (let index = 0; index < length; index += 1) {
    event.openTicks = openTicks[index] as number;
    event.highTicks = highTicks[index] as number;
    event.lowTicks = lowTicks[index] as number;
    event.closeTicks = closeTicks[index] as number;
    event.volumeLots = volumeLots[index] as number;
    crossover.on(orders, state, event, PARAMS);
  }
}

/** What something took: of everybody's time, and of the processors' in this process and those it has started. */
interface Spent {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function spentOn<Value>(act: () => Value | Promise<Value>): Promise<readonly [Value, Spent]> {
  const begunAt = performance.now();
  const before = processorMs();
  const value = await act();
  return [value, { wallMs: performance.now() - begunAt, cpuMs: processorMs() - before }];
}

/** Where there is no `/proc` only that of this process. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000 + descendants(process.pid).reduce((sum, pid) => sum + threadsMs(pid), 0);
}

/** A small process starts those of the sandbox, so they are children of a child. */
function descendants(pid: number | string): readonly string[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(path) ? readFileSync(path, 'utf8').split(' ').filter(Boolean) : [];
  return [...children, ...children.flatMap((child) => descendants(child))];
}

/** The kernel counts nanoseconds for each thread. */
function threadsMs(pid: string): number {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).reduce((sum, task) => sum + Number(readFileSync(`${folder}/${task}/schedstat`, 'utf8').split(' ')[0]) / 1_000_000, 0);
}

function perSecond(spent: readonly Spent[], which: keyof Spent): string {
  return `${(BARS / median(spent.map((each) => each[which])) / 1_000).toFixed(1)} M candles/s`;
}

/** From an event at the run to the commands of its engine, the way through the sandbox and back included. */
async function latencies(rig: Rig, quote = (bidTicks: number) => rig.quote(bidTicks)): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let count = 0; count < EVENTS; count += 1) {
    const begunAt = performance.now();
    const commands = await quote(10_000 + (count % 50));
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
  const pair = programOf({
    result: '{ id: null }',
    on: 'if (event.leg === "there") state.id = context.leg("there").submit(order({ priceTicks: event.bidTicks - 100, sizeLots: 100 }))',
  });
  const legs = await new Rig(sandbox, pair, 'live', LEGS_RECIPE).run(50);
  const ofLegs = await latencies(legs, (bidTicks) => legs.quoteOf('there', bidTicks));
  show('legs', ofLegs);
  legs.own.close();
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
  console.log('          (legs: the second of two instruments; beside: the first while programs of other users run in circles)');
  rig.own.close();
  return [alone, ofLegs].every((taken) => percentile(taken, 0.99) <= GOAL_P99_MS);
}

const sandbox = openStrategySandbox({ startsPerMinute: 1_000, idleMs: 500 });
try {
  const isFast = await benchBacktest(sandbox);
  const isPrompt = await benchLive(sandbox);
  const isCalm = await benchNeighbours();
  console.log(
    `${isFast ? '✓' : '✗'} 5 M candles/s in the sandbox with the check outside, by processor time   ${isPrompt ? '✓' : '✗'} p99 of event to command at most ${GOAL_P99_MS} ms   ${isCalm ? '✓' : '✗'} neighbours are not held up`,
  );
} finally {
  await sandbox.close();
}
