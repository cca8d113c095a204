/** Bitget's WebSockets: channels by subscription, a login before the private ones, and a text ping. */
import { type InstrumentKind, isPerpetualSymbol } from '#core/instrument.ts';
import type { SimulatedFill, SimulatedOrder } from '#core/simulated-exchange.ts';
import type { Frame, StreamClient, StreamSession } from '../_dialect.ts';
import type { VenueKey, World, WorldEvent } from '../_world.ts';
import { bookSnapshot, bookUpdate, candleShape, minutesOf, pastTrades, publicTradeShape, pushedTicker, symbolOf } from './market-data.ts';
import { pushedMixShape } from './mix-shapes.ts';
import { BitgetRefusal } from './refusals.ts';
import { pushedFillShape, pushedShape, symbolId } from './shapes.ts';
import { checkLogin } from './signing.ts';
import { assetShape } from './trading.ts';

type Argument = Readonly<Record<string, string>>;

const MAX_FRAME_CHARS = 4_096;
const MAX_CHANNELS = 1_000;
const PRIVATE_CHANNELS: ReadonlySet<string> = new Set(['orders', 'fill', 'account']);
const DEPTHS: Readonly<Record<string, number>> = { books1: 1, books5: 5, books15: 15 };
const NO_SUBJECT = { symbol: '', clientOrderId: '', account: '' } as const;

/** What instruments a subscription may name. */
const KINDS: Readonly<Record<string, InstrumentKind>> = { SPOT: 'spot', 'USDT-FUTURES': 'perpetual' };

function kindOf(symbol: string): InstrumentKind {
  return isPerpetualSymbol(symbol) ? 'perpetual' : 'spot';
}

export class Streams implements StreamSession {
  readonly #world: World;
  readonly #client: StreamClient;
  readonly #isPrivate: boolean;
  readonly #money: ReadonlyMap<string, string>;
  /** By the text of their arguments. */
  readonly #subscribed = new Map<string, Argument>();
  #key: VenueKey | null = null;

  /** `money` holds what market buys were asked for, by the exchange's order id. */
  constructor(world: World, client: StreamClient, isPrivate: boolean, money: ReadonlyMap<string, string>) {
    this.#world = world;
    this.#client = client;
    this.#isPrivate = isPrivate;
    this.#money = money;
  }

  get subscriptions(): number {
    return this.#subscribed.size;
  }

  onMessage(text: string): void {
    if (text === 'ping') {
      this.#client.answer('pong');
      return;
    }
    try {
      if (text.length > MAX_FRAME_CHARS) throw new BitgetRefusal('30002', 'Illegal request: too long');
      const message = JSON.parse(text) as { readonly op?: string; readonly args?: readonly Argument[] };
      for (const argument of message.args ?? []) this.#act(message.op ?? '', argument);
    } catch (error) {
      if (error instanceof SyntaxError) this.#refuse(new BitgetRefusal('30002', 'Illegal request'));
      else if (error instanceof BitgetRefusal) this.#refuse(error);
      else throw error;
    }
  }

  onEvent(event: WorldEvent): void {
    if (event.type === 'position' || event.type === 'funding') return;
    const kind = event.type === 'balances' ? event.wallet : kindOf(event.type === 'price' ? event.symbol : event.order.symbol);
    for (const argument of this.#subscribed.values()) {
      if (KINDS[argument['instType'] ?? ''] !== kind) continue;
      const frame =
        event.type === 'price'
          ? this.#priced(argument, event.symbol)
          : event.type === 'fill'
            ? this.#executed(argument, event)
            : this.#changed(argument, event);
      if (frame !== null) this.#client.push(frame);
    }
  }

  #act(op: string, argument: Argument): void {
    if (op === 'login') {
      this.#key = checkLogin(this.#world, argument);
      this.#client.answer({ event: 'login', code: 0, msg: '' });
      return;
    }
    if (op !== 'subscribe' && op !== 'unsubscribe') throw new BitgetRefusal('30003', 'Invalid op');
    this.#check(argument);
    const name = JSON.stringify(argument);
    if (op === 'subscribe') this.#subscribed.set(name, argument);
    else this.#subscribed.delete(name);
    if (this.#subscribed.size > MAX_CHANNELS) throw new BitgetRefusal('30007', 'request over limit');
    this.#client.answer({ event: op, arg: argument });
    const first = op === 'subscribe' ? this.#first(argument) : null;
    if (first !== null) this.#client.push(first);
  }

  #check(argument: Argument): void {
    const { instType, channel = '', instId: id = '' } = argument;
    const isPrivate = PRIVATE_CHANNELS.has(channel);
    const isKnown = isPrivate || channel === 'ticker' || channel === 'trade' || channel === 'books' || channel in DEPTHS || channel.startsWith('candle');
    const kind = KINDS[instType ?? ''];
    if (kind === undefined || !isKnown || isPrivate !== this.#isPrivate)
      throw new BitgetRefusal('30001', `instType:${String(instType)},channel:${channel},instId:${id} doesn't exist`);
    if (isPrivate && this.#key === null) throw new BitgetRefusal('30004', 'User needs to log in');
    if (channel === 'account') return;
    const isListed = this.#world.symbolsOf(kind).some((symbol) => symbolId(symbol) === id);
    if (!isListed && !(isPrivate && id === 'default'))
      throw new BitgetRefusal('30001', `instType:${String(instType)},channel:${channel},instId:${id} doesn't exist`);
  }

  /** What a channel says at once when it is subscribed to; that of orders says nothing. */
  #first(argument: Argument): Frame | null {
    const { channel = '', instId: id = '' } = argument;
    if (channel === 'account' && this.#key !== null) {
      const kind = KINDS[argument['instType'] ?? ''] ?? 'spot';
      const held = this.#world.exchange.balances(this.#key.account, kind).map(({ asset, free, locked }) => assetShape(asset, free, locked, this.#world.now()));
      return this.#frame(argument, held, { ...NO_SUBJECT, operation: 'balances', account: this.#key.account });
    }
    if (PRIVATE_CHANNELS.has(channel)) return null;
    const symbol = symbolOf(this.#world, id, KINDS[argument['instType'] ?? '']);
    const past = channel === 'trade' ? pastTrades(this.#world, symbol) : [];
    if (channel === 'trade') return past.length === 0 ? null : this.#frame(argument, past, { ...NO_SUBJECT, operation: 'trade', symbol });
    return channel === 'books' ? this.#quoteFrame(argument, symbol, [bookSnapshot(this.#world, symbol)]) : this.#priced(argument, symbol);
  }

  #priced(argument: Argument, symbol: string): Frame | null {
    const { channel = '' } = argument;
    if (argument['instId'] !== symbolId(symbol)) return null;
    if (channel === 'ticker') return this.#quoteFrame(argument, symbol, [pushedTicker(this.#world, symbol)]);
    if (channel === 'books') return this.#quoteFrame(argument, symbol, [bookUpdate(this.#world, symbol)], 'update');
    const depth = DEPTHS[channel];
    if (depth !== undefined) return this.#quoteFrame(argument, symbol, [bookSnapshot(this.#world, symbol, depth)]);
    if (!channel.startsWith('candle')) return null;
    const candle = this.#world
      .path(symbol)
      .candlesOf(minutesOf(channel.slice('candle'.length)))
      .at(-1);
    return candle === undefined ? null : this.#quoteFrame(argument, symbol, [candleShape(this.#world, symbol, candle)], 'update');
  }

  #executed(argument: Argument, { fill, order }: Extract<WorldEvent, { type: 'fill' }>): Frame | null {
    const { channel, instId: id } = argument;
    if (channel === 'trade' && id === symbolId(fill.symbol))
      return this.#frame(argument, [publicTradeShape(this.#world, fill)], { ...NO_SUBJECT, operation: 'trade', symbol: fill.symbol }, 'update');
    if (channel !== 'fill') return this.#orderFrame(argument, order, fill);
    if (order.account !== this.#key?.account || (id !== 'default' && id !== symbolId(fill.symbol))) return null;
    const { symbol, clientOrderId, account } = order;
    return this.#frame(argument, [pushedFillShape(this.#world, fill)], { operation: 'execution', symbol, clientOrderId, account });
  }

  #changed(argument: Argument, event: Extract<WorldEvent, { type: 'order' | 'balances' }>): Frame | null {
    if (event.type === 'order') return this.#orderFrame(argument, event.order, null);
    if (argument['channel'] !== 'account' || event.account !== this.#key?.account) return null;
    const changed = event.changed.map(({ asset, free, locked }) => assetShape(asset, free, locked, event.at));
    return this.#frame(argument, changed, { ...NO_SUBJECT, operation: 'balances', account: event.account });
  }

  #orderFrame(argument: Argument, order: SimulatedOrder, fill: SimulatedFill | null): Frame | null {
    const { symbol, clientOrderId, account } = order;
    if (argument['channel'] !== 'orders' || account !== this.#key?.account) return null;
    if (argument['instId'] !== 'default' && argument['instId'] !== symbolId(symbol)) return null;
    const row = isPerpetualSymbol(symbol)
      ? pushedMixShape(this.#world, order, fill)
      : pushedShape(this.#world, order, fill, this.#money.get(order.venueOrderId));
    return this.#frame(argument, [row], { operation: fill === null ? 'order' : 'fill', symbol, clientOrderId, account });
  }

  #quoteFrame(argument: Argument, symbol: string, data: readonly unknown[], action = 'snapshot'): Frame {
    return this.#frame(argument, data, { ...NO_SUBJECT, operation: 'quote', symbol }, action);
  }

  #frame(arg: Argument, data: readonly unknown[], subject: Frame['subject'], action = 'snapshot'): Frame {
    return { subject, text: JSON.stringify({ action, arg, data, ts: this.#world.now() }) };
  }

  #refuse(refusal: BitgetRefusal): void {
    this.#client.answer({ event: 'error', code: Number(refusal.code), msg: refusal.message });
  }
}
