import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { until } from '#test/support/until.ts';
import { type Launched, Launcher, type LaunchWish } from './launcher.ts';

/** Says who it is, what it was given and whose child it is; then it says back whatever it hears, or hears nothing any more. */
const TALKER = `
const socket = new (require('node:net').Socket)({ fd: 0, readable: true, writable: true });
socket.write(JSON.stringify({ pid: process.pid, parent: process.ppid, env: Object.keys(process.env), cwd: process.cwd(), nice: require('node:os').getPriority() }) + '\\n');
socket.on('data', (piece) => (String(piece) === 'stop listening' ? (() => { for (;;); })() : socket.write(piece)));
socket.on('end', () => process.exit());
`;

interface Told {
  readonly pid: number;
  readonly parent: number;
  readonly env: readonly string[];
  readonly cwd: string;
  readonly nice: number;
}

interface Talker {
  readonly launched: Launched;
  readonly pipe: Socket;
  readonly told: Told;
  readonly onLost: LaunchWish['onLost'];
}

function open(): Launcher {
  const launcher = new Launcher();
  onTestFinished(() => launcher.close());
  return launcher;
}

function pipeOf(launcher: Launcher, wish: Partial<LaunchWish> = {}): { readonly launched: Launched; readonly pipe: Promise<Socket | null> } {
  const { promise, resolve } = Promise.withResolvers<Socket | null>();
  const launched = launcher.launch({
    command: process.execPath,
    args: ['-e', TALKER],
    isBackground: false,
    onPipe: resolve,
    onLost: () => undefined,
    ...wish,
  });
  return { launched, pipe: promise };
}

async function talk(launcher: Launcher, wish: Partial<LaunchWish> = {}): Promise<Talker> {
  const onLost = vi.fn<() => void>();
  const { launched, pipe: given } = pipeOf(launcher, { onLost, ...wish });
  const pipe = await given;
  if (pipe === null) throw new Error('it was not started');
  pipe.on('error', () => undefined);
  const [piece] = (await once(pipe, 'data')) as [Buffer];
  return { launched, pipe, onLost, told: JSON.parse(piece.toString()) as Told };
}

/** A process that has ended, and of which only its number is left until somebody asks for it, is none. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/status`;
  return !(existsSync(status) && /^State:\s+Z/m.test(readFileSync(status, 'utf8')));
}

const gone = (pid: number): Promise<void> => until(() => !isAlive(pid), `${pid} is gone`);

async function closed(pipe: Socket): Promise<void> {
  if (!pipe.closed) await new Promise((resolve) => pipe.once('close', resolve));
}

describe('a launcher', () => {
  it('starts processes that are not children of this one, each with a pipe of its own and nothing else', async () => {
    const launcher = open();
    const [one, other] = await Promise.all([talk(launcher), talk(launcher, { isBackground: true })]);
    expect(one.told.parent).toBe(other.told.parent);
    expect(one.told.parent).not.toBe(process.pid);
    expect(one.told).toMatchObject({ env: [], cwd: '/', nice: 0 });
    expect(other.told.nice, 'work gives way to whatever trades').toBe(10);
    one.pipe.write('a word');
    expect(String((await once(one.pipe, 'data'))[0])).toBe('a word');
    expect(other.pipe.bytesRead).toBe(JSON.stringify(other.told).length + 1);
  });

  it('loses no byte of what a process says before anybody listens, many at once and while this loop is busy', async () => {
    const launcher = open();
    const wishes = Array.from({ length: 8 }, () => pipeOf(launcher, { args: ['-e', `new (require('node:net').Socket)({ fd: 0 }).end('x'.repeat(300000))`] }));
    const first = await wishes[0]?.pipe;
    const until = performance.now() + 300;
    while (performance.now() < until);
    for (const { pipe } of wishes) {
      const socket = await pipe;
      let bytes = 0;
      if (socket !== null) for await (const piece of socket) bytes += (piece as Buffer).length;
      expect(bytes).toBe(300_000);
    }
    expect(first).toBeDefined();
  });

  it('ends a process that listens to nobody, and one that is not there yet', async () => {
    const launcher = open();
    const { pipe, told, launched, onLost } = await talk(launcher);
    pipe.write('stop listening');
    launched.kill();
    await Promise.all([closed(pipe), gone(told.pid)]);
    expect(onLost).not.toHaveBeenCalled();
    const early = pipeOf(launcher, { onPipe: () => expect.unreachable() });
    early.launched.kill();
    const after = await talk(launcher);
    const children = `/proc/${after.told.parent}/task/${after.told.parent}/children`;
    if (existsSync(children)) await expect.poll(() => readFileSync(children, 'utf8').trim()).toBe(String(after.told.pid));
  });

  it('says when a process could not be started, and starts the next one', async () => {
    const launcher = open();
    expect(await pipeOf(launcher, { command: '/nowhere/at/all' }).pipe).toBeNull();
    expect(isAlive((await talk(launcher)).told.pid)).toBe(true);
  });

  it('takes its processes with it when it is killed, tells who waits for them, and is begun anew by the next', async () => {
    const launcher = open();
    const [one, other] = await Promise.all([talk(launcher), talk(launcher)]);
    one.pipe.write('stop listening');
    const { parent } = one.told;
    process.kill(parent, 'SIGKILL');
    for (const { pipe, told, onLost } of [one, other]) {
      await Promise.all([closed(pipe), gone(told.pid)]);
      await expect.poll(() => onLost).toHaveBeenCalledTimes(1);
    }
    const next = await talk(launcher);
    expect(next.told.parent).not.toBe(parent);
  });

  it('is gone when it is closed, with all it has started', async () => {
    const launcher = open();
    const { told, pipe } = await talk(launcher);
    pipe.write('stop listening');
    await launcher.close();
    expect([isAlive(told.parent), isAlive(told.pid)]).toEqual([false, false]);
    await launcher.close();
  });
});

/** A product that has a launcher start a process, says the two numbers, and waits. */
const PRODUCT = `
import { Launcher } from ${JSON.stringify(fileURLToPath(new URL('launcher.ts', import.meta.url)))};
const launcher = new Launcher();
launcher.launch({ command: process.execPath, args: ['-e', ${JSON.stringify(TALKER)}], isBackground: false, onLost: () => undefined, onPipe: (pipe) => {
  pipe.once('data', (piece) => { pipe.write(process.argv[1] ?? ''); console.log(String(piece)); });
} });
setInterval(() => undefined, 1000);
`;

describe('a product that is killed', () => {
  const begin = async (word: string): Promise<{ readonly product: ChildProcess; readonly told: Told }> => {
    const product = spawn(process.execPath, ['--input-type=module', '-e', PRODUCT, word], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void product.kill('SIGKILL'));
    const [piece] = (await once(product.stdout, 'data')) as [Buffer];
    return { product, told: JSON.parse(piece.toString()) as Told };
  };

  it('leaves neither its launcher nor what that has started, even where it listens to nobody', async () => {
    const { product, told } = await begin('stop listening');
    expect([isAlive(told.pid), isAlive(told.parent)]).toEqual([true, true]);
    product.kill('SIGKILL');
    await Promise.all([gone(told.pid), gone(told.parent)]);
  });

  it('leaves nothing when its launcher is killed with it', async () => {
    const { product, told } = await begin('a word');
    process.kill(told.parent, 'SIGKILL');
    product.kill('SIGKILL');
    await Promise.all([gone(told.pid), gone(told.parent)]);
  });
});
