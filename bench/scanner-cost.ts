/**
 * What looking for signals costs an all-in-one process: `npm run bench:scanner`. Starts Argosy as `npm start` does, once with the scanner off and
 * once with five venues simulated in this process, 600 instruments together, and compares processor time and memory of the two. The database
 * is a process of its own and not counted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '#test/crash/processes.ts';
import { Places } from '#test/signals/places.ts';

const VENUES = ['mexc', 'binance', 'bybit', 'okx', 'bitget'] as const;
const COINS = 60;
const MOVE_MS = 500;
/** One instrument of so many stands aside of the others, by more than everything costs. */
const ASIDE_OF = 20;
const ASIDE = 0.02;
const WARM_UP_MS = 30_000;
const READY_MS = 90_000;
/** Jiffies of /proc a second. */
const JIFFIES = 100;
const PAGE_BYTES = 4_096;
const MEGABYTE = 1_048_576;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const measuredMs = Number(values.seconds) * 1_000;

interface Cost {
  readonly processorShare: number;
  readonly megabytes: number;
  readonly health: string;
}

const places = await Places.open();
const stopMoving = moveMarkets();
try {
  const without = await costOf('off');
  const withScanner = await costOf(VENUES.join(','));
  const line = (name: string, { processorShare, megabytes, health }: Cost): void =>
    console.log(`${name.padEnd(28)}${(processorShare * 100).toFixed(1).padStart(8)} % of one core${megabytes.toFixed(0).padStart(8)} MB  ${health}`);
  line('all in one, scanner off', without);
  line(`scanner of ${VENUES.length * COINS * 2} instruments`, withScanner);
  console.log(
    `the scanner costs ${((withScanner.processorShare - without.processorShare) * 100).toFixed(1)} % of one core and ${(withScanner.megabytes - without.megabytes).toFixed(0)} MB`,
  );
} finally {
  stopMoving();
  await places.close();
}

/** Lists every coin on both markets of every venue, and moves all prices a little, again and again. */
function moveMarkets(): () => void {
  const markets = VENUES.flatMap((venue) =>
    (['spot', 'futures'] as const).flatMap((market) => Array.from({ length: COINS }, (_, coin) => places.market(venue, market, `C${coin}`, { size: 100_000 }))),
  );
  const step = (): void => {
    for (const [index, market] of markets.entries()) {
      const middle = 1 + (Math.random() - 0.5) * 0.0005 + (isAside(index) ? ASIDE : 0);
      Object.assign(market, { bid: Number((middle - 0.0005).toFixed(6)), ask: Number((middle + 0.0005).toFixed(6)) });
    }
  };
  step();
  const timer = setInterval(step, MOVE_MS);
  return () => clearInterval(timer);
}

/** Other coins at each market, so that they are aside of something. */
function isAside(index: number): boolean {
  return (index + 3 * Math.floor(index / COINS)) % ASIDE_OF === 0;
}

async function costOf(scan: string): Promise<Cost> {
  const directory = mkdtempSync(join(tmpdir(), 'argosy-cost-'));
  const port = await freePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'src', 'main.ts')], {
    env: {
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: String(port), HOST: '127.0.0.1', ARGOSY_DATA_DIR: directory },
      ...{ ARGOSY_SCAN: scan, ARGOSY_VENUE_URLS: JSON.stringify({ ...places.urls, paper: 'demo' }), ARGOSY_LOG_LEVEL: 'error' },
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await ready(port);
    await wait(WARM_UP_MS);
    const from = { at: performance.now(), spent: processorSeconds(child) };
    await wait(measuredMs);
    const processorShare = (processorSeconds(child) - from.spent) / ((performance.now() - from.at) / 1_000);
    return { processorShare, megabytes: residentBytes(child) / MEGABYTE, health: await signalsAt(port) };
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
}

async function ready(port: number): Promise<void> {
  const end = performance.now() + READY_MS;
  for (;;) {
    const isReady = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    if (performance.now() > end) throw new Error(`Argosy is not ready after ${READY_MS} ms`);
    await wait(200);
  }
}

async function signalsAt(port: number): Promise<string> {
  const { details } = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as { readonly details: readonly { readonly name: string }[] };
  return JSON.stringify(Reflect.get(details.find(({ name }) => name === 'signals') ?? {}, 'figures'));
}

function processorSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / JIFFIES;
}

function residentBytes({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
}
