/**
 * A real Redis or Valkey server for a test, as a process of its own that can be killed, held and started again: the native
 * one where there is one on the path, else Valkey from npm. ARGOSY_TEST_REDIS_SERVER names the program and allows no other.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { freePort } from '#test/crash/processes.ts';

const VALKEY = join(import.meta.dirname, 'valkey.ts');
const NATIVE = ['redis-server', 'valkey-server'] as const;
const START_PATIENCE_MS = 20_000;
const POLL_MS = 20;

export class TestRedis {
  readonly url: string;
  readonly #port: number;
  #child: ChildProcess | null = null;

  constructor(port: number) {
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** Starts it, empty, on the same port every time. */
  async start(): Promise<void> {
    const native = nativeServer();
    const [command, args] =
      native === null
        ? [process.execPath, ['--no-warnings', VALKEY, String(this.#port)]]
        : [native, ['--port', String(this.#port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/']];
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    this.#child = child;
    const giveUpAt = performance.now() + START_PATIENCE_MS;
    while (!(await answers(this.#port))) {
      if (child.exitCode !== null || performance.now() > giveUpAt) throw new Error(`${command} did not start on port ${this.#port}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Without warning. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Forgets everything, as FLUSHALL does. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#port, '127.0.0.1', () => socket.write('FLUSHALL\r\n'));
      socket.once('error', reject);
      socket.once('data', (answer) => {
        socket.destroy();
        if (answer.toString().startsWith('+OK')) resolve();
        else reject(new Error(`FLUSHALL was answered by ${answer.toString()}`));
      });
    });
  }

  /** It stands still, connections open, until it is resumed or killed. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }
}

export async function startRedis(): Promise<TestRedis> {
  const redis = new TestRedis(await freePort());
  await redis.start();
  return redis;
}

function nativeServer(): string | null {
  const demanded = process.env['ARGOSY_TEST_REDIS_SERVER'];
  if (demanded) return demanded;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NATIVE.map((name) => join(folder, name))).find((path) => existsSync(path)) ?? null;
}

/** Whether a server answers a ping there. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (isThere: boolean) => (): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(1_000, settle(false));
    socket.once('error', settle(false));
    socket.once('data', settle(true));
  });
}
