/**
 * The process that `bench/push.ts` measures: reads market events from one socket, steps the real engine with every frame, and tells
 * what comes of it to everybody at `/ws/signals` by the real sockets. Only who may come in is made up. Measures from the frame read to
 * the frame written, as the system confirms it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createHistogram } from 'node:perf_hooks';
import Fastify from 'fastify';
import { type RawData, WebSocket } from 'ws';
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { Attendance } from '#app/live/attendance.ts';
import { SignalStream } from '#app/live/signal-stream.ts';
import { PushFigures } from '#app/live/spectator.ts';
import type { Plans } from '#app/plans/plans.ts';
import type { SignalViews } from '#app/signal-views/signal-views.ts';
import type { Log } from '#core/ports.ts';
import { NO_CHOICES } from '#core/signals/choices.ts';
import type { Depth } from '#core/signals/market-scan.ts';
import { SIGNALS_TOPIC, type Signal } from '#core/signals/signal.ts';
import { SignalEngine } from '#core/signals/signal-engine.ts';
import type { Store } from '#core/store/store.ts';
import type { HttpServer } from '#edges/http/route.ts';
import { ChoicesBook } from '#edges/http/sockets/choices-book.ts';
import { presentLive, signalKind } from '#edges/http/sockets/signal-kind.ts';
import { addSockets } from '#edges/http/sockets/socket-house.ts';
import { SCANNERS } from '#scanners/index.gen.ts';
import { ASIDE, listingsOf } from './push-market.ts';

const SWEEP_MS = 250;

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (fields) => console.error(fields), child: () => silent };
const bus = memoryBus(silent);
const writing = createHistogram();
/** When the frame was read that a signal came of. */
const readAt = new WeakMap<Signal, number>();
let frameAt = 0;
let presentedAt = 0;
let events = 0;
let told = 0;
let processorFrom = process.cpuUsage();
let waitedFrom = waitedMs();
/** The p99 of each second by itself. */
let seconds: number[] = [];
const second = createHistogram();

const signals = new SignalStream({
  store: {
    signals: { list: async () => ({ items: [], nextCursor: null }), get: async () => null } as unknown as Store['signals'],
    posts: { openSignals: async () => [] } as unknown as Store['posts'],
  },
  ...{ bus, clock: systemClock, ids: randomIds, log: silent },
  present: (signal) => {
    presentedAt = readAt.get(signal) ?? 0;
    return presentLive(signal);
  },
});

function openEngine(): SignalEngine {
  const listings = listingsOf();
  const engine: SignalEngine = new SignalEngine({
    scanners: SCANNERS.filter(({ name }) => name === 'mexc-spot-futures'),
    newId: () => randomIds.next(),
    onNews: ({ change, signal }) => {
      told += 1;
      readAt.set(signal, frameAt);
      bus.publish(SIGNALS_TOPIC, { epoch: 1, sequence: told, change, signal });
    },
    onOutcome: () => undefined,
  });
  engine.setListings(listings, systemClock.now());
  for (const index of listings.keys()) {
    engine.top(index, 0.9995, 1e6, 1.0005, 1e6, systemClock.now());
    engine.depth(index, depthAt(1), systemClock.now());
  }
  const sweep = (): void => {
    engine.sweep(systemClock.now());
    systemClock.after(SWEEP_MS, sweep);
  };
  sweep();
  return engine;
}

function depthAt(middle: number): Depth {
  const side = (step: number): Float64Array => Float64Array.from(Array.from({ length: 20 }, (_, level) => [middle + step * (level + 1), 1_000]).flat());
  return { bids: side(-0.0005), asks: side(0.0005) };
}

/** One market event: the place and its middle price; those of coins that stand aside carry their book. */
function onEvent(engine: SignalEngine, data: RawData): void {
  frameAt = performance.now();
  events += 1;
  const { i: index, m: middle } = JSON.parse(String(data)) as { readonly i: number; readonly m: number };
  const now = systemClock.now();
  engine.top(index, middle - 0.0005, 1e6, middle + 0.0005, 1e6, now);
  if (Math.abs(middle - 1) > ASIDE / 2) engine.depth(index, depthAt(middle), now);
}

async function open(): Promise<void> {
  const server = Fastify() as unknown as HttpServer;
  const holder = async (token: string) => ({ userId: token, sessionId: token });
  const store = { refreshTokens: { aliveAmong: async (ids: readonly string[]) => new Set(ids) } } as unknown as Store;
  const plans = { plansOf: async (userIds: readonly string[]) => new Map(userIds.map((userId) => [userId, 'vip'])) } as unknown as Plans;
  const views = { choices: async () => NO_CHOICES, hidden: async () => [] } as unknown as SignalViews;
  const attendance = new Attendance({ store, plans, bus, clock: systemClock, log: silent });
  const figures = new PushFigures();
  const parts = { attendance, figures, clock: systemClock, log: silent, holderOfToken: holder, holderOfTicket: holder, origins: [] };
  await addSockets(server, [signalKind(signals, new ChoicesBook(views, bus))], parts);
  measureWrites(server);
  await server.listen({ host: '127.0.0.1', port: 0 });
  const engine = openEngine();
  everySecond();
  process.on('message', (message: { readonly feed?: string; readonly report?: true; readonly begin?: true }) => {
    if (message.feed !== undefined) {
      const feed = new WebSocket(message.feed, { perMessageDeflate: false });
      feed.on('message', (data) => onEvent(engine, data));
    }
    if (message.begin === true) {
      writing.reset();
      Object.assign(figures, { sent: 0, superseded: 0, endedSlow: 0 });
      [events, told] = [0, 0];
      [seconds, waitedFrom] = [[], waitedMs()];
      processorFrom = process.cpuUsage();
    }
    if (message.report === true)
      process.send?.({
        p50Ms: writing.percentile(50) / 1e6,
        p99Ms: writing.percentile(99) / 1e6,
        maxMs: writing.max / 1e6,
        events,
        told,
        open: engine.openCount,
        processorMs: processorMs(),
        waitedMs: waitedMs() - waitedFrom,
        secondsP99Ms: seconds,
        ...figures,
      });
  });
  process.send?.({ address: server.server.address() });
}

/** For how long this thread was ready to run and another had the processor; 0 where the system does not say. */
function waitedMs(): number {
  const path = '/proc/self/schedstat';
  return existsSync(path) ? Number(readFileSync(path, 'utf8').split(' ')[1]) / 1e6 : 0;
}

function everySecond(): void {
  if (second.count > 0) seconds.push(second.percentile(99) / 1e6);
  second.reset();
  systemClock.after(1_000, everySecond);
}

function processorMs(): number {
  const { user, system } = process.cpuUsage(processorFrom);
  return (user + system) / 1_000;
}

/** From the frame that was read to the moment the system has taken the one that came of it. */
function measureWrites(server: HttpServer): void {
  const causes = new WeakMap<object, number>();
  (server as unknown as { readonly websocketServer: { on(event: 'connection', listener: (socket: WebSocket) => void): void } }).websocketServer.on(
    'connection',
    (socket) => {
      const send = socket.send.bind(socket) as (data: Uint8Array, options: object, written: (error?: Error) => void) => void;
      socket.send = ((data: Uint8Array, options: object, written: () => void) => {
        if (!causes.has(data)) causes.set(data, presentedAt);
        const cause = causes.get(data) ?? 0;
        send(data, options, () => {
          if (cause > 0) {
            const tookNs = Math.max(1, Math.round((performance.now() - cause) * 1e6));
            writing.record(tookNs);
            second.record(tookNs);
          }
          written();
        });
      }) as typeof socket.send;
    },
  );
}

await open();
