/** Starts Argosy as a newcomer does, twice on one data directory, looks at its pages, runs a short demo, and says how long each start took. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = dirname(import.meta.dirname);
const PAGES = ['/', '/docs/', '/redoc', '/openapi.json', '/health', '/health/live', '/health/ready'];
/** What the second start may take on two cores; a machine at work with other things gets some grace. */
const SECOND_START_MS = 2_000;
const GRACE = 2;
const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'argosy-smoke-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const environment = { ...process.env, PORT: String(port), HOST: '127.0.0.1', ARGOSY_DATA_DIR: join(folder, 'data'), ARGOSY_VENUE_URLS: '{"paper":"demo"}' };
const problems: string[] = [];

await visit('first', async () => {
  for (const page of PAGES) {
    const response = await fetch(`${url}${page}`);
    if (response.status !== 200) problems.push(`${page} answers ${response.status}`);
  }
  const demo = await run(['run', 'demo', '--', '--url', url, '--seconds', '8', '--once']);
  if (!demo.output.includes('Profit')) problems.push(`the demo ended with ${demo.code}:\n${demo.output}`);
});
const secondMs = await visit('second', () => Promise.resolve());
if (secondMs > SECOND_START_MS * GRACE) problems.push(`the second start took ${secondMs} ms; the goal is ${SECOND_START_MS} ms`);
rmSync(folder, { recursive: true, force: true });
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Starts, waits until the server is ready, does the work, stops by SIGTERM; returns how long the start took. */
async function visit(name: string, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  const server = npm(['start']);
  let output = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => server.once('close', resolve));
  while (!(await isReady())) {
    if (server.exitCode !== null || performance.now() - began > START_PATIENCE_MS) throw new Error(`the server did not become ready:\n${output}`);
    await sleep(10);
  }
  const tookMs = Math.round(performance.now() - began);
  console.log(`${name} start: ready after ${tookMs} ms, npm included`);
  await work();
  server.kill('SIGTERM');
  const code = await Promise.race([ended, sleep(STOP_PATIENCE_MS, 'late' as const)]);
  if (code !== 0) problems.push(`the ${name} server ended with ${code}:\n${output.slice(-2000)}`);
  if (/"level":"error"/.test(output)) problems.push(`the ${name} server logged an error:\n${output.slice(-4000)}`);
  return tookMs;
}

async function isReady(): Promise<boolean> {
  const response = await fetch(`${url}/health/ready`).catch(() => null);
  return response?.status === 200;
}

function npm(args: readonly string[]): ChildProcess {
  return spawn('npm', args, { cwd: ROOT, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = npm(args);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
