/**
 * The crash test: Argosy trades two grids on a simulated Binance whose prices move, is killed at random moments (every
 * fourth time together with its database), and must find back to the venue's truth each time.
 * `npm run crash` kills 200 times; `npm run crash -- --rounds 15 --seed 7` fewer.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decimal } from '../src/core/money.ts';
import { ApiClient } from '../test/crash/api-client.ts';
import { type BookFill, type BookOrder, differences, inDoubt, peakStake, type Sides } from '../test/crash/judge.ts';
import { freePort, Server, type Simulator, sleep, startSimulator } from '../test/crash/processes.ts';
import { seeded } from '../test/venues/_random.ts';
import type { TrueFill, TrueOrder } from '../test/venues/_truth.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, seed: { type: 'string', default: String(process.pid) }, keep: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const random = seeded(seed);

/** A round lives this long at most after it is ready, so kills fall into starts, take-overs and quiet trading alike. */
const LONGEST_ROUND_MS = 2_500;
/** In doubt ends at the latest with the venue's window and the margin after it. */
const SETTLE_PATIENCE_MS = 120_000;
const GROWTH_PATIENCE_MS = 60_000;
const POLL_MS = 500;

const PLANS = [
  { name: 'Bitcoin', symbol: 'BTC/USDT', config: { lower_price: '58500', upper_price: '61500', levels: 21, spacing: 'arithmetic', investment: '20000' } },
  { name: 'Ether', symbol: 'ETH/USDT', config: { lower_price: '2930', upper_price: '3070', levels: 15, spacing: 'geometric', investment: '15000' } },
] as const;

interface Bot {
  readonly id: string;
  readonly name: string;
}

const work = mkdtempSync(join(tmpdir(), 'argosy-crash-'));
const dataDirectory = join(work, 'data');
mkdirSync(dataDirectory);
const simulator = await startSimulator({ seed, walkMs: 25 });
const server = new Server({ port: await freePort(), dataDirectory, venueUrls: { binance: simulator.url, paper: 'demo' } });
const client = new ApiClient(server.root);
let failures: string[] = [];

try {
  console.log(`crash test: ${rounds} kills, seed ${seed}, files in ${work}`);
  await server.start();
  await client.enter('crash@example.org', 'crash-test-password');
  const bots = await createBots(simulator);
  await addFaults();
  await until('the grids rest at the venue', GROWTH_PATIENCE_MS, async () => (await truth<TrueOrder[]>('open-orders')).length >= 20);
  const readyMs = await killAndRestart();
  failures = await judge(bots);
  readyMs.sort((a, b) => a - b);
  console.log(`restart to ready: median ${Math.round(readyMs[Math.floor(readyMs.length / 2)] ?? 0)} ms, slowest ${Math.round(readyMs.at(-1) ?? 0)} ms`);
} catch (error) {
  failures = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
} finally {
  await server.stop();
  simulator.close();
}
for (const failure of failures.slice(0, 40)) console.error(`  ${failure}`);
if (failures.length === 0 && !values.keep) rmSync(work, { recursive: true, force: true });
else console.error(`${failures.length} differences; seed ${seed}; see ${work}`);
console.log(failures.length === 0 ? `crash test passed: ${rounds} kills, nothing lost, doubled or orphaned` : 'crash test failed');
process.exit(failures.length === 0 ? 0 : 1);

async function createBots({ apiKey, secret }: Simulator): Promise<Bot[]> {
  const account = await client.post<{ id: string }>('/accounts', { name: 'Simulated', exchange: 'binance', api_key: apiKey, api_secret: secret });
  const bots: Bot[] = [];
  for (const plan of PLANS) {
    const bot = await client.post<Bot>('/bots', { ...plan, strategy: 'grid', mode: 'live', account_id: account.id });
    await client.post(`/bots/${bot.id}/start`);
    bots.push(bot);
  }
  return bots;
}

/** A slow network, so that many kills fall between sending and hearing; and now and then an answer that never comes. */
async function addFaults(): Promise<void> {
  const faults = [
    { where: 'before', kind: 'latency', operation: 'placeOrder', ms: 120, probability: 0.5, count: null },
    { where: 'after', kind: 'slow', operation: 'placeOrder', ms: 150, probability: 0.5, count: null },
    { where: 'after', kind: 'hang', operation: 'placeOrder', probability: 0.02, count: null },
    { where: 'after', kind: 'reset', operation: 'cancelOrder', probability: 0.05, count: null },
    { where: 'stream', kind: 'lose', stream: 'private', probability: 0.03, count: null },
    { where: 'stream', kind: 'duplicate', stream: 'private', probability: 0.05, count: null },
  ];
  for (const fault of faults) await tellVenue('faults', fault);
}

async function killAndRestart(): Promise<number[]> {
  const readyMs: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await sleep(Math.floor(random() * LONGEST_ROUND_MS));
    await server.kill(random() < 0.25);
    readyMs.push(await server.start());
    const doubled = await truth<unknown[]>('duplicates');
    if (doubled.length > 0) throw new Error(`round ${round}: the venue accepted an id twice: ${JSON.stringify(doubled)}`);
    if (round % 10 === 0)
      console.log(`  ${round} kills; ${(await truth<TrueOrder[]>('orders')).length} orders and ${(await truth<TrueFill[]>('fills')).length} executions so far`);
  }
  return readyMs;
}

/** Prices stand still until the books have settled; then truth and books must be the same, and the grids must go on. */
async function judge(bots: readonly Bot[]): Promise<string[]> {
  await tellVenue('walk', { ms: 0 });
  await fetch(`${simulator.url}/__truth/faults`, { method: 'DELETE' });
  let last: string[] = [];
  const isSettled = async (): Promise<boolean> => {
    const sides = await read(bots);
    const doubtful = inDoubt(sides.bookOrders);
    last = [...differences(sides), ...doubtful.map((order) => `${order.client_order_id} is still in doubt`)];
    return last.length === 0;
  };
  const beganAt = performance.now();
  await until('books and venue agree', SETTLE_PATIENCE_MS, isSettled).catch(() => undefined);
  if (last.length > 0) return last;
  const sides = await read(bots);
  console.log(
    `settled after ${((performance.now() - beganAt) / 1000).toFixed(1)} s: ${sides.venueOrders.length} orders, ${sides.venueFills.length} executions, all the same in the books`,
  );
  const over = PLANS.filter(({ symbol, config }) => decimal(peakStake(symbol, sides)).gt(config.investment));
  if (over.length > 0) return over.map(({ name, symbol, config }) => `bot ${name} had ${peakStake(symbol, sides)} at stake of ${config.investment}`);
  return await expectGrowth(bots, sides.venueFills.length);
}

async function expectGrowth(bots: readonly Bot[], executions: number): Promise<string[]> {
  for (const bot of bots) {
    const { status } = await client.get<{ status: string }>(`/bots/${bot.id}`);
    if (status !== 'running') return [`bot ${bot.name} is ${status} after the last start`];
  }
  await tellVenue('walk', { ms: 25 });
  await until('the grids trade on', GROWTH_PATIENCE_MS, async () => (await truth<TrueFill[]>('fills')).length >= executions + 5);
  for (const bot of bots) await client.post(`/bots/${bot.id}/stop`);
  await until('the bots stop', SETTLE_PATIENCE_MS, async () =>
    (await Promise.all(bots.map((bot) => client.get<{ status: string }>(`/bots/${bot.id}`)))).every(({ status }) => status === 'stopped'),
  );
  const left = await truth<TrueOrder[]>('open-orders');
  return left.map((order) => `orphaned: ${order.clientOrderId} rests at the venue after its bot has stopped`);
}

async function read(bots: readonly Bot[]): Promise<Sides> {
  const bookOrders = await client.all<BookOrder>('/orders');
  const fills = await Promise.all(bots.map((bot) => client.all<BookFill>(`/bots/${bot.id}/fills`)));
  return { venueOrders: await truth('orders'), venueFills: await truth('fills'), bookOrders, bookFills: fills.flat() };
}

async function truth<Answer>(name: string): Promise<Answer> {
  return (await (await fetch(`${simulator.url}/__truth/${name}`)).json()) as Answer;
}

async function tellVenue(name: string, body: unknown): Promise<void> {
  await fetch(`${simulator.url}/__truth/${name}`, { method: 'POST', body: JSON.stringify(body) });
}

async function until(what: string, patienceMs: number, isTrue: () => Promise<boolean>): Promise<void> {
  const beganAt = performance.now();
  while (!(await isTrue())) {
    if (performance.now() - beganAt > patienceMs) throw new Error(`waited ${patienceMs / 1000} s in vain until ${what}`);
    await sleep(POLL_MS);
  }
}
