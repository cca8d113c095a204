/**
 * From a market event read to a signal written, in one process with many sockets: `npm run bench:push`. This process makes the market
 * and holds the sockets; the one it starts is measured. Checks as well that nothing but superseded values was lost.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { WebSocket, WebSocketServer } from 'ws';
import { ASIDE, COINS, COINS_ASIDE } from './push-market.ts';

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '100' },
    rate: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '20' },
  },
});
const [sockets, rate, seconds] = [Number(values.sockets), Number(values.rate), Number(values.seconds)];
const WARM_UP_S = 5;
/** Events are sent in portions, so often. */
const PORTION_MS = 5;
const SOCKETS_PER_USER = 10;
const GOAL_MS = 25;

interface Report {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly events: number;
  readonly told: number;
  readonly open: number;
  readonly sent: number;
  readonly superseded: number;
  readonly endedSlow: number;
  /** Processor time that it has used, in milliseconds. */
  readonly processorMs: number;
  /** For how long it was ready to run and something else had the processor. */
  readonly waitedMs: number;
  /** The p99 of each second by itself. */
  readonly secondsP99Ms: readonly number[];
}

const server = fork(new URL('./push-server.ts', import.meta.url), { stdio: 'inherit' });
const [{ address }] = (await once(server, 'message')) as [{ readonly address: AddressInfo }];
const market = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
await once(market, 'listening');
const fed = once(market, 'connection') as Promise<[WebSocket]>;
server.send({ feed: `ws://127.0.0.1:${(market.address() as AddressInfo).port}` });
const [feed] = await fed;

const received = new Float64Array(sockets);
const clients: WebSocket[] = [];
// One after the other: an address may have few sockets that have not said yet who they are.
for (let number = 0; number < sockets; number += 1) clients.push(await connect(number));
await play(WARM_UP_S);
await quiet();
server.send({ begin: true });
await quiet();
received.fill(0);
const from = performance.now();
const offered = await play(seconds);
const tookS = (performance.now() - from) / 1_000;
await quiet();
server.send({ report: true });
const [report] = (await once(server, 'message')) as [Report];
tell(report);
for (const client of clients) client.removeAllListeners('close').terminate();
market.close();
feed.terminate();
server.kill();

/** Until what is on its way has arrived. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_000));
}

async function connect(number: number): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${address.port}/ws/signals`, { perMessageDeflate: false });
  await once(client, 'open');
  const subscribed = Promise.withResolvers<void>();
  client.on('message', (data: Buffer) => {
    // The first letters say what it is; reading all of it in this process would steal the time of the one that is measured.
    if (data.toString('latin1', 9, 15) === 'change') received[number] = (received[number] ?? 0) + 1;
    else if (data.toString('latin1', 9, 19) === 'subscribed') subscribed.resolve();
  });
  client.on('close', (code) => console.error(`socket ${number} was closed with ${code}`));
  client.send(JSON.stringify({ type: 'auth', token: `user${Math.floor(number / SOCKETS_PER_USER)}` }));
  client.send(JSON.stringify({ type: 'subscribe' }));
  await subscribed.promise;
  return client;
}

/** Sends events at the rate, one frame each; returns how many. */
async function play(forS: number): Promise<number> {
  const begun = performance.now();
  let sent = 0;
  for (let elapsed = 0; elapsed < forS * 1_000; elapsed = performance.now() - begun) {
    for (const due = (elapsed * rate) / 1_000; sent < due; sent += 1) {
      const index = Math.floor(Math.random() * COINS * 2);
      const isAside = index % 2 === 1 && index < COINS_ASIDE * 2;
      const middle = 1 + (Math.random() - 0.5) * (isAside ? ASIDE / 5 : 0.0004) + (isAside ? ASIDE : 0);
      feed.send(JSON.stringify({ i: index, m: middle }));
    }
    await new Promise((resolve) => setTimeout(resolve, PORTION_MS));
  }
  return sent;
}

function tell({ processorMs, waitedMs, secondsP99Ms, p50Ms, p99Ms, maxMs, events, told, open, sent, superseded, endedSlow }: Report): void {
  const arrived = received.reduce((sum, count) => sum + count, 0);
  const whole = (count: number): string => Math.round(count).toLocaleString('en');
  console.log(`market events read           ${whole(events / tookS)}/s of ${whole(offered / tookS)}/s, one frame each, 600 instruments`);
  console.log(`signals told                 ${whole(told / tookS)}/s, ${open} open`);
  console.log(`pushes                       ${whole(sent / tookS)}/s to ${sockets} sockets`);
  console.log(
    `frame read -> frame written  p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, most ${maxMs.toFixed(1)} ms; goal p99 ${GOAL_MS} ms: ${p99Ms <= GOAL_MS ? 'reached' : 'MISSED'}`,
  );
  const sorted = secondsP99Ms.toSorted((one, other) => one - other);
  console.log(`p99 second by second         median ${(sorted[sorted.length >> 1] ?? 0).toFixed(2)} ms, best ${(sorted[0] ?? 0).toFixed(2)} ms`);
  console.log(
    `processor                    ${((processorMs / tookS / 1_000) * 100).toFixed(0)} % of one core used, ${waitedMs.toFixed(0)} ms ready and without one`,
  );
  const due = told * sockets;
  const lost = due - sent - superseded;
  console.log(
    `lost                         ${lost} of ${due}; ${superseded} superseded, ${sent - arrived} written and not arrived, ${endedSlow} sockets ended as slow`,
  );
  if (lost !== 0 || sent !== arrived || endedSlow > 0) process.exitCode = 1;
}
