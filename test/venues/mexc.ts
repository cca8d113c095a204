/** MEXC spot as a dialect of the simulated venue: its routes, weights, listen keys and streams. */
import { Agent } from 'node:http';
import { PATIENCE_MS } from '#test/support/until.ts';
import type { Dialect, StreamClient, StreamSession, Trouble, WireAnswer, WireRequest } from './_dialect.ts';
import type { Subject } from './_faults.ts';
import { seeded } from './_random.ts';
import { VenueServer } from './_server.ts';
import { KEY, type VenueKey, World, type WorldOptions } from './_world.ts';
import { type LimitOptions, Limits } from './mexc/limits.ts';
import { ListenKeys } from './mexc/listen-keys.ts';
import { bookTicker, dayTicker, depth, exchangeInfo, klines, lastPrice, publicTrades } from './mexc/market-data.ts';
import { Parameters } from './mexc/parameters.ts';
import { MexcRefusal } from './mexc/refusals.ts';
import { symbolId } from './mexc/shapes.ts';
import { checkSignature, checkTime, keyOf } from './mexc/signing.ts';
import { MexcStream } from './mexc/streams.ts';
import {
  account,
  allOrders,
  type Call,
  cancelAll,
  cancelOrder,
  closeListenKey,
  coins,
  createListenKey,
  findOrder,
  listListenKeys,
  myTrades,
  openOrders,
  placeOrder,
  renewListenKey,
  testOrder,
  tradeFee,
} from './mexc/trading.ts';

export interface MexcOptions extends WorldOptions {
  readonly limits?: Partial<LimitOptions>;
  /** Cancels are answered without a status, as the venue does at times. */
  readonly isCancelBrief?: boolean;
  /** 0 takes a free port. */
  readonly port?: number;
}

/** A simulated MEXC, with a hand on its listen keys. */
export type MexcServer = VenueServer & { readonly listenKeys: ListenKeys };

/** Starts a simulated MEXC on loopback. Fees are taken in the quote asset of both sides, and a post-only order that would trade is taken and cancelled. */
export async function startMexc(options: MexcOptions = {}): Promise<MexcServer> {
  const world = new World({
    ...options,
    exchange: { clientIdScope: 'open', takingPostOnly: 'expired', feeAsset: 'quote', maxOpenOrders: 500, ...options.exchange },
  });
  const dialect = new Mexc(world, new Limits(options.limits), options.isCancelBrief ?? false);
  const server = new VenueServer(world, dialect, seeded((options.seed ?? 1) + 1));
  await server.listen(options.port);
  return Object.assign(server, { listenKeys: dialect.listenKeys });
}

/** The `urls` option that turns unmodified ccxt from MEXC to a simulator; `httpAgent` must be given beside it for the streams. */
export function mexcUrls(url: string): { readonly api: Record<string, unknown> } {
  const contract = `${url}/api/v1/contract`;
  return { api: { spot: { public: url, private: url }, contract: { public: contract, private: contract }, ws: { spot: `${url.replace(/^http/, 'ws')}/ws` } } };
}

/** Constructor options with which unmodified ccxt, keys included, trades on a simulator. */
export function ccxtOptions(server: VenueServer): Record<string, unknown> {
  return { apiKey: KEY.apiKey, secret: KEY.secret, urls: mexcUrls(server.url), httpAgent: new Agent(), enableRateLimit: false, timeout: PATIENCE_MS };
}

interface Route {
  readonly operation: string;
  readonly weight: number;
  readonly answer: { readonly open: (world: World, parameters: Parameters) => unknown } | { readonly signed: (call: Call) => unknown };
}

/** By method and path; the operations are what faults are matched by. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET /api/v3/ping': open('ping', 1, () => ({})),
  'GET /api/v3/time': open('time', 1, (world) => ({ serverTime: world.now() })),
  'GET /api/v3/exchangeInfo': open('instruments', 10, exchangeInfo),
  'GET /api/v3/ticker/24hr': open('ticker', 1, dayTicker),
  'GET /api/v3/ticker/price': open('ticker', 1, lastPrice),
  'GET /api/v3/ticker/bookTicker': open('quote', 1, bookTicker),
  'GET /api/v3/depth': open('book', 1, depth),
  'GET /api/v3/klines': open('candles', 1, klines),
  'GET /api/v3/trades': open('trades', 5, (world, parameters) => publicTrades(world, parameters, false)),
  'GET /api/v3/aggTrades': open('trades', 1, (world, parameters) => publicTrades(world, parameters, true)),
  'GET /api/v1/contract/detail': open('instruments', 1, () => ({ success: true, code: 0, data: [] })),
  'POST /api/v3/order': signed('placeOrder', 1, placeOrder),
  'POST /api/v3/order/test': signed('checkKey', 1, testOrder),
  'GET /api/v3/order': signed('findOrder', 2, findOrder),
  'DELETE /api/v3/order': signed('cancelOrder', 1, cancelOrder),
  'GET /api/v3/openOrders': signed('openOrders', 3, openOrders),
  'DELETE /api/v3/openOrders': signed('cancelAll', 1, cancelAll),
  'GET /api/v3/allOrders': signed('allOrders', 10, allOrders),
  'GET /api/v3/myTrades': signed('fills', 10, myTrades),
  'GET /api/v3/account': signed('balances', 10, account),
  'GET /api/v3/tradeFee': signed('fees', 20, tradeFee),
  'GET /api/v3/capital/config/getall': signed('coins', 10, coins),
  'POST /api/v3/userDataStream': signed('listenKey', 1, createListenKey),
  'PUT /api/v3/userDataStream': signed('renewListenKey', 1, renewListenKey),
  'GET /api/v3/userDataStream': signed('listenKeys', 1, listListenKeys),
  'DELETE /api/v3/userDataStream': signed('closeListenKey', 1, closeListenKey),
};

class Mexc implements Dialect {
  readonly listenKeys: ListenKeys;
  readonly #world: World;
  readonly #limits: Limits;
  readonly #isCancelBrief: boolean;

  constructor(world: World, limits: Limits, isCancelBrief: boolean) {
    this.#world = world;
    this.#limits = limits;
    this.#isCancelBrief = isCancelBrief;
    this.listenKeys = new ListenKeys(world);
  }

  describe(request: WireRequest): Subject {
    const parameters = new Parameters(request.query, request.body);
    const id = parameters.get('symbol');
    return {
      operation: routeOf(request)?.operation ?? 'other',
      symbol: this.#world.exchange.symbols.find((symbol) => symbolId(symbol) === id) ?? '',
      clientOrderId: parameters.get('newClientOrderId') ?? parameters.get('origClientOrderId') ?? '',
      account: this.#keyIn(request)?.account ?? '',
    };
  }

  admit(request: WireRequest): WireAnswer | null {
    return this.#answering(request, (route, parameters) => {
      this.#limits.spend(`${request.method} ${request.path}`, route.weight, this.#world.machineNow());
      if (!('signed' in route.answer)) return null;
      const key = keyOf(this.#world, request.headers['x-mexc-apikey']);
      checkTime(this.#world, parameters);
      checkSignature(key, request.query, request.body);
      return null;
    });
  }

  handle(request: WireRequest): WireAnswer {
    const answer = this.#answering(request, (route, parameters) => {
      if ('open' in route.answer) return route.answer.open(this.#world, parameters);
      checkTime(this.#world, parameters);
      const key = keyOf(this.#world, request.headers['x-mexc-apikey']);
      return route.answer.signed({ world: this.#world, key, parameters, listenKeys: this.listenKeys, isCancelBrief: this.#isCancelBrief });
    });
    return answer ?? { status: 200, body: null };
  }

  trouble({ kind, status, retryAfter }: Trouble): WireAnswer {
    const coded = (httpStatus: number, code: number, msg: string): WireAnswer => ({
      status: httpStatus,
      body: { code, msg, _extend: null },
      code: String(code),
    });
    if (kind === 'rateLimited' || kind === 'banned')
      return { ...coded(kind === 'banned' ? 418 : 429, 429, 'Too Many Requests'), headers: { 'retry-after': String(retryAfter ?? 1) } };
    if (kind === 'notFound') return coded(400, -2013, 'Order does not exist.');
    if (kind === 'maintenance') return coded(503, 503, 'service not available, please try again');
    if (kind === 'stateUnknown') return coded(504, 504, 'Gateway Time-out');
    if (status === 500) return coded(500, 500, 'Internal error');
    return { status: status ?? 502, body: '<html><head><title>Bad gateway</title></head><body></body></html>', code: 'html' };
  }

  stream(path: string, query: string, client: StreamClient): { readonly kind: 'public' | 'private'; readonly session: StreamSession } | null {
    if (path !== '/ws') return null;
    const listenKey = new URLSearchParams(query).get('listenKey') ?? '';
    return { kind: listenKey === '' ? 'public' : 'private', session: new MexcStream(this.#world, client, this.listenKeys, listenKey) };
  }

  /** `null` from `act` stays `null`; a refusal becomes its answer, noted when it was an order. */
  #answering(request: WireRequest, act: (route: Route, parameters: Parameters) => unknown): WireAnswer | null {
    const route = routeOf(request);
    try {
      if (route === undefined) throw new MexcRefusal(404, `no such path: ${request.path}`, 404);
      const body = act(route, new Parameters(request.query, request.body));
      return body === null ? null : { status: 200, body };
    } catch (error) {
      if (!(error instanceof MexcRefusal)) throw error;
      const { account: owner, symbol, clientOrderId } = this.describe(request);
      const code = String(error.code);
      if (route?.operation === 'placeOrder')
        this.#world.noteRefusal({ at: this.#world.now(), account: owner, symbol, clientOrderId, code, message: error.message });
      const headers: Record<string, string> = error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) };
      return { status: error.status, body: { code: error.code, msg: error.message, _extend: null }, code, headers };
    }
  }

  #keyIn(request: WireRequest): VenueKey | undefined {
    return this.#world.keys.get(String(request.headers['x-mexc-apikey'] ?? ''));
  }
}

function open(operation: string, weight: number, answer: (world: World, parameters: Parameters) => unknown): Route {
  return { operation, weight, answer: { open: answer } };
}

function signed(operation: string, weight: number, answer: (call: Call) => unknown): Route {
  return { operation, weight, answer: { signed: answer } };
}

function routeOf(request: WireRequest): Route | undefined {
  return ROUTES[`${request.method} ${request.path}`];
}
