/** Bybit's WebSockets: public topics by subscription, and the account's topics after a login. */
import { type InstrumentKind, isPerpetualSymbol } from '#core/instrument.ts';
import type { StreamClient, StreamSession } from '../_dialect.ts';
import type { Candle } from '../_prices.ts';
import type { World, WorldEvent } from '../_world.ts';
import type { Dcp } from './dcp.ts';
import { bookChange, bookShape, candleShape, dayShape, minutesOf, takerSide } from './market-data.ts';
import { categoryOf, executionShape, orderShape, symbolId, walletShape } from './shapes.ts';
import { login } from './signing.ts';

/** More topics in one request are refused, all of them. */
const MAX_ARGS = 10;
const PUBLIC_TOPIC = /^(?:orderbook\.(?:1|50|200|1000)|tickers|publicTrade|kline\.[0-9D]+)\.([A-Z0-9]+)$/;
const DCP_TOPICS = { spot: 'dcp.spot', perpetual: 'dcp.future' } as const;
const KINDS = ['spot', 'perpetual'] as const;
const PRIVATE_TOPICS: ReadonlySet<string> = new Set([
  ...['order', 'execution', 'wallet', 'order.spot', 'execution.spot', 'order.linear', 'execution.linear', 'position', 'position.linear'],
  ...Object.values(DCP_TOPICS),
]);

interface Request {
  readonly req_id?: unknown;
  readonly op?: string;
  readonly args?: readonly unknown[];
}

/** What one kind of connection takes as topics. */
interface Rules {
  /** Why a set of topics is refused; `null` when it is not. */
  refuse(topics: readonly string[]): string | null;
  /** Right after a subscription. */
  begin(topics: readonly string[]): void;
}

let connections = 0;

/** The topics of one connection, and the venue's way to answer about them. */
class Topics {
  readonly names = new Set<string>();
  readonly connectionId: string;
  readonly #client: StreamClient;
  readonly #rules: Rules;

  constructor(client: StreamClient, rules: Rules) {
    this.#client = client;
    this.#rules = rules;
    connections += 1;
    this.connectionId = `connection-${connections}`;
  }

  /** Deals with a request about topics; `false` for any other. */
  handle(request: Request): boolean {
    if (request.op !== 'subscribe' && request.op !== 'unsubscribe') return false;
    const asked = (request.args ?? []).map(String);
    const problem = request.op === 'subscribe' ? this.#rules.refuse(asked) : null;
    this.reply(request, problem);
    if (problem !== null) return true;
    for (const name of asked) {
      if (request.op === 'subscribe') this.names.add(name);
      else this.names.delete(name);
    }
    if (request.op === 'subscribe') this.#rules.begin(asked);
    return true;
  }

  reply(request: Request, problem: string | null): void {
    this.#client.answer({ success: problem === null, ret_msg: problem ?? '', conn_id: this.connectionId, ...idOf(request), op: request.op });
  }
}

function idOf({ req_id }: Request): { readonly req_id?: unknown } {
  return req_id === undefined ? {} : { req_id };
}

export class PublicSession implements StreamSession {
  readonly #world: World;
  readonly #client: StreamClient;
  readonly #topics: Topics;
  readonly #kind: InstrumentKind;

  constructor(world: World, client: StreamClient, kind: InstrumentKind) {
    this.#world = world;
    this.#kind = kind;
    this.#client = client;
    this.#topics = new Topics(client, { refuse: (topics) => this.#refuse(topics), begin: (topics) => this.#begin(topics) });
  }

  get subscriptions(): number {
    return this.#topics.names.size;
  }

  onMessage(text: string): void {
    const request = JSON.parse(text) as Request;
    if (request.op === 'ping') this.#client.answer({ success: true, ret_msg: 'pong', conn_id: this.#topics.connectionId, ...idOf(request), op: 'ping' });
    else if (!this.#topics.handle(request)) this.#topics.reply(request, 'error:invalid op');
  }

  onEvent(event: WorldEvent): void {
    if (event.type !== 'price' && event.type !== 'fill') return;
    const symbol = event.type === 'price' ? event.symbol : event.fill.symbol;
    if (isPerpetualSymbol(symbol) !== (this.#kind === 'perpetual')) return;
    for (const topic of this.#topics.names) {
      const closed = event.type === 'price' && topic.endsWith(`.${symbolId(symbol)}`) ? this.#closing(topic, symbol, event.at) : null;
      if (closed !== null) this.#push(topic, symbol, 'snapshot', closed, event.at);
      const told = topic.endsWith(`.${symbolId(symbol)}`) ? this.#tell(topic, symbol, event) : null;
      if (told !== null) this.#push(topic, symbol, told.type, told.data, event.at);
    }
  }

  #refuse(topics: readonly string[]): string | null {
    if (topics.length > MAX_ARGS) return `args size >${MAX_ARGS}`;
    const ids = new Set(this.#world.symbolsOf(this.#kind).map(symbolId));
    const unknown = topics.find((topic) => !ids.has(PUBLIC_TOPIC.exec(topic)?.[1] ?? ''));
    return unknown === undefined ? null : `Invalid symbol :[${unknown}]`;
  }

  /** Books and tickers begin with how they are. */
  #begin(topics: readonly string[]): void {
    for (const topic of topics) {
      const symbol = this.#world.symbolsOf(this.#kind).find((each) => topic.endsWith(`.${symbolId(each)}`)) ?? '';
      const [kind, depth] = topic.split('.');
      if (kind === 'orderbook') this.#push(topic, symbol, 'snapshot', bookShape(this.#world, symbol, Number(depth)), this.#world.now());
      if (kind === 'tickers') this.#push(topic, symbol, 'snapshot', dayShape(this.#world, symbol), this.#world.now());
    }
  }

  #tell(topic: string, symbol: string, event: Extract<WorldEvent, { type: 'price' | 'fill' }>): { readonly type: string; readonly data: unknown } | null {
    const [kind = '', detail = ''] = topic.split('.');
    if (event.type === 'fill') return kind === 'publicTrade' ? { type: 'snapshot', data: [this.#trade(event.fill)] } : null;
    // The best level is whole each time; deeper books tell what has changed.
    if (topic.startsWith('orderbook.1.')) return { type: 'snapshot', data: bookShape(this.#world, symbol, 1) };
    if (kind === 'orderbook') return { type: 'delta', data: bookChange(this.#world, symbol, Number(detail)) };
    if (kind === 'tickers') return { type: 'snapshot', data: dayShape(this.#world, symbol) };
    return kind === 'kline' ? { type: 'snapshot', data: this.#kline(symbol, detail, event.at) } : null;
  }

  #trade(fill: Extract<WorldEvent, { type: 'fill' }>['fill']): unknown {
    const scale = this.#world.scale(fill.symbol);
    const [p, v] = [scale.price(fill.priceTicks), scale.size(fill.sizeLots)];
    return { i: fill.tradeId, T: fill.at, p, v, S: takerSide(fill), s: symbolId(fill.symbol), BT: false, RPI: false };
  }

  #kline(symbol: string, interval: string, at: number): readonly unknown[] {
    const candle = this.#world.path(symbol).candlesOf(minutesOf(interval)).at(-1);
    return candle === undefined ? [] : this.#klineOf(symbol, interval, candle, at, false);
  }

  /** The last frame of a candle, when another has begun. */
  #closing(topic: string, symbol: string, at: number): readonly unknown[] | null {
    const [kind, interval = ''] = topic.split('.');
    const closed = kind === 'kline' ? this.#world.path(symbol).justClosed(minutesOf(interval)) : null;
    return closed === null ? null : this.#klineOf(symbol, interval, closed, at, true);
  }

  #klineOf(symbol: string, interval: string, candle: Candle, at: number, confirm: boolean): readonly unknown[] {
    const end = candle.openAt + minutesOf(interval) * 60_000 - 1;
    return [{ ...candleShape(this.#world, symbol, candle), end, interval, confirm, timestamp: at }];
  }

  #push(topic: string, symbol: string, type: string, data: unknown, ts: number): void {
    const text = JSON.stringify({ topic, ts, type, data, cts: ts });
    const operation = topic.startsWith('publicTrade') ? 'trade' : 'quote';
    this.#client.push({ text, subject: { operation, symbol, clientOrderId: '', account: '' } });
  }
}

export class PrivateSession implements StreamSession {
  readonly #world: World;
  readonly #client: StreamClient;
  readonly #topics: Topics;
  readonly #dcp: Dcp;
  #account: string | null = null;

  constructor(world: World, client: StreamClient, dcp: Dcp) {
    this.#world = world;
    this.#client = client;
    this.#dcp = dcp;
    this.#topics = new Topics(client, { refuse: (topics) => this.#refuse(topics), begin: () => undefined });
  }

  get subscriptions(): number {
    return this.#topics.names.size;
  }

  onMessage(text: string): void {
    const request = JSON.parse(text) as Request;
    if (request.op === 'auth') this.#login(request);
    else if (request.op === 'ping')
      this.#client.answer({ ...idOf(request), op: 'pong', args: [String(this.#world.now())], conn_id: this.#topics.connectionId });
    else if (!this.#topics.handle(request)) this.#topics.reply(request, 'error:invalid op');
    if (this.#account === null) return;
    for (const kind of KINDS) {
      if (this.#topics.names.has(DCP_TOPICS[kind])) this.#dcp.join(this.#account, kind, this);
      else this.#dcp.leave(this.#account, kind, this, false);
    }
  }

  onClose(): void {
    if (this.#account !== null) for (const kind of KINDS) this.#dcp.leave(this.#account, kind, this, true);
  }

  onEvent(event: WorldEvent): void {
    if (event.type === 'price' || event.type === 'position' || event.type === 'funding' || this.#account === null) return;
    if (event.type === 'balances') {
      if (event.account === this.#account) this.#push('wallet', [walletShape(event.changed)], event.at, NO_ORDER, 'balances');
      return;
    }
    const { order } = event;
    if (order.account !== this.#account) return;
    if (event.type === 'fill') {
      const told = { category: categoryOf(order.symbol), ...executionShape(this.#world, event.fill, 'feeCoin') };
      this.#push('execution', [told], event.at, order, 'fill');
    }
    this.#push('order', [{ category: categoryOf(order.symbol), ...orderShape(this.#world, order) }], event.at, order, 'order');
  }

  #login(request: Request): void {
    const key = login(this.#world, request.args ?? []);
    if (typeof key !== 'string') this.#account = key.account;
    this.#topics.reply(request, typeof key === 'string' ? key : null);
  }

  #refuse(topics: readonly string[]): string | null {
    if (this.#account === null) return 'Request not authorized';
    const unknown = topics.find((topic) => !PRIVATE_TOPICS.has(topic));
    if (unknown !== undefined) return `error:handler not found,topic:${unknown}`;
    const all = new Set([...this.#topics.names, ...topics]);
    const isTwice = ['order', 'execution'].some((topic) => all.has(topic) && [...all].some((each) => each.startsWith(`${topic}.`)));
    return isTwice ? 'error:subscription conflict' : null;
  }

  #push(kind: string, data: readonly unknown[], at: number, order: { readonly symbol: string; readonly clientOrderId: string }, operation: string): void {
    const topic = [kind, `${kind}.${categoryOf(order.symbol)}`].find((each) => this.#topics.names.has(each));
    if (topic === undefined || this.#account === null) return;
    const text = JSON.stringify({ id: `${this.#topics.connectionId}-${at}`, topic, creationTime: at, data });
    this.#client.push({ text, subject: { operation, symbol: order.symbol, clientOrderId: order.clientOrderId, account: this.#account } });
  }
}

const NO_ORDER = { symbol: '', clientOrderId: '' } as const;
