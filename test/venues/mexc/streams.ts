/**
 * MEXC's WebSocket: JSON in, protocol buffers out. One kind of connection; a listen key in its address opens the
 * account's channels on it. A refused subscription is answered with code 0 all the same.
 */
import type { StreamClient, StreamSession } from '../_dialect.ts';
import type { World, WorldEvent } from '../_world.ts';
import { bookChange, bookTickerOf } from '../binance/market-data.ts';
import type { ListenKeys } from './listen-keys.ts';
import { candleOf } from './market-data.ts';
import { message, type ProtoField, push } from './protobuf.ts';
import { dealFields, orderFields, symbolId } from './shapes.ts';

const MAX_SUBSCRIPTIONS = 30;
const PRIVATE = /^spot@private\.(orders|deals|account)\.v3\.api\.pb$/;
const PUBLIC = /^spot@public\.(?:aggre\.(bookTicker|deals|depth)\.v3\.api\.pb@(?:10|100)ms@([A-Z0-9]+)|(kline)\.v3\.api\.pb@([A-Z0-9]+)@Min1)$/;

type Body = Parameters<typeof push>[3];

export class MexcStream implements StreamSession {
  readonly #world: World;
  readonly #client: StreamClient;
  readonly #listenKeys: ListenKeys;
  /** Empty on a connection without one. */
  readonly #listenKey: string;
  readonly #channels = new Set<string>();

  constructor(world: World, client: StreamClient, listenKeys: ListenKeys, listenKey: string) {
    this.#world = world;
    this.#client = client;
    this.#listenKeys = listenKeys;
    this.#listenKey = listenKey;
  }

  get subscriptions(): number {
    return this.#channels.size;
  }

  onMessage(text: string): void {
    if (this.#listenKey !== '' && this.#listenKeys.accountOf(this.#listenKey) === null) {
      this.#client.answer('Invalid listen key');
      return;
    }
    const { method, params = [] } = JSON.parse(text) as { readonly method?: string; readonly params?: readonly string[] };
    if (method === 'PING') this.#acknowledge('PONG');
    else if (method === 'SUBSCRIPTION') this.#acknowledge(this.#subscribe(params));
    else if (method === 'UNSUBSCRIPTION') {
      for (const channel of params) this.#channels.delete(channel);
      this.#acknowledge(params.join(','));
    } else this.#acknowledge('msg format invalid');
  }

  onEvent(event: WorldEvent): void {
    if (event.type === 'price') {
      this.#tellPrice(event.symbol, event.at);
      return;
    }
    if (event.type === 'position' || event.type === 'funding') return;
    if (event.type === 'fill') this.#tellTrade(event);
    const account = this.#listenKeys.accountOf(this.#listenKey);
    if (account !== (event.type === 'balances' ? event.account : event.order.account)) return;
    if (event.type === 'balances') {
      for (const { asset, free, locked } of event.changed)
        this.#push('spot@private.account.v3.api.pb', { symbol: '', at: event.at, account }, 'balances', 'account', [
          [1, asset],
          [3, free],
          [5, locked],
          [7, 'ENTRUST'],
          [8, event.at],
        ]);
      return;
    }
    const subject = { symbol: event.order.symbol, clientOrderId: event.order.clientOrderId, at: event.at, account };
    if (event.type === 'fill') this.#push('spot@private.deals.v3.api.pb', subject, 'fill', 'deals', dealFields(this.#world, event.fill));
    this.#push('spot@private.orders.v3.api.pb', subject, 'order', 'orders', orderFields(this.#world, event.order));
  }

  #acknowledge(msg: string): void {
    this.#client.answer({ id: 0, code: 0, msg });
  }

  #subscribe(channels: readonly string[]): string {
    const isKnown = (channel: string): boolean => {
      if (PRIVATE.test(channel)) return this.#listenKey !== '';
      const match = PUBLIC.exec(channel);
      return match !== null && this.#world.exchange.symbols.some((symbol) => symbolId(symbol) === (match[2] ?? match[4]));
    };
    const refused = channels.filter((channel) => !isKnown(channel) || (!this.#channels.has(channel) && this.#channels.size >= MAX_SUBSCRIPTIONS));
    for (const channel of channels) if (!refused.includes(channel)) this.#channels.add(channel);
    return refused.length === 0 ? channels.join(',') : `Not Subscribed successfully! [${refused.join(',')}]. Reason: Blocked!`;
  }

  #tellPrice(symbol: string, at: number): void {
    const id = symbolId(symbol);
    const { revision } = this.#world.path(symbol);
    const level = ([price, size]: readonly [string, string]): Uint8Array =>
      message([
        [1, price],
        [2, size],
      ]);
    for (const speed of ['10ms', '100ms']) {
      const { bid, bidSize, ask, askSize } = bookTickerOf(this.#world, symbol);
      this.#push(`spot@public.aggre.bookTicker.v3.api.pb@${speed}@${id}`, { symbol, at }, 'quote', 'bookTicker', [
        [1, bid],
        [2, bidSize],
        [3, ask],
        [4, askSize],
      ]);
      const depths = `spot@public.aggre.depth.v3.api.pb@${speed}@${id}`;
      if (!this.#channels.has(depths)) continue;
      const { bids, asks } = bookChange(this.#world, symbol);
      this.#push(depths, { symbol, at }, 'quote', 'depths', [
        [1, asks.map(level)],
        [2, bids.map(level)],
        [4, String(revision)],
        [5, String(revision)],
      ]);
    }
    this.#tellCandle(symbol, at);
  }

  #tellCandle(symbol: string, at: number): void {
    const candle = this.#world.path(symbol).candles.at(-1);
    if (candle === undefined) return;
    const { open, close, high, low, volume, amount } = candleOf(this.#world, symbol, candle);
    const startAt = candle.openAt / 1_000;
    const fields: readonly ProtoField[] = [
      [1, 'Min1'],
      [2, startAt],
      [3, open],
      [4, close],
      [5, high],
      [6, low],
      [7, volume],
      [8, amount],
      [9, startAt + 60],
    ];
    this.#push(`spot@public.kline.v3.api.pb@${symbolId(symbol)}@Min1`, { symbol, at }, 'quote', 'kline', fields);
  }

  #tellTrade({ fill, at }: Extract<WorldEvent, { type: 'fill' }>): void {
    const scale = this.#world.scale(fill.symbol);
    const deal = message([
      [1, scale.price(fill.priceTicks)],
      [2, scale.size(fill.sizeLots)],
      [3, (fill.side === 'buy') === fill.isMaker ? 2 : 1],
      [4, at],
    ]);
    for (const speed of ['10ms', '100ms']) {
      const channel = `spot@public.aggre.deals.v3.api.pb@${speed}@${symbolId(fill.symbol)}`;
      this.#push(channel, { symbol: fill.symbol, at }, 'trade', 'publicDeals', [
        [1, [deal]],
        [2, `spot@public.aggre.deals.v3.api.pb@${speed}`],
      ]);
    }
  }

  #push(
    channel: string,
    about: { readonly symbol: string; readonly at: number; readonly clientOrderId?: string; readonly account?: string | null },
    operation: string,
    body: Body,
    fields: readonly ProtoField[],
  ): void {
    if (!this.#channels.has(channel)) return;
    const { symbol, at, clientOrderId = '', account } = about;
    this.#client.push({ text: push(channel, symbolId(symbol), at, body, fields), subject: { operation, symbol, clientOrderId, account: account ?? '' } });
  }
}
