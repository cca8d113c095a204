/**
 * The services of `compose.yaml` as processes on this machine, and what happens when parts of them go: a runner killed, a
 * runner that leaves politely, Redis flushed and killed, PostgreSQL killed. Ends with a table of figures, and with an error
 * when a promise was not kept or anything was lost or doubled.
 * `npm run topology -- --bots 500 --kill-runner`; without a flag every part goes, with 60 bots.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Books } from '../test/topology/books.ts';
import { Drills } from '../test/topology/drills.ts';
import { startGrids } from '../test/topology/grids.ts';
import { Topology } from '../test/topology/topology.ts';

const { values } = parseArgs({
  options: {
    bots: { type: 'string', default: '60' },
    runners: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(process.pid) },
    /** Milliseconds between steps of the prices. */
    'walk-ms': { type: 'string', default: '1000' },
    venues: { type: 'string', default: 'binance,bybit,okx,bitget' },
    'kill-runner': { type: 'boolean', default: false },
    'rolling-restart': { type: 'boolean', default: false },
    'flush-redis': { type: 'boolean', default: false },
    'kill-redis': { type: 'boolean', default: false },
    'kill-postgres': { type: 'boolean', default: false },
    /** How long PostgreSQL stays away: longer than leases last. */
    'away-seconds': { type: 'string', default: '20' },
    keep: { type: 'boolean', default: false },
  },
});
const isChosen = (name: 'kill-runner' | 'rolling-restart' | 'flush-redis' | 'kill-redis' | 'kill-postgres'): boolean =>
  values[name] || !(values['kill-runner'] || values['rolling-restart'] || values['flush-redis'] || values['kill-redis'] || values['kill-postgres']);

const directory = mkdtempSync(join(tmpdir(), 'argosy-topology-'));
const count = Number(values.bots);
const violations: string[] = [];
console.log(`topology: ${count} bots on ${values.runners} grid runners, seed ${values.seed}, files in ${directory}`);

let topology: Topology | null = null;
let books: Books | null = null;
try {
  topology = await Topology.start({
    directory,
    gridRunners: Number(values.runners),
    venues: values.venues.split(','),
    seed: Number(values.seed),
    walkMs: Number(values['walk-ms']),
    isWhole: true,
  });
  books = new Books(topology.databaseUrl);
  const drills = new Drills(topology, books, await startGrids(topology, count), (line) => console.log(line));
  await drills.awaitStart();
  if (isChosen('kill-runner')) {
    await drills.killRunner();
    await drills.leavePolitely();
    await drills.newcomer();
  }
  if (isChosen('rolling-restart')) await drills.rollingRestart();
  if (isChosen('flush-redis')) await drills.flushRedis();
  if (isChosen('kill-redis')) await drills.killRedis();
  if (isChosen('kill-postgres')) await drills.killPostgres(Number(values['away-seconds']) * 1_000);
  await drills.settle();
  violations.push(...drills.violations, ...topology.processes.flatMap((each) => each.deaths));
  console.log(drills.table());
} catch (error) {
  violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await books?.close();
  await topology?.close();
}
for (const violation of violations.slice(0, 40)) console.error(`  ${violation}`);
if (violations.length === 0 && !values.keep) rmSync(directory, { recursive: true, force: true });
else console.error(`${violations.length} violations; see ${directory}`);
console.log(`topology: ${count} bots, ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
