/** What each fault of the proxy does to a request and its answer, seen from both ends. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seeded } from '../venues/_random.ts';
import { FaultProxy } from './proxy.ts';

/** Answers every chunk with ten letters of its own, and remembers what arrived. */
let venue: Server;
let arrived: string[];
let venueSockets: Socket[];
let proxy: FaultProxy;

beforeEach(async () => {
  arrived = [];
  venueSockets = [];
  venue = createServer((socket) => {
    venueSockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      arrived.push(data.toString());
      socket.write('0123456789');
    });
  });
  await new Promise<void>((resolve) => venue.listen(0, '127.0.0.1', resolve));
  const address = venue.address();
  proxy = await FaultProxy.open({ host: '127.0.0.1', port: typeof address === 'object' && address !== null ? address.port : 0 }, seeded(1));
});

afterEach(async () => {
  await proxy.close();
  for (const socket of venueSockets) socket.destroy();
  await new Promise((resolve) => venue.close(resolve));
});

interface Caller {
  readonly socket: Socket;
  heard: string;
  error: string | null;
  isClosed: boolean;
}

async function call(): Promise<Caller> {
  const socket = connect({ port: Number(new URL(proxy.url).port), host: '127.0.0.1' });
  const caller: Caller = { socket, heard: '', error: null, isClosed: false };
  socket.on('data', (data) => (caller.heard += data.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => (caller.error = error.code ?? 'unknown'));
  socket.on('close', () => (caller.isClosed = true));
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return caller;
}

async function ask(text = 'POST /order'): Promise<Caller> {
  const caller = await call();
  if (caller.error === null) caller.socket.write(text);
  return caller;
}

it('passes everything on while no fault stands', async () => {
  const caller = await ask('GET /time');
  await expect.poll(() => caller.heard).toBe('0123456789');
  expect(arrived).toEqual(['GET /time']);
  expect(proxy.struck).toBe(0);
});

it('loses the answer and not the request', async () => {
  await proxy.begin({ kind: 'loseAnswer', count: 1 });
  const caller = await ask();
  await expect.poll(() => caller.isClosed).toBe(true);
  expect({ arrived, heard: caller.heard, error: caller.error }).toEqual({ arrived: ['POST /order'], heard: '', error: 'ECONNRESET' });
  expect(proxy.struck).toBe(1);
  const next = await ask();
  await expect.poll(() => next.heard, { message: 'it strikes as often as it was told to' }).toBe('0123456789');
});

it('loses the request, and lets reads pass', async () => {
  await proxy.begin({ kind: 'loseRequest', count: 1 });
  const reader = await ask('GET /time');
  await expect.poll(() => reader.heard).toBe('0123456789');
  const caller = await ask();
  await expect.poll(() => caller.isClosed).toBe(true);
  expect(arrived).toEqual(['GET /time']);
});

it('tells once that a change has been passed on', async () => {
  let told = 0;
  proxy.onChange(() => (told += 1));
  const caller = await ask('GET /time');
  await expect.poll(() => caller.heard).toBe('0123456789');
  expect(told).toBe(0);
  for (let count = 1; count <= 2; count += 1) {
    const placer = await ask();
    await expect.poll(() => placer.heard).toBe('0123456789');
  }
  expect({ told, arrived: arrived.length }).toEqual({ told: 1, arrived: 3 });
});

it('cuts an answer short after so many bytes', async () => {
  await proxy.begin({ kind: 'truncate', bytes: 4 });
  const caller = await ask();
  await expect.poll(() => caller.isClosed).toBe(true);
  expect(caller.heard).toBe('0123');
});

it('delivers what it stalled once it heals', async () => {
  await proxy.begin({ kind: 'stall' });
  const caller = await ask();
  await expect.poll(() => proxy.struck).toBe(1);
  expect(arrived).toEqual([]);
  expect(await proxy.heal()).toBe(1);
  await expect.poll(() => caller.heard).toBe('0123456789');
});

it('never delivers what fell into a black hole, and serves new connections once it heals', async () => {
  await proxy.begin({ kind: 'blackHole' });
  const caller = await ask();
  await expect.poll(() => proxy.struck).toBe(1);
  await proxy.heal();
  const next = await ask('GET /time');
  await expect.poll(() => next.heard).toBe('0123456789');
  expect({ arrived, heard: caller.heard, isClosed: caller.isClosed }).toEqual({ arrived: ['GET /time'], heard: '', isClosed: false });
});

it('leaves a client alone with a connection whose other half is gone', async () => {
  const caller = await ask('GET /time');
  await expect.poll(() => caller.heard).toBe('0123456789');
  await proxy.begin({ kind: 'halfOpen' });
  await expect.poll(() => venueSockets.every((socket) => socket.destroyed)).toBe(true);
  caller.socket.write('POST /order');
  const next = await ask('GET /depth');
  await expect.poll(() => next.heard).toBe('0123456789');
  expect({ arrived, isClosed: caller.isClosed }).toEqual({ arrived: ['GET /time', 'GET /depth'], isClosed: false });
});

it('refuses everybody on the same port that it serves later', async () => {
  const before = await ask('GET /time');
  await expect.poll(() => before.heard).toBe('0123456789');
  await proxy.begin({ kind: 'refuse' });
  await expect.poll(() => before.isClosed).toBe(true);
  expect((await call()).error).toBe('ECONNREFUSED');
  await proxy.heal();
  const after = await ask('GET /time');
  await expect.poll(() => after.heard).toBe('0123456789');
});

it('resets every connection, old and new', async () => {
  const before = await ask('GET /time');
  await expect.poll(() => before.heard).toBe('0123456789');
  await proxy.begin({ kind: 'reset' });
  await expect.poll(() => before.error).toBe('ECONNRESET');
  const during = await ask('GET /time');
  await expect.poll(() => during.isClosed).toBe(true);
  expect(during.heard).toBe('');
});

it.each([
  { kind: 'latency', ms: 1, jitterMs: 1 },
  { kind: 'slice', bytes: 3, everyMs: 1 },
] as const)('delivers everything in the end through $kind', async (fault) => {
  await proxy.begin(fault);
  const caller = await ask();
  await expect.poll(() => arrived.join('')).toBe('POST /order');
  await expect.poll(() => caller.heard, { message: 'the venue answers each piece by itself' }).toBe('0123456789'.repeat(arrived.length));
  expect(proxy.struck).toBeGreaterThan(0);
});

it('holds back the end of a connection that the venue has closed', async () => {
  const caller = await ask('GET /time');
  await expect.poll(() => caller.heard).toBe('0123456789');
  await proxy.begin({ kind: 'slowClose', ms: 1 });
  for (const socket of venueSockets) socket.end();
  await expect.poll(() => caller.isClosed).toBe(true);
  expect(proxy.struck).toBe(1);
});
