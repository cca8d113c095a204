/** Binance spot as a dialect of the simulated venue: its routes, weights, headers and streams. */
import { Agent } from 'node:http';
import type { Dialect, StreamClient, StreamSession, Trouble, WireAnswer, WireRequest } from './_dialect.ts';
import type { Subject } from './_faults.ts';
import { seeded } from './_random.ts';
import { VenueServer } from './_server.ts';
import { KEY, type VenueKey, World, type WorldOptions } from './_world.ts';
import { type LimitOptions, Limits } from './binance/limits.ts';
import { book, bookTicker, dayTicker, exchangeInfo, klines, lastPrice, publicTrades, symbolOf } from './binance/market-data.ts';
import { Parameters } from './binance/parameters.ts';
import { BinanceRefusal } from './binance/refusals.ts';
import { symbolId } from './binance/shapes.ts';
import { checkSignature, checkTime, keyOf } from './binance/signing.ts';
import { PrivateStreams, PublicStreams } from './binance/streams.ts';
import {
  account,
  allOrders,
  type Call,
  cancelAll,
  cancelOrder,
  coins,
  findOrder,
  myTrades,
  openOrders,
  placeOrder,
  restrictions,
  tradeFee,
} from './binance/trading.ts';

export interface BinanceOptions extends WorldOptions {
  readonly limits?: Partial<LimitOptions>;
  /** 0 takes a free port. */
  readonly port?: number;
}

/** Starts a simulated Binance on loopback. */
export async function startBinance(options: BinanceOptions = {}): Promise<VenueServer> {
  const world = new World({ ...options, exchange: { clientIdScope: 'open', ...options.exchange } });
  const server = new VenueServer(world, new Binance(world, new Limits(options.limits)), seeded((options.seed ?? 1) + 1));
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
    dapiPublic: `${url}/dapi/v1`,
  };
  return { api: { ...rest, ws: { spot: `${sockets}/stream/ws`, 'ws-api': { spot: `${sockets}/ws-api/v3` } } } };
}

/** Constructor options with which unmodified ccxt, keys included, trades on a simulator and asks for nothing but spot. */
export function ccxtOptions(server: VenueServer): Record<string, unknown> {
  const options = { fetchCurrencies: false, fetchMarkets: { types: ['spot'] }, fetchOpenOrders: { warnWithoutSymbol: false } };
  return { apiKey: KEY.apiKey, secret: KEY.secret, urls: binanceUrls(server.url), httpAgent: new Agent(), enableRateLimit: false, timeout: 2_000, options };
}

interface Route {
  readonly operation: string;
  readonly weight: number;
  readonly answer: { readonly open: (world: World, parameters: Parameters, limits: Limits) => unknown } | { readonly signed: (call: Call) => unknown };
}

/** By method and path; the operations are what faults are matched by. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET /api/v3/ping': open('ping', 1, () => ({})),
  'GET /api/v3/time': open('time', 1, (world) => ({ serverTime: world.now() })),
  'GET /api/v3/exchangeInfo': open('instruments', 20, (world, parameters, limits) => exchangeInfo(world, limits, parameters)),
  'GET /api/v3/ticker/24hr': open('ticker', 2, dayTicker),
  'GET /api/v3/ticker/price': open('ticker', 2, lastPrice),
  'GET /api/v3/ticker/bookTicker': open('quote', 2, bookTicker),
  'GET /api/v3/depth': open('book', 5, (world, parameters) => book(world, symbolOf(world, parameters.need('symbol')), parameters.integer('limit') ?? 100)),
  'GET /api/v3/klines': open('candles', 2, klines),
  'GET /api/v3/trades': open('trades', 25, (world, parameters) =>
    publicTrades(world, symbolOf(world, parameters.need('symbol')), parameters.integer('limit') ?? 500, false),
  ),
  'GET /api/v3/aggTrades': open('trades', 4, (world, parameters) =>
    publicTrades(world, symbolOf(world, parameters.need('symbol')), parameters.integer('limit') ?? 500, true),
  ),
  'GET /fapi/v1/exchangeInfo': open('instruments', 1, () => ({ timezone: 'UTC', rateLimits: [], assets: [], symbols: [] })),
  'GET /dapi/v1/exchangeInfo': open('instruments', 1, () => ({ timezone: 'UTC', rateLimits: [], symbols: [] })),
  'POST /api/v3/order': signed('placeOrder', 1, placeOrder),
  'GET /api/v3/order': signed('findOrder', 4, findOrder),
  'DELETE /api/v3/order': signed('cancelOrder', 1, cancelOrder),
  'GET /api/v3/openOrders': signed('openOrders', 6, openOrders),
  'DELETE /api/v3/openOrders': signed('cancelAll', 1, cancelAll),
  'GET /api/v3/allOrders': signed('allOrders', 20, allOrders),
  'GET /api/v3/myTrades': signed('fills', 20, myTrades),
  'GET /api/v3/account': signed('balances', 20, account),
  'GET /sapi/v1/account/apiRestrictions': signed('checkKey', 1, restrictions),
  'GET /sapi/v1/asset/tradeFee': signed('fees', 1, tradeFee),
  'GET /sapi/v1/capital/config/getall': signed('coins', 10, coins),
  'GET /sapi/v1/margin/allPairs': open('margin', 1, () => []),
  'GET /sapi/v1/margin/isolated/allPairs': open('margin', 1, () => []),
};

/** Weight of the calls that name no symbol, where it differs. */
const WEIGHT_OF_ALL: Readonly<Record<string, number>> = {
  'GET /api/v3/ticker/24hr': 80,
  'GET /api/v3/ticker/price': 4,
  'GET /api/v3/ticker/bookTicker': 4,
  'GET /api/v3/openOrders': 80,
};

class Binance implements Dialect {
  readonly #world: World;
  readonly #limits: Limits;

  constructor(world: World, limits: Limits) {
    this.#world = world;
    this.#limits = limits;
  }

  describe(request: WireRequest): Subject {
    const parameters = new Parameters([request.query, request.body].filter(Boolean).join('&'));
    const id = parameters.get('symbol');
    return {
      operation: routeOf(request)?.operation ?? 'other',
      symbol: this.#world.exchange.symbols.find((symbol) => symbolId(symbol) === id) ?? '',
      clientOrderId: parameters.get('newClientOrderId') ?? parameters.get('origClientOrderId') ?? '',
      account: this.#keyIn(request)?.account ?? '',
    };
  }

  admit(request: WireRequest): WireAnswer | null {
    return this.#answering(request, () => {
      const route = routeOf(request);
      if (route === undefined) throw new BinanceRefusal(-1000, `no such path: ${request.path}`, 404);
      const parameters = new Parameters(request.query);
      const isOfAll = parameters.get('symbol') === null && parameters.get('symbols') === null;
      this.#limits.spend((isOfAll ? WEIGHT_OF_ALL[`${request.method} ${request.path}`] : undefined) ?? route.weight, this.#world.machineNow());
      if (!('signed' in route.answer)) return null;
      const key = keyOf(this.#world, request.headers['x-mbx-apikey']);
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
      if ('open' in route.answer) return route.answer.open(this.#world, parameters, this.#limits);
      checkTime(this.#world, rawOf(request));
      const key = keyOf(this.#world, request.headers['x-mbx-apikey']);
      return route.answer.signed({ world: this.#world, limits: this.#limits, key, parameters });
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
    return this.#limits.headers(this.#keyIn(request)?.account ?? '', isOrder, this.#world.machineNow());
  }

  #keyIn(request: WireRequest): VenueKey | undefined {
    return this.#world.keys.get(String(request.headers['x-mbx-apikey'] ?? ''));
  }
}

function open(operation: string, weight: number, answer: (world: World, parameters: Parameters, limits: Limits) => unknown): Route {
  return { operation, weight, answer: { open: answer } };
}

function signed(operation: string, weight: number, answer: (call: Call) => unknown): Route {
  return { operation, weight, answer: { signed: answer } };
}

function routeOf(request: WireRequest): Route | undefined {
  return ROUTES[`${request.method} ${request.path}`];
}

function rawOf(request: WireRequest): string {
  return [request.query, request.body].filter(Boolean).join('&');
}
