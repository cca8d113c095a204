/** Bitget (version 2, spot and USDT perpetuals on a classic account) as a dialect of the simulated venue: its routes, envelope, limits and streams. */
import { Agent } from 'node:http';
import { PATIENCE_MS } from '#test/support/until.ts';
import type { Dialect, StreamClient, StreamSession, Trouble, WireAnswer, WireRequest } from './_dialect.ts';
import type { Subject } from './_faults.ts';
import { seeded } from './_random.ts';
import { VenueServer } from './_server.ts';
import { KEY, LISTED, PERPETUALS, type VenueKey, World, type WorldOptions } from './_world.ts';
import { Limits } from './bitget/limits.ts';
import { candles, coins, historyCandles, orderBook, publicTrades, symbols, tickers } from './bitget/market-data.ts';
import { mixAccount, mixAccounts, mixBills, mixPositions, setMarginMode, setMixLeverage } from './bitget/mix-account.ts';
import { contracts, fundRate, mergeDepth, mixCandles, mixHistoryCandles, mixTicker, mixTickers, mixTrades, symbolPrice } from './bitget/mix-market.ts';
import { cancelMixOrder, cancelMixOrders, mixDetail, mixFills, mixHistory, mixPending, placeMixOrder } from './bitget/mix-trading.ts';
import { Parameters } from './bitget/parameters.ts';
import { BitgetRefusal } from './bitget/refusals.ts';
import { symbolId } from './bitget/shapes.ts';
import { authenticate, checkWindow } from './bitget/signing.ts';
import { Streams } from './bitget/streams.ts';
import {
  accountInfo,
  assets,
  type Call,
  cancelAll,
  cancelOrder,
  fills,
  findOrder,
  openOrders,
  ordersHistory,
  placeOrder,
  tradeRate,
} from './bitget/trading.ts';

export interface BitgetOptions extends WorldOptions {
  /** Multiplies all of the venue's limits; 1 are the real ones. */
  readonly limitFactor?: number;
  /** 0 takes a free port. */
  readonly port?: number;
}

/** Starts a simulated Bitget on loopback. */
export async function startBitget(options: BitgetOptions = {}): Promise<VenueServer> {
  const world = new World({
    instruments: [...LISTED, ...PERPETUALS],
    ...options,
    exchange: { clientIdScope: 'open', takingPostOnly: 'expired', wallets: 'apart', leverage: 20, ...options.exchange },
  });
  const server = new VenueServer(world, new Bitget(world, new Limits(options.limitFactor)), seeded((options.seed ?? 1) + 1));
  await server.listen(options.port);
  return server;
}

/** Constructor options with which unmodified ccxt, keys included, trades on a simulator. */
export function bitgetCcxtOptions(server: VenueServer): Record<string, unknown> {
  const http = server.url;
  const sockets = http.replace(/^http/, 'ws');
  const ws = { public: `${sockets}/v2/ws/public`, private: `${sockets}/v2/ws/private` };
  const urls = { api: { spot: http, mix: http, margin: http, common: http, uta: http, user: http, ws } };
  return { apiKey: KEY.apiKey, secret: KEY.secret, password: KEY.passphrase, urls, httpAgent: new Agent(), enableRateLimit: false, timeout: PATIENCE_MS };
}

interface Route {
  readonly operation: string;
  /** Requests a second. */
  readonly limit: number;
  readonly answer: { readonly open: (world: World, parameters: Parameters) => unknown } | { readonly signed: (call: Call) => unknown };
}

/** By method and path; the operations are what faults are matched by. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET /v2/public/time': open('time', 20, (world) => ({ serverTime: String(world.now()) })),
  'GET /v2/spot/public/symbols': open('instruments', 20, symbols),
  'GET /v2/spot/public/coins': open('coins', 3, coins),
  'GET /v2/spot/market/tickers': open('quote', 20, tickers),
  'GET /v2/spot/market/orderbook': open('book', 20, orderBook),
  'GET /v2/spot/market/candles': open('candles', 20, candles),
  'GET /v2/spot/market/history-candles': open('candles', 20, historyCandles),
  'GET /v2/spot/market/fills': open('trades', 10, publicTrades),
  'GET /v2/spot/market/fills-history': open('trades', 10, publicTrades),
  'GET /v2/margin/currencies': open('margin', 10, () => []),
  'GET /v2/mix/market/contracts': open('instruments', 20, contracts),
  'GET /v2/mix/market/ticker': open('quote', 20, mixTicker),
  'GET /v2/mix/market/tickers': open('ticker', 20, mixTickers),
  'GET /v2/mix/market/merge-depth': open('book', 20, mergeDepth),
  'GET /v2/mix/market/candles': open('candles', 20, mixCandles),
  'GET /v2/mix/market/history-candles': open('candles', 20, mixHistoryCandles),
  'GET /v2/mix/market/fills': open('trades', 20, mixTrades),
  'GET /v2/mix/market/fills-history': open('trades', 10, mixTrades),
  'GET /v2/mix/market/symbol-price': open('markPrice', 20, symbolPrice),
  'GET /v2/mix/market/current-fund-rate': open('fundingRate', 20, fundRate),
  'POST /v2/mix/order/place-order': signed('placeOrder', 10, placeMixOrder),
  'POST /v2/mix/order/cancel-order': signed('cancelOrder', 10, cancelMixOrder),
  'POST /v2/mix/order/batch-cancel-orders': signed('cancelAll', 10, cancelMixOrders),
  'GET /v2/mix/order/detail': signed('findOrder', 10, mixDetail),
  'GET /v2/mix/order/orders-pending': signed('openOrders', 10, mixPending),
  'GET /v2/mix/order/orders-history': signed('allOrders', 10, mixHistory),
  'GET /v2/mix/order/fills': signed('fills', 10, mixFills),
  'GET /v2/mix/account/account': signed('account', 10, mixAccount),
  'GET /v2/mix/account/accounts': signed('balances', 10, mixAccounts),
  'GET /v2/mix/account/bill': signed('funding', 10, mixBills),
  'POST /v2/mix/account/set-leverage': signed('setLeverage', 5, setMixLeverage),
  'POST /v2/mix/account/set-margin-mode': signed('setMarginMode', 5, setMarginMode),
  'GET /v2/mix/position/all-position': signed('positions', 5, mixPositions),
  'POST /v2/spot/trade/place-order': signed('placeOrder', 10, placeOrder),
  'POST /v2/spot/trade/cancel-order': signed('cancelOrder', 10, cancelOrder),
  'POST /v2/spot/trade/cancel-symbol-order': signed('cancelAll', 5, cancelAll),
  'GET /v2/spot/trade/orderInfo': signed('findOrder', 20, findOrder),
  'GET /v2/spot/trade/unfilled-orders': signed('openOrders', 20, openOrders),
  'GET /v2/spot/trade/history-orders': signed('allOrders', 20, ordersHistory),
  'GET /v2/spot/trade/fills': signed('fills', 10, fills),
  'GET /v2/spot/account/assets': signed('balances', 10, assets),
  'GET /v2/common/trade-rate': signed('fees', 10, tradeRate),
  'GET /v2/spot/account/info': signed('checkKey', 1, accountInfo),
  // Answered so by a classic account.
  'GET /v3/account/settings': signed('settings', 10, () => {
    throw new BitgetRefusal('25245', 'The account is not the unified account mode');
  }),
};
const ROOT = '/api';

class Bitget implements Dialect {
  readonly #world: World;
  readonly #limits: Limits;
  readonly #money = new Map<string, string>();

  constructor(world: World, limits: Limits) {
    this.#world = world;
    this.#limits = limits;
  }

  describe(request: WireRequest): Subject {
    const parameters = parametersOf(request);
    const id = parameters?.get('symbol') ?? '';
    return {
      operation: routeOf(request)?.operation ?? 'other',
      symbol: this.#world.symbolsOf(request.path.includes('/mix/') ? 'perpetual' : 'spot').find((symbol) => symbolId(symbol) === id) ?? '',
      clientOrderId: parameters?.get('clientOid') ?? '',
      account: this.#keyIn(request)?.account ?? '',
    };
  }

  admit(request: WireRequest): WireAnswer | null {
    return this.#answering(request, () => {
      const route = routed(request);
      const key = 'signed' in route.answer ? authenticate(this.#world, request) : null;
      this.#limits.spend(`${request.method} ${request.path}`, key?.account ?? 'address', route.limit, this.#world.machineNow());
      if (key !== null) checkWindow(this.#world, read(request));
      return null;
    });
  }

  handle(request: WireRequest): WireAnswer {
    const answer = this.#answering(request, () => {
      const route = routed(request);
      const parameters = read(request);
      if ('open' in route.answer) return this.#done(route.answer.open(this.#world, parameters));
      const key = this.#keyIn(request);
      if (key === undefined) throw new BitgetRefusal('40006', 'Invalid ACCESS_KEY');
      checkWindow(this.#world, parameters);
      return this.#done(route.answer.signed({ world: this.#world, key, parameters, money: this.#money }));
    });
    return answer ?? { status: 200, body: null };
  }

  trouble({ kind, status, retryAfter }: Trouble): WireAnswer {
    // Bitget itself names no time to wait; what stands in front of it does.
    if (kind === 'rateLimited' || kind === 'banned')
      return { ...this.#refused('429', 'Too Many Requests', 429), headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) } };
    // Of perpetuals it would be a code; an empty list says the same.
    if (kind === 'notFound') return this.#done([]);
    if (kind === 'maintenance') return this.#refused('40200', 'Server upgrade, please try again later', 400);
    if (kind === 'stateUnknown') return this.#refused('40010', 'Request timed out', 400);
    if (status === 500) return this.#refused('40725', 'service return an error', 500);
    return { status: status ?? 502, body: '<html><head><title>502 Bad Gateway</title></head><body></body></html>', code: '502' };
  }

  stream(path: string, _query: string, client: StreamClient): { readonly kind: 'public' | 'private'; readonly session: StreamSession } | null {
    const kind = /^\/v2\/ws\/(public|private)$/.exec(path)?.[1];
    if (kind !== 'public' && kind !== 'private') return null;
    return { kind, session: new Streams(this.#world, client, kind === 'private', this.#money) };
  }

  /** `null` from `act` stays `null`; a refusal becomes its answer, noted when it was an order. */
  #answering(request: WireRequest, act: () => WireAnswer | null): WireAnswer | null {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof BitgetRefusal)) throw error;
      const { operation, account, symbol, clientOrderId } = this.describe(request);
      const { code, message } = error;
      if (operation === 'placeOrder') this.#world.noteRefusal({ at: this.#world.now(), account, symbol, clientOrderId, code, message });
      return this.#refused(code, message, error.status);
    }
  }

  #done(data: unknown): WireAnswer {
    return { status: 200, body: { code: '00000', msg: 'success', requestTime: this.#world.now(), data } };
  }

  #refused(code: string, msg: string, status: number): WireAnswer {
    return { status, code, body: { code, msg, requestTime: this.#world.now(), data: null } };
  }

  #keyIn(request: WireRequest): VenueKey | undefined {
    return this.#world.keys.get(String(request.headers['access-key'] ?? ''));
  }
}

function open(operation: string, limit: number, answer: (world: World, parameters: Parameters) => unknown): Route {
  return { operation, limit, answer: { open: answer } };
}

function signed(operation: string, limit: number, answer: (call: Call) => unknown): Route {
  return { operation, limit, answer: { signed: answer } };
}

function routeOf(request: WireRequest): Route | undefined {
  return request.path.startsWith(`${ROOT}/`) ? ROUTES[`${request.method} ${request.path.slice(ROOT.length)}`] : undefined;
}

function routed(request: WireRequest): Route {
  const route = routeOf(request);
  if (route === undefined) throw new BitgetRefusal('40404', 'Request URL NOT FOUND', 404);
  return route;
}

function read(request: WireRequest): Parameters {
  return request.method === 'GET' ? Parameters.ofQuery(request.query) : Parameters.ofBody(request.body);
}

function parametersOf(request: WireRequest): Parameters | null {
  try {
    return read(request);
  } catch {
    return null;
  }
}
