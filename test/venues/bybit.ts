/** Bybit v5 (unified account, spot and linear perpetuals) as a dialect of the simulated venue: its routes, envelope, limits and streams. */
import { Agent } from 'node:http';
import { PATIENCE_MS } from '#test/support/until.ts';
import type { Dialect, StreamClient, StreamSession, Trouble, WireAnswer, WireRequest } from './_dialect.ts';
import type { Subject } from './_faults.ts';
import { seeded } from './_random.ts';
import { VenueServer } from './_server.ts';
import { KEY, LISTED, PERPETUALS, type VenueKey, World, type WorldOptions } from './_world.ts';
import { accountInfo, coins, feeRate, queryApi, walletBalance } from './bybit/account.ts';
import type { AccountSettings, Call } from './bybit/call.ts';
import { Dcp } from './bybit/dcp.ts';
import { fundingHistory } from './bybit/funding-history.ts';
import { type LimitOptions, Limits } from './bybit/limits.ts';
import { positionList, setLeverage, setMarginMode, transactionLog } from './bybit/linear.ts';
import { instruments, kline, orderbook, recentTrades, tickers } from './bybit/market-data.ts';
import { Parameters } from './bybit/parameters.ts';
import { Banned, BybitRefusal } from './bybit/refusals.ts';
import { symbolId } from './bybit/shapes.ts';
import { checkSignature, checkTime, keyOf } from './bybit/signing.ts';
import { PrivateSession, PublicSession } from './bybit/streams.ts';
import { cancelAll, cancelOrder, disconnectedCancelAll, executions, history, placeOrder, realtime } from './bybit/trading.ts';

export interface BybitOptions extends WorldOptions {
  readonly limits?: Partial<LimitOptions>;
  /** Ended orders that the list of the present remembers; 0 is a venue that has just been restarted. */
  readonly recentLimit?: number;
  /** 0 takes a free port. */
  readonly port?: number;
}

const RECENT_LIMIT = 500;

/** A simulated Bybit, with a hand on what only its accounts' owners set. */
export class BybitServer extends VenueServer {
  readonly settings: AccountSettings;

  constructor(world: World, dialect: Bybit, faultRandom: () => number) {
    super(world, dialect, faultRandom);
    this.settings = dialect.settings;
  }
}

/** Starts a simulated Bybit on loopback. */
export async function startBybit(options: BybitOptions = {}): Promise<BybitServer> {
  const perpetuals = { leverage: 20, reduceOnlyExcess: 'shrunk' } as const;
  const exchange = { clientIdScope: 'ever', takingPostOnly: 'expired', maxOpenOrders: 500, ...perpetuals, ...options.exchange } as const;
  const world = new World({ instruments: [...LISTED, ...PERPETUALS], ...options, exchange });
  const server = new BybitServer(world, new Bybit(world, new Limits(options.limits), options.recentLimit ?? RECENT_LIMIT), seeded((options.seed ?? 1) + 1));
  await server.listen(options.port);
  return server;
}

/** Constructor options with which unmodified ccxt, keys included, trades on a simulator. */
export function bybitCcxtOptions(server: VenueServer): Record<string, unknown> {
  const sockets = server.url.replace(/^http/, 'ws');
  const ws = {
    public: { spot: `${sockets}/v5/public/spot`, linear: `${sockets}/v5/public/linear` },
    private: { spot: { unified: `${sockets}/v5/private` }, contract: `${sockets}/v5/private` },
  };
  const urls = { api: { public: server.url, private: server.url, ws } };
  return { apiKey: KEY.apiKey, secret: KEY.secret, urls, httpAgent: new Agent(), enableRateLimit: false, timeout: PATIENCE_MS };
}

interface Route {
  readonly operation: string;
  readonly open?: (world: World, parameters: Parameters) => unknown;
  readonly signed?: (call: Call) => unknown;
  /** What an account may ask in a second. */
  readonly perSecond: number;
}

/** By method and path; the operations are what faults are matched by. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET /v5/market/time': open('time', (world) => ({ timeSecond: String(Math.floor(world.now() / 1_000)), timeNano: `${world.now()}000000` })),
  'GET /v5/market/instruments-info': open('instruments', instruments),
  'GET /v5/market/tickers': open('quote', tickers),
  'GET /v5/market/orderbook': open('book', orderbook),
  'GET /v5/market/kline': open('candles', kline),
  'GET /v5/market/funding/history': open('pastFunding', fundingHistory),
  'GET /v5/market/recent-trade': open('trades', recentTrades),
  'POST /v5/order/create': signed('placeOrder', 20, placeOrder),
  'POST /v5/order/cancel': signed('cancelOrder', 20, cancelOrder),
  'POST /v5/order/cancel-all': signed('cancelAll', 20, cancelAll),
  'POST /v5/order/disconnected-cancel-all': signed('deadMansSwitch', 10, disconnectedCancelAll),
  'GET /v5/order/realtime': signed('openOrders', 50, realtime),
  'GET /v5/order/history': signed('allOrders', 50, history),
  'GET /v5/execution/list': signed('fills', 50, executions),
  'GET /v5/account/wallet-balance': signed('balances', 50, walletBalance),
  'GET /v5/account/info': signed('accountInfo', 50, accountInfo),
  'GET /v5/account/fee-rate': signed('fees', 5, feeRate),
  'GET /v5/position/list': signed('positions', 50, positionList),
  'POST /v5/position/set-leverage': signed('setLeverage', 10, setLeverage),
  'POST /v5/account/set-margin-mode': signed('setMarginMode', 5, setMarginMode),
  'GET /v5/account/transaction-log': signed('funding', 30, transactionLog),
  'GET /v5/user/query-api': signed('checkKey', 10, queryApi),
  'GET /v5/asset/coin/query-info': signed('coins', 5, coins),
};

class Bybit implements Dialect {
  readonly #world: World;
  readonly #limits: Limits;
  readonly #recentLimit: number;
  readonly #dcp: Dcp;
  readonly settings: AccountSettings = { isolated: new Set(), hedged: new Set() };

  constructor(world: World, limits: Limits, recentLimit: number) {
    this.#world = world;
    this.#limits = limits;
    this.#recentLimit = recentLimit;
    this.#dcp = new Dcp(world);
  }

  describe(request: WireRequest): Subject {
    const named = readLeniently(request);
    const route = routeOf(request);
    const isOfOne = named.get('orderLinkId') !== undefined || named.get('orderId') !== undefined;
    return {
      operation: route?.operation === 'openOrders' && isOfOne ? 'findOrder' : (route?.operation ?? 'other'),
      symbol: this.#world.symbolsOf(named.get('category') === 'linear' ? 'perpetual' : 'spot').find((symbol) => symbolId(symbol) === named.get('symbol')) ?? '',
      clientOrderId: String(named.get('orderLinkId') ?? ''),
      account: this.#keyIn(request)?.account ?? '',
    };
  }

  admit(request: WireRequest): WireAnswer | null {
    return this.#answering(request, () => {
      this.#limits.spend(this.#world.machineNow());
      const route = routeOf(request);
      if (route === undefined) throw new BybitRefusal(10017, 'Route not found.', 404);
      if (route.signed === undefined) return null;
      const key = keyOf(this.#world, request);
      checkTime(this.#world, request);
      checkSignature(key, request);
      this.#limits.spendOf(key.account, route.operation, route.perSecond, this.#world.machineNow());
      return null;
    });
  }

  handle(request: WireRequest): WireAnswer {
    const answer = this.#answering(request, () => {
      const route = routeOf(request);
      const parameters = request.method === 'POST' ? Parameters.ofBody(request.body) : Parameters.ofQuery(request.query);
      if (route?.open !== undefined) return route.open(this.#world, parameters);
      if (route?.signed === undefined) throw new BybitRefusal(10017, 'Route not found.', 404);
      checkTime(this.#world, request);
      return route.signed({
        world: this.#world,
        key: keyOf(this.#world, request),
        parameters,
        recentLimit: this.#recentLimit,
        dcp: this.#dcp,
        settings: this.settings,
      });
    });
    return answer ?? { status: 200, body: null };
  }

  trouble({ kind, status, retryAfter }: Trouble): WireAnswer {
    if (kind === 'rateLimited') {
      const headers = { 'x-bapi-limit-status': '0', 'x-bapi-limit-reset-timestamp': String(this.#world.now() + (retryAfter ?? 1) * 1_000) };
      return { ...this.#refused(new BybitRefusal(10006, 'Too many visits. Exceeded the API Rate Limit.')), headers };
    }
    if (kind === 'banned') return BANNED;
    if (kind === 'notFound') return { status: 200, body: this.#envelope(0, 'OK', { category: 'spot', list: [], nextPageCursor: '' }) };
    if (kind === 'maintenance') return this.#refused(new BybitRefusal(10016, 'Service is restarting, please try again later.'));
    if (kind === 'stateUnknown') return this.#refused(new BybitRefusal(10000, 'Server Timeout'));
    if (status === 500) return this.#refused(new BybitRefusal(10016, 'Internal server error.', 500));
    return { status: status ?? 502, body: '<html><head><title>Bad gateway</title></head><body></body></html>', code: String(status ?? 502) };
  }

  stream(path: string, _query: string, client: StreamClient): { readonly kind: 'public' | 'private'; readonly session: StreamSession } | null {
    if (path === '/v5/public/spot') return { kind: 'public', session: new PublicSession(this.#world, client, 'spot') };
    if (path === '/v5/public/linear') return { kind: 'public', session: new PublicSession(this.#world, client, 'perpetual') };
    return path === '/v5/private' ? { kind: 'private', session: new PrivateSession(this.#world, client, this.#dcp) } : null;
  }

  /** `null` from `act` stays `null`; a refusal becomes its answer, noted when it was an order. */
  #answering(request: WireRequest, act: () => unknown): WireAnswer | null {
    try {
      const result = act();
      return result === null ? null : { status: 200, body: this.#envelope(0, 'OK', result), headers: this.#headers(request) };
    } catch (error) {
      if (error instanceof Banned) return BANNED;
      if (!(error instanceof BybitRefusal)) throw error;
      const { operation, account, symbol, clientOrderId } = this.describe(request);
      if (operation === 'placeOrder')
        this.#world.noteRefusal({ at: this.#world.now(), account, symbol, clientOrderId, code: String(error.code), message: error.message });
      return { ...this.#refused(error), headers: this.#headers(request) };
    }
  }

  #refused(refusal: BybitRefusal): WireAnswer {
    return { status: refusal.status, body: this.#envelope(refusal.code, refusal.message, {}), code: String(refusal.code) };
  }

  #envelope(retCode: number, retMsg: string, result: unknown): unknown {
    return { retCode, retMsg, result, retExtInfo: {}, time: this.#world.now() };
  }

  #headers(request: WireRequest): Record<string, string> {
    const route = routeOf(request);
    const key = this.#keyIn(request);
    if (route?.signed === undefined || key === undefined) return {};
    return this.#limits.headers(key.account, route.operation, route.perSecond, this.#world.machineNow());
  }

  #keyIn(request: WireRequest): VenueKey | undefined {
    return this.#world.keys.get(String(request.headers['x-bapi-api-key'] ?? ''));
  }
}

const BANNED: WireAnswer = { status: 403, body: '403, access too frequent', code: '403' };

/** What a request is about, before anybody has checked it. */
function readLeniently(request: WireRequest): ReadonlyMap<string, unknown> {
  if (request.method !== 'POST') return new Map([...new URLSearchParams(request.query)].filter(([, value]) => value !== ''));
  try {
    const parsed: unknown = JSON.parse(request.body);
    return new Map(typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : []);
  } catch {
    return new Map();
  }
}

function open(operation: string, answer: (world: World, parameters: Parameters) => unknown): Route {
  return { operation, open: answer, perSecond: 0 };
}

function signed(operation: string, perSecond: number, answer: (call: Call) => unknown): Route {
  return { operation, signed: answer, perSecond };
}

function routeOf(request: WireRequest): Route | undefined {
  return ROUTES[`${request.method} ${request.path}`];
}
