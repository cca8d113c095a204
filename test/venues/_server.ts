/**
 * A simulated venue on loopback: carries a dialect over HTTP and WebSocket, applies faults, and keeps the ground-truth
 * door beside the protocol. Tests drive it in process or, under `/__truth`, from another process.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Dialect, WireAnswer, WireRequest } from './_dialect.ts';
import { type Fault, Faults, type Subject } from './_faults.ts';
import { type LoggedRequest, RequestLog } from './_request-log.ts';
import { Streams } from './_streams.ts';
import { Truth } from './_truth.ts';
import type { World } from './_world.ts';

const MAX_BODY_BYTES = 1_048_576;
const JUNK = '<!DOCTYPE html><html><head><title>One moment</title></head><body>Checking your browser</body></html>';

export class VenueServer {
  readonly world: World;
  readonly faults: Faults;
  readonly log = new RequestLog();
  readonly streams: Streams;
  readonly truth: Truth;
  readonly #dialect: Dialect;
  readonly #server: Server;
  #held: (() => void)[] = [];

  /** `faultSeed` decides the faults that strike by chance. */
  constructor(world: World, dialect: Dialect, faultRandom: () => number) {
    this.world = world;
    this.#dialect = dialect;
    this.faults = new Faults(faultRandom);
    this.streams = new Streams(world, dialect, this.faults);
    this.truth = new Truth(this);
    // A connection that is kept is not ended for being idle: on a busy machine a request may be on its way just then.
    this.#server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      this.#receive(request, response).catch((error: unknown) => {
        response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ simulator: String(error) }));
      });
    });
    this.#server.on('upgrade', (request, socket, head) => this.streams.upgrade(request, socket, head));
  }

  /** Starts on loopback; port 0 takes a free one. */
  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  /** `http://127.0.0.1:…`, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many requests a `hang` before processing holds. */
  get heldCount(): number {
    return this.#held.length;
  }

  /** Lets the requests go on that a `hang` before processing holds; returns how many. */
  release(): number {
    const held = this.#held;
    this.#held = [];
    for (const proceed of held) proceed();
    return held.length;
  }

  async close(): Promise<void> {
    this.world.stopWalking();
    this.streams.close();
    this.#held = [];
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/', query = ''] = (incoming.url ?? '/').split('?');
    const body = await readBody(incoming);
    const request: WireRequest = { method: incoming.method ?? 'GET', path, query, body, headers: incoming.headers };
    if (path.startsWith('/__truth')) {
      const { status, answer } = this.truth.serve(request);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      return;
    }
    this.world.expire();
    const subject = this.#dialect.describe(request);
    const entry = this.log.open(this.world.machineNow(), request, subject);
    const fault = this.faults.strike('before', { ...subject, ageMs: this.#ageOf(subject) });
    if (fault !== null) entry.fault = `before:${fault.kind}`;
    const refused = fault?.kind === 'reset' ? null : this.#dialect.admit(request);
    if (refused !== null) {
      this.#answer(entry, response, refused);
      return;
    }
    if (fault === null) this.#process(request, entry, response);
    else this.#obstruct(fault, request, entry, response);
  }

  /** Of the order a request names by our id, whether or not it says in which market; none yet is 0, and no name at all is any age. */
  #ageOf({ account, symbol, clientOrderId }: Subject): number {
    if (clientOrderId === '') return Number.POSITIVE_INFINITY;
    const { exchange } = this.world;
    const symbols = symbol === '' ? exchange.symbols : [symbol];
    const [order] = symbols.flatMap((each) => exchange.find(account, each, { clientOrderId }) ?? []);
    return order === undefined ? 0 : this.world.now() - order.createdAt;
  }

  #obstruct(fault: Extract<Fault, { where: 'before' }>, request: WireRequest, entry: LoggedRequest, response: ServerResponse): void {
    const proceed = (): void => this.#process(request, entry, response);
    entry.fate = 'unprocessed';
    if (fault.kind === 'hang') this.#held.push(proceed);
    else if (fault.kind === 'latency') setTimeout(proceed, fault.ms ?? 0);
    else if (fault.kind === 'reset') response.destroy();
    else this.#answer(entry, response, this.#dialect.trouble({ ...fault, kind: fault.kind }), 'unprocessed');
  }

  #process(request: WireRequest, entry: LoggedRequest, response: ServerResponse): void {
    const answer = this.#dialect.handle(request);
    this.world.flush();
    const fault = this.faults.strike('after', entry);
    if (fault === null) {
      this.#answer(entry, response, answer);
      return;
    }
    entry.fault = `after:${fault.kind}`;
    entry.status = answer.status;
    entry.code = answer.code ?? null;
    entry.fate = 'withheld';
    if (fault.kind === 'reset') response.destroy();
    if (fault.kind === 'junk') response.writeHead(200, { 'content-type': 'text/html' }).end(JUNK);
    if (fault.kind === 'status' || fault.kind === 'stateUnknown') write(response, this.#dialect.trouble({ ...fault, kind: fault.kind }));
    if (fault.kind === 'slow') setTimeout(() => this.#answer(entry, response, answer), fault.ms ?? 0);
    if (fault.kind === 'cut') {
      const text = JSON.stringify(answer.body);
      response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': text.length });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
    }
  }

  #answer(entry: LoggedRequest, response: ServerResponse, answer: WireAnswer, fate: 'answered' | 'unprocessed' = 'answered'): void {
    entry.fate = fate;
    entry.status = answer.status;
    entry.code = answer.code ?? null;
    write(response, answer);
  }
}

function write(response: ServerResponse, answer: WireAnswer): void {
  const isPage = typeof answer.body === 'string';
  const type = isPage ? 'text/html' : 'application/json;charset=UTF-8';
  response.writeHead(answer.status, { 'content-type': type, ...answer.headers }).end(isPage ? answer.body : JSON.stringify(answer.body));
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new RangeError(`a request body of more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
