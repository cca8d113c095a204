/**
 * Binance's two streams: the account's executions over the WebSocket API, signed for at each connect, and where its public streams are.
 * @see https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream
 */
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { readSide, readStatus } from './_binance-rows.ts';
import type { CcxtDialect, FrameMeaning, StreamNews } from './_dialect.ts';
import type { Exchange } from './_exchange.ts';
import { amount, flag, type Row, row, text, whole } from './_fields.ts';

const LOGIN_ID = 'login';
const NOTHING: FrameMeaning = { type: 'news', news: [] };

export function socketUrl(exchange: Exchange, which: 'spot' | 'ws-api'): string {
  const urls = row(exchange.urls.api['ws']);
  return which === 'spot' ? `${text(urls, 'spot')}/1` : text(row(urls['ws-api']), 'spot');
}

export const binanceStream: CcxtDialect['stream'] = {
  url: (exchange) => socketUrl(exchange, 'ws-api'),
  probe: { id: 'probe', method: 'ping' },
  login: (exchange, at) => [{ id: LOGIN_ID, method: 'userDataStream.subscribe.signature', params: exchange.signParams({ timestamp: Math.round(at) }) }],
  read: (frame, symbolOf) => {
    const message = row(frame);
    if (message['id'] === LOGIN_ID) {
      if (message['status'] === 200) return { type: 'ready' };
      const error = message['error'];
      return {
        type: 'drop',
        reason: `login refused: ${JSON.stringify(typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : message['status'])}`,
      };
    }
    if (typeof message['event'] !== 'object' || message['event'] === null) return NOTHING;
    const event = row(message['event']);
    if (event['e'] === 'eventStreamTerminated' || event['e'] === 'serverShutdown') return { type: 'drop', reason: text(event, 'e') };
    if (event['e'] !== 'executionReport') return NOTHING;
    const symbol = symbolOf(text(event, 's'));
    return symbol === null ? NOTHING : { type: 'news', news: readReport(event, symbol) };
  },
};

/** An execution is told before the state of the order that it changed. */
function readReport(report: Row, symbol: string): readonly StreamNews[] {
  const order = readReportedOrder(report, symbol);
  if (report['x'] !== 'TRADE') return [{ type: 'order', order }];
  return [
    { type: 'fill', fill: readReportedFill(report, order) },
    { type: 'order', order },
  ];
}

function readReportedOrder(report: Row, symbol: string): VenueOrder {
  // The report of a cancel carries the id of the request in `c` and the order's own in `C`.
  const original = report['C'];
  const price = amount(report, 'p');
  return {
    clientOrderId: typeof original === 'string' && original !== '' ? original : text(report, 'c'),
    venueOrderId: text(report, 'i'),
    symbol,
    side: readSide(report, 'S'),
    status: readStatus(text(report, 'X')),
    price: price === '0' ? null : price,
    size: amount(report, 'q'),
    filledSize: amount(report, 'z'),
    updatedAt: whole(report, 'T'),
  };
}

function readReportedFill(report: Row, order: VenueOrder): VenueFill {
  const isFree = report['N'] === null || report['N'] === undefined;
  return {
    tradeId: text(report, 't'),
    venueOrderId: order.venueOrderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    price: amount(report, 'L'),
    size: amount(report, 'l'),
    feeAsset: isFree ? order.symbol.slice(order.symbol.indexOf('/') + 1) : text(report, 'N'),
    feeAmount: isFree ? '0' : amount(report, 'n'),
    isMaker: flag(report, 'm'),
    at: whole(report, 'T'),
  };
}
