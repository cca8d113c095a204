/**
 * Argosy and the simulated Binance as processes of their own, to be killed without warning.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, type WriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..');
/** Longer than any start takes; reaching it is a failure of its own. */
const READY_PATIENCE_MS = 60_000;
const POLL_MS = 25;

export interface Simulator {
  readonly url: string;
  readonly apiKey: string;
  readonly secret: string;
  close(): void;
}

/** Starts the simulated venue and waits for its line of JSON. */
export async function startSimulator(options: { readonly seed: number; readonly walkMs: number }): Promise<Simulator> {
  const flags = ['--seed', String(options.seed), '--walk-ms', String(options.walkMs), '--step-share', '0.0012', '--band-share', '0.03'];
  const child = spawn(process.execPath, [join(ROOT, 'test/venues/main.ts'), ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, apiKey, secret } = JSON.parse(line) as Simulator;
    return { url, apiKey, secret, close: () => void child.kill('SIGTERM') };
  }
  throw new Error('the simulated venue ended before it was ready');
}

/** One Argosy on its own data directory and port, which can be killed and started again. */
export class Server {
  readonly root: string;
  readonly dataDirectory: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;

  constructor(options: { readonly port: number; readonly dataDirectory: string; readonly venueUrls: Readonly<Record<string, string>> }) {
    this.root = `http://127.0.0.1:${options.port}`;
    this.dataDirectory = options.dataDirectory;
    this.#log = createWriteStream(join(options.dataDirectory, '..', 'server.log'), { flags: 'a' });
    this.#environment = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(options.port),
      ARGOSY_DATA_DIR: options.dataDirectory,
      ARGOSY_VENUE_URLS: JSON.stringify(options.venueUrls),
    };
  }

  /** Starts and returns after how many milliseconds the server said that it was ready. */
  async start(): Promise<number> {
    const beganAt = performance.now();
    const child = spawn(process.execPath, [join(ROOT, 'src/main.ts')], { cwd: ROOT, env: this.#environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdout.pipe(this.#log, { end: false });
    child.stderr.pipe(this.#log, { end: false });
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode} while starting; see its log`);
      if (await this.#isReady()) return performance.now() - beganAt;
      if (performance.now() - beganAt > READY_PATIENCE_MS) throw new Error('the server did not become ready; see its log');
      await sleep(POLL_MS);
    }
  }

  /** SIGKILL, without warning; with `isDatabaseToo` the database server dies in the same moment. */
  async kill(isDatabaseToo: boolean): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const database = isDatabaseToo ? this.#databasePid() : null;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    if (database !== null) killQuietly(database);
    await ended;
    this.#child = null;
  }

  /** The polite end, for cleaning up. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    this.#child = null;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.root}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }

  #databasePid(): number | null {
    const file = join(this.dataDirectory, 'postgres', 'postmaster.pid');
    return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : null;
  }
}

export async function freePort(): Promise<number> {
  return await new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was gone already.
  }
}
