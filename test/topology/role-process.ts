/** One role of Argosy as a process of its own, as a container would run it: started, killed and stopped by its name. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..');
/** Longer than any start takes, on a busy machine too. */
const READY_PATIENCE_MS = 60_000;

export interface RoleProcessOptions {
  /** Of its log file, such as `grid-1`. */
  readonly name: string;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

export class RoleProcess {
  readonly name: string;
  readonly #options: RoleProcessOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;
  /** Ends that nobody had asked for. */
  readonly deaths: string[] = [];

  constructor(options: RoleProcessOptions) {
    this.name = options.name;
    this.#options = options;
    this.#log = createWriteStream(join(options.directory, `${options.name}.log`), { flags: 'a' });
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts and returns after how many milliseconds it said that it was ready. */
  async start(): Promise<number> {
    const beganAt = performance.now();
    const { environment, name } = this.#options;
    const child = spawn(process.execPath, [join(ROOT, 'src/main.ts')], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.pipe(this.#log, { end: false });
    child.stderr.pipe(this.#log, { end: false });
    const ready = Promise.withResolvers<void>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"Argosy is ready"')) ready.resolve();
    });
    child.once('exit', (code, signal) => {
      ready.reject(new Error(`${name} ended with ${signal ?? code} while starting; see its log`));
      if (this.#child !== child) return;
      this.#child = null;
      this.deaths.push(`${name} ended by itself with ${signal ?? code}`);
    });
    const late = setTimeout(() => ready.reject(new Error(`${name} did not become ready; see its log`)), READY_PATIENCE_MS);
    await ready.promise.finally(() => clearTimeout(late));
    return performance.now() - beganAt;
  }

  /** Without warning. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** The polite end; returns after how many milliseconds it was gone. */
  async stop(): Promise<number> {
    const beganAt = performance.now();
    await this.#end('SIGTERM');
    return performance.now() - beganAt;
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await ended;
  }
}
