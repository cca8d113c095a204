/**
 * Streams of Binance futures: the account's orders and executions on a connection that a listen key opens, and public data
 * at two addresses, of which each serves only its own kinds.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams
 */

import { settleOf } from '#core/instrument.ts';
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { conditionalStatus, isOwnOrder, statusOf } from './_binance-perpetual-rows.ts';
import { readSide } from './_binance-rows.ts';
import type { CcxtDialect, FrameMeaning, StreamNews } from './_dialect.ts';
import type { Exchange } from './_exchange.ts';
import { amount, flag, type Row, row, text, whole } from './_fields.ts';

/** Keys live an hour; renewing one costs next to nothing. */
const RENEW_MS = 1_200_000;
const NOTHING: FrameMeaning = { type: 'news', news: [] };
const LOGIN_ID = 1;

/** The address of a kind of streams; the venue has one for each. */
export function socketUrl(exchange: Exchange, category: 'public' | 'market' | 'private'): string {
  return text(row(exchange.urls.api['ws']), 'future').replace(/\/ws$/, `/${category}/ws`);
}

export const perpetualStream: CcxtDialect['stream'] = {
  url: (exchange, listenKey) => `${socketUrl(exchange, 'private')}?listenKey=${listenKey}`,
  listenKey: {
    create: { endpoint: 'fapiPrivatePostListenKey', params: {}, weight: 1 },
    renew: () => ({ endpoint: 'fapiPrivatePutListenKey', params: {}, weight: 1 }),
    read: (body) => text(row(body), 'listenKey'),
    renewMs: RENEW_MS,
  },
  probe: { method: 'LIST_SUBSCRIPTIONS', id: 0 },
  // The key has logged in; the answer to anything says that the connection delivers.
  login: () => [{ method: 'LIST_SUBSCRIPTIONS', id: LOGIN_ID }],
  read: (frame, symbolOf) => {
    const message = row(frame);
    if (message['id'] === LOGIN_ID) return { type: 'ready' };
    if (message['e'] === 'listenKeyExpired') return { type: 'drop', reason: 'the key of the stream has run out', isKeyLost: true };
    if (message['e'] !== 'ORDER_TRADE_UPDATE' && message['e'] !== 'ALGO_UPDATE') return NOTHING;
    const told = row(message['o']);
    const symbol = symbolOf(text(told, 's'));
    if (symbol === null) return NOTHING;
    return { type: 'news', news: message['e'] === 'ALGO_UPDATE' ? readConditional(told, symbol, whole(message, 'T')) : readUpdate(told, symbol) };
  },
};

/** An execution is told before the state of the order that it changed. */
function readUpdate(told: Row, symbol: string): readonly StreamNews[] {
  const order = readOrder(told, symbol);
  // Liquidations are executions too; where one carries no trade id it is found in the list.
  const isTrade = (told['x'] === 'TRADE' || told['x'] === 'CALCULATED') && whole(told, 't') > 0;
  return isTrade
    ? [
        { type: 'fill', fill: readFill(told, order) },
        { type: 'order', order },
      ]
    : [{ type: 'order', order }];
}

function readOrder(told: Row, symbol: string): VenueOrder {
  const price = amount(told, 'p');
  return {
    clientOrderId: text(told, 'c'),
    venueOrderId: text(told, 'i'),
    symbol,
    side: readSide(told, 'S'),
    status: statusOf(text(told, 'X')),
    price: price === '0' ? null : price,
    size: amount(told, 'q'),
    filledSize: amount(told, 'z'),
    updatedAt: whole(told, 'T'),
  };
}

function readFill(told: Row, order: VenueOrder): VenueFill {
  // What costs nothing is not named.
  const isFree = told['N'] === undefined || told['N'] === null;
  return {
    tradeId: text(told, 't'),
    venueOrderId: order.venueOrderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    price: amount(told, 'L'),
    size: amount(told, 'l'),
    feeAsset: isFree ? settleOf(order.symbol) : text(told, 'N'),
    feeAmount: isFree ? '0' : amount(told, 'n'),
    isMaker: flag(told, 'm'),
    at: whole(told, 'T'),
    ...(isOwnOrder(order.clientOrderId) ? { isLiquidation: true } : {}),
  };
}

/** Only while it is no order in the book: from then on that order is told itself, under the same client id. */
function readConditional(told: Row, symbol: string, at: number): readonly StreamNews[] {
  const status = text(told, 'X');
  if (status === 'TRIGGERING' || status === 'TRIGGERED' || status === 'FINISHED') return [];
  const price = amount(told, 'p');
  const order: VenueOrder = {
    clientOrderId: text(told, 'caid'),
    venueOrderId: text(told, 'aid'),
    symbol,
    side: readSide(told, 'S'),
    status: conditionalStatus(status),
    price: price === '0' ? null : price,
    size: amount(told, 'q'),
    filledSize: '0',
    updatedAt: at,
  };
  return [{ type: 'order', order }];
}
