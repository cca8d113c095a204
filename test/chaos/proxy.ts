/**
 * A TCP proxy that makes a network bad on purpose, between one process and one venue. Connections pass through
 * untouched until a fault begins; one fault at a time, and each says how often it has struck.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '../venues/_random.ts';

/**
 * `stall` holds bytes back and delivers them late, as a network does that comes back; `blackHole` loses them for good.
 * `halfOpen` ends only the venue's side of the connections there are. `loseRequest` breaks a connection instead of
 * passing on a request that changes something, `loseAnswer` at the first byte of the answer to one. `refuse` lets
 * nobody in. `truncate` breaks a connection after so many bytes of answers.
 */
export type ProxyFault =
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs: number }
  | { readonly kind: 'slice'; readonly bytes: number; readonly everyMs: number }
  | { readonly kind: 'reset' | 'halfOpen' | 'blackHole' | 'stall' | 'refuse' }
  | { readonly kind: 'slowClose'; readonly ms: number }
  | { readonly kind: 'truncate'; readonly bytes: number }
  | { readonly kind: 'loseRequest' | 'loseAnswer'; readonly count: number };

export interface Target {
  readonly host: string;
  readonly port: number;
}

type Direction = 'up' | 'down';

/** Both ends of one connection, and what the present fault has done to it. */
interface Pair {
  readonly client: Socket;
  readonly venue: Socket;
  /** Bytes of answers since the fault began. */
  answered: number;
  /** A request that changes something is under way, and its answer is to be lost. */
  isDoomed: boolean;
  /** Bytes have been lost, so what follows makes no sense: nothing passes any more. */
  isDeaf: boolean;
}

/** First bytes of requests that change something, in HTTP. */
const CHANGING = /^(POST|DELETE|PUT) /;

export class FaultProxy {
  readonly #target: Target;
  readonly #random: Random;
  readonly #pairs = new Set<Pair>();
  #server: Server | null = null;
  #port = 0;
  #fault: ProxyFault | null = null;
  #left = 0;
  #struck = 0;
  #healed: (() => void)[] = [];
  readonly #watchers = new Set<() => void>();

  private constructor(target: Target, random: Random) {
    this.#target = target;
    this.#random = random;
  }

  static async open(target: Target, random: Random): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, random);
    await proxy.#listen();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get fault(): ProxyFault | null {
    return this.#fault;
  }

  /** How often the present fault has struck. */
  get struck(): number {
    return this.#struck;
  }

  /** Calls once, right after the next request that changes something has been passed on; the returned function ends the wait. */
  onChange(act: () => void): () => void {
    this.#watchers.add(act);
    return () => this.#watchers.delete(act);
  }

  async begin(fault: ProxyFault): Promise<void> {
    await this.heal();
    this.#fault = fault;
    this.#left = 'count' in fault ? fault.count : 0;
    for (const pair of this.#pairs) pair.answered = 0;
    if (fault.kind === 'refuse') await this.#shut();
    for (const pair of [...this.#pairs]) {
      if (fault.kind === 'reset' || fault.kind === 'refuse') this.#break(pair);
      if (fault.kind === 'halfOpen') this.#orphan(pair);
    }
  }

  /** Ends the fault and returns how often it has struck. What was lost stays lost; what was held back goes on. */
  async heal(): Promise<number> {
    const struck = this.#struck;
    const wasShut = this.#fault?.kind === 'refuse';
    this.#fault = null;
    this.#struck = 0;
    for (const proceed of this.#healed.splice(0)) proceed();
    if (wasShut) await this.#listen();
    return struck;
  }

  async close(): Promise<void> {
    this.#fault = null;
    for (const pair of [...this.#pairs]) this.#drop(pair);
    for (const proceed of this.#healed.splice(0)) proceed();
    await this.#shut();
  }

  /** The same port for ever, so that whoever has the address finds it again. */
  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  async #shut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const pair of [...this.#pairs]) this.#break(pair);
    await closed;
  }

  #accept(client: Socket): void {
    const venue = connect({ ...this.#target, allowHalfOpen: true });
    const pair: Pair = { client, venue, answered: 0, isDoomed: false, isDeaf: false };
    this.#pairs.add(pair);
    for (const socket of [client, venue]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.#drop(pair));
    }
    client.on('close', () => this.#drop(pair));
    venue.on('close', () => {
      if (!pair.isDeaf && this.#fault?.kind !== 'slowClose') this.#drop(pair);
    });
    client.on('data', (chunk: Buffer) => void this.#relay(pair, 'up', chunk));
    venue.on('data', (chunk: Buffer) => void this.#relay(pair, 'down', chunk));
    client.on('end', () => venue.end());
    venue.on('end', () => void this.#end(pair));
    if (this.#fault?.kind === 'reset') this.#break(pair);
  }

  /** One chunk at a time in each direction; what comes meanwhile waits in the sender's buffers, as it would on a slow line. */
  async #relay(pair: Pair, direction: Direction, chunk: Buffer): Promise<void> {
    const from = direction === 'up' ? pair.client : pair.venue;
    from.pause();
    await this.#deliver(pair, direction, chunk);
    from.resume();
  }

  async #deliver(pair: Pair, direction: Direction, chunk: Buffer): Promise<void> {
    if (pair.isDeaf) return;
    const fault = this.#fault;
    const to = direction === 'up' ? pair.venue : pair.client;
    switch (fault?.kind) {
      case 'latency':
        this.#struck += 1;
        await sleep(fault.ms + this.#random() * fault.jitterMs);
        break;
      case 'slice':
        this.#struck += 1;
        return await this.#dribble(to, chunk, fault);
      case 'stall':
        this.#struck += 1;
        await new Promise<void>((resolve) => this.#healed.push(resolve));
        break;
      case 'blackHole':
        this.#struck += 1;
        pair.isDeaf = true;
        return;
      case 'truncate':
        if (direction === 'down' && this.#isCut(pair, chunk, fault.bytes)) return;
        break;
      case 'loseRequest':
      case 'loseAnswer':
        if (this.#isLost(pair, direction, chunk, fault.kind)) return;
        break;
      default:
        break;
    }
    if (!to.writable) return;
    to.write(chunk);
    if (direction === 'up' && this.#watchers.size > 0 && isChange(chunk)) this.#tellWatchers();
  }

  #tellWatchers(): void {
    const acts = [...this.#watchers];
    this.#watchers.clear();
    for (const act of acts) act();
  }

  async #dribble(to: Socket, chunk: Buffer, fault: { readonly bytes: number; readonly everyMs: number }): Promise<void> {
    for (let from = 0; from < chunk.length; from += fault.bytes) {
      // A fault that is over hurries the rest along.
      const rest = this.#fault === null ? chunk.length : from + fault.bytes;
      if (!to.writable) return;
      to.write(chunk.subarray(from, rest));
      if (rest >= chunk.length) return;
      await sleep(fault.everyMs);
    }
  }

  #isCut(pair: Pair, chunk: Buffer, bytes: number): boolean {
    const left = bytes - pair.answered;
    pair.answered += chunk.length;
    if (chunk.length < left) return false;
    this.#struck += 1;
    pair.client.write(chunk.subarray(0, left), () => this.#drop(pair));
    return true;
  }

  #isLost(pair: Pair, direction: Direction, chunk: Buffer, kind: 'loseRequest' | 'loseAnswer'): boolean {
    if (direction === 'down') {
      if (!pair.isDoomed) return false;
      this.#break(pair);
      return true;
    }
    if (this.#left <= 0 || !isChange(chunk)) return false;
    this.#left -= 1;
    if (kind === 'loseAnswer') {
      pair.isDoomed = true;
      return false;
    }
    this.#break(pair);
    return true;
  }

  async #end(pair: Pair): Promise<void> {
    const fault = this.#fault;
    if (pair.isDeaf) return;
    if (fault?.kind === 'slowClose') {
      this.#struck += 1;
      await sleep(fault.ms);
    }
    pair.client.end();
  }

  /** The venue's side is gone and the client is not told. */
  #orphan(pair: Pair): void {
    this.#struck += 1;
    pair.isDeaf = true;
    pair.venue.destroy();
  }

  /** With a reset, as a machine answers that knows nothing of the connection. */
  #break(pair: Pair): void {
    this.#struck += 1;
    pair.client.resetAndDestroy();
    pair.venue.destroy();
    this.#pairs.delete(pair);
  }

  #drop(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    pair.client.destroy();
    pair.venue.destroy();
  }
}

function isChange(chunk: Buffer): boolean {
  return CHANGING.test(chunk.subarray(0, 8).toString('latin1'));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
