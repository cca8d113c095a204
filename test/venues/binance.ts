/** Binance, spot and USD-M futures, as a dialect of the simulated venue: its routes, weights, headers and streams. */
import { Agent } from 'node:http';
import { PATIENCE_MS } from '#test/support/until.ts';
import type { Dialect, StreamClient, StreamSession, Trouble, WireAnswer, WireRequest } from './_dialect.ts';
import type { Subject } from './_faults.ts';
import { seeded } from './_random.ts';
import { VenueServer } from './_server.ts';
import { KEY, LISTED, PERPETUALS, type VenueKey, World, type WorldOptions } from './_world.ts';
import { ListenKeys } from './binance/futures/listen-keys.ts';
import { FuturesPrivateStream, futuresStreamOf, isServedAt } from './binance/futures/streams.ts';
import { type LimitOptions, Limits } from './binance/limits.ts';
import { Parameters } from './binance/parameters.ts';
import { BinanceRefusal } from './binance/refusals.ts';
import { ROUTES, type Route, WEIGHT_OF_ALL } from './binance/routes.ts';
import { symbolId } from './binance/shapes.ts';
import { checkSignature, checkTime, invalidKey, keyOf } from './binance/signing.ts';
import { PrivateStreams, PublicStreams } from './binance/streams.ts';

export interface BinanceOptions extends WorldOptions {
  readonly limits?: Partial<LimitOptions>;
  /** 0 takes a free port. */
  readonly port?: number;
}

/** What differs from spot: the address may spend less, and an account place more. */
const FUTURES_LIMITS: Partial<LimitOptions> = { weightPerMinute: 2_400, ordersPer10s: 300 };

/** A simulated Binance, with a hand on what only its accounts' owners set. */
export class BinanceServer extends VenueServer {
  /** Accounts that hold longs and shorts apart. */
  readonly hedged: Set<string>;

  constructor(world: World, dialect: Binance, faultRandom: () => number) {
    super(world, dialect, faultRandom);
    this.hedged = dialect.hedged;
  }
}

/** Starts a simulated Binance on loopback. Wallets are kept apart, as at the venue. */
export async function startBinance(options: BinanceOptions = {}): Promise<BinanceServer> {
  const exchange = { clientIdScope: 'open', wallets: 'apart', leverage: 20, reduceOnlyExcess: 'shrunk', ...options.exchange } as const;
  const world = new World({ instruments: [...LISTED, ...PERPETUALS], ...options, exchange });
  const server = new BinanceServer(world, new Binance(world, options.limits ?? {}), seeded((options.seed ?? 1) + 1));
  await server.listen(options.port);
  return server;
}

/** The `urls` option that turns unmodified ccxt from Binance to a simulator; `httpAgent` must be given beside it for the streams. */
export function binanceUrls(url: string): { readonly api: Record<string, unknown> } {
  const sockets = url.replace(/^http/, 'ws');
  const rest = {
    public: `${url}/api/v3`,
    private: `${url}/api/v3`,
    v1: `${url}/api/v1`,
    sapi: `${url}/sapi/v1`,
    fapiPublic: `${url}/fapi/v1`,
    fapiPrivate: `${url}/fapi/v1`,
    fapiPrivateV2: `${url}/fapi/v2`,
    fapiPrivateV3: `${url}/fapi/v3`,
    dapiPublic: `${url}/dapi/v1`,
  };
  return { api: { ...rest, ws: { spot: `${sockets}/stream/ws`, future: `${sockets}/futures/ws`, 'ws-api': { spot: `${sockets}/ws-api/v3` } } } };
}

/** Constructor options with which unmodified ccxt, keys included, trades on a simulator and asks for nothing but spot. */
export function ccxtOptions(server: VenueServer): Record<string, unknown> {
  const options = { fetchCurrencies: false, fetchMarkets: { types: ['spot'] }, fetchOpenOrders: { warnWithoutSymbol: false } };
  return {
    apiKey: KEY.apiKey,
    secret: KEY.secret,
    urls: binanceUrls(server.url),
    httpAgent: new Agent(),
    enableRateLimit: false,
    timeout: PATIENCE_MS,
    options,
  };
}

class Binance implements Dialect {
  readonly hedged = new Set<string>();
  readonly #world: World;
  readonly #limits: { readonly spot: Limits; readonly perpetual: Limits };
  readonly #listenKeys: ListenKeys;

  constructor(world: World, limits: Partial<LimitOptions>) {
    this.#world = world;
    this.#limits = { spot: new Limits(limits), perpetual: new Limits({ ...FUTURES_LIMITS, ...limits }) };
    this.#listenKeys = new ListenKeys(world);
  }

  describe(request: WireRequest): Subject {
    const parameters = new Parameters([request.query, request.body].filter(Boolean).join('&'));
    const id = parameters.get('symbol');
    return {
      operation: routeOf(request)?.operation ?? 'other',
      symbol: this.#world.symbolsOf(marketOf(request)).find((symbol) => symbolId(symbol) === id) ?? '',
      clientOrderId: parameters.get('newClientOrderId') ?? parameters.get('origClientOrderId') ?? parameters.get('clientAlgoId') ?? '',
      account: this.#keyIn(request)?.account ?? '',
    };
  }

  admit(request: WireRequest): WireAnswer | null {
    return this.#answering(request, () => {
      const route = routeOf(request);
      if (route === undefined) throw new BinanceRefusal(-1000, `no such path: ${request.path}`, 404);
      const parameters = new Parameters(request.query);
      const isOfAll = parameters.get('symbol') === null && parameters.get('symbols') === null;
      this.#limits[marketOf(request)].spend(
        (isOfAll ? WEIGHT_OF_ALL[`${request.method} ${request.path}`] : undefined) ?? route.weight,
        this.#world.machineNow(),
      );
      if ('open' in route.answer) return null;
      const key = this.#admitted(request);
      if (!('signed' in route.answer)) return null;
      checkTime(this.#world, rawOf(request));
      checkSignature(key, request.query, request.body);
      return null;
    });
  }

  handle(request: WireRequest): WireAnswer {
    const answer = this.#answering(request, () => {
      const route = routeOf(request);
      if (route === undefined) throw new BinanceRefusal(-1000, `no such path: ${request.path}`, 404);
      const parameters = new Parameters(rawOf(request));
      const limits = this.#limits[marketOf(request)];
      if ('open' in route.answer) return route.answer.open(this.#world, parameters, limits);
      if ('signed' in route.answer) checkTime(this.#world, rawOf(request));
      const call = { world: this.#world, limits, key: this.#admitted(request), parameters, hedged: this.hedged, listenKeys: this.#listenKeys };
      return 'signed' in route.answer ? route.answer.signed(call) : route.answer.keyed(call);
    });
    return answer ?? { status: 200, body: null };
  }

  trouble({ kind, status, retryAfter }: Trouble): WireAnswer {
    if (kind === 'rateLimited' || kind === 'banned') {
      const message = kind === 'banned' ? 'Way too much request weight used; IP banned.' : 'Too much request weight used.';
      return { status: kind === 'banned' ? 418 : 429, body: { code: -1003, msg: message }, code: '-1003', headers: { 'retry-after': String(retryAfter ?? 1) } };
    }
    if (kind === 'notFound') return { status: 400, body: { code: -2013, msg: 'Order does not exist.' }, code: '-2013' };
    if (kind === 'maintenance') return { status: 503, body: { code: 0, msg: 'System is under maintenance.' }, code: '0' };
    if (kind === 'stateUnknown')
      return {
        status: 408,
        body: { code: -1007, msg: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.' },
        code: '-1007',
      };
    if (status !== 500) return { status: status ?? 502, body: '<html><head><title>Bad gateway</title></head><body></body></html>', code: '-1000' };
    return { status, body: { code: -1000, msg: 'An unknown error occurred while processing the request.' }, code: '-1000' };
  }

  stream(path: string, query: string, client: StreamClient): { readonly kind: 'public' | 'private'; readonly session: StreamSession } | null {
    const futures = futuresStreamOf(path);
    if (futures === 'private') {
      const listenKey = new URLSearchParams(query).get('listenKey') ?? '';
      return { kind: 'private', session: new FuturesPrivateStream(this.#world, client, this.#listenKeys, listenKey) };
    }
    if (futures !== null) {
      const session = new PublicStreams(this.#world, client, false, [], 'perpetual', (name) => isServedAt(futures, name));
      return { kind: 'public', session };
    }
    if (path.startsWith('/ws-api/v3')) return { kind: 'private', session: new PrivateStreams(this.#world, client) };
    const isCombined = path === '/stream';
    const isRaw = path.startsWith('/stream/ws') || path.startsWith('/ws');
    if (!isCombined && !isRaw) return null;
    const named = isCombined ? (new URLSearchParams(query).get('streams') ?? '').split('/') : path.split('/').slice(2);
    return {
      kind: 'public',
      session: new PublicStreams(
        this.#world,
        client,
        isCombined,
        named.filter((name) => name.includes('@')),
      ),
    };
  }

  /** `null` from `act` stays `null`; a refusal becomes its answer, noted when it was an order. */
  #answering(request: WireRequest, act: () => unknown): WireAnswer | null {
    const isOrder = routeOf(request)?.operation === 'placeOrder';
    try {
      const body = act();
      return body === null ? null : { status: 200, body, headers: this.#headers(request, isOrder) };
    } catch (error) {
      if (!(error instanceof BinanceRefusal)) throw error;
      const { account: owner, symbol, clientOrderId } = this.describe(request);
      if (isOrder) this.#world.noteRefusal({ at: this.#world.now(), account: owner, symbol, clientOrderId, code: String(error.code), message: error.message });
      const retry: Record<string, string> = error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) };
      return {
        status: error.status,
        body: { code: error.code, msg: error.message },
        code: String(error.code),
        headers: { ...this.#headers(request, isOrder), ...retry },
      };
    }
  }

  #headers(request: WireRequest, isOrder: boolean): Record<string, string> {
    return this.#limits[marketOf(request)].headers(this.#keyIn(request)?.account ?? '', isOrder, this.#world.machineNow());
  }

  /** The key of a request that may ask at this market. */
  #admitted(request: WireRequest): VenueKey {
    const key = keyOf(this.#world, request.headers['x-mbx-apikey']);
    if (marketOf(request) === 'perpetual' && key.canTradePerpetuals === false) throw invalidKey();
    return key;
  }

  #keyIn(request: WireRequest): VenueKey | undefined {
    return this.#world.keys.get(String(request.headers['x-mbx-apikey'] ?? ''));
  }
}

function marketOf({ path }: WireRequest): 'spot' | 'perpetual' {
  return path.startsWith('/fapi/') ? 'perpetual' : 'spot';
}

function routeOf(request: WireRequest): Route | undefined {
  return ROUTES[`${request.method} ${request.path}`];
}

function rawOf(request: WireRequest): string {
  return [request.query, request.body].filter(Boolean).join('&');
}
