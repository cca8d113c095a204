/** OKX's WebSockets: channels by subscription, a login before the private ones, and a text ping. */
import type { SimulatedFill, SimulatedOrder } from '#core/simulated-exchange.ts';
import type { Frame, StreamClient, StreamSession } from '../_dialect.ts';
import type { VenueKey, World, WorldEvent } from '../_world.ts';
import { balanceOf } from './account.ts';
import { bookShape, bookSnapshot, bookUpdate, candleShape, minutesOf, publicTradeShape, symbolOf, tickerShape } from './market-data.ts';
import { positionShape } from './perpetuals.ts';
import { OkxRefusal } from './refusals.ts';
import { instId, instType, isStop, pushedShape, stopShape } from './shapes.ts';
import { checkLogin } from './signing.ts';

type Argument = Readonly<Record<string, string>>;
type Access = 'public' | 'private' | 'business';

const CONNECTION_ID = 'a4d3ae55';
const MAX_FRAME_CHARS = 65_536;
const PUBLIC_CHANNELS: ReadonlySet<string> = new Set(['tickers', 'bbo-tbt', 'books', 'books5', 'trades', 'trades-all']);
const NO_SUBJECT = { symbol: '', clientOrderId: '', account: '' } as const;

/** Whether a subscription by kind, and by instrument where it names one, covers a symbol. */
function isAbout(argument: Argument, symbol: string): boolean {
  const { instType: type, instId: id } = argument;
  return (type === 'ANY' || type === instType(symbol)) && (id === undefined || id === instId(symbol));
}

export class Streams implements StreamSession {
  readonly #world: World;
  readonly #client: StreamClient;
  readonly #access: Access;
  /** By the text of their arguments. */
  readonly #subscribed = new Map<string, Argument>();
  #key: VenueKey | null = null;

  constructor(world: World, client: StreamClient, access: Access) {
    this.#world = world;
    this.#client = client;
    this.#access = access;
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
      if (text.length > MAX_FRAME_CHARS) throw new OkxRefusal('60012', 'Illegal request: too long');
      const message = JSON.parse(text) as { readonly op?: string; readonly args?: readonly Argument[] };
      for (const argument of message.args ?? []) this.#act(message.op ?? '', argument, text);
    } catch (error) {
      if (error instanceof SyntaxError) this.#refuse(new OkxRefusal('60012', `Illegal request: ${text}`));
      else if (error instanceof OkxRefusal) this.#refuse(error);
      else throw error;
    }
  }

  onEvent(event: WorldEvent): void {
    if (event.type === 'funding') return;
    for (const argument of this.#subscribed.values()) {
      const closing = event.type === 'price' ? this.#closing(argument, event.symbol) : null;
      if (closing !== null) this.#client.push(closing);
      const frame =
        event.type === 'price'
          ? this.#priced(argument, event.symbol)
          : event.type === 'fill'
            ? this.#executed(argument, event)
            : event.type === 'position'
              ? this.#held(argument, event)
              : this.#changed(argument, event);
      if (frame !== null) this.#client.push(frame);
    }
  }

  #act(op: string, argument: Argument, text: string): void {
    if (op === 'login') {
      this.#key = checkLogin(this.#world, argument);
      this.#client.answer({ event: 'login', msg: '', code: '0', connId: CONNECTION_ID });
      return;
    }
    if (op !== 'subscribe' && op !== 'unsubscribe') throw new OkxRefusal('60012', `Illegal request: ${text}`);
    this.#check(argument);
    const name = JSON.stringify(argument);
    if (op === 'subscribe') this.#subscribed.set(name, argument);
    else this.#subscribed.delete(name);
    this.#client.answer({ event: op, arg: argument, connId: CONNECTION_ID });
    const first = op === 'subscribe' ? this.#first(argument) : null;
    if (first !== null) this.#client.push(first);
  }

  #check(argument: Argument): void {
    const { channel = '', instId: id } = argument;
    const isPrivate = channel === 'orders' || channel === 'account' || channel === 'orders-algo' || channel === 'positions';
    if (isPrivate && this.#key === null) throw new OkxRefusal('60011', 'Please log in');
    const home = channel.startsWith('candle') || channel === 'orders-algo' || channel === 'trades-all' ? 'business' : isPrivate ? 'private' : 'public';
    const isKnown = isPrivate || PUBLIC_CHANNELS.has(channel) || channel.startsWith('candle');
    if (!isKnown || home !== this.#access) throw new OkxRefusal('60018', `Wrong URL or channel:${channel} doesn't exist.`);
    if (id !== undefined && !this.#world.exchange.symbols.some((symbol) => instId(symbol) === id))
      throw new OkxRefusal('60018', `channel:${channel},instId:${id} doesn't exist`);
    if (!isPrivate && id === undefined) throw new OkxRefusal('60012', 'Illegal request: instId');
  }

  /** What a channel says at once when it is subscribed to. */
  #first(argument: Argument): Frame | null {
    const { channel = '' } = argument;
    if (channel === 'account' && this.#key !== null) {
      const held = this.#world.exchange.balances(this.#key.account);
      return this.#frame(argument, [balanceOf(this.#world, held)], { ...NO_SUBJECT, operation: 'balances', account: this.#key.account });
    }
    if (argument['instId'] === undefined || channel === 'orders' || channel === 'orders-algo' || channel === 'positions' || channel.startsWith('trades'))
      return null;
    const symbol = symbolOf(this.#world, argument['instId']);
    if (channel === 'books') return this.#quoteFrame(argument, symbol, [bookSnapshot(this.#world, symbol)], 'snapshot');
    return this.#priced(argument, symbol);
  }

  #priced(argument: Argument, symbol: string): Frame | null {
    const { channel = '' } = argument;
    if (argument['instId'] !== instId(symbol)) return null;
    if (channel === 'tickers') return this.#quoteFrame(argument, symbol, [tickerShape(this.#world, symbol)]);
    if (channel === 'bbo-tbt') return this.#quoteFrame(argument, symbol, [{ ...bookShape(this.#world, symbol, 1), seqId: this.#world.path(symbol).revision }]);
    if (channel === 'books5') return this.#quoteFrame(argument, symbol, [{ ...bookShape(this.#world, symbol, 5), instId: instId(symbol) }]);
    if (channel === 'books') return this.#quoteFrame(argument, symbol, [bookUpdate(this.#world, symbol)], 'update');
    if (!channel.startsWith('candle')) return null;
    const candle = this.#world
      .path(symbol)
      .candlesOf(minutesOf(channel.slice('candle'.length)))
      .at(-1);
    return candle === undefined ? null : this.#quoteFrame(argument, symbol, [candleShape(this.#world, symbol, candle, false)]);
  }

  /** The last frame of a candle, when another has begun. */
  #closing(argument: Argument, symbol: string): Frame | null {
    const { channel = '' } = argument;
    if (argument['instId'] !== instId(symbol) || !channel.startsWith('candle')) return null;
    const closed = this.#world.path(symbol).justClosed(minutesOf(channel.slice('candle'.length)));
    return closed === null ? null : this.#quoteFrame(argument, symbol, [candleShape(this.#world, symbol, closed, true)]);
  }

  #executed(argument: Argument, { fill, order }: Extract<WorldEvent, { type: 'fill' }>): Frame | null {
    if (argument['channel']?.startsWith('trades') === true && argument['instId'] === instId(fill.symbol))
      return this.#frame(argument, [publicTradeShape(this.#world, fill)], { ...NO_SUBJECT, operation: 'trade', symbol: fill.symbol });
    return this.#orderFrame(argument, order, fill);
  }

  #changed(argument: Argument, event: Extract<WorldEvent, { type: 'order' | 'balances' }>): Frame | null {
    if (event.type === 'order') {
      const isOrdinary = !isStop(event.order) || event.order.isTriggered;
      if (isOrdinary) return this.#orderFrame(argument, event.order, null);
      if (argument['channel'] !== 'orders-algo' || event.order.account !== this.#key?.account) return null;
      const { symbol, clientOrderId, account } = event.order;
      return this.#frame(argument, [stopShape(this.#world, event.order)], { operation: 'stop', symbol, clientOrderId, account });
    }
    if (argument['channel'] !== 'account' || event.account !== this.#key?.account) return null;
    return this.#frame(argument, [balanceOf(this.#world, event.changed)], { ...NO_SUBJECT, operation: 'balances', account: event.account });
  }

  #orderFrame(argument: Argument, order: SimulatedOrder, fill: SimulatedFill | null): Frame | null {
    const { symbol, clientOrderId, account } = order;
    if (argument['channel'] !== 'orders' || account !== this.#key?.account) return null;
    if (!isAbout(argument, symbol)) return null;
    return this.#frame(argument, [pushedShape(this.#world, order, fill)], { operation: fill === null ? 'order' : 'fill', symbol, clientOrderId, account });
  }

  #held(argument: Argument, { account, symbol }: Extract<WorldEvent, { type: 'position' }>): Frame | null {
    if (argument['channel'] !== 'positions' || account !== this.#key?.account || !isAbout(argument, symbol)) return null;
    const shape = positionShape(this.#world, this.#world.exchange.perpetuals.position(account, symbol));
    return this.#frame(argument, [shape], { ...NO_SUBJECT, operation: 'position', symbol, account });
  }

  #quoteFrame(argument: Argument, symbol: string, data: readonly unknown[], action?: string): Frame {
    return this.#frame(argument, data, { ...NO_SUBJECT, operation: 'quote', symbol }, action);
  }

  #frame(arg: Argument, data: readonly unknown[], subject: Frame['subject'], action?: string): Frame {
    return { subject, text: JSON.stringify({ arg, ...(action === undefined ? {} : { action }), data }) };
  }

  #refuse(refusal: OkxRefusal): void {
    this.#client.answer({ event: 'error', msg: refusal.message, code: refusal.code, connId: CONNECTION_ID });
  }
}
