/** OKX (version 5, spot and perpetuals) as a dialect of the simulated venue: its routes, envelope, limits and streams. */
import { Agent } from 'node:http';
import { PATIENCE_MS } from '#test/support/until.ts';
import type { Dialect, StreamClient, StreamSession, Trouble, WireAnswer, WireRequest } from './_dialect.ts';
import type { Subject } from './_faults.ts';
import { seeded } from './_random.ts';
import { VenueServer } from './_server.ts';
import { KEY, LISTED, PERPETUALS, type VenueKey, World, type WorldOptions } from './_world.ts';
import { balance, config, currencies, fills, tradeFee } from './okx/account.ts';
import type { Call } from './okx/call.ts';
import { fundingRateHistory } from './okx/funding-history.ts';
import { Limits } from './okx/limits.ts';
import { leverageInfo, setLeverage } from './okx/margin-modes.ts';
import { books, candles, historyCandles, instruments, publicTrades, ticker, tickers } from './okx/market-data.ts';
import { Parameters } from './okx/parameters.ts';
import { bills, fundingRate, indexTickers, markPrice, positions } from './okx/perpetuals.ts';
import { OkxRefusal } from './okx/refusals.ts';
import { instId } from './okx/shapes.ts';
import { authenticate, checkDeadline } from './okx/signing.ts';
import { cancelStop, findStop, openStops, placeStop } from './okx/stops.ts';
import { Streams } from './okx/streams.ts';
import { cancelAllAfter, cancelOrder, findOrder, openOrders, ordersHistory, placeOrder } from './okx/trading.ts';

export interface OkxOptions extends WorldOptions {
  /** Multiplies all of the venue's limits; 1 are the real ones. */
  readonly limitFactor?: number;
  /** 0 takes a free port. */
  readonly port?: number;
}

/** OKX knows a least size and no least value of an order. */
export const OKX_LISTED = LISTED.map(({ instrument, startPrice }) => ({
  startPrice,
  instrument: { ...instrument, minNotional: '0', minSize: instrument.symbol === 'BTC/USDT' ? '0.0001' : instrument.minSize },
}));

/** Base coin in one contract. */
const CONTRACTS: Readonly<Record<string, string>> = { BTC: '0.01', ETH: '0.1' };

/** Perpetuals as OKX lists them: in contracts, and with no least value either. */
export function okxPerpetuals(listed: typeof PERPETUALS): typeof PERPETUALS {
  return listed.map(({ instrument, startPrice }) => {
    const { perpetual, base } = instrument;
    if (perpetual === null) throw new RangeError(`${instrument.symbol} is no perpetual`);
    const minSize = instrument.sizeIncrement === '0.00001' ? '0.0001' : instrument.minSize;
    return {
      startPrice,
      instrument: { ...instrument, minSize, minNotional: '0', perpetual: { ...perpetual, contractSize: CONTRACTS[base] ?? '1', maxLeverage: 100 } },
    };
  });
}

/** Starts a simulated OKX on loopback. */
export async function startOkx(options: OkxOptions = {}): Promise<VenueServer> {
  const world = new World({
    instruments: [...OKX_LISTED, ...okxPerpetuals(PERPETUALS)],
    ...options,
    exchange: { clientIdScope: 'open', takingPostOnly: 'expired', ...options.exchange },
  });
  const server = new VenueServer(world, new Okx(world, new Limits(options.limitFactor)), seeded((options.seed ?? 1) + 1));
  await server.listen(options.port);
  return server;
}

/** Constructor options with which unmodified ccxt, keys included, trades on a simulator. */
export function okxCcxtOptions(server: VenueServer): Record<string, unknown> {
  const urls = { api: { rest: server.url, ws: `${server.url.replace(/^http/, 'ws')}/ws/v5` } };
  return { apiKey: KEY.apiKey, secret: KEY.secret, password: KEY.passphrase, urls, httpAgent: new Agent(), enableRateLimit: false, timeout: PATIENCE_MS };
}

interface Route {
  readonly operation: string;
  /** Requests in two seconds. */
  readonly limit: number;
  readonly open?: (world: World, parameters: Parameters) => unknown[];
  readonly signed?: (call: Call) => unknown[];
  /** Acts on the object of the body. */
  readonly act?: (call: Call) => unknown[];
  /** Acts on each object of the body, and answers for each. */
  readonly each?: (call: Call) => Record<string, unknown>;
  /** Refused when it acts after the deadline that it names. */
  readonly isFenced?: true;
}

/** By method and path; the operations are what faults are matched by. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET /public/time': { operation: 'time', limit: 10, open: (world) => [{ ts: String(world.now()) }] },
  'GET /public/instruments': { operation: 'instruments', limit: 20, open: instruments },
  'GET /market/ticker': { operation: 'quote', limit: 20, open: ticker },
  'GET /market/tickers': { operation: 'ticker', limit: 20, open: tickers },
  'GET /market/books': { operation: 'book', limit: 40, open: books },
  'GET /market/candles': { operation: 'candles', limit: 40, open: candles },
  'GET /market/history-candles': { operation: 'candles', limit: 20, open: historyCandles },
  'GET /market/trades': { operation: 'trades', limit: 100, open: publicTrades },
  'GET /market/index-tickers': { operation: 'indexPrice', limit: 20, open: indexTickers },
  'GET /public/funding-rate-history': { operation: 'pastFunding', limit: 10, open: fundingRateHistory },
  'GET /public/funding-rate': { operation: 'fundingRate', limit: 20, open: fundingRate },
  'GET /public/mark-price': { operation: 'markPrice', limit: 10, open: markPrice },
  'POST /trade/order': { operation: 'placeOrder', limit: 60, each: placeOrder, isFenced: true },
  'POST /trade/batch-orders': { operation: 'placeOrder', limit: 300, each: placeOrder, isFenced: true },
  'POST /trade/cancel-order': { operation: 'cancelOrder', limit: 60, each: cancelOrder },
  'POST /trade/cancel-batch-orders': { operation: 'cancelOrder', limit: 300, each: cancelOrder },
  'POST /trade/order-algo': { operation: 'placeOrder', limit: 20, each: placeStop },
  'POST /trade/cancel-algos': { operation: 'cancelStop', limit: 20, each: cancelStop },
  'POST /trade/cancel-all-after': { operation: 'deadMansSwitch', limit: 2, act: cancelAllAfter },
  'GET /trade/order': { operation: 'findOrder', limit: 60, signed: findOrder },
  'GET /trade/order-algo': { operation: 'findStop', limit: 20, signed: findStop },
  'GET /trade/orders-pending': { operation: 'openOrders', limit: 60, signed: openOrders },
  'GET /trade/orders-algo-pending': { operation: 'openStops', limit: 20, signed: openStops },
  'GET /trade/orders-history': { operation: 'allOrders', limit: 40, signed: ordersHistory },
  'GET /trade/orders-history-archive': { operation: 'allOrders', limit: 20, signed: ordersHistory },
  'GET /trade/fills': { operation: 'fills', limit: 60, signed: (call) => fills(call, 3) },
  'GET /trade/fills-history': { operation: 'fills', limit: 10, signed: (call) => fills(call, 92) },
  'GET /account/balance': { operation: 'balances', limit: 10, signed: balance },
  'GET /account/positions': { operation: 'positions', limit: 10, signed: positions },
  'GET /account/leverage-info': { operation: 'leverage', limit: 20, signed: leverageInfo },
  'POST /account/set-leverage': { operation: 'setLeverage', limit: 20, act: setLeverage },
  'GET /account/bills': { operation: 'funding', limit: 10, signed: (call) => bills(call, 7) },
  'GET /account/bills-archive': { operation: 'funding', limit: 5, signed: (call) => bills(call, 92) },
  'GET /account/config': { operation: 'checkKey', limit: 5, signed: config },
  'GET /account/trade-fee': { operation: 'fees', limit: 5, signed: tradeFee },
  'GET /asset/currencies': { operation: 'coins', limit: 12, signed: currencies },
};
const ROOT = '/api/v5';

class Okx implements Dialect {
  readonly #world: World;
  readonly #limits: Limits;

  constructor(world: World, limits: Limits) {
    this.#world = world;
    this.#limits = limits;
  }

  describe(request: WireRequest): Subject {
    const first = parametersOf(request)[0];
    const id = first?.get('instId') ?? '';
    return {
      operation: routeOf(request)?.operation ?? 'other',
      symbol: this.#world.exchange.symbols.find((symbol) => instId(symbol) === id) ?? '',
      clientOrderId: first?.get('clOrdId') ?? first?.get('algoClOrdId') ?? '',
      account: this.#world.keys.get(String(request.headers['ok-access-key'] ?? ''))?.account ?? '',
    };
  }

  admit(request: WireRequest): WireAnswer | null {
    return this.#answering(request, () => {
      const route = this.#route(request);
      const key = route.open === undefined ? authenticate(this.#world, request) : null;
      const { symbol } = this.describe(request);
      this.#limits.spend(`${request.method} ${request.path}`, key === null ? 'address' : `${key.account} ${symbol}`, route.limit, this.#world.machineNow());
      return null;
    });
  }

  handle(request: WireRequest): WireAnswer {
    const answer = this.#answering(request, () => {
      const route = this.#route(request);
      const world = this.#world;
      if (route.open !== undefined) return done(route.open(world, Parameters.ofQuery(request.query)));
      const key = this.#keyOf(request);
      if (route.signed !== undefined) return done(route.signed({ world, key, parameters: Parameters.ofQuery(request.query) }));
      const [first] = route.act === undefined ? [] : Parameters.ofBody(request.body);
      if (route.act !== undefined && first !== undefined) return done(route.act({ world, key, parameters: first }));
      if (route.isFenced === true) checkDeadline(world, request);
      const { each } = route;
      const results = Parameters.ofBody(request.body).map((parameters) => this.#result(request, parameters, () => each?.({ world, key, parameters }) ?? {}));
      return envelope(results);
    });
    return answer ?? { status: 200, body: null };
  }

  trouble({ kind, status, retryAfter }: Trouble): WireAnswer {
    const answer = (httpStatus: number, code: string, msg: string, headers: Record<string, string> = {}): WireAnswer => ({
      status: httpStatus,
      body: { code, msg, data: [] },
      code,
      headers,
    });
    // OKX itself names no time to wait; what stands in front of it does.
    if (kind === 'rateLimited' || kind === 'banned')
      return answer(429, '50011', 'Too Many Requests', retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
    if (kind === 'notFound') return answer(200, '51603', 'Order does not exist');
    if (kind === 'maintenance') return answer(503, '50001', 'Service temporarily unavailable. Please try again later');
    if (kind === 'stateUnknown') return answer(400, '50004', 'API endpoint request timeout. Please check the order status');
    if (status === 500) return answer(500, '50026', 'System error. Please try again later.');
    return { status: status ?? 502, body: '<html><head><title>502 Bad Gateway</title></head><body></body></html>', code: '-1' };
  }

  stream(path: string, _query: string, client: StreamClient): { readonly kind: 'public' | 'private'; readonly session: StreamSession } | null {
    const access = /^\/ws\/v5\/(public|private|business)$/.exec(path)?.[1];
    if (access !== 'public' && access !== 'private' && access !== 'business') return null;
    return { kind: access === 'private' ? 'private' : 'public', session: new Streams(this.#world, client, access) };
  }

  #route(request: WireRequest): Route {
    const route = routeOf(request);
    if (route === undefined) throw new OkxRefusal('404', 'Not Found', { status: 404 });
    return route;
  }

  #keyOf(request: WireRequest): VenueKey {
    const key = this.#world.keys.get(String(request.headers['ok-access-key'] ?? ''));
    if (key === undefined) throw new OkxRefusal('50111', 'Invalid OK-ACCESS-KEY', { status: 401 });
    return key;
  }

  /** The answer for one order of a body; its refusal stands beside it. */
  #result(request: WireRequest, parameters: Parameters, act: () => Record<string, unknown>): Record<string, unknown> {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof OkxRefusal) || !error.ofOrder) throw error;
      this.#note(request, error);
      const clientOrderId = parameters.get('clOrdId') ?? '';
      return { clOrdId: clientOrderId, ordId: '', tag: '', ts: String(this.#world.now()), sCode: error.code, sMsg: error.message, subCode: '' };
    }
  }

  /** `null` from `act` stays `null`; a refusal of the whole request becomes its answer. */
  #answering(request: WireRequest, act: () => WireAnswer | null): WireAnswer | null {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof OkxRefusal)) throw error;
      this.#note(request, error);
      return { status: error.status, body: { code: error.code, msg: error.message, data: [] }, code: error.code };
    }
  }

  #note(request: WireRequest, { code, message }: OkxRefusal): void {
    const { operation, account, symbol, clientOrderId } = this.describe(request);
    if (operation === 'placeOrder') this.#world.noteRefusal({ at: this.#world.now(), account, symbol, clientOrderId, code, message });
  }
}

function done(data: readonly unknown[]): WireAnswer {
  return { status: 200, body: { code: '0', msg: '', data } };
}

/** All done is `0`, nothing is `1`, and some of it is `2`. */
function envelope(results: readonly Record<string, unknown>[]): WireAnswer {
  const refused = results.filter((result) => result['sCode'] !== '0');
  const [code, msg] =
    refused.length === 0 ? ['0', ''] : refused.length === results.length ? ['1', 'All operations failed'] : ['2', 'Bulk operation partially succeeded'];
  const first = refused[0]?.['sCode'];
  return { status: 200, body: { code, msg, data: results }, ...(typeof first === 'string' ? { code: first } : {}) };
}

function routeOf(request: WireRequest): Route | undefined {
  if (!request.path.startsWith(`${ROOT}/`)) return undefined;
  return ROUTES[`${request.method} ${request.path.slice(ROOT.length)}`];
}

function parametersOf(request: WireRequest): readonly Parameters[] {
  if (request.method === 'GET') return [Parameters.ofQuery(request.query)];
  try {
    return Parameters.ofBody(request.body);
  } catch {
    return [];
  }
}
