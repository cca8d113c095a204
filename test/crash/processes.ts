/**
 * Argosy and a simulated venue as processes of their own, to be killed without warning.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, readdirSync, readFileSync, type WriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..');
/** Longer than any start takes; reaching it is a failure of its own. */
const READY_PATIENCE_MS = 60_000;
const POLL_MS = 25;
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const PORTS_OF_A_PROCESS = 61;
let nextPort = process.pid * PORTS_OF_A_PROCESS;

export interface Simulator {
  readonly url: string;
  readonly apiKey: string;
  readonly secret: string;
  close(): void;
}

export interface SimulatorOptions {
  readonly seed: number;
  readonly walkMs: number;
  /** Further flags, such as the venue's name. */
  readonly flags?: readonly string[];
}

/** Starts the simulated venue and waits for its line of JSON. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const flags = ['--seed', String(options.seed), '--walk-ms', String(options.walkMs), '--step-share', '0.0012', '--band-share', '0.03'];
  const child = spawn(process.execPath, [join(ROOT, 'test/venues/main.ts'), ...flags, ...(options.flags ?? [])], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, apiKey, secret } = JSON.parse(line) as Simulator;
    return { url, apiKey, secret, close: () => void child.kill('SIGTERM') };
  }
  throw new Error('the simulated venue ended before it was ready');
}

export interface ServerOptions {
  readonly port: number;
  readonly dataDirectory: string;
  readonly venueUrls: Readonly<Record<string, string>>;
  /** Of its log file beside the data directory; `server` if not given. */
  readonly name?: string;
  /** Beyond what every start has. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Hears every line of its output. */
  readonly onLine?: (line: string) => void;
  /** It was ready, has ended, and nobody had told it to. */
  readonly onDeath?: (how: string) => void;
}

/** One Argosy on its own data directory and port, which can be killed and started again. */
export class Server {
  readonly root: string;
  readonly dataDirectory: string;
  readonly #options: ServerOptions;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;
  #wasReady = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.root = `http://127.0.0.1:${options.port}`;
    this.dataDirectory = options.dataDirectory;
    this.#log = createWriteStream(join(options.dataDirectory, '..', `${options.name ?? 'server'}.log`), { flags: 'a' });
    this.#environment = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(options.port),
      ARGOSY_DATA_DIR: options.dataDirectory,
      ARGOSY_VENUE_URLS: JSON.stringify(options.venueUrls),
      ...options.environment,
    };
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Starts and returns after how many milliseconds the server said that it was ready. */
  async start(): Promise<number> {
    const beganAt = performance.now();
    const child = spawn(process.execPath, [join(ROOT, 'src/main.ts')], { cwd: ROOT, env: this.#environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#wasReady = false;
    child.stdout.pipe(this.#log, { end: false });
    child.stderr.pipe(this.#log, { end: false });
    const { onLine } = this.#options;
    if (onLine !== undefined) createInterface({ input: child.stdout }).on('line', onLine);
    child.once('exit', (code, signal) => this.#onExit(child, `${signal ?? code}`));
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the server ended with ${child.signalCode ?? child.exitCode} while starting; see its log`);
      if (await this.#isReady()) {
        this.#wasReady = true;
        return performance.now() - beganAt;
      }
      if (performance.now() - beganAt > READY_PATIENCE_MS) throw new Error('the server did not become ready; see its log');
      await sleep(POLL_MS);
    }
  }

  /** SIGKILL, without warning; with `isDatabaseToo` the database server dies in the same moment. */
  async kill(isDatabaseToo: boolean): Promise<void> {
    const database = isDatabaseToo ? databasePid(this.dataDirectory) : null;
    await this.#end('SIGKILL', () => {
      if (database !== null) killQuietly(database);
    });
  }

  /** The polite end, for cleaning up. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM', () => undefined);
  }

  /** The process stands still, sockets open, until it is resumed or killed. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM', alongside: () => void): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    alongside();
    await ended;
  }

  #onExit(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (this.#wasReady) this.#options.onDeath?.(how);
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.root}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }
}

/** SIGKILL for the database server on a data directory; `false` when there is none. */
export function killDatabase(dataDirectory: string): boolean {
  const pid = databasePid(dataDirectory);
  if (pid !== null) killQuietly(pid);
  return pid !== null;
}

/** SIGSTOP for the database server and its processes; the returned function lets them go on. `null` when there is none. */
export function pauseDatabase(dataDirectory: string): (() => void) | null {
  const pid = databasePid(dataDirectory);
  if (pid === null) return null;
  // The first process stands still before its children are counted, so that it makes no more.
  killQuietly(pid, 'SIGSTOP');
  const stopped = [pid, ...childrenOf(pid)];
  for (const each of stopped) killQuietly(each, 'SIGSTOP');
  return () => {
    for (const each of stopped) if (isPostgres(each)) killQuietly(each, 'SIGCONT');
  };
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        // After the name, which may contain anything, come the state and the parent.
        return pid > 0 && Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, '').split(' ')[2]) === parent;
      } catch {
        return false;
      }
    });
}

function databasePid(dataDirectory: string): number | null {
  const file = join(dataDirectory, 'postgres', 'postmaster.pid');
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN;
  return !Number.isNaN(pid) && isPostgres(pid) ? pid : null;
}

/** Between two servers the file names the process that starts the next one. */
function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    return process.platform !== 'linux';
  }
}

/**
 * A port for a process that is started next. Below those that systems give to whoever asks for any (32768 and more on Linux, 49152
 * on others), so that no connection of another test takes it meanwhile; each process begins to look at another place.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + (nextPort % PORTS);
    nextPort += 1;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function killQuietly(pid: number, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It was gone already.
  }
}
