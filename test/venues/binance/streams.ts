/** Binance's WebSockets: public streams by subscription, and the WebSocket API with the user data stream. */
import { type InstrumentKind, isPerpetualSymbol } from '#core/instrument.ts';
import type { SimulatedOrder } from '#core/simulated-exchange.ts';
import type { StreamClient, StreamSession } from '../_dialect.ts';
import type { Candle } from '../_prices.ts';
import type { VenueKey, World, WorldEvent } from '../_world.ts';
import { book, bookChange, bookTickerOf, candleShape, dayOf, minutesOf } from './market-data.ts';
import { BinanceRefusal } from './refusals.ts';
import { fixed, reportShape, symbolId } from './shapes.ts';
import { checkSignedParameters, checkTime, keyOf } from './signing.ts';
import { cancelIdOf } from './trading.ts';

const MAX_STREAMS = 1_024;
/** Updates of other symbols lie between those of one: its numbers have gaps. */
export const FUTURES_STEP = 7;

/** Market streams of one connection to one of the two markets. `isCombined` wraps each frame with its stream's name. */
export class PublicStreams implements StreamSession {
  readonly #world: World;
  readonly #client: StreamClient;
  readonly #isCombined: boolean;
  readonly #kind: InstrumentKind;
  readonly #isServed: (name: string) => boolean;
  readonly #names: Set<string>;

  constructor(
    world: World,
    client: StreamClient,
    isCombined: boolean,
    names: readonly string[],
    kind: InstrumentKind = 'spot',
    isServed: (name: string) => boolean = () => true,
  ) {
    this.#world = world;
    this.#isServed = isServed;
    this.#kind = kind;
    this.#client = client;
    this.#isCombined = isCombined;
    this.#names = new Set(names);
  }

  get subscriptions(): number {
    return this.#names.size;
  }

  onMessage(text: string): void {
    const message = JSON.parse(text) as { readonly method?: string; readonly params?: readonly string[]; readonly id?: unknown };
    const names = message.params ?? [];
    if (message.method === 'SUBSCRIBE') for (const name of names) this.#names.add(name);
    else if (message.method === 'UNSUBSCRIBE') for (const name of names) this.#names.delete(name);
    else if (message.method !== 'LIST_SUBSCRIPTIONS') {
      this.#client.answer({ error: { code: 2, msg: `Invalid request: unknown method ${String(message.method)}` }, id: message.id });
      return;
    }
    if (this.#names.size > MAX_STREAMS) {
      this.#client.answer({ error: { code: 2, msg: `Invalid request: more than ${MAX_STREAMS} streams` }, id: message.id });
      return;
    }
    this.#client.answer({ result: message.method === 'LIST_SUBSCRIPTIONS' ? [...this.#names] : null, id: message.id });
  }

  onEvent(event: WorldEvent): void {
    if (event.type !== 'price' && event.type !== 'fill') return;
    const symbol = event.type === 'price' ? event.symbol : event.fill.symbol;
    if (isPerpetualSymbol(symbol) !== (this.#kind === 'perpetual')) return;
    const prefix = symbolId(symbol).toLowerCase();
    for (const name of this.#names) {
      if (event.type === 'price') this.#push(name, symbol, 'quote', this.#closing(name, prefix, symbol, event.at));
      const data = event.type === 'fill' ? this.#trade(name, prefix, event) : this.#price(name, prefix, symbol, event.at);
      this.#push(name, symbol, event.type === 'fill' ? 'trade' : 'quote', data);
    }
  }

  #push(name: string, symbol: string, operation: string, data: unknown): void {
    if (data === null || !this.#isServed(name)) return;
    const text = JSON.stringify(this.#isCombined ? { stream: name, data } : data);
    this.#client.push({ text, subject: { operation, symbol, clientOrderId: '', account: '' } });
  }

  /** The last frame of a candle, when another has begun. */
  #closing(name: string, prefix: string, symbol: string, at: number): unknown {
    if (!name.startsWith(`${prefix}@kline_`)) return null;
    const interval = name.slice(`${prefix}@kline_`.length);
    const closed = this.#world.path(symbol).justClosed(minutesOf(interval));
    return closed === null ? null : this.#klineOf(symbol, interval, closed, at, true);
  }

  #trade(name: string, prefix: string, event: Extract<WorldEvent, { type: 'fill' }>): unknown {
    const { fill } = event;
    const scale = this.#world.scale(fill.symbol);
    const [price, size, id] = [fixed(scale.price(fill.priceTicks)), fixed(scale.size(fill.sizeLots)), Number(fill.tradeId)];
    const isBuyerMaker = (fill.side === 'buy') === fill.isMaker;
    if (name === `${prefix}@trade`)
      return { e: 'trade', E: event.at, s: symbolId(fill.symbol), t: id, p: price, q: size, T: event.at, m: isBuyerMaker, M: true };
    if (name === `${prefix}@aggTrade`)
      return { e: 'aggTrade', E: event.at, s: symbolId(fill.symbol), a: id, p: price, q: size, f: id, l: id, T: event.at, m: isBuyerMaker, M: true };
    return null;
  }

  #price(name: string, prefix: string, symbol: string, at: number): unknown {
    if (name === '!miniTicker@arr') return [this.#miniTicker(symbol, at)];
    if (name === '!ticker@arr') return [this.#ticker(symbol, at)];
    if (!name.startsWith(`${prefix}@`)) return null;
    const kind = name.slice(prefix.length + 1);
    if (kind === 'bookTicker') {
      const { bid, bidSize, ask, askSize } = bookTickerOf(this.#world, symbol);
      return { u: this.#world.path(symbol).revision, s: symbolId(symbol), b: bid, B: bidSize, a: ask, A: askSize };
    }
    if (kind === 'miniTicker') return this.#miniTicker(symbol, at);
    if (kind === 'ticker') return this.#ticker(symbol, at);
    if (kind.startsWith('kline_')) return this.#kline(symbol, kind.slice('kline_'.length), at);
    const partial = /^depth(5|10|20)(?:@\d+ms)?$/.exec(kind);
    if (partial !== null) return book(this.#world, symbol, Number(partial[1]));
    if (!/^depth(?:@\d+ms)?$/.test(kind)) return null;
    const { bids, asks } = bookChange(this.#world, symbol);
    const { revision } = this.#world.path(symbol);
    const change = { e: 'depthUpdate', E: at, s: symbolId(symbol), U: revision, u: revision, b: bids, a: asks };
    if (this.#kind === 'spot') return change;
    // The numbers of a futures book run on for all symbols: only `pu` says what a change follows.
    return { ...change, T: at, U: revision * FUTURES_STEP - 2, u: revision * FUTURES_STEP, pu: (revision - 1) * FUTURES_STEP };
  }

  #miniTicker(symbol: string, at: number): unknown {
    const { last, open, high, low, volume, quoteVolume } = dayOf(this.#world, symbol);
    return { e: '24hrMiniTicker', E: at, s: symbolId(symbol), c: last, o: open, h: high, l: low, v: volume, q: quoteVolume };
  }

  #ticker(symbol: string, at: number): unknown {
    const day = dayOf(this.#world, symbol);
    const { bid, bidSize, ask, askSize } = bookTickerOf(this.#world, symbol);
    const prices = { c: day.last, Q: bidSize, b: bid, B: bidSize, a: ask, A: askSize, o: day.open, h: day.high, l: day.low, v: day.volume, q: day.quoteVolume };
    return {
      e: '24hrTicker',
      E: at,
      s: symbolId(symbol),
      p: day.change,
      P: day.percent,
      w: day.last,
      x: day.open,
      ...prices,
      O: day.openAt,
      C: at,
      F: 1,
      L: day.count,
      n: day.count,
    };
  }

  #kline(symbol: string, interval: string, at: number): unknown {
    const candle = this.#world.path(symbol).candlesOf(minutesOf(interval)).at(-1);
    return candle === undefined ? null : this.#klineOf(symbol, interval, candle, at, false);
  }

  #klineOf(symbol: string, interval: string, candle: Candle, at: number, x: boolean): unknown {
    const [t, o, h, l, c, v, T, q, n, V, Q, B] = candleShape(this.#world, symbol, candle, minutesOf(interval));
    return { e: 'kline', E: at, s: symbolId(symbol), k: { t, T, s: symbolId(symbol), i: interval, f: 1, L: 1, o, c, h, l, v, n, x, q, V, Q, B } };
  }
}

/** The WebSocket API: requests with an id, and after `userDataStream.subscribe.signature` the account's events. */
export class PrivateStreams implements StreamSession {
  readonly #world: World;
  readonly #client: StreamClient;
  readonly #subscribed = new Map<number, string>();
  #next = 0;

  constructor(world: World, client: StreamClient) {
    this.#world = world;
    this.#client = client;
  }

  get subscriptions(): number {
    return this.#subscribed.size;
  }

  onMessage(text: string): void {
    const message = JSON.parse(text) as { readonly id?: unknown; readonly method?: string; readonly params?: Readonly<Record<string, unknown>> };
    const id = message.id ?? null;
    try {
      const result = this.#call(message.method ?? '', message.params ?? {});
      this.#client.answer({ id, status: 200, result });
    } catch (error) {
      if (!(error instanceof BinanceRefusal)) throw error;
      this.#client.answer({ id, status: error.status, error: { code: error.code, msg: error.message } });
    }
  }

  onEvent(event: WorldEvent): void {
    if (event.type === 'price' || event.type === 'position' || event.type === 'funding') return;
    if (event.type === 'balances' ? event.wallet === 'perpetual' : isPerpetualSymbol(event.order.symbol)) return;
    const account = event.type === 'balances' ? event.account : event.order.account;
    for (const [subscriptionId, subscriber] of this.#subscribed) {
      if (subscriber !== account) continue;
      const { symbol, clientOrderId } = event.type === 'balances' ? NO_ORDER : event.order;
      this.#client.push({
        text: JSON.stringify({ subscriptionId, event: this.#shape(event) }),
        subject: { operation: event.type, symbol, clientOrderId, account },
      });
    }
  }

  #call(method: string, parameters: Readonly<Record<string, unknown>>): unknown {
    if (method === 'ping') return {};
    if (method === 'time') return { serverTime: this.#world.now() };
    if (method === 'userDataStream.subscribe.signature') {
      const key = this.#authenticate(parameters);
      this.#subscribed.set(this.#next, key.account);
      this.#next += 1;
      return { subscriptionId: this.#next - 1 };
    }
    if (method === 'userDataStream.unsubscribe') {
      this.#subscribed.clear();
      return {};
    }
    throw new BinanceRefusal(-1020, `This operation is not supported: ${method}`);
  }

  #authenticate(parameters: Readonly<Record<string, unknown>>): VenueKey {
    const key = keyOf(this.#world, String(parameters['apiKey'] ?? ''));
    checkTime(this.#world, new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)])).toString());
    checkSignedParameters(key, parameters);
    return key;
  }

  #shape(event: Extract<WorldEvent, { type: 'order' | 'fill' | 'balances' }>): unknown {
    if (event.type === 'fill') return reportShape(this.#world, event.order, event.fill, event.at, event.sequence);
    if (event.type === 'order')
      return reportShape(this.#world, event.order, event.cause, event.at, event.sequence, event.cause === 'cancelled' ? cancelIdOf(event.order) : '');
    const balances = event.changed.map(({ asset, free, locked }) => ({ a: asset, f: fixed(free), l: fixed(locked) }));
    return { e: 'outboundAccountPosition', E: event.at, u: event.at, B: balances };
  }
}

const NO_ORDER: Pick<SimulatedOrder, 'symbol' | 'clientOrderId'> = { symbol: '', clientOrderId: '' };
