/**
 * Every place that scanners read, simulated on loopback in the payloads that each sends: five venues and two services that tell of pools.
 * A test sets prices, books, funding and networks, and breaks any answer in any way.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MarketState, Place, PlaceStates, PoolState } from './place-state.ts';
import { poolAnswer } from './pool-answers.ts';
import { venueAnswer } from './venue-answers.ts';

/** `limited` asks for so many seconds of silence; `drifted` renames what matters; `slow` waits until it is let go. */
export type Breakage =
  | { readonly kind: 'down' | 'reset' | 'empty' | 'malformed' | 'drifted' | 'slow' }
  | { readonly kind: 'limited'; readonly seconds: number }
  | { readonly kind: 'tooFrequent' | 'forbidden' };

export class Places implements PlaceStates {
  readonly #server: Server;
  readonly #markets = new Map<string, MarketState>();
  readonly pools: PoolState[] = [];
  readonly requests: { readonly place: Place; readonly what: string; readonly at: number }[] = [];
  readonly #broken = new Map<string, Breakage>();
  #held: (() => void)[] = [];
  readonly now: () => number;

  private constructor(now: () => number) {
    this.now = now;
    // A connection that is kept is not ended for being idle: on a busy machine a request may be on its way just then.
    this.#server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const url = new URL(request.url ?? '/', 'http://places');
      const [, place = '', ...path] = url.pathname.split('/');
      this.#answer(place as Place, `/${path.join('/')}`, url.searchParams, response);
    });
  }

  static async open(now: () => number = Date.now): Promise<Places> {
    const places = new Places(now);
    await new Promise<void>((resolve) => places.#server.listen(0, '127.0.0.1', resolve));
    return places;
  }

  url(place: Place): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${place}`;
  }

  /** Of every place, as the configuration takes them. */
  get urls(): Readonly<Record<Place, string>> {
    const names: readonly Place[] = ['mexc', 'binance', 'bybit', 'okx', 'bitget', 'dexscreener', 'geckoterminal'];
    return Object.fromEntries(names.map((name) => [name, this.url(name)])) as Record<Place, string>;
  }

  /** Lists a coin there, or changes it. */
  market(place: Place, market: 'spot' | 'futures', base: string, change: Partial<MarketState> = {}): MarketState {
    const key = `${place} ${market} ${base}`;
    const known = this.#markets.get(key);
    if (known !== undefined) return Object.assign(known, change);
    const fresh = {
      ...{ base, bid: 0.999, ask: 1.001, size: 1_000, taker: 0.0005, contractSize: 1, rate: 0.0001, hours: 8, nextAt: this.now() + 3_600_000, index: 1 },
      ...{ cap: 0.02, contract: '', chains: [], ...change },
    };
    this.#markets.set(key, fresh);
    return fresh;
  }

  delist(place: Place, market: 'spot' | 'futures', base: string): void {
    this.#markets.delete(`${place} ${market} ${base}`);
  }

  marketsOf(place: Place, market: 'spot' | 'futures'): readonly MarketState[] {
    return [...this.#markets].flatMap(([key, state]) => (key.startsWith(`${place} ${market} `) ? [state] : []));
  }

  /** Breaks answers of a place whose path has this in it; all of its answers without. */
  break(place: Place, breakage: Breakage, path = ''): void {
    this.#broken.set(`${place} ${path}`, breakage);
  }

  mend(): void {
    this.#broken.clear();
    for (const go of this.#held.splice(0)) go();
  }

  async close(): Promise<void> {
    this.mend();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(place: Place, path: string, query: URLSearchParams, response: ServerResponse): void {
    this.requests.push({ place, what: path, at: this.now() });
    const broken = [...this.#broken].find(([key]) => key.startsWith(`${place} `) && path.includes(key.slice(place.length + 1)))?.[1];
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      const isPage = typeof body === 'string';
      response.writeHead(status, { 'content-type': isPage ? 'text/html' : 'application/json', ...headers }).end(isPage ? body : JSON.stringify(body));
    };
    const good = (): unknown =>
      place === 'dexscreener' || place === 'geckoterminal' ? poolAnswer(this, place, path, query) : venueAnswer(this, place, path, query);
    if (broken === undefined) return respond(good(), send);
    if (broken.kind === 'reset') return void response.destroy();
    if (broken.kind === 'down') return send(503, { code: 503, msg: 'service not available', retCode: 10_016, retMsg: 'down', data: [] });
    if (broken.kind === 'limited')
      return send(429, { code: 429, msg: 'Too Many Requests', retCode: 10_006, data: [] }, { 'retry-after': String(broken.seconds) });
    if (broken.kind === 'tooFrequent') return send(200, { success: false, code: 510, message: 'Requests are too frequent!' });
    if (broken.kind === 'forbidden') return send(403, '<html><head><title>Forbidden</title></head><body>WAF</body></html>');
    if (broken.kind === 'malformed') return send(200, '<!DOCTYPE html><html><head><title>One moment</title></head></html>');
    if (broken.kind === 'empty') return send(200, emptied(good()));
    if (broken.kind === 'drifted') return respond(drifted(good()), send);
    this.#held.push(() => respond(good(), send));
  }
}

function respond(body: unknown, send: (status: number, body: unknown) => void): void {
  if (body === null) send(404, { code: 404, msg: 'no such path' });
  else send(200, body);
}

/** The same answer with every list in it empty. */
function emptied(body: unknown): unknown {
  if (Array.isArray(body)) return [];
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, emptied(value)]));
}

/** The same answer with the fields of prices, rates and intervals under other names, as after an update that nobody announced. */
function drifted(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(drifted);
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      /^(bid|ask|funding(Rate|Time|IntervalHour|IntervalHours)|lastFundingRate|collectCycle|nextSettleTime|price|liquidity|reserve)/.test(name) &&
      typeof value !== 'object'
        ? `${name}V2`
        : name === 'liquidity'
          ? 'pool'
          : name,
      drifted(value),
    ]),
  );
}
