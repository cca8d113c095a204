/** Three runners are replaced one after the other while orders fill: nothing may get lost, and no journal may have a gap. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Books } from './books.ts';
import { Drills } from './drills.ts';
import { startGrids } from './grids.ts';
import { Topology } from './topology.ts';

// Real processes on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000 });

it('a rolling restart of three runners loses no event and doubles no order', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'argosy-rolling-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const topology = await Topology.start({ directory, gridRunners: 3, venues: ['binance'], seed: 7, walkMs: 60, isWhole: false });
  onTestFinished(() => topology.close());
  const books = new Books(topology.databaseUrl);
  onTestFinished(() => books.close());
  const drills = new Drills(topology, books, await startGrids(topology, 9), () => undefined);
  await drills.awaitStart();
  const before = await books.fills();
  await drills.rollingRestart();
  expect(await books.fills()).toBeGreaterThan(before);
  await drills.settle();
  expect([...drills.violations, ...topology.processes.flatMap((each) => each.deaths)]).toEqual([]);
});
