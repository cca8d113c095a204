/**
 * MEXC's streams: the account's orders and executions on a connection that a listen key opens, and best prices. Requests
 * and their acknowledgements are JSON, everything else protocol buffers, which ccxt reads only with a package that it
 * does not bring.
 * @see https://www.mexc.com/api-docs/spot-v3/websocket-user-data-streams
 */
import type { DecimalString } from '#core/money.ts';
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import type { CcxtDialect, FrameMeaning } from './_dialect.ts';
import type { Exchange } from './_exchange.ts';
import { amount, type Row, row, text, UnreadableAnswer, whole } from './_fields.ts';
import { readStatus, wholeSecond } from './_mexc-rows.ts';
import { namedFields, type ProtoMessage, readMessage } from './_protobuf.ts';
import type { QuoteDialect } from './_quotes.ts';
import type { SymbolOf } from './_request.ts';

const DEALS = 'spot@private.deals.v3.api.pb';
const ORDERS = 'spot@private.orders.v3.api.pb';
const NOTHING: FrameMeaning = { type: 'news', news: [] };
export const PING = { method: 'PING' };
/** The venue takes more channels in one frame; a few at a time keep its acknowledgements short. */
const CHANNELS_A_FRAME = 15;
/** Of one connection. */
export const CHANNELS_A_CONNECTION = 30;
const HALF_HOUR_MS = 1_800_000;

/** Fields of `PushDataV3ApiWrapper` and of the bodies inside it. */
const WRAPPER = { channel: 1, symbol: 3, createTime: 5, sendTime: 6, orders: 304, deals: 306, bookTicker: 315 } as const;
const ORDER_TEXTS = { id: 1, clientId: 2, price: 3, quantity: 4, cumulativeQuantity: 13 } as const;
const ORDER_NUMBERS = { orderType: 7, tradeType: 8, status: 15 } as const;
const DEAL_TEXTS = { price: 1, quantity: 2, tradeId: 7, clientOrderId: 8, orderId: 9, feeAmount: 10, feeCurrency: 11 } as const;
const DEAL_NUMBERS = { tradeType: 4, isMaker: 5, time: 12 } as const;
const TICKER_TEXTS = { bidPrice: 1, askPrice: 3 } as const;

/** The stream counts what the lists name. */
const TYPES: Readonly<Record<string, string>> = { 1: 'LIMIT', 2: 'LIMIT_MAKER', 3: 'IMMEDIATE_OR_CANCEL', 4: 'FILL_OR_KILL', 5: 'MARKET' };
const STATUSES: Readonly<Record<string, string>> = { 0: 'NEW', 1: 'NEW', 2: 'FILLED', 3: 'PARTIALLY_FILLED', 4: 'CANCELED', 5: 'PARTIALLY_CANCELED' };

export function socketUrl(exchange: Exchange): string {
  return text(row(exchange.urls.api['ws']), 'spot');
}

export const mexcStream: CcxtDialect['stream'] = {
  url: (exchange, listenKey) => `${socketUrl(exchange)}?listenKey=${listenKey}`,
  listenKey: {
    create: { endpoint: 'spotPrivatePostUserDataStream', params: {}, weight: 1 },
    renew: (listenKey) => ({ endpoint: 'spotPrivatePutUserDataStream', params: { listenKey }, weight: 1 }),
    read: (body) => text(row(body), 'listenKey'),
    renewMs: HALF_HOUR_MS,
  },
  probe: PING,
  // The venue answers one after another, so the acknowledgement of the last channel stands for all.
  login: () => [DEALS, ORDERS].map((channel) => ({ method: 'SUBSCRIPTION', params: [channel] })),
  read: (frame, symbolOf) => {
    if (frame instanceof Uint8Array) return readPush(readMessage(frame), symbolOf);
    if (typeof frame === 'string') return /listen key/i.test(frame) ? { type: 'drop', reason: 'the key of the stream is not known', isKeyLost: true } : NOTHING;
    const { msg } = row(frame);
    if (msg === ORDERS) return { type: 'ready' };
    // Refusals carry code 0 like everything else.
    return typeof msg === 'string' && /not subscribed/i.test(msg) ? { type: 'drop', reason: 'subscription refused' } : NOTHING;
  },
};

function readPush(wrapper: ProtoMessage, symbolOf: SymbolOf): FrameMeaning {
  const {
    symbol: marketId = '',
    createTime = 0,
    sendTime = 0,
  } = namedFields(wrapper, { symbol: WRAPPER.symbol }, { createTime: WRAPPER.createTime, sendTime: WRAPPER.sendTime });
  const symbol = symbolOf(String(marketId));
  if (symbol === null) return NOTHING;
  const [order, deal] = [wrapper.get(WRAPPER.orders), wrapper.get(WRAPPER.deals)];
  if (order instanceof Uint8Array)
    return { type: 'news', news: [{ type: 'order', order: readPushedOrder(order, symbol, Number(sendTime) || Number(createTime)) }] };
  if (deal instanceof Uint8Array) return { type: 'news', news: [{ type: 'fill', fill: readPushedFill(deal, symbol) }] };
  return NOTHING;
}

function readPushedOrder(bytes: Uint8Array, symbol: string, at: number): VenueOrder {
  const order = namedFields(readMessage(bytes), ORDER_TEXTS, ORDER_NUMBERS);
  const type = TYPES[text(order, 'orderType')] ?? '';
  const price = numeric(order, 'price');
  const venueOrderId = text(order, 'id');
  const clientOrderId = text(order, 'clientId');
  return {
    clientOrderId: clientOrderId === '' ? venueOrderId : clientOrderId,
    venueOrderId,
    symbol,
    side: readSide(order),
    status: readStatus(STATUSES[text(order, 'status')] ?? `number ${text(order, 'status')}`, type),
    price: price === '0' || type === 'MARKET' ? null : price,
    size: amount(order, 'quantity'),
    filledSize: numeric(order, 'cumulativeQuantity'),
    updatedAt: at,
  };
}

function readPushedFill(bytes: Uint8Array, symbol: string): VenueFill {
  const deal = namedFields(readMessage(bytes), DEAL_TEXTS, DEAL_NUMBERS);
  const clientOrderId = text(deal, 'clientOrderId');
  const feeAsset = text(deal, 'feeCurrency');
  return {
    tradeId: text(deal, 'tradeId'),
    venueOrderId: text(deal, 'orderId'),
    clientOrderId: clientOrderId === '' ? null : clientOrderId,
    symbol,
    side: readSide(deal),
    price: amount(deal, 'price'),
    size: amount(deal, 'quantity'),
    feeAsset: feeAsset === '' ? symbol.slice(symbol.indexOf('/') + 1) : feeAsset,
    feeAmount: numeric(deal, 'feeAmount'),
    isMaker: whole(deal, 'isMaker') === 1,
    at: wholeSecond(whole(deal, 'time')),
  };
}

/** An amount that is left out where it is zero. */
function numeric(from: Row, field: string): DecimalString {
  return text(from, field) === '' ? '0' : amount(from, field);
}

export function readSide(from: Row): 'buy' | 'sell' {
  const side = whole(from, 'tradeType');
  if (side !== 1 && side !== 2) throw new UnreadableAnswer(`unknown side ${side}`);
  return side === 1 ? 'buy' : 'sell';
}

export function mexcQuotes(marketId: (symbol: string) => string): QuoteDialect {
  const channelOf = (id: string): string => `spot@public.aggre.bookTicker.v3.api.pb@100ms@${id}`;
  return {
    perConnection: CHANNELS_A_CONNECTION,
    url: socketUrl,
    marketId,
    subscribe: (marketIds) => channelFrames('SUBSCRIPTION', marketIds.map(channelOf)),
    unsubscribe: (marketIds) => channelFrames('UNSUBSCRIPTION', marketIds.map(channelOf)),
    acknowledges: isAnswer,
    read: (frame) => {
      if (!(frame instanceof Uint8Array)) return null;
      const wrapper = readMessage(frame);
      const body = wrapper.get(WRAPPER.bookTicker);
      if (!(body instanceof Uint8Array)) return null;
      const ticker = namedFields(readMessage(body), TICKER_TEXTS, {});
      // One side of a thin book may be empty.
      if (ticker['bidPrice'] === '' || ticker['askPrice'] === '') return null;
      return {
        marketId: text(namedFields(wrapper, { symbol: WRAPPER.symbol }, {}), 'symbol'),
        bid: amount(ticker, 'bidPrice'),
        ask: amount(ticker, 'askPrice'),
      };
    },
    probe: PING,
  };
}

/** Answers are text, and all alike but for their words; pushes are not text. */
export function isAnswer(frame: unknown): boolean {
  return typeof frame === 'object' && !(frame instanceof Uint8Array) && row(frame)['msg'] !== 'PONG';
}

/** As many frames as the channels need. */
export function channelFrames(method: 'SUBSCRIPTION' | 'UNSUBSCRIPTION', channels: readonly string[]): readonly unknown[] {
  return Array.from({ length: Math.ceil(channels.length / CHANNELS_A_FRAME) }, (_, index) => ({
    method,
    params: channels.slice(index * CHANNELS_A_FRAME, (index + 1) * CHANNELS_A_FRAME),
  }));
}
